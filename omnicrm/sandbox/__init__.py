"""The loopback stand-in for Google."""
