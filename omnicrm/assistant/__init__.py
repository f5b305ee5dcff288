"""Reads one case and drafts proposals; no database."""
