"""The installation's own sandbox, for sample practices: one a data folder, served by whichever process came first."""

from __future__ import annotations

import fcntl
import os
import time
from threading import Lock
from typing import IO

import httpx

from omnicrm.core import config
from omnicrm.core.errors import Unavailable
from omnicrm.sandbox.server import Running, start
from omnicrm.sandbox.store import Store

_mutex = Lock()
_own: tuple[Running, IO[str]] | None = None


def url() -> str:
    """Where it answers; started in this process where no other serves it. State is kept in `<data>/sandbox`.

    Raises Unavailable where it neither answers nor starts.
    """
    global _own
    with _mutex:
        if _own is not None:
            return _own[0].url
        folder = config.settings().data_dir / "sandbox"
        folder.mkdir(parents=True, exist_ok=True)
        for _ in range(100):
            lock = (folder / "lock").open("a")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # another process has it, or is about to say where
                lock.close()
                if (theirs := _answering(folder / "url")) is not None:
                    return theirs
                time.sleep(0.05)
                continue
            running = start(Store(folder))
            _publish(folder / "url", running.url)
            _own = running, lock
            return running.url
    raise Unavailable("The sample Google account does not answer. Try again in a moment.")


def stop() -> None:
    """Ends it, if this process serves it (tests, the end)."""
    global _own
    with _mutex:
        if _own is not None:
            running, lock = _own
            running.stop()
            lock.close()
            _own = None


def _answering(path: os.PathLike[str]) -> str | None:
    try:
        with open(path) as file:
            found = file.read().strip()
        httpx.get(f"{found}/sandbox/health", timeout=2).raise_for_status()
    except (OSError, httpx.HTTPError, httpx.InvalidURL):
        return None
    return found


def _publish(path: os.PathLike[str], value: str) -> None:
    new = f"{os.fspath(path)}.new"
    with open(new, "w") as file:
        file.write(value)
    os.replace(new, path)
