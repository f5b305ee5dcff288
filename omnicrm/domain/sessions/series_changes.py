"""A series changed: this session, this and the following, or all that are to come; and taken back.

A change of more than one session ends the series before the first of them and begins another, so that what was stays
as it was. Sessions that were moved by hand keep their time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Refused
from omnicrm.core.show import counted
from omnicrm.domain.sessions import booking as one
from omnicrm.domain.sessions import conflicts, ending, google, rules
from omnicrm.domain.sessions import series as whole
from omnicrm.domain.sessions.booking import LONGEST_MINUTES, OPEN, Details
from omnicrm.domain.sessions.series import Choices, Planned
from omnicrm.models.sessions import DEFAULT_MINUTES, Session, SessionSeries, SessionStatus

Scope: TypeAlias = Literal["following", "all"]
_FIELDS = ("title", "location", "meeting_url", "capacity", "duration_minutes", "overlap_allowed")


class SeriesChange(BaseModel):
    """What becomes of the session that it is said at; the others follow. What is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheduled_at: AwareDatetime | None = None
    duration_minutes: int | None = Field(default=None, ge=5, le=LONGEST_MINUTES)
    details: Details | None = None


class _Part(BaseModel):
    """The sessions that a change reaches, in order, and where each of them goes."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    series: SessionSeries
    zone: ZoneInfo
    wall: time
    anchor: date
    rrule: str
    starts_on: date
    targets: list[tuple[Session, datetime, bool]]  # session, its place in the new series, whether it goes there
    days: dict[str, str]  # old date -> new date, of each occurrence
    minutes: int


def reached(db: Db, session_id: UUID, scope: Scope) -> list[Session]:
    """The booked sessions that a change would reach, in their order. Raises NotFound, Refused where it is no series."""
    session = one.get(db, session_id)
    if session.series_id is None or session.original_start_at is None:
        raise Refused("This session is not one of a series.")
    query = select(Session).where(
        col(Session.series_id) == session.series_id,
        col(Session.status).in_(OPEN),
        col(Session.original_start_at) >= session.original_start_at
        if scope == "following"
        else (col(Session.scheduled_at) >= clock.now()) | (col(Session.id) == session.id),
    )
    return list(db.scalars(query.order_by(col(Session.original_start_at)).with_for_update()))


def plan_change(db: Db, session_id: UUID, scope: Scope, change: SeriesChange) -> list[Planned]:
    """Where each session would go, with all that is in its way. Nothing is changed.

    Raises NotFound, Refused, Invalid.
    """
    part = _part(db, session_id, scope, change)
    going = [(session, at) for session, at, goes in part.targets if goes]
    without = frozenset(session.id for session, _ in going)
    return whole.planned(db, [at for _, at in going], part.wall, part.minutes, part.zone, without=without)


def change(db: Db, session_id: UUID, scope: Scope, form: SeriesChange, choices: Choices) -> SessionSeries:
    """Change this session and those after it, or all that are to come; gives the series that they are now.

    `choices` says of each clash to leave that session where it is, or to move it all the same.
    Raises NotFound, Refused, Invalid, and Conflict for a clash without a choice.
    """
    old = whole.locked(db, _series_id(db, session_id))
    listed = plan_change(db, session_id, scope, form)
    whole.all_decided(listed, choices)
    rows = {row.starts_at: row for row in listed}
    part = _part(db, session_id, scope, form)
    new = _begun(db, old, part, form)
    log = []
    for session, at, goes in _in_order(part.targets):
        row = rows.get(at) if goes else None
        choice = choices.get(date.fromisoformat(row.day)) if row is not None else None
        before, was_at = _state(session), session.scheduled_at
        session.series_id, session.original_start_at = new.id, at
        if goes and choice != "skip":
            session.scheduled_at = at
            session.overlap_allowed = bool(row and row.clashes) or (session.overlap_allowed and at == was_at)
        if form.duration_minutes:
            session.duration_minutes = form.duration_minutes
        for name, value in (form.details.model_dump(exclude_unset=True) if form.details else {}).items():
            setattr(session, name, value)
        one.flushed(db)
        google.ask(db, session, because=session.meeting_url or "" if form.details else "")
        log.append({**before, "became": _state(session)})
    new.undo_log = {"what": "change", "series": str(old.id), "old": _rule_state(old), "sessions": log}
    _end(db, old, part.anchor)
    return new


def cancel(db: Db, session_id: UUID, scope: Scope, *, by: ending.By = "practitioner", reason: str = "") -> int:
    """Call off this session and those after it, or all that are to come, and end the series there; how many.

    Raises NotFound, Refused.
    """
    series = whole.locked(db, _series_id(db, session_id))
    sessions = reached(db, session_id, scope)
    if not sessions:
        raise Refused("None of them is booked any more.")
    before = _rule_state(series)
    for session in sessions:
        ending.cancel(db, session.id, by=by, reason=reason)
    _end(db, series, _original_day(sessions[0], zones.zone(series.time_zone)))
    series.undo_log = {"what": "cancel", "old": before, "sessions": [{"id": str(each.id)} for each in sessions]}
    db.flush()
    return len(sessions)


def undo(db: Db, series_id: UUID) -> str:
    """Take back the last change of a whole series (its booking, its move, its cancellation), once; gives words for it.

    What was changed by hand since stays as it is. Raises NotFound, Refused where there is nothing to take back.
    """
    series = whole.locked(db, series_id)
    log = series.undo_log
    if not log:
        raise Refused("There is nothing to take back here any more.")
    match log["what"]:
        case "create":
            return _unmade(db, series)
        case "cancel":
            return _uncancelled(db, series, log)
        case _:
            return _changed_back(db, series, log)


def _part(db: Db, session_id: UUID, scope: Scope, form: SeriesChange) -> _Part:
    session = one.get(db, session_id)
    sessions = reached(db, session_id, scope)
    if not any(other.id == session.id for other in sessions):
        raise Refused("Only a session that is still to come can be moved.")
    series = whole.locked(db, _series_id(db, session_id))
    zone, old_wall = zones.zone(series.time_zone), time.fromisoformat(series.template["at"])
    anchor, here = _original_day(sessions[0], zone), _original_day(session, zone)
    local = form.scheduled_at.astimezone(zone) if form.scheduled_at else None
    there, wall = (local.date(), local.time().replace(fold=0)) if local else (here, old_wall)
    through = date.fromisoformat(series.template["through"])
    was = rules.occurrences(series.rrule, series.starts_on, old_wall, zone, through=through, after=anchor)
    starts_on = rules.beginning(series.rrule, anchor, here, there)
    rrule = rules.moved(series.rrule, here, there, starts_on=starts_on, left=len(was))
    becomes = rules.first_few(rrule, starts_on, wall, zone, len(was))
    places = dict(zip(was, becomes, strict=False))
    minutes = form.duration_minutes or session.duration_minutes or DEFAULT_MINUTES
    targets = []
    for other in sessions:
        original = _original(other)
        at = places.get(original) or zones.at_wall(_original_day(other, zone) + (there - here), wall, zone)
        targets.append((other, at, local is not None and (other.id == session.id or other.scheduled_at == original)))
    return _Part(
        series=series,
        zone=zone,
        wall=wall,
        anchor=anchor,
        rrule=rrule,
        starts_on=starts_on,
        targets=targets,
        days={
            before.astimezone(zone).date().isoformat(): after.astimezone(zone).date().isoformat()
            for before, after in places.items()
        },
        minutes=minutes,
    )


def _begun(db: Db, old: SessionSeries, part: _Part, form: SeriesChange) -> SessionSeries:
    """The series that the changed sessions are of."""
    given = form.details.model_dump(exclude_unset=True) if form.details else {}
    last = max(part.days.values(), default=part.starts_on.isoformat())
    template = {
        **old.template,
        **given,
        "minutes": form.duration_minutes or old.template["minutes"],
        "at": f"{part.wall:%H:%M}",
        "through": last,
        "skipped": [part.days[day] for day in old.template["skipped"] if day in part.days],
    }
    new = SessionSeries(
        rrule=part.rrule,
        time_zone=old.time_zone,
        starts_on=part.starts_on,
        ends_on=None if old.ends_on is None else date.fromisoformat(last),
        template=template,
    )
    db.add(new)
    db.flush()
    return new


def _in_order(targets: list[tuple[Session, datetime, bool]]) -> list[tuple[Session, datetime, bool]]:
    """So that no session is put where another of them still is: the last first, where they go to later times."""
    later = any(goes and at > session.scheduled_at for session, at, goes in targets)
    return list(reversed(targets)) if later else targets


def _end(db: Db, series: SessionSeries, before: date) -> None:
    series.rrule = rules.ending(series.rrule, before)
    last = before - timedelta(days=1)
    series.ends_on = max(last, series.starts_on)
    series.template = {**series.template, "through": max(last, series.starts_on).isoformat()}
    db.flush()


def _unmade(db: Db, series: SessionSeries) -> str:
    sessions = db.scalars(
        select(Session).where(col(Session.series_id) == series.id, col(Session.status).in_(OPEN)).with_for_update()
    ).all()
    for session in sessions:
        one.unbook(db, session.id)
    db.delete(series)
    db.flush()
    return f"Taken back: {counted(len(sessions), 'session')}."


def _uncancelled(db: Db, series: SessionSeries, log: dict[str, Any]) -> str:
    back, taken = 0, 0
    for key in log["sessions"]:
        session = db.get(Session, UUID(key["id"]), with_for_update=True, populate_existing=True)
        if session is None or session.status is not SessionStatus.CANCELLED:
            continue
        length = session.duration_minutes or DEFAULT_MINUTES
        if conflicts.clashes(db, session.scheduled_at, length, other_than=session.id, with_google=False):
            taken += 1
            continue
        ending.uncancel(db, session.id)
        back += 1
    _restore_rule(series, log["old"])
    db.flush()
    words = f"Booked again: {counted(back, 'session')}."
    return f"{words} {taken} stay cancelled, because their time was taken." if taken else words


def _changed_back(db: Db, series: SessionSeries, log: dict[str, Any]) -> str:
    old = whole.locked(db, UUID(log["series"]))
    _restore_rule(old, log["old"])
    known = {entry["id"]: entry for entry in log["sessions"]}
    here = db.scalars(
        select(Session)
        .where(col(Session.series_id) == series.id)
        .order_by(col(Session.original_start_at))
        .with_for_update()
    ).all()
    targets = [
        (session, datetime.fromisoformat(known[str(session.id)]["at"]), True)
        for session in here
        if str(session.id) in known
    ]
    back = stayed = 0
    for session, at, _ in _in_order(targets):
        entry = known[str(session.id)]
        unchanged = session.status in OPEN and _state(session) == entry["became"]
        session.series_id, session.original_start_at = old.id, datetime.fromisoformat(entry["original"])
        if unchanged:
            session.scheduled_at = at
            for name in _FIELDS:
                setattr(session, name, entry[name])
            back += 1
        else:
            stayed += 1
        one.flushed(db)
        google.ask(db, session)
    for session in here:
        if str(session.id) not in known and session.status in OPEN:  # booked since, by the new rule
            one.unbook(db, session.id)
    db.delete(series)
    db.flush()
    words = f"Back as it was: {counted(back, 'session')}."
    return f"{words} {stayed} changed since, and stay." if stayed else words


def _state(session: Session) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "at": session.scheduled_at.astimezone(UTC).isoformat(),
        "original": _original(session).astimezone(UTC).isoformat(),
        **{name: getattr(session, name) for name in _FIELDS},
    }


def _rule_state(series: SessionSeries) -> dict[str, Any]:
    return {
        "rrule": series.rrule,
        "ends_on": series.ends_on.isoformat() if series.ends_on else None,
        "template": series.template,
    }


def _restore_rule(series: SessionSeries, state: dict[str, Any]) -> None:
    series.rrule, series.template = state["rrule"], state["template"]
    series.ends_on = date.fromisoformat(state["ends_on"]) if state["ends_on"] else None
    series.undo_log = None


def _series_id(db: Db, session_id: UUID) -> UUID:
    found = one.get(db, session_id).series_id
    if found is None:
        raise Refused("This session is not one of a series.")
    return found


def _original(session: Session) -> datetime:
    return session.original_start_at or session.scheduled_at


def _original_day(session: Session, zone: ZoneInfo) -> date:
    return _original(session).astimezone(zone).date()
