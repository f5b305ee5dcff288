"""The database that the benchmarks run on: practices of several sizes among twenty, made once for each schema and size.

It stands beside the practitioner's own on the built-in server and is never theirs. Running a benchmark adds a little to
it; `make bench` with another set of sizes makes another one.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from bench import practice
from omnicrm.core import config, migrations, postgres
from omnicrm.core import db as database

PRACTICES = 20
LONG_HISTORY = 5_000  # entries of one client, in the largest practice
_MADE_FROM = ("alembic", "bench/practice.py", "omnicrm/domain/demo", "omnicrm/core/ddl.py")


@dataclass(frozen=True)
class Ground:
    """`practices`: number of clients -> the practitioner who has them, smallest first."""

    name: str
    practices: dict[int, UUID]
    quick: bool

    @property
    def sizes(self) -> list[int]:
        return list(self.practices)

    @property
    def middle(self) -> int:
        """The size that single figures are given for: 10,000 clients, else the largest there is."""
        return 10_000 if 10_000 in self.practices else self.sizes[-1]

    @contextmanager
    def bare(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A connection that row-level security does not concern, for floors; every statement commits."""
        with postgres.superuser(self.name) as connection:
            yield connection


def prepare(sizes: list[int], *, quick: bool) -> Ground:
    """The database for these sizes, made if need be; from here on this process (and those it starts) works on it."""
    if not config.settings().embedded:
        raise SystemExit("The benchmarks make databases on the built-in PostgreSQL: unset DATABASE_URL for them.")
    others = min(sizes[0] * 5, 5_000)
    name = f"bench_{_state(sizes)}"
    with postgres.superuser() as admin:
        known = admin.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
    if not known:
        began = time.perf_counter()
        _make(name, sizes, others)
        sys.stderr.write(f"  made in {time.perf_counter() - began:.0f} s, kept for the next run\n")
    use(name)
    with postgres.superuser(name) as admin:
        found = {str(email): UUID(str(key)) for key, email in admin.execute("select id, email from users").fetchall()}
    return Ground(name, {size: found[_email(size)] for size in sizes}, quick)


def _make(name: str, sizes: list[int], others: int) -> None:
    making = "bench_new"
    postgres.create_database(making)
    migrations.upgrade(postgres.url("owner", making))
    use(making)
    for size in sizes:
        sys.stderr.write(f"  a practice of {size:,} clients…\n")
        practice.make(size, email=_email(size), long_history=LONG_HISTORY if size == sizes[-1] else 0)
    sys.stderr.write(f"  {PRACTICES - len(sizes)} others of {others:,}…\n")
    template = practice.make(others)
    for number in range(PRACTICES - len(sizes) - 1):
        practice.copy(template, number)
    practice.analyse()
    database.dispose()
    with postgres.superuser() as admin:
        admin.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(making), sql.Identifier(name)))


def use(name: str) -> None:
    """From here on this process, and those that it starts, work on that database."""
    database.dispose()
    os.environ["OMNICRM_DATABASE"] = name
    config.settings.cache_clear()


def _email(size: int) -> str:
    return f"practice-{size}@stillwater.example"


def _state(sizes: list[int]) -> str:
    root = config.project_root()
    digest = hashlib.sha256(str(sizes).encode())
    for place in _MADE_FROM:
        path = root / place
        for file in sorted(path.rglob("*.*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".sql"):
                digest.update(Path(file).read_bytes())
    return digest.hexdigest()[:16]
