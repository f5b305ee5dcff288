"""Lists and search in practices of every size: 2 and 3 (search), 6 (a client's page), 7 (clients), 8 (a month)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

import psutil

from bench.ground import Ground
from bench.harness import Figure, Run, compare, worst_step
from omnicrm.core import clock
from omnicrm.core.db import Db, transaction
from omnicrm.domain import contacts, notes, search, sessions
from omnicrm.domain.notes import NoteForm

_FIRST = UUID(int=0)
PAGE, DEEP = 50, 1_000
INNER = 5  # calls a sample: single ones are shorter than the noise
SEARCHES = {  # what is typed -> (benchmark, at most so many times the bare statement, by name)
    "Anino Korhone": ("2 search: a name, misspelt", 4.0, True),
    "somebody": ("3 search: a rare word", 4.0, False),
    "bolster": ("3 search: a common word", 4.0, False),
    "qqqqzzzz": ("3 search: no hit", 10.0, False),
}
_NAMES = """select entity_id from search_entries where kind = 'contact' and user_id = %(user)s
               and %(asked)s <%% folded_title order by word_similarity(%(asked)s, folded_title) desc limit 20"""
_WORDS = """select entity_id from search_entries where kind <> 'contact' and user_id = %(user)s
               and document @@ %(asked)s::tsquery order by occurred_at desc limit 20"""
_CLIENTS = """select * from contacts where user_id = %(user)s and archived_at is null
               and (display_name, id) > (%(name)s, %(id)s) order by display_name, id limit 51"""
_JOURNAL = """select * from notes where user_id = %(user)s and contact_id = %(client)s
               order by created_at desc, id desc limit 51"""
_MONTH = """select * from sessions where user_id = %(user)s and scheduled_at >= %(begins)s
               and scheduled_at < %(ends)s order by scheduled_at"""


def find(ground: Ground) -> list[Figure]:
    """Search as the page asks for it, under row-level security, against the bare statement without."""
    figures = []
    with ground.bare() as bare:
        for asked, (name, target, by_name) in SEARCHES.items():

            def floor(user: UUID, asked: str = asked, by_name: bool = by_name) -> object:
                words = asked.lower() if by_name else f"'{asked}':*"
                return bare.execute(_NAMES if by_name else _WORDS, {"user": user, "asked": words}).fetchall()

            def product(db: Db, asked: str = asked) -> object:
                return search.find(db, asked)

            figures.append(_sized(ground, name, floor, product, target=target, growth=6))
    return figures


def clients(ground: Ground) -> list[Figure]:
    """The list of clients by name: its first page at every size, and page 1,000 (or the last one) of the largest."""
    with ground.bare() as bare:

        def keyset(user: UUID, name: str = "", key: UUID = _FIRST) -> object:
            return bare.execute(_CLIENTS, {"user": user, "name": name, "id": key}).fetchall()

        first = _sized(ground, "7 clients, page 1", keyset, contacts.listed, target=30, growth=1.3)
        largest = ground.sizes[-1]
        user, number = ground.practices[largest], min(DEEP, largest // PAGE - 1)
        name, key = _line(bare, user, PAGE * (number - 1) - 1)
        after = base64.urlsafe_b64encode(json.dumps(["name", name, str(key)]).encode()).decode()
        top, page = _reading(user, contacts.listed), _reading(user, lambda db: contacts.listed(db, after=after))
        deep = compare(
            f"7 clients, page {number:,} of {largest:,}",
            lambda: keyset(user, name, key),
            page,
            target=30,
            inner=INNER,
        )
        deep.grow(worst_step([top, page], inner=INNER), limit=1.3, words="as long as page 1")
    return [first, deep]


def contact(ground: Ground) -> list[Figure]:
    """A client's page, card and newest entries: the longest history against one that fills a page."""
    user = ground.practices[ground.sizes[-1]]
    with ground.bare() as bare:
        of_client = "select contact_id from notes where user_id = %s group by 1 order by count(*)"
        long = _scalar(bare, f"{of_client} desc limit 1", user)
        short = _with_a_page(user, _scalar(bare, f"{of_client}, 1 limit 1", user))

        def page(client: UUID) -> Run:
            return _reading(user, lambda db: (contacts.card(db, client), contacts.journal(db, client)))

        figure = compare(
            "6 a client's page",
            lambda: bare.execute(_JOURNAL, {"user": user, "client": long}).fetchall(),
            page(long),
            target=30,
            inner=INNER,
        )
        words = f"{_entries(user, long):,} entries against {_entries(user, short):,}"
        figure.grow(worst_step([page(short), page(long)], inner=INNER), limit=1.5, words=words)
        before = _resident()
        for _ in range(20):
            page(long)()
        figure.memory_mb, figure.memory_target_mb = _resident() - before, 10
    return [figure]


def _with_a_page(user: UUID, client: UUID) -> UUID:
    """The client, with as many entries as a page shows."""
    with transaction(user) as db:
        for _ in range(PAGE - _entries(user, client)):
            notes.add(db, NoteForm(contact_id=client, title="", content="Neck softer after the exercises."))
    return client


def _entries(user: UUID, client: UUID) -> int:
    with transaction(user) as db:
        return sum(contacts.card(db, client).counts.values())


def _resident() -> float:
    return float(psutil.Process().memory_info().rss / 2**20)


def month(ground: Ground) -> list[Figure]:
    """A month of the calendar. Growth compares stretches with as many sessions: a small practice has fewer a day."""
    ends = clock.now() + timedelta(days=14)
    begins = ends - timedelta(days=31)
    shown = ground.practices[min(ground.middle, 10_000)]
    with ground.bare() as bare:

        def floor() -> list[Any]:
            return bare.execute(_MONTH, {"user": shown, "begins": begins, "ends": ends}).fetchall()

        product = _reading(shown, lambda db: sessions.on_range(db, begins, ends))
        figure = compare("8 a month of the calendar", floor, product, target=15, inner=INNER)
        runs = []
        for size in ground.sizes:
            if size <= 10_000:
                user = ground.practices[size]
                since = _as_full(bare, user, ends, len(floor()))
                runs.append(_reading(user, partial(sessions.on_range, starts_at=since, ends=ends)))
        figure.grow(worst_step(runs, inner=INNER), limit=1.3, words="ten times the clients, as many sessions")
        return [figure]


def _as_full(bare: Any, user: UUID, ends: datetime, number: int) -> datetime:
    """Since when a practice has had `number` sessions."""
    row = bare.execute(
        "select scheduled_at from sessions where user_id = %s and scheduled_at < %s"
        " order by scheduled_at desc offset %s limit 1",
        (user, ends, number - 1),
    ).fetchone()
    if row is None:
        raise RuntimeError(f"A practice has less than {number} sessions.")
    return cast(datetime, row[0])


def _sized(
    ground: Ground,
    name: str,
    floor: Callable[[UUID], object],
    product: Callable[[Db], object],
    *,
    target: float,
    growth: float,
) -> Figure:
    shown = ground.practices[ground.middle]
    figure = compare(name, lambda: floor(shown), _reading(shown, product), target=target, inner=INNER)
    runs = [_reading(ground.practices[size], product) for size in ground.sizes]
    figure.grow(worst_step(runs, inner=INNER), limit=growth, words="ten times the clients")
    return figure


def _reading(user: UUID, read: Callable[[Db], object]) -> Run:
    def run() -> object:
        with transaction(user) as db:
            return read(db)

    return run


def _line(bare: Any, user: UUID, offset: int) -> tuple[str, UUID]:
    row = bare.execute(
        "select display_name, id from contacts where user_id = %s and archived_at is null"
        " order by display_name, id offset %s limit 1",
        (user, offset),
    ).fetchone()
    return row[0], row[1]


def _scalar(bare: Any, statement: str, user: UUID) -> Any:
    return bare.execute(statement, (user,)).fetchone()[0]
