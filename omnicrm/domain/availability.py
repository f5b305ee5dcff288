"""When the practitioner works: weekly hours and time off, as wall clocks of their zone, and the instants they make."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import delete, func, select
from sqlmodel import col

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import practice
from omnicrm.models.availability import Availability, TimeOff
from omnicrm.models.sessions import LIVE, Session

ASSUMED = (time(8), time(20))  # every day, until hours are set
LONGEST = 366  # days that can be asked for, or be off, at once

Span = tuple[time, time]
Window = tuple[datetime, datetime]


class DayHours(BaseModel):
    """A weekday (0 = Monday). `spans` are `08:00`, `13:00`; `words` say them; `bars` are (left, width) in per cent of
    the scale from 6 to 22."""

    model_config = ConfigDict(frozen=True)

    weekday: int
    name: str
    long_name: str
    spans: list[tuple[str, str]]
    words: str
    bars: list[tuple[str, str]]


class TimeOffForm(BaseModel):
    """Whole days, both ends included; with both times, from the one on the first day to the other on the last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    begins: time | None = None
    ends: time | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(default="")


class TimeOffRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    reason: str
    when: str
    booked: str  # `2 sessions booked`: what is in the way of it
    day: str


def week(db: Db) -> list[DayHours]:
    """The seven days from the practitioner's first day of the week on."""
    who = practice.of(db)
    hours = _hours(db)
    monday = date(2024, 1, 1)
    return [_day_hours((who.week_start + number) % 7, hours, who.viewer(), monday) for number in range(7)]


def open_minutes(db: Db) -> list[list[tuple[int, int]]]:
    """The stretches of each weekday, from Monday, as minutes of the wall clock. One statement."""
    return [[(_minutes(begins), _minutes(ends)) for begins, ends in spans] for spans in _hours(db)]


def off_between(db: Db, starts_at: datetime, ends_at: datetime) -> list[TimeOff]:
    """What is off within [starts_at, ends_at), by time. One statement."""
    query = select(TimeOff).where(col(TimeOff.ends_at) > starts_at, col(TimeOff.starts_at) < ends_at)
    return list(db.scalars(query.order_by(col(TimeOff.starts_at))))


def is_set(db: Db) -> bool:
    """Whether any hours were ever given: until then every day from 8 to 20 counts as open."""
    return db.scalar(select(col(Availability.id)).limit(1)) is not None


def set_hours(db: Db, weekdays: list[int], spans: list[Span]) -> None:
    """Replace the hours of these weekdays (0 = Monday); no spans: closed.

    Raises Invalid for spans that end before they begin, or touch one another.
    """
    ordered = sorted(spans)
    for begins, ends in ordered:
        if ends <= begins:
            raise Invalid(fields={"hours": f"{_clock(begins)} to {_clock(ends)}: the end has to come after the start."})
    for before, after in pairwise(ordered):
        if after[0] < before[1]:
            raise Invalid(fields={"hours": f"Two stretches overlap at {_clock(after[0])}."})
    first_ever = not is_set(db)
    db.execute(delete(Availability).where(col(Availability.weekday).in_(weekdays)))
    for weekday in weekdays:
        db.add_all(Availability(weekday=weekday, starts_at=begins, ends_at=ends) for begins, ends in ordered)
    if first_ever:  # the other days keep what was assumed of them, so that setting Tuesday does not close the week
        others = set(range(7)) - set(weekdays)
        db.add_all(Availability(weekday=day, starts_at=ASSUMED[0], ends_at=ASSUMED[1]) for day in sorted(others))
    db.flush()


def add_time_off(db: Db, form: TimeOffForm) -> TimeOff:
    """Raises Invalid where it ends before it begins, or lasts more than a year."""
    zone = practice.of(db).zone
    if (form.begins is None) != (form.ends is None):
        raise Invalid(fields={"ends": "Give both times, or neither for whole days."})
    if not 0 <= (form.last - form.first).days < LONGEST:
        raise Invalid(fields={"last": "The last day has to come after the first, within a year."})
    if form.begins is None or form.ends is None:
        starts_at, ends_at = zones.day_bounds(form.first, zone)[0], zones.day_bounds(form.last, zone)[1]
    else:
        starts_at, ends_at = zones.at_wall(form.first, form.begins, zone), zones.at_wall(form.last, form.ends, zone)
    if ends_at <= starts_at:
        raise Invalid(fields={"ends": "The end has to come after the start."})
    off = TimeOff(starts_at=starts_at, ends_at=ends_at, reason=form.reason or None)
    db.add(off)
    db.flush()
    return off


def remove_time_off(db: Db, off_id: UUID) -> TimeOffForm:
    """Gives what to add again to take it back. Raises NotFound."""
    off = db.get(TimeOff, off_id, with_for_update=True)
    if off is None:
        raise NotFound("This time off is gone already.")
    local = practice.of(db).viewer().local
    begins, ends = local(off.starts_at), local(off.ends_at)
    whole = begins.time() == time(0) and ends.time() == time(0)
    form = TimeOffForm(
        first=begins.date(),
        last=ends.date() - timedelta(days=1) if whole else ends.date(),
        begins=None if whole else begins.time(),
        ends=None if whole else ends.time(),
        reason=off.reason or "",
    )
    db.delete(off)
    db.flush()
    return form


def time_off(db: Db) -> list[TimeOffRow]:
    """What is off now or later, the next first, at most fifty; with the sessions that are booked within. Two
    statements."""
    viewer = practice.of(db).viewer()
    booked = (
        select(func.count())
        .where(
            col(Session.scheduled_at) >= col(TimeOff.starts_at),
            col(Session.scheduled_at) < col(TimeOff.ends_at),
            col(Session.status).in_(LIVE),
        )
        .correlate(TimeOff)
        .scalar_subquery()
    )
    query = select(TimeOff, booked).where(col(TimeOff.ends_at) > viewer.now).order_by(col(TimeOff.starts_at)).limit(50)
    return [_off_row(off, number, viewer) for off, number in db.execute(query)]


def windows(db: Db, first: date, last: date) -> list[Window]:
    """The instants between which sessions may lie on these days (both included), in order, without time off.

    Hours are wall clocks: on a day on which the clocks change they are as many real hours as that day has. A gap moves
    an edge on, of an hour that comes twice the first is meant. Two statements.
    """
    zone, hours = practice.of(db).zone, _hours(db)
    begins, ends = zones.day_bounds(first, zone)[0], zones.day_bounds(last, zone)[1]
    off = db.execute(
        select(col(TimeOff.starts_at), col(TimeOff.ends_at)).where(
            col(TimeOff.ends_at) > begins, col(TimeOff.starts_at) < ends
        )
    ).all()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = [
        (zones.at_wall(day, span[0], zone), zones.at_wall(day, span[1], zone))
        for day in days
        for span in hours[day.weekday()]
    ]
    for starts_at, ends_at in off:
        found = [part for window in found for part in _without(window, starts_at, ends_at)]
    return [window for window in found if window[0] < window[1]]


def _without(window: Window, starts_at: datetime, ends_at: datetime) -> list[Window]:
    begins, ends = window
    if ends_at <= begins or starts_at >= ends:
        return [window]
    return [(begins, min(starts_at, ends)), (max(ends_at, begins), ends)]


def _hours(db: Db) -> list[list[Span]]:
    """The spans of each weekday, from Monday."""
    rows = db.execute(
        select(col(Availability.weekday), col(Availability.starts_at), col(Availability.ends_at)).order_by(
            col(Availability.weekday), col(Availability.starts_at)
        )
    ).all()
    if not rows:
        return [[ASSUMED] for _ in range(7)]
    return [[(starts, ends) for day, starts, ends in rows if day == weekday] for weekday in range(7)]


def _day_hours(weekday: int, hours: list[list[Span]], viewer: Viewer, monday: date) -> DayHours:
    day = monday + timedelta(days=weekday)
    spans = hours[weekday]
    return DayHours(
        weekday=weekday,
        name=f"{day:%a}",
        long_name=f"{day:%A}",
        spans=[(f"{begins:%H:%M}", f"{ends:%H:%M}") for begins, ends in spans],
        words=", ".join(f"{_clock(begins)}–{_clock(ends)}" for begins, ends in spans) or "Closed",
        bars=[(f"{_left(begins)}%", f"{_left(ends) - _left(begins)}%") for begins, ends in spans],
    )


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _left(wall: time) -> int:
    """Where a time stands on the scale from 6 to 22, in per cent."""
    minutes = _minutes(wall) - 6 * 60
    return round(100 * min(max(minutes, 0), 16 * 60) / (16 * 60))


def _clock(wall: time) -> str:
    return f"{wall.hour}:{wall:%M}"


def _off_row(off: TimeOff, number: int, viewer: Viewer) -> TimeOffRow:
    begins, ends = viewer.local(off.starts_at), viewer.local(off.ends_at)
    if begins.time() == time(0) and ends.time() == time(0):
        last = ends.date() - timedelta(days=1)
        days = viewer.day(begins.date())
        when = f"{days}, all day" if last == begins.date() else f"{days} to {viewer.day(last)}"
    elif begins.date() == ends.date():
        when = f"{viewer.day(begins.date())}, {viewer.span(off.starts_at, off.ends_at)}"
    else:
        when = f"{viewer.day(begins.date())}, {viewer.time(off.starts_at)} to {viewer.day(ends.date())}, "
        when += viewer.time(off.ends_at)
    return TimeOffRow(
        id=str(off.id),
        reason=off.reason or "Time off",
        when=when,
        booked=f"{counted(number, 'session')} booked" if number else "",
        day=begins.date().isoformat(),
    )
