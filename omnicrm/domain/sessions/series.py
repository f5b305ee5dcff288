"""Recurring sessions: planned with every clash, booked, and carried on where they have no end.

Each session of a series is an event of its own in Google, not an instance of a recurring one: its id is made from the
session's, so that writing is idempotent, moving one is one write, and nothing has to be matched by its original start.
Times are wall clocks of the practitioner's zone: half past two stays half past two when clocks change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import contacts, practice
from omnicrm.domain.sessions import booking as one
from omnicrm.domain.sessions import conflicts, rules
from omnicrm.domain.sessions.booking import OPEN, Booking
from omnicrm.domain.sessions.conflicts import Clash
from omnicrm.models.sessions import DEFAULT_MINUTES, Session, SessionSeries

Choice: TypeAlias = Literal["skip", "allow"]
Choices: TypeAlias = Mapping[date, Choice]
_KEYS = ("contact_id", "service_id", "program_id")
_KEPT = (*_KEYS, "title", "location", "meeting_url", "capacity")


class Planned(BaseModel):
    """A session that is to be. `day` is its ISO date in the series' zone, and names it in `Choices`; `clashes` says
    all that is in its way; `note` what the clocks do to it."""

    model_config = ConfigDict(frozen=True)

    day: str
    when: str
    starts_at: datetime
    clashes: list[str]
    note: str = ""


def plan(db: Db, booking: Booking, rrule: str) -> list[Planned]:
    """What booking a series would do, each session with everything that is in its way. Nothing is changed.

    Raises NotFound, and Invalid for a rule that a diary cannot follow (`rules.checked`).
    """
    zone = practice.of(db).zone
    first = one.made(db, booking)
    local = first.scheduled_at.astimezone(zone)
    length = first.duration_minutes or DEFAULT_MINUTES
    found = rules.checked(rrule, local.date(), local.time(), zone, length)
    return planned(db, found, local.time(), length, zone)


def create(db: Db, booking: Booking, rrule: str, choices: Choices) -> SessionSeries:
    """Book a series. `choices` says, for each session that something is in the way of, to leave it out or to book it
    all the same.

    Raises as `plan` does, and Conflict for a clash without a choice: it came up since the plan was shown.
    """
    zone = practice.of(db).zone
    rows = plan(db, booking, rrule)
    all_decided(rows, choices)
    first = one.made(db, booking)
    local = first.scheduled_at.astimezone(zone)
    skipped = [row.day for row in rows if choices.get(date.fromisoformat(row.day)) == "skip"]
    last = rows[-1].starts_at.astimezone(zone).date()
    endless = rules.is_open(rules.read(rrule))
    series = SessionSeries(
        rrule=rrule,
        time_zone=zone.key,
        starts_on=local.date(),
        ends_on=None if endless else last,
        template=template_of(first, local.time(), through=last, skipped=skipped),
        undo_log={"what": "create"},
    )
    db.add(series)
    db.flush()
    for row in rows:
        if row.day not in skipped:
            book_one(db, series, row.starts_at, allow_overlap=bool(row.clashes))
    return series


def extend(db: Db) -> int:
    """Book what has come within the horizon of series without an end; how many. Done twice, it is the same.

    What is in the way leaves its session out; the series' page says which.
    """
    today = practice.of(db).today()
    until = today + timedelta(days=rules.HORIZON)
    query = select(SessionSeries).where(col(SessionSeries.ends_on).is_(None)).order_by(col(SessionSeries.id))
    number = 0
    for series in db.scalars(query.with_for_update(skip_locked=True)).all():
        through = date.fromisoformat(series.template["through"])
        if through < until:
            number += _carried_on(db, series, through, until)
    return number


def of(db: Db, session: Session) -> SessionSeries | None:
    return db.get(SessionSeries, session.series_id) if session.series_id is not None else None


def locked(db: Db, series_id: UUID) -> SessionSeries:
    """Raises NotFound."""
    series = db.get(SessionSeries, series_id, with_for_update=True, populate_existing=True)
    if series is None:
        raise NotFound("This series no longer exists.")
    return series


def planned(
    db: Db,
    moments: list[datetime],
    wall: time,
    minutes: int,
    zone: ZoneInfo,
    *,
    without: frozenset[UUID] = frozenset(),
) -> list[Planned]:
    """These times with all that is in their way, the sessions `without` left out."""
    viewer = practice.of(db).viewer()
    length = timedelta(minutes=minutes)
    found = conflicts.clashes_of(db, [(at, at + length) for at in moments], without=without)
    return [_planned(at, wall, zone, clashes, viewer) for at, clashes in zip(moments, found, strict=True)]


def book_one(db: Db, series: SessionSeries, at: datetime, *, allow_overlap: bool) -> Session:
    """One session of a series, whose clashes were looked at before."""
    template = series.template
    client, service, program = (UUID(template[name]) if template[name] else None for name in _KEYS)
    session = one.made(
        db,
        Booking(
            contact_id=client,
            service_id=service,
            program_id=program,
            title=template["title"],
            scheduled_at=at,
            duration_minutes=template["minutes"],
            location=template["location"],
            meeting_url=template["meeting_url"],
            capacity=template["capacity"],
        ),
    )
    session.series_id, session.original_start_at, session.overlap_allowed = series.id, at, allow_overlap
    return one.added(db, session)


def day_of(text: str) -> date:
    """A day as a template keeps it."""
    return date.fromisoformat(text)


def all_decided(rows: list[Planned], choices: Choices) -> None:
    """Raises Conflict for a clash without a choice: it came up since the list was shown."""
    for row in rows:
        if row.clashes and date.fromisoformat(row.day) not in choices:
            raise Conflict(f"{row.when}: {row.clashes[0]} Look at the list again, and say what to do with it.")


def template_of(session: Session, wall: time, *, through: date, skipped: list[str]) -> dict[str, Any]:
    """What each session of a series is made from. `through` is how far it is booked."""
    kept = {name: getattr(session, name) for name in _KEPT}
    return {
        **{name: str(value) if isinstance(value, UUID) else value for name, value in kept.items()},
        "minutes": session.duration_minutes,
        "at": f"{wall:%H:%M}",
        "through": through.isoformat(),
        "skipped": skipped,
    }


def _carried_on(db: Db, series: SessionSeries, through: date, until: date) -> int:
    zone, wall = zones.zone(series.time_zone), time.fromisoformat(series.template["at"])
    latest = db.scalars(
        select(Session)
        .where(col(Session.series_id) == series.id)
        .order_by(col(Session.original_start_at).desc())
        .limit(1)
    ).first()
    template = dict(series.template)
    if latest is not None and template["contact_id"] and latest.contact_id is not None:
        template["contact_id"] = str(latest.contact_id)  # two clients may have become one since
    if template["contact_id"] and not _still_comes(db, UUID(template["contact_id"])):
        series.ends_on = through
        db.flush()
        return 0
    series.template = template
    found = rules.occurrences(
        series.rrule, series.starts_on, wall, zone, through=until, after=through + timedelta(days=1)
    )
    rows = planned(db, found, wall, template["minutes"] or DEFAULT_MINUTES, zone)
    free = [row for row in rows if not row.clashes and row.starts_at > practice.of(db).viewer().now]
    for row in free:
        book_one(db, series, row.starts_at, allow_overlap=False)
    left_out = [row.day for row in rows if row not in free]
    series.template = {**template, "through": until.isoformat(), "skipped": [*template["skipped"], *left_out]}
    db.flush()
    return len(free)


def _still_comes(db: Db, contact_id: UUID) -> bool:
    try:
        return contacts.get(db, contact_id).archived_at is None
    except NotFound:
        return False


def _planned(at: datetime, wall: time, zone: ZoneInfo, clashes: list[Clash], viewer: Viewer) -> Planned:
    local = at.astimezone(zone)
    note = ""
    if local.time().replace(fold=0) != wall:
        note = f"Clocks go forward on that day: it begins at {viewer.time(at)}."
    elif zones.comes_twice(at, zone):
        note = "Clocks go back on that day: the first of the two hours is meant."
    return Planned(
        day=local.date().isoformat(),
        when=viewer.moment(at),
        starts_at=at,
        clashes=[clash.sentence for clash in clashes],
        note=note,
    )


__all__ = ["OPEN", "Choice", "Choices", "Planned", "create", "extend", "plan"]
