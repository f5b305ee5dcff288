"""9: a table of contacts brought in (looked at, judged, written, with history, search and the way back).

Against COPY of the same rows into a copy of `contacts` with all its indexes and checks, and the key to its owner.
In a database of its own, so that it leaves nothing behind: each import goes into the book of another practitioner, who
has some of the people already.
"""

from __future__ import annotations

import csv
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
from sqlalchemy import select
from sqlmodel import col

from bench.ground import Ground, use
from bench.harness import Figure, compare, timed
from omnicrm.core import config, ids, migrations, postgres
from omnicrm.core.db import transaction
from omnicrm.domain import demo
from omnicrm.domain.imports import Plan
from omnicrm.jobs import contacts_import
from omnicrm.models.accounts import User
from omnicrm.models.contacts import Contact

ROWS, PAIRS = 10_000, 7
QUICK_ROWS, QUICK_PAIRS = 500, 2
BOOK = 500  # people who are known before
DATABASE = "bench_moving"
_COLUMNS = ("First name", "Last name", "E-mail", "Phone", "Company", "City", "Birthday", "Tags")
_COPIED = "id, user_id, first_name, last_name, email, phone, company, address_city, date_of_birth, tags"
_FIRST = ("Aino", "Jonas", "Priya", "Mateo", "Saga", "Noor", "Elif", "Tomás", "Ingrid", "Kofi", "Yuki", "Zofia")
_LAST = ("Korhonen", "Weber", "Raman", "Silva", "Lindgren", "Haddad", "Aydin", "Novák", "Berg", "Mensah", "Sato")


def move_in(ground: Ground) -> list[Figure]:
    """One row in twenty is in the book already, and one in fifty comes twice."""
    rows, pairs = (QUICK_ROWS, QUICK_PAIRS) if ground.quick else (ROWS, PAIRS)
    with _apart(ground), tempfile.TemporaryDirectory(prefix="omnicrm-moving-") as folder:
        files = {size: _table(Path(folder) / f"{size}.csv", size) for size in (rows // 10, rows, rows * 10)}
        with postgres.superuser(DATABASE) as bare:
            bare.execute("create schema bench")
            bare.execute("create table bench.contacts (like public.contacts including all)")
            bare.execute(
                "alter table bench.contacts add foreign key (user_id) references public.users on delete cascade"
            )
            owner = _practitioner()

            def floor(size: int = rows) -> None:
                _copy(bare, owner, files[size])

            figure = compare(
                f"9 import {rows:,} contacts",
                floor,
                lambda: _moved(files[rows]),
                target=15,
                pairs=pairs,
                measure=lambda run: _apart_timed(run, bare),
            )
            large = Figure(f"9 import {rows * 10:,} contacts", target=15, pairs=1)
            large.floor_ms = min(_apart_timed(lambda: floor(rows * 10), bare) for _ in range(2))
            figures = {size: _in_a_process(files[size]) for size in files}
        large.product_ms = figures[rows * 10]["ms"]
        large.ratio = large.product_ms / large.floor_ms
        steps = [figures[size * 10]["ms"] / figures[size]["ms"] for size in (rows // 10, rows)]
        large.grow(max(steps), limit=12, words="ten times the rows, each in a process of its own")
        large.memory_mb, large.memory_target_mb = figures[rows * 10]["mb"], 150
        large.extra["memory for a tenth of it"] = f"{figures[rows]['mb']:+.0f} MB"
        large.extra["rows a second"] = round(rows * 10 / large.product_ms * 1000)
    return [figure, large]


def once(file: str) -> dict[str, float]:
    """One import in this process: its milliseconds, and the MB that it adds at its peak."""
    user = _practitioner()
    gc.collect()
    before = psutil.Process().memory_info().rss / 2**20
    took = timed(lambda: _bring_in(user, Path(file)))
    return {"ms": took, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before}


def _moved(file: Path) -> float:
    """Milliseconds, without what makes the practitioner."""
    user = _practitioner()
    return timed(lambda: _bring_in(user, file))


def _bring_in(user: UUID, file: Path) -> None:
    looked = contacts_import.look(file)
    assert looked.guess is not None  # noqa: S101  # a table
    report = contacts_import.run(user, looked, Plan(looked.guess.targets, looked.guess.day_first))
    if report.counts["contact stored"] < report.counts["rows"] * 0.9:
        raise RuntimeError(f"The table was not brought in: {dict(report.counts)}")


def _apart_timed(run: Any, bare: psycopg.Connection[tuple[Any, ...]]) -> float:
    """The floor is timed here, and what it wrote is put away; the product times itself."""
    began = time.perf_counter()
    own = run()
    took = (time.perf_counter() - began) * 1000
    bare.execute("truncate bench.contacts")
    return own if isinstance(own, float) else took


def _copy(bare: psycopg.Connection[tuple[Any, ...]], user: UUID, file: Path) -> None:
    with bare.cursor() as cursor, cursor.copy(f"copy bench.contacts ({_COPIED}) from stdin") as into:
        for first, last, email, phone, company, city, born, tags in _read(file):
            into.write_row((ids.new(), user, first, last, email, phone, company, city, born, [tags] if tags else []))


def _read(file: Path) -> Iterator[list[str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        rows = csv.reader(opened)
        next(rows)
        yield from rows


def _table(path: Path, size: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as opened:
        table = csv.writer(opened)
        table.writerow(_COLUMNS)
        for number in range(size):
            table.writerow(_person(number - 1 if number % 50 == 49 else number))
    return path


def _person(number: int) -> tuple[str, ...]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
    family = f"{last}-{_syllables(number // 7)}"
    return (
        first,
        family,
        f"{first.lower()}.{number}@mail.example",
        f"+4477009{number % 100_000:05d}" if number < 100_000 else "",
        f"Studio {number % 97}" if number % 3 == 0 else "",
        "Helsinki",
        f"19{50 + number % 50}-0{1 + number % 9}-1{number % 10}",
        ("knee", "runner", "", "")[number % 4],
    )


def _syllables(number: int) -> str:
    """A name of its own for every number, so that not everybody is like everybody."""
    parts = ("ba", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "ya", "ze")
    name = ""
    for _ in range(5):
        number, place = divmod(number, len(parts))
        name += parts[place]
    return name.capitalize()


def _practitioner() -> UUID:
    user = User(email=f"moving-{ids.new()}@stillwater.example", name="Maya Lindqvist", time_zone="Europe/Helsinki")
    with transaction(user.id, actor="system") as db:
        db.add(user)
    with transaction(user.id, actor="system", reason="sample data") as db:
        demo.fill(db, contacts=BOOK)
        for number, contact in enumerate(db.scalars(select(Contact).order_by(col(Contact.id)))):
            person = _person(number * 20)
            contact.first_name, contact.last_name, contact.email = person[0], person[1], person[2]
    return user.id


def _in_a_process(file: Path) -> dict[str, float]:
    code = f"import json; from bench import moving; print(json.dumps(moving.once({str(file)!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=config.project_root(), capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _apart(ground: Ground) -> Iterator[None]:
    """A fresh database for the time of the block."""
    postgres.create_database(DATABASE)
    try:
        migrations.upgrade(postgres.url("owner", DATABASE))
        use(DATABASE)
        yield
    finally:
        use(ground.name)
        postgres.drop_database(DATABASE)
