"""The application as people start it: `omnicrm serve` in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 180.0  # seconds: the first start builds the pages


@dataclass
class Served:
    """A running server. `log` is the file that holds what it prints."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    said: str = ""  # all that it printed, once it has ended

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(self.url + path, headers=named, timeout=20)

    def stop(self) -> int:
        """End it as a service manager would, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def serving(*, jobs: bool = False, workers: int = 1, **environment: str) -> Iterator[Served]:
    """Start the server (with `environment` added), wait until it is ready, stop it at the end."""
    port = free_port()
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "omnicrm", "serve", "--port", str(port), "--workers", str(workers)),
                *([] if jobs else ["--no-jobs"]),
            ],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a group of its own, so that it can be ended as one
        )
        server = Served(f"http://localhost:{port}", process, Path(log.name))
        try:
            _wait(server)
            yield server
        finally:
            if process.poll() is None:
                try:
                    server.stop()
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            server.said = server.log.read_text(errors="replace")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Served) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"The server did not start:\n{server.log.read_text()}")
        try:
            if server.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"The server was not ready in time:\n{server.log.read_text()}")
