"""Processes of a test's own, to be killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.conftest import ROOT


@contextmanager
def running(program: str) -> Iterator[subprocess.Popen[bytes]]:
    """Python of ours in a process of its own, on this test's database; killed (-9) at the end of the block."""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], object], *, seconds: float = 30) -> None:
    """Waits until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.05)
