"""The machines' and guests' door."""
