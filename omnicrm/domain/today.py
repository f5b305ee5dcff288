"""What the morning opens with: today’s sessions, what waits, what matters, the days after."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import exists, func, or_, select
from sqlmodel import col

from omnicrm.core import show, zones
from omnicrm.core.db import Db
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import approvals, connections, practice, programs, tasks
from omnicrm.domain.approvals import ApprovalRow, Counts
from omnicrm.domain.contacts import facts
from omnicrm.domain.practice import Practice
from omnicrm.domain.sessions.calendar import their_time
from omnicrm.domain.tasks import OPEN
from omnicrm.domain.words import SESSIONS
from omnicrm.formats import markdown
from omnicrm.models.contacts import Contact
from omnicrm.models.invoices import Invoice
from omnicrm.models.notes import Note
from omnicrm.models.services import Service
from omnicrm.models.sessions import DEFAULT_MINUTES, AttendanceStatus, Session, SessionAttendee, SessionStatus
from omnicrm.models.tasks import Task, TaskPriority

DAYS_AHEAD = 3
_PRIORITIES = 3


class TodaySession(BaseModel):
    """A session of today. `note` is the client’s last note on one line; flags are empty where there is nothing.
    `written`: its own note is there; `call` the address of an online meeting that is still to come."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    time: str
    minutes: int
    length: str
    who: str
    initials: str
    contact_id: str
    detail: str
    their_time: str
    note: str
    unpaid: str
    credits: str
    credits_tone: str
    places: str
    distance: str
    past: bool
    written: bool
    call: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str


class Priority(BaseModel):
    """One thing that matters: `link` is where it is done."""

    model_config = ConfigDict(frozen=True)

    kind: str
    id: str
    title: str
    detail: str
    link: str


class DayAhead(BaseModel):
    model_config = ConfigDict(frozen=True)

    day: str
    date: str
    words: str


class TodayCard(BaseModel):
    """The whole page, as of one moment."""

    model_config = ConfigDict(frozen=True)

    greeting: str
    date: str
    now: str
    to_come: str
    sessions: list[TodaySession]
    priorities: list[Priority]
    counts: Counts
    approvals: list[ApprovalRow]
    days: list[DayAhead]
    days_words: str
    tasks_today: int
    failed: str
    banner: str


def card(db: Db) -> TodayCard:
    """A fixed number of statements, however much there is."""
    who = practice.of(db)
    viewer = who.viewer()
    begins, ends = zones.day_bounds(viewer.today(), who.zone)
    rows = [_session(viewer, who, *found) for found in db.execute(_sessions(viewer, who, begins, ends))]
    booked = [row for row in rows if row.kind != "proposed"]
    coming = sum(not row.past for row in booked)
    ahead = _days(db, viewer, who)
    page = approvals.listed(db, limit=3, folded=True)
    counts = approvals.counts(db)
    return TodayCard(
        greeting=_greeting(viewer, who),
        date=viewer.long_day(viewer.today()),
        now=viewer.time(viewer.now),
        to_come=f"{coming} of {len(booked)} still to come" if booked else "",
        sessions=rows,
        priorities=_priorities(db, viewer, ends),
        counts=counts,
        approvals=page.rows,
        days=[day for day, _ in ahead],
        days_words=counted(sum(number for _, number in ahead), "session"),
        tasks_today=tasks.counts(db)["today"],
        failed=f"{counted(counts.failed, 'approval')} did not work" if counts.failed else "",
        banner=connections.banner(db),
    )


def _sessions(viewer: Viewer, who: Practice, begins: datetime, ends: datetime) -> Any:
    taken = (
        select(func.count())
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .scalar_subquery()
    )
    owing = (
        select(func.count())
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
            facts.owed(col(SessionAttendee.contact_id), who.currency) > 0,
        )
        .scalar_subquery()
    )
    written = exists().where(col(Note.session_id) == col(Session.id))
    return (
        select(
            Session,
            Contact,
            col(Service.name),
            facts.last_note(col(Session.contact_id)),
            facts.owed(col(Session.contact_id), who.currency),
            facts.credits(col(Session.contact_id), viewer.now),
            taken,
            owing,
            written,
        )
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .outerjoin(Service, col(Service.id) == col(Session.service_id))
        .where(
            col(Session.scheduled_at) >= begins,
            col(Session.scheduled_at) < ends,
            col(Session.status) != SessionStatus.CANCELLED,
        )
        .order_by(col(Session.scheduled_at), col(Session.id))
        .limit(100)
    )


def _session(
    viewer: Viewer,
    who: Practice,
    session: Session,
    contact: Contact | None,
    service: str | None,
    note: str | None,
    owed: Decimal | None,
    left: int | None,
    taken: int,
    owing: int,
    written: bool,
) -> TodaySession:
    length = session.duration_minutes or DEFAULT_MINUTES
    over = session.scheduled_at + timedelta(minutes=length) <= viewer.now
    status = SESSIONS[session.status]
    proposed = session.status is SessionStatus.PENDING_AI_CONFIRMATION
    name = contact.display_name if contact else session.title
    credits_words, tone = facts.credits_words(left)
    what = service or (session.title if contact else "Group class" if session.capacity > 1 else "")
    coming = session.scheduled_at > viewer.now
    call = session.meeting_url or ""
    return TodaySession(
        id=str(session.id),
        kind="proposed" if proposed else "class" if session.capacity > 1 else "session",
        time=viewer.time(session.scheduled_at),
        minutes=length,
        length=show.minutes(length),
        who=name,
        initials=show.initials(name),
        contact_id=str(session.contact_id or ""),
        detail=", ".join(part for part in (what, session.location) if part),
        their_time=their_time(session.scheduled_at, contact.first_name, contact.time_zone, viewer) if contact else "",
        note=show.excerpt(markdown.to_text((note or "")[:2_000]), 120),
        unpaid=f"{viewer.money(Money(owed, who.currency))} unpaid" if owed else f"{owing} unpaid" if owing else "",
        credits=credits_words,
        credits_tone=tone,
        places=f"{taken} of {session.capacity}" if session.capacity > 1 else "",
        distance=viewer.distance(session.scheduled_at) if coming else "",
        past=over,
        written=written,
        call=call if call.startswith("https://") and not over else "",
        status=session.status,
        status_label="Waits for your yes" if proposed else status.label,
        status_icon=status.icon,
        status_tone=status.tone,
    )


def _priorities(db: Db, viewer: Viewer, ends: datetime) -> list[Priority]:
    """At most three: what is due today or urgent, whom to offer a renewal, and the invoice that waits longest."""
    important = (
        select(Task, col(Contact.display_name))
        .outerjoin(Contact, col(Contact.id) == col(Task.contact_id))
        .where(
            col(Task.status).in_(OPEN),
            or_(col(Task.due_date) < ends, col(Task.priority) == TaskPriority.HIGH),
        )
        .order_by((col(Task.priority) == TaskPriority.HIGH).desc(), col(Task.due_date).nulls_last(), col(Task.id))
        .limit(_PRIORITIES)
    )
    found = [_of_task(task, name, viewer) for task, name in db.execute(important)]
    overdue = (
        select(Invoice, Contact)
        .join(Contact, col(Contact.id) == col(Invoice.contact_id))
        .where(col(Invoice.status).in_(facts.UNPAID), col(Invoice.due_on) < viewer.today())
        .order_by(col(Invoice.due_on), col(Invoice.id))
        .limit(1)
    )
    bills = [
        Priority(
            kind="invoice",
            id=str(invoice.id),
            title=f"Remind {contact.first_name} of invoice {invoice.number}",
            detail=f"{counted((viewer.today() - (invoice.due_on or viewer.today())).days, 'day')} overdue",
            link=f"/contacts/{contact.id}",
        )
        for invoice, contact in db.execute(overdue)
    ]
    renewals = [
        Priority(
            kind="renewal",
            id=one.contact_id,
            title=f"Offer {one.who} a renewal",
            detail=f"{one.program}: the last credit is used",
            link=f"/contacts/{one.contact_id}",
        )
        for one in programs.running_low(db, limit=1)
    ]
    return [*found[: _PRIORITIES - len(bills) - len(renewals)], *renewals, *bills]


def _of_task(task: Task, who: str | None, viewer: Viewer) -> Priority:
    row = tasks.row(task, who, viewer)
    due = f"was due {row.due}" if row.overdue else f"due {row.due}" if row.due else ""
    return Priority(
        kind="task",
        id=row.id,
        title=row.title,
        detail=", ".join(part for part in (row.who, due) if part),
        link=_where(task),
    )


def _where(task: Task) -> str:
    """Where a task is done."""
    if task.contact_id:
        return f"/contacts/{task.contact_id}"
    return f"/projects/{task.project_id}" if task.project_id else "/tasks"


def _days(db: Db, viewer: Viewer, who: Practice) -> list[tuple[DayAhead, int]]:
    """The next days that have sessions, one line each: how many, and the first."""
    first = viewer.today() + timedelta(days=1)
    begins = zones.day_bounds(first, who.zone)[0]
    ends = zones.day_bounds(first + timedelta(days=DAYS_AHEAD), who.zone)[0]
    query = (
        select(col(Session.scheduled_at), col(Session.title), col(Contact.display_name))
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .where(
            col(Session.scheduled_at) >= begins,
            col(Session.scheduled_at) < ends,
            col(Session.status).in_((SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)),
        )
        .order_by(col(Session.scheduled_at), col(Session.id))
        .limit(300)
    )
    days: dict[date, list[tuple[datetime, str]]] = {}
    for at, title, name in db.execute(query):
        days.setdefault(viewer.local(at).date(), []).append((at, name or title))
    return [
        (
            DayAhead(
                day=viewer.day(day),
                date=day.isoformat(),
                words=f"{counted(len(entries), 'session')}, first {entries[0][1]} at {viewer.time(entries[0][0])}",
            ),
            len(entries),
        )
        for day, entries in days.items()
    ]


def _greeting(viewer: Viewer, who: Practice) -> str:
    hour = viewer.local(viewer.now).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
    first = who.name.split(" ")[0]
    return f"Good {part}, {first}" if first else f"Good {part}"
