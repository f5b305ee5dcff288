"""One session: its page, moving, calling off, editing, its roster and waiting list."""
