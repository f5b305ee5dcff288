"""The shell's door: one file a command group."""
