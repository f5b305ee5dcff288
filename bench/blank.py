"""The floor of everything that happens in a browser: an empty Reflex application, built and served as OmniCRM is."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from omnicrm.core import config, node
from tests.serving import free_port

_SOURCES = Path("bench/empty")
_BUILT_FROM = ("omnicrm/core/frontend.py", "omnicrm/core/css.py", "reflex.lock/package-lock.json")


def build() -> Path:
    """Its folder as a server wants it (REFLEX_WEB_WORKDIR), built where its sources or the pipeline changed.

    Raises RuntimeError with the end of Reflex's output.
    """
    root = config.project_root()
    place = config.settings().build_dir / "bench-empty"
    mark, state = place / "built", _state(root)
    if mark.is_file() and mark.read_text() == state:
        return place / "web"
    mark.unlink(missing_ok=True)
    shutil.rmtree(place / "app", ignore_errors=True)
    shutil.copytree(root / _SOURCES, place / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "reflex.lock", place / "app" / "reflex.lock")
    shutil.copy2(root / ".npmrc", place / "app")
    done = subprocess.run(
        [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"],
        cwd=place / "app",
        env=node.environment(place) | {"PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The empty application does not build:\n{done.stdout[-3000:]}")
    mark.write_text(state)
    return place / "web"


@contextmanager
def serving() -> Iterator[str]:
    """The empty application on a free port; gives its address."""
    web, port = build(), free_port()
    root = config.project_root()
    environment = {
        "PYTHONPATH": f"{web.parent / 'app'}{os.pathsep}{root}",
        "REFLEX_WEB_WORKDIR": str(web),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_DIR": str(web.parent / "reflex"),
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "__REFLEX_SKIP_COMPILE": "true",
    }
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "blank.blank:server", "--factory", "--interface", "asgi"),
            *("--host", "127.0.0.1", "--port", str(port), "--ws", "--http", "1", "--no-access-log"),
            *("--log-level", "warning"),
        ],
        cwd=web.parent / "app",
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/ping", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("The empty application does not start.")


def _state(root: Path) -> str:
    digest = hashlib.sha256(importlib.metadata.version("reflex").encode())
    for path in [*sorted((root / _SOURCES).rglob("*.py")), *(root / name for name in _BUILT_FROM)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
