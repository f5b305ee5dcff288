"""When a session fits: within the hours, off the time off, between what is booked (breaks included) and Google."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import Viewer
from omnicrm.domain import availability, practice, services, settings
from omnicrm.domain.sessions import conflicts
from omnicrm.models.services import Service
from omnicrm.models.sessions import DEFAULT_MINUTES, LIVE, Session, SessionStatus

GRID = timedelta(minutes=30)  # between two beginnings that are suggested
AHEAD = 28  # days that a suggestion looks ahead
_WIDEST = timedelta(hours=4)  # the longest break that a service can have

Taken = tuple[datetime, datetime, timedelta, timedelta]  # from, to, break before, break after


class FreeSlot(BaseModel):
    """A time at which a session fits. `day` and `at` are the practitioner's wall clock, for a form."""

    model_config = ConfigDict(frozen=True)

    starts_at: AwareDatetime
    day: str
    at: str
    date: str
    time: str


def free_slots(
    db: Db,
    first: date,
    last: date,
    *,
    service_id: UUID | None = None,
    minutes: int | None = None,
    other_than: UUID | None = None,
) -> list[datetime]:
    """Instants at which a session may begin on these days (both included), in order, every half hour of an open window.

    `minutes` is its length, else the service's, else the settings'. In the way are sessions, Google's busy times, time
    off, the hours' ends and the shortest notice; between two sessions lies the longer of the breaks after the one and
    before the other. What is only proposed is in nobody's way, nor is the session `other_than`.
    Raises NotFound for an unknown service, Invalid for more than a year.
    """
    if not 0 <= (last - first).days < availability.LONGEST:
        raise Invalid("Free times are worked out for at most a year.")
    service = services.get(db, service_id) if service_id is not None else None
    own = settings.of(db)
    length = timedelta(
        minutes=minutes or (service.duration_minutes if service else None) or own.default_session_minutes
    )
    before = timedelta(minutes=service.buffer_before_minutes if service else 0)
    after = timedelta(minutes=service.buffer_after_minutes if service else 0)
    earliest = practice.of(db).viewer().now + timedelta(hours=own.minimum_notice_hours)
    open_hours = availability.windows(db, first, last)
    if not open_hours:
        return []
    taken = _taken(db, open_hours[0][0], open_hours[-1][1], other_than)
    return fitting(open_hours, taken, length, before, after, earliest)


def fitting(
    open_hours: list[availability.Window],
    taken: list[Taken],
    length: timedelta,
    before: timedelta,
    after: timedelta,
    earliest: datetime,
) -> list[datetime]:
    """The beginnings, each `GRID` of a window, from `earliest` on, at which `length` fits. `taken` is by its end."""
    found, gone = [], 0
    for opens, closes in open_hours:
        while gone < len(taken) and taken[gone][1] + _WIDEST <= opens:
            gone += 1
        near = [one for one in taken[gone:] if one[0] - _WIDEST < closes]
        at = opens
        while at + length <= closes:
            if at >= earliest and not any(_in_the_way(at, at + length, before, after, one) for one in near):
                found.append(at)
            at += GRID
    return found


def cautions(
    db: Db, starts_at: datetime, minutes: int, *, service_id: UUID | None = None, other_than: UUID | None = None
) -> list[str]:
    """What speaks against a time though nothing overlaps it: breaks that get too short, hours that are not worked.

    Sentences; `clashes` says what is in the way. Raises NotFound for an unknown service.
    """
    ends, viewer = starts_at + timedelta(minutes=minutes), practice.of(db).viewer()
    service = services.get(db, service_id) if service_id is not None else None
    before = timedelta(minutes=service.buffer_before_minutes if service else 0)
    after = timedelta(minutes=service.buffer_after_minutes if service else 0)
    found = []
    for starts, stops, its_before, its_after in _taken(db, starts_at, ends, other_than):
        if stops <= starts_at < stops + max(before, its_after):
            gap = _minutes(starts_at - stops)
            found.append(f"Only {gap} min after what ends at {viewer.time(stops)}; the break should be longer.")
        elif starts - max(after, its_before) < ends <= starts:
            gap = _minutes(starts - ends)
            found.append(f"Only {gap} min before what begins at {viewer.time(starts)}; the break should be longer.")
    first, last = viewer.local(starts_at).date(), viewer.local(ends).date()
    worked = availability.windows(db, first, last) if (last - first).days < availability.LONGEST else []
    if availability.is_set(db) and not any(opens <= starts_at and ends <= closes for opens, closes in worked):
        found.append("Outside your working hours.")
    return found


def suggested(
    db: Db,
    day: date,
    *,
    contact_id: UUID | None = None,
    service_id: UUID | None = None,
    minutes: int | None = None,
    limit: int = 3,
) -> list[FreeSlot]:
    """The next free times from `day` on, one a day: each day the closest to when the client came last, else its first.

    Looks four weeks ahead; nothing, where none of them has a place.
    """
    who = practice.of(db)
    start = max(day, who.today())
    found = free_slots(db, start, start + timedelta(days=AHEAD - 1), service_id=service_id, minutes=minutes)
    viewer = who.viewer()
    usual = _usual(db, contact_id, viewer) if contact_id is not None else None
    days: dict[date, list[datetime]] = {}
    for moment in found:
        local = viewer.local(moment)
        if zones.at_wall(local.date(), local.time().replace(fold=0), who.zone) != moment:
            continue  # the second of an hour that comes twice: a form's wall clock means the first
        days.setdefault(local.date(), []).append(moment)
    best = [_closest(moments, on, usual, who.zone) for on, moments in list(days.items())[:limit]]
    return [_slot(moment, viewer) for moment in best]


def last_service(db: Db, contact_id: UUID) -> UUID | None:
    """What the client had last that is still offered."""
    return db.scalar(
        select(col(Session.service_id))
        .join(Service, col(Service.id) == col(Session.service_id))
        .where(col(Session.contact_id) == contact_id, col(Service.is_active))
        .order_by(col(Session.scheduled_at).desc())
        .limit(1)
    )


def free_times(
    db: Db, day: date, minutes: int, *, near: time = availability.ASSUMED[0], other_than: str = "", limit: int = 3
) -> list[str]:
    """Wall-clock beginnings such as `9:30` for a session of `minutes`, those closest to `near`, in order."""
    who = practice.of(db)
    found = free_slots(db, day, day, minutes=minutes, other_than=UUID(other_than) if other_than else None)
    wanted = zones.at_wall(day, near, who.zone)
    nearest = sorted(found, key=lambda moment: abs(moment - wanted))[:limit]
    return [f"{local.hour}:{local:%M}" for local in map(who.viewer().local, sorted(nearest))]


def _minutes(length: timedelta) -> int:
    return int(length / timedelta(minutes=1))


def _in_the_way(begins: datetime, ends: datetime, before: timedelta, after: timedelta, other: Taken) -> bool:
    starts, stops, its_before, its_after = other
    return begins - max(before, its_after) < stops and ends + max(after, its_before) > starts


def _taken(db: Db, begins: datetime, ends: datetime, other_than: UUID | None) -> list[Taken]:
    """What is booked or busy, by its end."""
    query = (
        select(
            col(Session.id),
            col(Session.scheduled_at),
            func.coalesce(Session.duration_minutes, DEFAULT_MINUTES),
            func.coalesce(Service.buffer_before_minutes, 0),
            func.coalesce(Service.buffer_after_minutes, 0),
        )
        .outerjoin(Service, col(Service.id) == col(Session.service_id))
        .where(*conflicts.overlapping(begins - _WIDEST, ends + _WIDEST), col(Session.status).in_(LIVE))
    )
    found = [
        (at, at + timedelta(minutes=length), timedelta(minutes=before), timedelta(minutes=after))
        for key, at, length, before, after in db.execute(query)
        if key != other_than
    ]
    own = db.get(Session, other_than) if other_than is not None else None
    mine = None if own is None else (own.google_calendar_id, own.google_calendar_event_id)
    found += [
        (item.starts_at, item.ends_at, timedelta(0), timedelta(0))
        for item in conflicts.busy(db, begins - _WIDEST, ends + _WIDEST, limit=None)
        if item.starts_at and item.ends_at and (item.google_calendar_id, item.external_id) != mine
    ]
    return sorted(found, key=lambda one: one[1])


def _usual(db: Db, contact_id: UUID, viewer: Viewer) -> time | None:
    """The wall clock of the client's last session."""
    at = db.scalar(
        select(col(Session.scheduled_at))
        .where(
            col(Session.contact_id) == contact_id,
            col(Session.status).not_in((SessionStatus.CANCELLED, SessionStatus.PENDING_AI_CONFIRMATION)),
        )
        .order_by(col(Session.scheduled_at).desc())
        .limit(1)
    )
    return viewer.local(at).time().replace(fold=0) if at is not None else None


def _closest(moments: list[datetime], day: date, usual: time | None, zone: ZoneInfo) -> datetime:
    if usual is None:
        return moments[0]
    wanted = zones.at_wall(day, usual, zone)
    return min(moments, key=lambda moment: abs(moment - wanted))


def _slot(moment: datetime, viewer: Viewer) -> FreeSlot:
    local = viewer.local(moment)
    return FreeSlot(
        starts_at=moment,
        day=local.date().isoformat(),
        at=f"{local:%H:%M}",
        date=viewer.day(local.date()),
        time=viewer.time(moment),
    )
