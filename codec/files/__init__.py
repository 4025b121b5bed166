"""Bytes on disk: the .huf container, saved tables, streams of readings."""
