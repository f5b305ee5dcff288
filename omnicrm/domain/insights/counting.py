"""What the database counts: three statements over the sessions of a stretch, however many clients there are.

Sessions are found by when they are, clients' first and last visits by the client: nothing is read from end to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.domain import practice
from omnicrm.domain.insights.ranges import Stretch
from omnicrm.models.availability import Availability
from omnicrm.models.sessions import DEFAULT_MINUTES

MONTHS = 6  # of retention
_COHORT = timedelta(days=548)  # clients whose first visit was in the year and a half before


@dataclass(frozen=True)
class Part:
    """A week or month. `places` and `taken` are those of classes; `came` and `missed` count visits, `new` and
    `returning` people."""

    first: date
    sessions: int = 0
    minutes: int = 0
    places: int = 0
    taken: int = 0
    came: int = 0
    missed: int = 0
    new: int = 0
    returning: int = 0


@dataclass(frozen=True)
class Counted:
    parts: tuple[Part, ...]
    missed_before: tuple[int, int]  # missed, and all, of the stretch before
    retention: tuple[tuple[int, int], ...]  # (stayed, of how many), for each month since the first visit
    weekly_minutes: int  # of working hours


_VISITS = """
    visits as materialized (
        select s.scheduled_at, s.contact_id, s.status <> 'no_show' as came
          from sessions as s
         where s.scheduled_at >= :since and s.scheduled_at < :until and s.contact_id is not null
           and s.status in ('completed', 'no_show', 'scheduled_in_crm', 'synced_to_gcal')
        union all
        select s.scheduled_at, a.contact_id, a.attendance_status <> 'no_show'
          from sessions as s join session_attendees as a on a.session_id = s.id
         where s.scheduled_at >= :since and s.scheduled_at < :until
           and s.status in ('completed', 'no_show', 'scheduled_in_crm', 'synced_to_gcal')
           and a.attendance_status in ('present', 'late', 'no_show')
    )
"""
_OWN = """
    select {edge}(o.scheduled_at) from sessions as o
     where o.contact_id = p.contact_id and o.scheduled_at < :until
       and o.status in ('completed', 'scheduled_in_crm', 'synced_to_gcal')
"""
_IN_CLASS = """
    select {edge}(o.scheduled_at) from session_attendees as a join sessions as o on o.id = a.session_id
     where a.contact_id = p.contact_id and a.attendance_status in ('present', 'late') and o.scheduled_at < :until
       and o.status <> 'cancelled'
"""
_FIRST = f"least(({_OWN.format(edge='min')}), ({_IN_CLASS.format(edge='min')}))"
_LAST = f"greatest(({_OWN.format(edge='max')}), ({_IN_CLASS.format(edge='max')}))"
_BUCKET = "(date_trunc(:unit, {at} at time zone :zone - :shift * interval '1 day') + :shift * interval '1 day')::date"

_SESSIONS = f"""
    with held as materialized (
        select {_BUCKET.format(at="scheduled_at")} as part, id, capacity,
               coalesce(duration_minutes, {DEFAULT_MINUTES}) as minutes
          from sessions
         where scheduled_at >= :since and scheduled_at < :until
           and status in ('completed', 'scheduled_in_crm', 'synced_to_gcal')
    ), taken as (
        select held.id, count(*) as number
          from held join session_attendees as a on a.session_id = held.id
         where held.capacity > 1 and a.attendance_status <> 'cancelled'
         group by held.id
    )
    select part, count(*), sum(minutes), coalesce(sum(capacity) filter (where capacity > 1), 0),
           coalesce(sum(taken.number), 0)
      from held left join taken on taken.id = held.id
     group by part
"""  # noqa: S608  # put together from the constants above
_PEOPLE = f"""
    with {_VISITS}, firsts as (
        select p.contact_id, {_FIRST} as first
          from (select distinct contact_id from visits where came and scheduled_at >= :begins) as p
    ), cut as (
        select {_BUCKET.format(at="v.scheduled_at")} as part, v.scheduled_at >= :begins as inside, v.contact_id, v.came,
               {_BUCKET.format(at="f.first")} as first_part
          from visits as v left join firsts as f on f.contact_id = v.contact_id and v.came
    )
    select part, inside, count(*) filter (where came), count(*) filter (where not came),
           count(distinct contact_id) filter (where came and first_part = part),
           count(distinct contact_id) filter (where came and first_part < part)
      from cut group by part, inside
"""  # noqa: S608  # put together from the constants above
_STAYING = f"""
    with {_VISITS}, spans as (
        select p.contact_id, {_FIRST} as first, {_LAST} as last
          from (select distinct contact_id from visits where came) as p
    )
    select k, count(*) filter (where last >= first + k * interval '1 month'), count(*)
      from spans cross join generate_series(0, {MONTHS}) as k
     where first >= :since and first + (k + 1) * interval '1 month' <= :until
     group by k
"""  # noqa: S608  # put together from the constants above


def counted(db: Db, stretch: Stretch) -> Counted:
    """Everything that the figures are made of; four statements. Times after now do not count."""
    who = practice.of(db)
    until = min(stretch.until, clock.now())
    earlier, _ = stretch.before()
    cut = {"unit": stretch.unit, "zone": who.zone.key, "shift": stretch.week_start if stretch.unit == "week" else 0}
    sessions = {row[0]: row[1:] for row in db.execute(text(_SESSIONS), {**cut, "since": stretch.since, "until": until})}
    people: dict[date, Sequence[Any]] = {}
    missed_before = all_before = 0
    wanted = {**cut, "since": earlier, "begins": stretch.since, "until": until}
    for part, inside, came, missed, new, returning in db.execute(text(_PEOPLE), wanted):
        if inside:
            people[part] = (came, missed, new, returning)
        else:
            missed_before, all_before = missed_before + missed, all_before + came + missed
    parts = tuple(_part(first, sessions.get(first), people.get(first)) for first in stretch.parts)
    return Counted(
        parts=parts,
        missed_before=(missed_before, all_before),
        retention=_retention(db, until),
        weekly_minutes=_weekly_minutes(db),
    )


def _part(first: date, sessions: Sequence[Any] | None, people: Sequence[Any] | None) -> Part:
    number, minutes, places, taken = map(int, sessions or (0, 0, 0, 0))
    came, missed, new, returning = map(int, people or (0, 0, 0, 0))
    return Part(first, number, minutes, places, taken, came, missed, new, returning)


def _retention(db: Db, until: datetime) -> tuple[tuple[int, int], ...]:
    found = {
        month: (stayed, of)
        for month, stayed, of in db.execute(text(_STAYING), {"since": until - _COHORT, "until": until})
    }
    return tuple(found.get(month, (0, 0)) for month in range(MONTHS + 1))


def _weekly_minutes(db: Db) -> int:
    length = func.extract("epoch", col(Availability.ends_at)) - func.extract("epoch", col(Availability.starts_at))
    seconds = db.scalar(select(func.coalesce(func.sum(length), 0)).where(col(Availability.weekday) >= 0))
    return int(Decimal(seconds or 0) / 60)
