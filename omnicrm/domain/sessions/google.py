"""Sessions and their calendar events: what is asked of Google, what Google answered, what changed over there.

A message names the session only. What is written is read at the moment of writing, so that the last state wins and a
repeat is harmless; the event's id is made from the session's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.show import initials
from omnicrm.core.wire import CalendarEvent, EventReceipt, EventWrite
from omnicrm.domain import connections, credits, outbox, practice, settings
from omnicrm.domain.outbox import Due
from omnicrm.domain.sessions import conflicts
from omnicrm.domain.sessions.policy import is_late
from omnicrm.models.contacts import Contact
from omnicrm.models.services import Service
from omnicrm.models.sessions import DEFAULT_MINUTES, CancelledBy, Session, SessionStatus

WRITE = "calendar.write"
Change: TypeAlias = Literal["unknown", "unchanged", "kept", "moved", "cancelled"]
_ON_THE_CALENDAR = (
    SessionStatus.SCHEDULED_IN_CRM,
    SessionStatus.SYNCED_TO_GCAL,
    SessionStatus.COMPLETED,
    SessionStatus.NO_SHOW,
)


def event_id(session_id: UUID) -> str:
    """The id under which a session's own event is written (base32hex letters, as Google demands)."""
    return f"omni{session_id.hex}"


def ask(db: Db, session: Session, *, approval_id: UUID | None = None, because: str = "") -> UUID | None:
    """Have the event written as the session is by then. None without a calendar that can be written to.

    `because` names a change that the version does not count.
    """
    if not connections.writes_calendar(db):
        return None
    return outbox.put(db, WRITE, session.id, key=_key(session, session.version, because), approval_id=approval_id)


def keys(session: Session) -> list[str]:
    """The idempotency keys of what was asked about the session last, the newest first."""
    versions = range(session.version, max(0, session.version - 5), -1)
    links = [_key(session, version, session.meeting_url or "none") for version in versions]
    return [*(_key(session, version) for version in versions), *links]


def ask_again(db: Db, session_id: UUID) -> int:
    """Ask once more for what Google did not take; how many messages."""
    session = db.get(Session, session_id)
    return outbox.revive(db, keys(session)) if session is not None else 0


def ask_removal(db: Db, session: Session, *, approval_id: UUID | None = None) -> UUID | None:
    """Have our event removed; the session is about to go. An event that was there before us stays."""
    own = event_id(session.id)
    if not connections.writes_calendar(db) or session.google_calendar_event_id not in (None, own):
        return None
    asked = [_key(session, version) for version in range(1, session.version + 1)]
    if session.google_calendar_event_id is None and not outbox.begun(db, asked):
        return None  # Google never heard of it
    calendar = session.google_calendar_id or settings.of(db).gcal_business_calendar_id
    return outbox.put(
        db,
        WRITE,
        session.id,
        key=f"calendar.remove:{session.id}",
        payload={"calendar_id": calendar, "event_id": own},
        approval_id=approval_id,
    )


def event_write(db: Db, message: Due) -> EventWrite | None:
    """What a message asks for, read now. None: there is nothing left to write."""
    session = db.get(Session, message.subject, populate_existing=True)
    if session is None:
        if "event_id" not in message.payload:
            return None
        return EventWrite(
            operation="delete",
            calendar_id=message.payload["calendar_id"],
            event_id=message.payload["event_id"],
            session_id=str(message.subject),
        )
    target: dict[str, Any] = {
        "calendar_id": session.google_calendar_id or settings.of(db).gcal_business_calendar_id,
        "event_id": session.google_calendar_event_id or event_id(session.id),
        "etag": session.google_etag,
        "session_id": str(session.id),
    }
    if session.status is SessionStatus.CANCELLED:
        return EventWrite(operation="delete", **target)
    if session.status not in _ON_THE_CALENDAR:
        return None
    ours = target["event_id"] == event_id(session.id)
    return EventWrite(
        operation="upsert",
        **target,
        title=event_title(db, session) if ours else "",  # the words of somebody else's event stay as they are
        location=(session.location or session.meeting_url or "") if ours else "",
        starts_at=session.scheduled_at,
        ends_at=conflicts.ends_at(session),
        time_zone=practice.of(db).zone.key,
    )


def calendar_written(db: Db, message: Due, receipt: EventReceipt | None) -> None:
    """Book what Google answered; booked twice, it is the same. The session may be gone by now."""
    session = db.get(Session, message.subject, with_for_update=True, populate_existing=True)
    if session is None or receipt is None:
        return
    if receipt.etag is None:  # removed
        session.google_etag = None
        if session.google_calendar_event_id == event_id(session.id):
            session.google_calendar_event_id = session.google_calendar_id = None
    else:
        session.google_calendar_id, session.google_calendar_event_id = receipt.calendar_id, receipt.event_id
        session.google_etag = receipt.etag
        if session.status is SessionStatus.SCHEDULED_IN_CRM:
            session.status = SessionStatus.SYNCED_TO_GCAL
    db.flush()


def calendar_changed(db: Db, event: CalendarEvent, *, read_at: datetime | None = None) -> Change:
    """What was changed in Google, carried over to the session that the event stands for.

    `unknown`: no session of ours. `kept`: a change made here is on its way there, and wins; or it got there since
    `read_at`, when the event was read, which is then out of date. Our own writes coming back change nothing. What moved
    over another session may stay there, with the overlap flagged.
    """
    session = _of_event(db, event)
    if session is None:
        return "unknown"
    if event.etag is not None and event.etag == session.google_etag:
        return "unchanged"
    if event.status == "cancelled" and session.status is SessionStatus.CANCELLED:
        return "unchanged"  # our own deletion coming back, or one that both sides know of
    if outbox.under_way(db, session.id):
        session.google_etag = event.etag  # so that If-Match meets what is there now
        db.flush()
        return "kept"
    if read_at is not None and outbox.delivered_since(db, session.id, read_at):
        return "kept"
    change = _carried_over(db, session, event)
    session.google_etag = event.etag
    db.flush()
    if change != "unchanged":
        credits.settle_session(db, session)
    return change


def events_of(db: Db, calendar_id: str, *, since: datetime, primary: bool = False) -> set[str]:
    """The events of a calendar that sessions from `since` on stand in; for the `primary` one under that name too."""
    names = [calendar_id, "primary"] if primary else [calendar_id]
    query = select(col(Session.google_calendar_event_id)).where(
        col(Session.google_calendar_id).in_(names),
        col(Session.google_calendar_event_id).is_not(None),
        col(Session.google_etag).is_not(None),
        col(Session.scheduled_at) >= since,
    )
    return {event for event in db.scalars(query) if event is not None}


def event_title(db: Db, session: Session) -> str:
    """What Google is shown: by setting, and never a name unless the practitioner said so."""
    style = settings.of(db).google_event_title
    if style == "busy":
        return "Busy"
    service = db.get(Service, session.service_id) if session.service_id is not None else None
    what = service.name if service else "Session"
    contact = db.get(Contact, session.contact_id) if session.contact_id is not None else None
    if contact is None:
        return session.title if session.capacity > 1 else what
    if style == "service":
        return what
    if contact.calendar_name:
        who = contact.calendar_name
    elif style == "name_service":
        who = contact.display_name
    else:
        who = " ".join(f"{letter}." for letter in initials(contact.display_name))
    return f"{who}, {what}"


def _key(session: Session, version: int, because: str = "") -> str:
    return f"{WRITE}:{session.id}:{version}" + (f":{sha256(because.encode()).hexdigest()[:12]}" if because else "")


def _of_event(db: Db, event: CalendarEvent) -> Session | None:
    named = col(Session.google_calendar_id)
    same = or_(named == event.calendar_id, named == "primary") if event.calendar_id != "primary" else named.is_not(None)
    query = select(Session).where(col(Session.google_calendar_event_id) == event.id, same)
    found = db.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if found is not None or not event.id.startswith("omni"):
        return found
    try:  # written by us, but the receipt was lost
        own = UUID(event.id.removeprefix("omni"))
    except ValueError:
        return None
    return db.get(Session, own, with_for_update=True, populate_existing=True)


def _carried_over(db: Db, session: Session, event: CalendarEvent) -> Change:
    if session.google_calendar_event_id is None:
        session.google_calendar_event_id, session.google_calendar_id = event.id, event.calendar_id
    if session.status not in (SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL):
        return _restored(db, session, event)
    if event.status == "cancelled":
        session.status, session.cancelled_by = SessionStatus.CANCELLED, CancelledBy.GOOGLE
        session.cancelled_at, session.late_cancel = clock.now(), is_late(db, session)
        return "cancelled"
    return _retimed(db, session, event)


def _restored(db: Db, session: Session, event: CalendarEvent) -> Change:
    """A deleted event was brought back in Google: so is its session, where Google had heard of the cancellation."""
    knew = session.cancelled_by is CancelledBy.GOOGLE or session.google_etag is None
    if session.status is not SessionStatus.CANCELLED or event.status == "cancelled" or not knew:
        return "unchanged"
    _retimed(db, session, event)
    length = session.duration_minutes or DEFAULT_MINUTES
    if conflicts.clashes(db, session.scheduled_at, length, other_than=session.id, with_google=False):
        session.overlap_allowed = True
    session.status, session.cancelled_at, session.cancelled_by = SessionStatus.SYNCED_TO_GCAL, None, None
    session.late_cancel = False
    return "moved"


def _retimed(db: Db, session: Session, event: CalendarEvent) -> Change:
    if event.starts_at is None or event.ends_at is None:
        return "unchanged"
    length = max(1, round((event.ends_at - event.starts_at) / timedelta(minutes=1)))
    if event.starts_at == session.scheduled_at and length == (session.duration_minutes or DEFAULT_MINUTES):
        return "unchanged"
    if conflicts.clashes(db, event.starts_at, length, other_than=session.id, with_google=False):
        session.overlap_allowed = True
    session.scheduled_at, session.duration_minutes = event.starts_at, length
    return "moved"
