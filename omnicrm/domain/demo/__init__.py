"""A practice made up from a seed: as small as an evening, or as large as a benchmark wants."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlmodel import col

from omnicrm.core import clock, ids, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid
from omnicrm.domain.demo import words
from omnicrm.models.accounts import User
from omnicrm.models.contacts import Contact, LifecycleStage
from omnicrm.models.groups import ContactGroup, Group
from omnicrm.models.notes import Note
from omnicrm.models.services import Service
from omnicrm.models.sessions import Session, SessionStatus
from omnicrm.models.tasks import Task

Row = dict[str, Any]
Progress = Callable[[str, int], None]

CHUNK = 2_000
LARGEST = 1_000_000
_HOURS = (time(9), time(10, 30), time(12), time(14, 30), time(16), time(17, 30))


@dataclass(frozen=True)
class Counts:
    """What was made."""

    contacts: int
    notes: int
    sessions: int
    tasks: int


def require_empty(db: Db) -> None:
    """Raises Conflict where the book has a contact: sample data never mixes with a real practice."""
    if db.execute(select(col(Contact.id)).limit(1)).first() is not None:
        raise Conflict("This account already has contacts. Sample data only goes into an empty one.")


def fill(
    db: Db,
    *,
    contacts: int = 60,
    seed: int = 1,
    long_history: int = 0,
    days_ahead: int = 14,
    progress: Progress = lambda what, done: None,
) -> Counts:
    """Make a practice of `contacts` clients, two notes and one session each, in the practitioner's own book.

    The same seed on the same day makes the same people, words and hours. The sessions lie one after another, the last
    one `days_ahead` days from now (negative: all are past). `long_history` gives the first client that many notes
    besides. Raises Invalid for an absurd size.
    """
    if not 1 <= contacts <= LARGEST:
        raise Invalid(f"A sample practice has 1 to {LARGEST:,} contacts.", {"contacts": "Out of range."})
    practitioner = db.execute(select(User)).scalar_one()
    book = _Book(random.Random(seed), ZoneInfo(practitioner.time_zone), contacts, days_ahead)  # noqa: S311  # a sample, no secret
    services = [book.service(*row) for row in words.SERVICES]
    groups = [_keyed(name=name, color=color, position=n) for n, (name, color) in enumerate(words.GROUPS)]
    _insert(db, Service, services)
    _insert(db, Group, groups)
    people = [book.person(n) for n in range(contacts)]
    _insert(db, Contact, people, progress)
    _insert(db, ContactGroup, book.memberships(people, [group["id"] for group in groups]), progress)
    _insert(db, Session, book.sessions(people, services), progress)
    _insert(db, Note, book.notes(people, long_history), progress)
    tasks = _insert(db, Task, book.tasks(people), progress)
    db.flush()
    return Counts(contacts=contacts, notes=2 * contacts + long_history, sessions=contacts, tasks=tasks)


@dataclass
class _Book:
    """The dice, and what they are thrown for."""

    dice: random.Random
    zone: ZoneInfo
    size: int
    days_ahead: int

    @property
    def today(self) -> date:
        return clock.now().astimezone(self.zone).date()

    def service(self, name: str, minutes: int, price: str, capacity: int, color: str) -> Row:
        return _keyed(name=name, duration_minutes=minutes, price=Decimal(price), capacity=capacity, color=color)

    def person(self, number: int) -> Row:
        first, last = self.dice.choice(words.FIRST), self.dice.choice(words.LAST)
        address = f"{_ascii(first)}.{_ascii(last)}{number or ''}@{self.dice.choice(words.DOMAINS)}.example"
        since = self.today - timedelta(days=self.dice.randint(20, 1_500))
        stage = self.dice.choices(list(LifecycleStage), weights=(1, 7, 1, 1))[0]
        return _keyed(
            first_name=first,
            last_name=last,
            email=address,
            phone=f"+442079460{number:03d}" if number < 1_000 else None,  # Ofcom's numbers for fiction
            tags=self.dice.sample(words.TAGS, self.dice.randint(0, 2)),
            lifecycle_stage=stage,
            client_since=None if stage == LifecycleStage.LEAD else since,
        )

    def memberships(self, people: list[Row], groups: list[UUID]) -> Iterator[Row]:
        leads, regulars, room = groups
        for person in people:
            if person["lifecycle_stage"] == LifecycleStage.LEAD:
                yield {"contact_id": person["id"], "group_id": leads}
            elif self.dice.random() < 0.4:
                yield {"contact_id": person["id"], "group_id": self.dice.choice((regulars, room))}

    def sessions(self, people: list[Row], services: list[Row]) -> Iterator[Row]:
        """One each, one after another and backwards in time; side by side only where two years are too short."""
        one_to_one = [service for service in services if service["capacity"] == 1]
        abreast = -(-self.size // (len(_HOURS) * 5 * 104))
        slots = self._slots()
        at = next(slots)
        for number, person in enumerate(people):
            if number and number % abreast == 0:
                at = next(slots)
            service = self.dice.choice(one_to_one)
            yield _keyed(
                contact_id=person["id"],
                service_id=service["id"],
                title=service["name"],
                scheduled_at=at,
                duration_minutes=service["duration_minutes"],
                status=self._status(at),
                overlap_allowed=abreast > 1,
            )

    def notes(self, people: list[Row], long_history: int) -> Iterator[Row]:
        for number, person in enumerate(people):
            for _ in range(2 + (long_history if number == 0 else 0)):
                yield _keyed(
                    contact_id=person["id"],
                    content=self._observation(),
                    note_type="session",
                    created_at=clock.now() - timedelta(minutes=self.dice.randint(60, 60 * 24 * 700)),
                )

    def tasks(self, people: list[Row]) -> Iterator[Row]:
        for person in people[:: max(1, len(people) // 12)][:12]:
            due = self.today + timedelta(days=self.dice.randint(-3, 10))
            yield _keyed(
                contact_id=person["id"],
                title=self.dice.choice(words.TASKS),
                due_date=zones.at_wall(due, time(0), self.zone),
            )

    def _slots(self) -> Iterator[datetime]:
        day = self.today + timedelta(days=self.days_ahead)
        while True:
            if day.weekday() < 5:
                for hour in reversed(_HOURS):
                    yield zones.at_wall(day, hour, self.zone)
            day -= timedelta(days=1)

    def _status(self, at: datetime) -> SessionStatus:
        if at > clock.now():
            return SessionStatus.SCHEDULED_IN_CRM
        return SessionStatus.NO_SHOW if self.dice.random() < 0.04 else SessionStatus.COMPLETED

    def _observation(self) -> str:
        say = self.dice.choice
        return f"{say(words.PLACES).capitalize()} {say(words.STATES)}, {say(words.CAUSES)}. {say(words.PLANS)}"


def _keyed(**columns: object) -> Row:
    return {"id": ids.new(), **columns}


def _insert(db: Db, table: type[Any], rows: Iterable[Row], progress: Progress = lambda what, done: None) -> int:
    """Rows in chunks: bounded memory, no object a row."""
    done, source = 0, iter(rows)
    while chunk := list(islice(source, CHUNK)):
        db.execute(insert(table), chunk)
        done += len(chunk)
        progress(table.__tablename__, done)
    return done


def _ascii(name: str) -> str:
    return "".join(letter for letter in name.lower().translate(_PLAIN) if letter.isascii() and letter.isalpha())


_PLAIN = str.maketrans("áéíóúäöüåøñçó", "aeiouaouaonco")
