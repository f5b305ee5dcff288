"""`make_<thing>(db, **changes)`: a valid row in an open transaction, flushed; what a test does not care about is filled
in. Times are counted from the application's clock."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from omnicrm.core import clock, crypto, ids
from omnicrm.core.db import Db, transaction
from omnicrm.models.accounts import LoginSession, User
from omnicrm.models.activity import JobRun, JobStatus, OutboxMessage
from omnicrm.models.approvals import ApprovalRule, PendingApproval, RuleKind
from omnicrm.models.connections import OAuthConnection, Provider
from omnicrm.models.contacts import Contact
from omnicrm.models.groups import ContactGroup, Group
from omnicrm.models.inbox import SourceItem, SourceKind
from omnicrm.models.invoices import Invoice, InvoiceStatus
from omnicrm.models.notes import Note
from omnicrm.models.payments import Payment, PaymentStatus
from omnicrm.models.programs import Program, ProgramEnrollment
from omnicrm.models.resources import Resource, ShareLink, ShareLinkKind
from omnicrm.models.services import Service
from omnicrm.models.sessions import Session, SessionAttendee
from omnicrm.models.tasks import Project, Task

Row = TypeVar("Row", bound=SQLModel)

_numbers = count(1)
_starts = count(1)  # begins anew for every test, so that no start drifts away from tomorrow


def make_user(**changes: Any) -> UUID:
    """A practitioner, committed; gives the id."""
    user = User(**{"email": f"practitioner-{ids.new()}@stillwater.example", "name": "Maya Lindqvist", **changes})
    with transaction(user.id, actor="system") as db:
        db.add(user)
    return user.id


def make_login_session(db: Db, **changes: Any) -> LoginSession:
    return _add(
        db, LoginSession, changes, token_hash=ids.token_hash(ids.token()), expires_at=clock.now() + timedelta(days=30)
    )


def make_contact(db: Db, **changes: Any) -> Contact:
    number = next(_numbers)
    return _add(db, Contact, changes, first_name="Jo", last_name=f"Park {number}", email=f"jo.{number}@park.example")


def make_group(db: Db, **changes: Any) -> Group:
    return _add(db, Group, changes, name=f"Group {next(_numbers)}")


def make_membership(db: Db, contact: Contact, group: Group) -> ContactGroup:
    return _add(db, ContactGroup, {}, contact_id=contact.id, group_id=group.id)


def make_service(db: Db, **changes: Any) -> Service:
    return _add(db, Service, changes, name="Deep tissue massage", duration_minutes=60, price=Decimal("950"))


def make_program(db: Db, **changes: Any) -> Program:
    return _add(db, Program, changes, name="Six weeks", price=Decimal("3000"), credits_per_enrollment=6)


def make_enrollment(db: Db, program: Program, contact: Contact, **changes: Any) -> ProgramEnrollment:
    return _add(db, ProgramEnrollment, changes, program_id=program.id, contact_id=contact.id)


def begin_anew() -> None:
    """The next session made without `scheduled_at` is the first of a test again."""
    global _starts
    _starts = count(1)


def make_session(db: Db, **changes: Any) -> Session:
    """Tomorrow at this hour unless said otherwise; sessions made without `scheduled_at` do not overlap."""
    start = clock.now() + timedelta(days=1, hours=2 * next(_starts))
    return _add(db, Session, changes, title="Deep tissue massage", scheduled_at=start, duration_minutes=60)


def make_attendee(db: Db, session: Session, contact: Contact, **changes: Any) -> SessionAttendee:
    return _add(db, SessionAttendee, changes, session_id=session.id, contact_id=contact.id)


def make_note(db: Db, **changes: Any) -> Note:
    return _add(db, Note, changes, content="Her left knee is better.")


def make_task(db: Db, **changes: Any) -> Task:
    return _add(db, Task, changes, title="Call back")


def make_project(db: Db, **changes: Any) -> Project:
    return _add(db, Project, changes, name="Spring workshop")


def make_invoice(db: Db, **changes: Any) -> Invoice:
    number = f"2026-{next(_numbers):03}"
    return _add(db, Invoice, changes, number=number, status=InvoiceStatus.SENT, total=Decimal("950"))


def make_payment(db: Db, **changes: Any) -> Payment:
    return _add(
        db,
        Payment,
        changes,
        amount=Decimal("950"),
        currency="SEK",
        status=PaymentStatus.PAID,
        paid_at=clock.now(),
    )


def make_resource(db: Db, **changes: Any) -> Resource:
    return _add(db, Resource, changes, title="Ten minutes for the back", external_url="https://video.example/back")


def make_share_link(db: Db, **changes: Any) -> ShareLink:
    return _add(db, ShareLink, changes, kind=ShareLinkKind.CLIENT_PAGE, token_hash=ids.token_hash(ids.token()))


def make_connection(db: Db, **changes: Any) -> OAuthConnection:
    """A Gmail account with tokens that say "access" and "refresh"."""
    return _add(
        db,
        OAuthConnection,
        changes,
        provider=Provider.GOOGLE_GMAIL,
        account_email="maya@stillwater.example",
        access_token=crypto.encrypt("access", context="oauth_connections.access_token"),
        refresh_token=crypto.encrypt("refresh", context="oauth_connections.refresh_token"),
        expires_at=clock.now() + timedelta(hours=1),
    )


def make_source_item(db: Db, **changes: Any) -> SourceItem:
    """A mail that came in just now, without a connection (as from Takeout)."""
    return _add(
        db,
        SourceItem,
        changes,
        kind=SourceKind.MAIL,
        provider="takeout",
        external_id=f"mail-{next(_numbers)}",
        occurred_at=clock.now(),
        sender="jo@park.example",
        subject="Friday",
        body_text="Could we do Friday at 10:30 instead?",
    )


def make_approval(db: Db, **changes: Any) -> PendingApproval:
    return _add(
        db,
        PendingApproval,
        changes,
        type="task.create",
        summary="Add the task “Call Jo”",
        data_payload={"title": "Call Jo", "contact_email": None, "due_date": None},
        ai_confidence_score=Decimal("0.8"),
        dedupe_key=f"approval-{next(_numbers)}",
    )


def make_rule(db: Db, **changes: Any) -> ApprovalRule:
    return _add(db, ApprovalRule, changes, kind=RuleKind.NEVER, match={"sender": "news@shop.example"})


def make_outbox_message(db: Db, **changes: Any) -> OutboxMessage:
    return _add(
        db,
        OutboxMessage,
        changes,
        kind="calendar.write",
        idempotency_key=f"message-{next(_numbers)}",
        not_before=clock.now(),
    )


def make_job_run(db: Db, **changes: Any) -> JobRun:
    return _add(db, JobRun, changes, kind="sync_mail", status=JobStatus.SUCCEEDED, started_at=clock.now())


def _add(db: Db, table: type[Row], changes: dict[str, Any], **usual: Any) -> Row:
    row = table(**{**usual, **changes})
    db.add(row)
    db.flush()
    return row
