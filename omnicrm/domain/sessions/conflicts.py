"""What is in the way of a time: other sessions, and what Google says is busy."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.models.inbox import SourceItem, SourceKind
from omnicrm.models.sessions import DEFAULT_MINUTES, LIVE, Session

LONGEST = timedelta(days=14)  # no session is longer: bounds the index scan


class Clash(BaseModel):
    """Something that overlaps. `sentence` says it to the practitioner."""

    model_config = ConfigDict(frozen=True)

    kind: str  # session, google
    id: str
    title: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    sentence: str


def ends_at(session: Session) -> datetime:
    """A session without a length is taken to last an hour."""
    return session.scheduled_at + timedelta(minutes=session.duration_minutes or DEFAULT_MINUTES)


def overlapping(starts_at: datetime, ends: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions on `sessions` for an overlap with [starts_at, ends): back-to-back is none."""
    length = func.make_interval(0, 0, 0, 0, 0, func.coalesce(Session.duration_minutes, DEFAULT_MINUTES))
    return (
        col(Session.scheduled_at) < ends,
        col(Session.scheduled_at) > starts_at - LONGEST,
        col(Session.scheduled_at) + length > starts_at,
    )


def clashes(
    db: Db,
    starts_at: datetime,
    minutes: int,
    *,
    other_than: UUID | None = None,
    event: tuple[str, str] | None = None,
    with_google: bool = True,
) -> list[Clash]:
    """What overlaps, sessions first. `event` is the (calendar id, event id) that the session itself stands for."""
    ends = starts_at + timedelta(minutes=minutes)
    query = select(Session).where(*overlapping(starts_at, ends), col(Session.status).in_(LIVE))
    if other_than is not None:
        query = query.where(col(Session.id) != other_than)
    viewer = practice.of(db).viewer()
    found = [_of_session(session, viewer) for session in db.scalars(query.order_by(col(Session.scheduled_at)))]
    if with_google:
        own = None if other_than is None else db.get(Session, other_than)
        mine = {pair[1] for pair in (event, _event(own)) if pair is not None}
        found += [
            _of_event(item, starts_at, viewer) for item in busy(db, starts_at, ends) if item.external_id not in mine
        ]
    return found


def clashes_of(db: Db, spans: list[tuple[datetime, datetime]], *, without: frozenset[UUID]) -> list[list[Clash]]:
    """For each of many times, all that overlaps it, the sessions `without` left out. Two statements for all of them."""
    if not spans:
        return []
    first, last = min(begins for begins, _ in spans), max(ends for _, ends in spans)
    query = select(Session).where(*overlapping(first, last), col(Session.status).in_(LIVE))
    viewer = practice.of(db).viewer()
    there = [_of_session(session, viewer) for session in db.scalars(query) if session.id not in without]
    there += [_of_event(item, first, viewer) for item in busy(db, first, last, limit=None)]
    there.sort(key=lambda clash: (clash.kind != "session", clash.starts_at))
    return [[clash for clash in there if clash.starts_at < ends and clash.ends_at > begins] for begins, ends in spans]


def busy(db: Db, starts_at: datetime, ends: datetime, *, limit: int | None = 500) -> list[SourceItem]:
    """Google's busy events between two instants, without those that are sessions of ours. `limit` None: all of them."""
    here = col(Session.google_calendar_id).in_((SourceItem.google_calendar_id, "primary"))  # one's own has two names
    ours = (
        select(1)
        .where(here, col(Session.google_calendar_event_id) == col(SourceItem.external_id))
        .correlate(SourceItem)
        .exists()
    )
    first_of_series = (
        select(1)
        .where(
            here,
            col(Session.google_calendar_event_id) == col(SourceItem.thread_id),
            col(Session.scheduled_at) == col(SourceItem.starts_at),
        )
        .correlate(SourceItem)
        .exists()
    )
    query = (
        select(SourceItem)
        .where(
            col(SourceItem.kind) == SourceKind.EVENT,
            col(SourceItem.busy),
            col(SourceItem.starts_at) < ends,
            col(SourceItem.ends_at) > starts_at,
            ~ours,
            ~first_of_series,
        )
        .order_by(col(SourceItem.starts_at))
        .limit(limit)
    )
    return list(db.scalars(query))


def _event(session: Session | None) -> tuple[str, str] | None:
    if session is None or session.google_calendar_event_id is None:
        return None
    return session.google_calendar_id or "", session.google_calendar_event_id


def _of_session(session: Session, viewer: Viewer) -> Clash:
    ends = ends_at(session)
    return Clash(
        kind="session",
        id=str(session.id),
        title=session.title,
        starts_at=session.scheduled_at,
        ends_at=ends,
        sentence=f"“{session.title}” is booked from {viewer.span(session.scheduled_at, ends)}.",
    )


def _of_event(item: SourceItem, starts_at: datetime, viewer: Viewer) -> Clash:
    begins, ends = item.starts_at or starts_at, item.ends_at or starts_at
    return Clash(
        kind="google",
        id=str(item.id),
        title=item.subject or "Busy",
        starts_at=begins,
        ends_at=ends,
        sentence=f"Your Google calendar is busy from {viewer.span(begins, ends)}.",
    )
