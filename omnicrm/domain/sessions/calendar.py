"""What a calendar shows between two instants, and one session in full."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.domain.sessions import conflicts
from omnicrm.domain.words import SESSIONS
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.contacts import Contact
from omnicrm.models.inbox import SourceItem
from omnicrm.models.services import Service
from omnicrm.models.sessions import DEFAULT_MINUTES, LIVE, AttendanceStatus, Session, SessionAttendee, SessionStatus


class CalendarRow(BaseModel):
    """One block of the calendar. `starts_at` and `ends_at` are local ISO times with their offset, `day` the local date.

    `kind` is session, class, proposed or busy; `approval_id` is set for what is proposed; `color` is the service's;
    `their_time` is set where the client lives in another zone; `all_day` has no time of day, whatever its days.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    title: str
    who: str
    contact_id: str
    detail: str
    day: str
    starts_at: str
    ends_at: str
    time: str
    span: str
    minutes: int
    all_day: bool
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    in_google: bool
    overlaps: bool
    places: str
    approval_id: str
    color: str
    their_time: str
    in_series: bool
    open: bool


class SessionCard(BaseModel):
    """One session in full. `their_time` is set where the client lives in another zone; `attendees` for classes."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    title: str
    service: str
    contact_id: str
    who: str
    initials: str
    day: str
    date: str
    time: str
    span: str
    minutes: int
    starts_at: str
    their_time: str
    location: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    open: bool
    in_google: str
    approval_id: str
    notes: str
    places: str
    attendees: list[str]
    clashes: list[str]


def on_range(db: Db, starts_at: datetime, ends: datetime, *, with_cancelled: bool = False) -> list[CalendarRow]:
    """Sessions, proposals and Google's busy times that touch [starts_at, ends), by time. Two statements."""
    viewer = practice.of(db).viewer()
    places = (
        select(func.count())
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .scalar_subquery()
    )
    waiting = select(col(PendingApproval.id)).where(held()).limit(1).scalar_subquery()
    # asked only of the few that have any
    taken = case((col(Session.capacity) > 1, places), else_=0)
    proposal = case((col(Session.status) == SessionStatus.PENDING_AI_CONFIRMATION, waiting), else_=None)
    query = (
        select(  # columns, not rows of classes: a month is many
            col(Session.id),
            col(Session.status),
            col(Session.title),
            col(Session.contact_id),
            col(Session.scheduled_at),
            col(Session.duration_minutes),
            col(Session.location),
            col(Session.capacity),
            col(Session.google_calendar_event_id),
            col(Session.overlap_allowed),
            col(Session.series_id),
            col(Contact.display_name),
            col(Contact.first_name),
            col(Contact.time_zone),
            col(Service.name),
            col(Service.color),
            taken.label("taken"),
            proposal.label("approval_id"),
        )
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .outerjoin(Service, col(Service.id) == col(Session.service_id))
        .where(*conflicts.overlapping(starts_at, ends))
        .order_by(col(Session.scheduled_at), col(Session.id))
    )
    if not with_cancelled:
        query = query.where(col(Session.status) != SessionStatus.CANCELLED)
    rows = [(found.scheduled_at, False, _row(viewer, found)) for found in db.execute(query)]
    for item in conflicts.busy(db, starts_at, ends):
        rows.append((item.starts_at or item.occurred_at, True, _busy_row(item, viewer)))
    return [row for _, _, row in sorted(rows, key=lambda one: (one[0], one[1], one[2].id))]


def card(db: Db, session_id: UUID) -> SessionCard:
    """Raises NotFound."""
    found = db.execute(
        select(Session, Contact, col(Service.name), col(PendingApproval.id))
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .outerjoin(Service, col(Service.id) == col(Session.service_id))
        .outerjoin(PendingApproval, held())
        .where(col(Session.id) == session_id)
    ).one_or_none()
    if found is None:
        raise NotFound("This session no longer exists.")
    session, contact, service, approval_id = found
    viewer, ends = practice.of(db).viewer(), conflicts.ends_at(session)
    who = contact.display_name if contact else ""
    names = _attendees(db, session.id) if session.capacity > 1 else []
    status = SESSIONS[session.status]
    minutes = session.duration_minutes or DEFAULT_MINUTES
    others = conflicts.clashes(db, session.scheduled_at, minutes, other_than=session.id)
    return SessionCard(
        id=str(session.id),
        version=session.version,
        title=session.title,
        service=service or "",
        contact_id=str(session.contact_id or ""),
        who=who,
        initials=show.initials(who or session.title),
        day=viewer.near_day(session.scheduled_at),
        date=viewer.local(session.scheduled_at).date().isoformat(),
        time=viewer.time(session.scheduled_at),
        span=viewer.span(session.scheduled_at, ends),
        minutes=minutes,
        starts_at=viewer.local(session.scheduled_at).isoformat(),
        their_time=their_time(session.scheduled_at, contact.first_name, contact.time_zone, viewer) if contact else "",
        location=session.location or "",
        status=session.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
        open=session.status in LIVE,
        in_google="In Google Calendar" if session.google_calendar_event_id else "",
        approval_id=str(approval_id or ""),
        notes=session.notes or "",
        places=f"{len(names)} of {session.capacity}" if session.capacity > 1 else "",
        attendees=names,
        clashes=[clash.sentence for clash in others] if session.status is not SessionStatus.CANCELLED else [],
    )


def held() -> ColumnElement[bool]:
    return (
        (col(PendingApproval.related_session_id) == col(Session.id))
        & (col(PendingApproval.type) == "session.create")
        & col(PendingApproval.status).in_((ApprovalStatus.PENDING, ApprovalStatus.SNOOZED))
    )


def _row(viewer: Viewer, found: Any) -> CalendarRow:
    minutes, status = found.duration_minutes or DEFAULT_MINUTES, SESSIONS[found.status]
    begins, ends = viewer.local(found.scheduled_at), found.scheduled_at + timedelta(minutes=minutes)
    proposed = found.status is SessionStatus.PENDING_AI_CONFIRMATION
    kind = "proposed" if proposed else "class" if found.capacity > 1 else "session"
    name = found.display_name or ""
    what = found.name or (found.title if name and found.title != name else "")
    return CalendarRow(
        id=str(found.id),
        kind=kind,
        title=name or found.title,
        who=name,
        contact_id=str(found.contact_id or ""),
        detail=", ".join(part for part in (what, found.location) if part),
        day=begins.date().isoformat(),
        starts_at=begins.isoformat(),
        ends_at=viewer.local(ends).isoformat(),
        time=viewer.time(found.scheduled_at),
        span=viewer.span(found.scheduled_at, ends),
        minutes=minutes,
        all_day=False,
        status=found.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
        in_google=found.google_calendar_event_id is not None,
        overlaps=found.overlap_allowed,
        places=f"{found.taken} of {found.capacity}" if found.capacity > 1 else "",
        approval_id=str(found.approval_id or ""),
        color=found.color or "",
        their_time=their_time(found.scheduled_at, found.first_name or "", found.time_zone, viewer),
        in_series=found.series_id is not None,
        open=found.status in LIVE,
    )


def _busy_row(item: SourceItem, viewer: Viewer) -> CalendarRow:
    starts, ends = item.starts_at or item.occurred_at, item.ends_at or item.occurred_at
    length = int((ends - starts).total_seconds() // 60)
    return CalendarRow(
        id=str(item.id),
        kind="busy",
        title=item.subject or "Busy",
        who="",
        contact_id="",
        detail="Busy in Google",
        day=viewer.local(starts).date().isoformat(),
        starts_at=viewer.local(starts).isoformat(),
        ends_at=viewer.local(ends).isoformat(),
        time=viewer.time(starts),
        span=viewer.span(starts, ends),
        minutes=length,
        all_day="date" in (item.payload.get("start") or {}),
        status="busy",
        status_label="Busy in Google",
        status_icon="calendar-x",
        status_tone="quiet",
        in_google=True,
        overlaps=False,
        places="",
        approval_id="",
        color="",
        their_time="",
        in_series=False,
        open=False,
    )


def _attendees(db: Db, session_id: UUID) -> list[str]:
    query = (
        select(col(Contact.display_name))
        .join(SessionAttendee, col(SessionAttendee.contact_id) == col(Contact.id))
        .where(
            col(SessionAttendee.session_id) == session_id,
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .order_by(col(Contact.display_name))
    )
    return list(db.scalars(query))


def their_time(at: datetime, first_name: str, zone: str | None, viewer: Viewer) -> str:
    """`8:30 for Priya in London`, where the client's zone is another one at that moment."""
    if not zone:
        return ""
    there = Viewer(ZoneInfo(zone), viewer.locale, viewer.language, viewer.now)
    if there.local(at).utcoffset() == viewer.local(at).utcoffset():
        return ""
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{there.time(at)} for {first_name} in {city}"
