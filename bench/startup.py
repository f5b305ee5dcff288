"""Start-up: from a fresh clone to the first page (packages already in pip's and npm's caches), and the second start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from bench.ground import Ground
from bench.harness import Figure, percentile
from omnicrm.core import config
from tests.serving import free_port

STARTS, QUICK_STARTS = 5, 1
SECOND_START = 10_000.0  # ms, the promise of the README
PATIENCE = 1_800  # seconds


def start(ground: Ground) -> list[Figure]:
    """`make run` in a clone of this repository's last commit, in data folders of its own. `--quick` leaves it out."""
    if ground.quick:
        return [_second(Path(config.project_root()), os.environ.get("OMNICRM_DATA_DIR"), QUICK_STARTS)]
    with tempfile.TemporaryDirectory(prefix="omnicrm-start-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        place.chmod(0o755)  # as root the built-in PostgreSQL runs as somebody else
        clone, data = place / "omnicrm", place / "data"
        subprocess.run(["git", "clone", "--quiet", config.project_root(), clone], check=True)
        try:
            first = Figure("start: clone to first page", product_ms=_until_served(clone, str(data)), pairs=1)
            first.note = "packages cached"
            return [first, _second(clone, str(data), STARTS)]
        finally:
            subprocess.run(
                [clone / ".venv/bin/python", "-c", "from omnicrm.core import postgres; postgres.stop()"],
                cwd=clone,
                env=_environment(str(data)),
                check=False,
            )
            shutil.rmtree(data, ignore_errors=True)


def _second(clone: Path, data: str | None, times: int) -> Figure:
    took = [_until_served(clone, data) for _ in range(times)]
    figure = Figure("start: again", product_ms=percentile(took, 0.5), product_p95_ms=max(took), pairs=times)
    figure.floor_ms, figure.target = SECOND_START, 1
    figure.ratio = percentile(took, 0.5) / SECOND_START
    figure.note = "the floor is the promise of 10 s"
    return figure


def _until_served(clone: Path, data: str | None) -> float:
    """Milliseconds from `make run` to the answer of the first page."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=clone,
        env=_environment(data),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.perf_counter() - began < PATIENCE and process.poll() is None:
            try:
                if httpx.get(f"http://localhost:{port}/login", timeout=5, follow_redirects=True).status_code == 200:
                    return (time.perf_counter() - began) * 1000
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError("`make run` does not serve.")
    finally:
        process.terminate()  # make hands it on; the whole group at once would get it twice
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment(data: str | None) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OMNICRM_", "REFLEX_"))}
    return own | ({"OMNICRM_DATA_DIR": data} if data else {})
