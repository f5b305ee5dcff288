"""One session's page: when, who, where, how it stands with Google, what it is part of, what was written about it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import outbox, practice
from omnicrm.domain.contacts import facts
from omnicrm.domain.practice import Practice
from omnicrm.domain.sessions import conflicts, free, google, rules
from omnicrm.domain.sessions import series as whole
from omnicrm.domain.sessions.booking import OPEN
from omnicrm.domain.sessions.calendar import held, their_time
from omnicrm.domain.words import SESSIONS
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.contacts import Contact
from omnicrm.models.notes import Note
from omnicrm.models.services import Service
from omnicrm.models.sessions import DEFAULT_MINUTES, Session, SessionSeries, SessionStatus
from omnicrm.models.tasks import Task

_NOTES = 20
_ABOUT_TO = timedelta(hours=1)
_BY = {"practitioner": "by you", "client": "by the client", "google": "in Google"}


class SessionNote(BaseModel):
    """A note on the session, ready to be read and opened again."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    title: str
    content: str
    when: str
    pinned: bool
    note_type: str


class SessionTask(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    due: str
    done: bool


class SessionPage(BaseModel):
    """Everything but the roster. `when` is words, `date`, `at` and `minutes` are what a form shows; `google` is empty
    where Google knows nothing of it. Of no series: `series_id` is empty."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    kind: str  # session, class, proposed
    title: str
    service: str
    service_id: str
    contact_id: str
    who: str
    first_name: str
    initials: str
    when: str
    near: str
    date: str
    at: str
    minutes: int
    length: str
    their_time: str
    location: str
    meeting_url: str
    capacity: int
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    open: bool
    begun: bool  # or about to: it can be finished
    cancelled: str
    google: str
    google_tone: str
    clashes: list[str]
    approval_id: str
    unpaid: str
    credits: str
    credits_tone: str
    before: str  # the client's last note from before, for who prepares
    before_when: str
    notes: list[SessionNote]
    tasks: list[SessionTask]
    series_id: str
    series: str
    series_left: str
    series_left_out: str
    series_undo: str


def page(db: Db, session_id: UUID) -> SessionPage:
    """Raises NotFound. A fixed number of statements."""
    who = practice.of(db)
    viewer = who.viewer()
    found = db.execute(
        select(
            Session,
            Contact,
            Service,
            SessionSeries,
            col(PendingApproval.id),
            facts.owed(col(Session.contact_id), who.currency),
            facts.credits(col(Session.contact_id), viewer.now),
        )
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .outerjoin(Service, col(Service.id) == col(Session.service_id))
        .outerjoin(SessionSeries, col(SessionSeries.id) == col(Session.series_id))
        .outerjoin(PendingApproval, held())
        .where(col(Session.id) == session_id)
    ).one_or_none()
    if found is None:
        raise NotFound("This session no longer exists.")
    session, contact, service, series, approval_id, owed, left = found
    ends, status = conflicts.ends_at(session), SESSIONS[session.status]
    proposed = session.status is SessionStatus.PENDING_AI_CONFIRMATION
    credits_words, credits_tone = facts.credits_words(left)
    name = contact.display_name if contact else ""
    note, note_when = _before(db, session, viewer)
    return SessionPage(
        id=str(session.id),
        version=session.version,
        kind="proposed" if proposed else "class" if session.capacity > 1 else "session",
        title=session.title,
        service=service.name if service else "",
        service_id=str(session.service_id or ""),
        contact_id=str(session.contact_id or ""),
        who=name,
        first_name=contact.first_name if contact else "",
        initials=show.initials(name or session.title),
        when=f"{viewer.long_day(session.scheduled_at)}, {viewer.span(session.scheduled_at, ends)}",
        near=viewer.moment(session.scheduled_at),
        date=viewer.local(session.scheduled_at).date().isoformat(),
        at=f"{viewer.local(session.scheduled_at):%H:%M}",
        minutes=session.duration_minutes or DEFAULT_MINUTES,
        length=show.minutes(session.duration_minutes or DEFAULT_MINUTES),
        their_time=their_time(session.scheduled_at, contact.first_name, contact.time_zone, viewer) if contact else "",
        location=session.location or "",
        meeting_url=session.meeting_url or "",
        capacity=session.capacity,
        status=session.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
        open=session.status in OPEN,
        begun=session.scheduled_at <= viewer.now + _ABOUT_TO,
        cancelled=_cancelled(session, viewer),
        **_google(db, session),
        clashes=_in_the_way(db, session),
        approval_id=str(approval_id or ""),
        unpaid=_unpaid(owed, who, viewer),
        credits=credits_words,
        credits_tone=credits_tone,
        before=note,
        before_when=note_when,
        notes=_notes(db, session, viewer),
        tasks=_tasks(db, session, viewer),
        **_series(db, session, series, viewer),
    )


def _cancelled(session: Session, viewer: Viewer) -> str:
    if session.cancelled_at is None or session.cancelled_by is None:
        return ""
    words = f"Cancelled {_BY[session.cancelled_by]}, {viewer.moment(session.cancelled_at)}"
    if session.cancel_reason:
        words += f": {session.cancel_reason}"
    return f"{words}. Counted as late." if session.late_cancel else f"{words}."


def _unpaid(owed: Decimal | None, who: Practice, viewer: Viewer) -> str:
    return f"{viewer.money(Money(owed, who.currency))} unpaid" if owed else ""


def _google(db: Db, session: Session) -> dict[str, str]:
    """In words how it stands: there, on its way, refused. The last message about it decides."""
    state, error = outbox.last_of(db, google.keys(session))
    if state == "failed":
        return {"google": f"Google did not take the last change: {error or 'no reason given.'}", "google_tone": "bad"}
    if state in ("waiting", "claimed"):
        return {"google": "On its way to Google", "google_tone": "wait"}
    there = session.google_etag is not None and session.status is not SessionStatus.SYNCED_TO_GCAL  # else it says so
    return {"google": "In Google Calendar" if there else "", "google_tone": "quiet"}


def _in_the_way(db: Db, session: Session) -> list[str]:
    if session.status not in OPEN:
        return []
    minutes = session.duration_minutes or DEFAULT_MINUTES
    found = conflicts.clashes(db, session.scheduled_at, minutes, other_than=session.id)
    more = free.cautions(db, session.scheduled_at, minutes, service_id=session.service_id, other_than=session.id)
    return [clash.sentence for clash in found] + more


def _before(db: Db, session: Session, viewer: Viewer) -> tuple[str, str]:
    """The client's newest note that is not one on this session."""
    if session.contact_id is None:
        return "", ""
    note = db.scalars(
        select(Note)
        .where(col(Note.contact_id) == session.contact_id, col(Note.session_id).is_distinct_from(session.id))
        .order_by(col(Note.created_at).desc(), col(Note.id).desc())
        .limit(1)
    ).first()
    return (note.content, viewer.since(note.created_at)) if note else ("", "")


def _notes(db: Db, session: Session, viewer: Viewer) -> list[SessionNote]:
    query = (
        select(Note)
        .where(col(Note.session_id) == session.id)
        .order_by(col(Note.is_pinned).desc(), col(Note.created_at).desc(), col(Note.id).desc())
        .limit(_NOTES)
    )
    return [
        SessionNote(
            id=str(note.id),
            version=note.version,
            title=note.title or "",
            content=note.content,
            when=viewer.since(note.created_at),
            pinned=note.is_pinned,
            note_type=note.note_type,
        )
        for note in db.scalars(query)
    ]


def _tasks(db: Db, session: Session, viewer: Viewer) -> list[SessionTask]:
    query = select(Task).where(col(Task.session_id) == session.id).order_by(col(Task.created_at)).limit(_NOTES)
    return [
        SessionTask(
            id=str(task.id),
            title=task.title,
            due=viewer.near_day(task.due_date) if task.due_date else "",
            done=task.completed_at is not None,
        )
        for task in db.scalars(query)
    ]


def _series(db: Db, session: Session, series: SessionSeries | None, viewer: Viewer) -> dict[str, str]:
    if series is None:
        return {name: "" for name in ("series_id", "series", "series_left", "series_left_out", "series_undo")}
    number = db.scalar(
        select(func.count()).where(
            col(Session.series_id) == series.id,
            col(Session.status).in_(OPEN),
            col(Session.scheduled_at) > viewer.now,
        )
    )
    left_out = [whole.day_of(day) for day in series.template.get("skipped", [])]
    coming = [viewer.day(day) for day in left_out if day >= viewer.today()][:5]
    undoes = {"create": "Take the whole series back", "cancel": "Book them again", "change": "Put the series back"}
    return {
        "series_id": str(series.id),
        "series": rules.words(series.rrule, viewer),
        "series_left": f"{counted(number or 0, 'session')} to come",
        "series_left_out": f"Left out, because something is in the way: {', '.join(coming)}" if coming else "",
        "series_undo": undoes.get((series.undo_log or {}).get("what", ""), ""),
    }
