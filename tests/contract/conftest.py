"""A server in a process of its own, for tests that talk to it as the world does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Browser, Registration
from tests.web import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """`url` without a slash at its end; `log` is all that it has written."""

    url: str
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def log(self) -> str:
        return self.output.read_text(errors="replace")

    def register(self) -> tuple[str, str]:
        """A new account, signed in: its cookie's token and its e-mail address."""
        email = f"maya-{ids.new()}@stillwater.example"
        form = Registration(name="Maya", email=email, password=PASSWORD, time_zone="Europe/Helsinki")
        with transaction(ids.new()) as db:
            accounts.register(db, form)
            return accounts.open_login(db, Browser()), email

    def sign_in(self, email: str) -> str:
        """Another login of the same practitioner: its cookie's token."""
        with transaction(None) as db:
            user_id = accounts.by_email(db, email)
        with transaction(user_id) as db:
            return accounts.open_login(db, Browser())


@pytest.fixture(scope="session")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application's sockets and routes on a free port, over this worker's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    output = tmp_path_factory.mktemp("server") / "log.txt"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.socket_server", str(port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    running = Server(f"http://localhost:{port}", process, output)
    try:
        _wait(running)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{server.url}/ping", timeout=1).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
        if server.process.poll() is not None:
            break
    raise RuntimeError(f"The server did not start:\n{server.log[-4000:]}")
