"""Where readings come from and go back to."""
