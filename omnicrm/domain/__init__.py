"""The practice: all that it can do, by noun."""
