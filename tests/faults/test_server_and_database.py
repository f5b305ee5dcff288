"""The server from an empty folder, with its database killed under it, and ended while jobs run."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnicrm.core import pgserver
from tests.serving import Served, serving


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that has never been used; other tests' database is not touched."""
    path = Path(tempfile.mkdtemp(prefix="omnicrm-test-"))
    try:
        yield path
    finally:
        server = pgserver.at(path)
        with server.locked():
            server.stop()
        shutil.rmtree(path, ignore_errors=True)


def own(folder: Path) -> dict[str, str]:
    return {"OMNICRM_DATA_DIR": str(folder), "OMNICRM_DATABASE": "omnicrm"}


def becomes_ready(server: Served, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if server.get("/readyz").status_code == 200:
            return True
        time.sleep(0.2)
    return False


@pytest.mark.outside(20)
def test_a_killed_database_comes_back_under_a_running_server(folder: Path) -> None:
    with serving(**own(folder)) as server:
        postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        assert server.get("/healthz").status_code == 200
        assert becomes_ready(server, 30)
        assert server.get("/register").status_code == 200


def test_with_its_jobs_it_ends_within_ten_seconds_and_starts_again(folder: Path) -> None:
    for _ in range(2):
        with serving(jobs=True, **own(folder)) as server:
            time.sleep(2)  # the first looks for work are under way
            began = time.monotonic()
            server.stop()
            assert time.monotonic() - began < 10
        assert "Traceback" not in server.said
