"""Codes on a sensor: packets without a container, the same code in C, and what it saves a day."""
