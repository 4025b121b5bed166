"""What coding did cost, read from bits that were written and decoded again."""
