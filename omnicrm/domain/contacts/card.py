"""One client in full: who this is, the last note, and the facts beside the timeline."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, or_, select
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import groups, practice
from omnicrm.domain.contacts import facts, normal
from omnicrm.domain.contacts.book import identifiers
from omnicrm.domain.words import CONSENTS, STAGES
from omnicrm.formats import markdown
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.contacts import Consent, Contact
from omnicrm.models.inbox import SourceItem, SourceKind
from omnicrm.models.notes import Note
from omnicrm.models.payments import Payment
from omnicrm.models.sessions import Session, SessionStatus
from omnicrm.models.tasks import Task


class NamedValue(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    value: str
    tone: str = "quiet"


class ContactCard(BaseModel):
    """The page of a client. Empty text where nothing is known; `counts` are those of the timeline's chips; `last_note`
    is HTML that is safe to show."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    name: str
    first_name: str
    last_name: str
    initials: str
    about: str
    email: str
    phone: str
    phone_shown: str
    others: list[NamedValue]
    company: str
    job_title: str
    date_of_birth: str
    birthday: str
    pronouns: str
    website: str
    address: str
    address_street: str
    address_city: str
    address_state: str
    address_postal_code: str
    address_country: str
    notes: str
    time_zone: str
    calendar_name: str
    stage: str
    stage_label: str
    tags: list[str]
    groups: list[NamedValue]
    consents: list[NamedValue]
    ai_allowed: bool
    mail_allowed: bool
    archived: bool
    last_note: str
    last_note_title: str
    next_session: str
    next_session_id: str
    next_session_detail: str
    next_session_distance: str
    balance: str
    balance_words: str
    credits: str
    credits_tone: str
    proposals: int
    counts: dict[str, int]
    own: dict[str, str]  # the practitioner's own fields
    photo: str  # the id of the file, or empty


def card(db: Db, contact_id: UUID) -> ContactCard:
    """Raises NotFound. A fixed number of statements, whatever the length of the history."""
    viewer, who = practice.of(db).viewer(), practice.of(db)
    now = clock.now()
    found = db.execute(
        select(
            Contact,
            facts.owed(Contact.id, who.currency),
            facts.credits(Contact.id, now),
            _count(Session, col(Session.status) != SessionStatus.PENDING_AI_CONFIRMATION),
            _count(Note),
            _count(SourceItem, col(SourceItem.kind) == SourceKind.MAIL),
            _count(Payment),
            _count(Task),
            select(func.count())
            .where(
                col(PendingApproval.related_contact_id) == col(Contact.id),
                col(PendingApproval.status) == ApprovalStatus.PENDING,
            )
            .scalar_subquery(),
        ).where(col(Contact.id) == contact_id)
    ).one_or_none()
    if found is None:
        raise NotFound("This client no longer exists.")
    contact: Contact = found[0]
    owed, left, sessions, notes, mails, payments, tasks, proposals = found[1:]
    credits_words, credits_tone = facts.credits_words(left)
    money = viewer.money(Money(owed or Decimal(0), who.currency))
    return ContactCard(
        id=str(contact.id),
        version=contact.version,
        name=contact.display_name,
        initials=show.initials(contact.display_name),
        about=_about(contact, viewer),
        phone_shown=normal.shown_phone(contact.phone) if contact.phone else "",
        others=[
            NamedValue(name=known.label or known.kind.title(), value=known.value)
            for known in identifiers(db, contact.id)
            if not known.is_primary
        ],
        date_of_birth=contact.date_of_birth.isoformat() if contact.date_of_birth else "",
        birthday=viewer.short_date(contact.date_of_birth) if contact.date_of_birth else "",
        address=address(contact),
        stage=contact.lifecycle_stage,
        stage_label=STAGES[contact.lifecycle_stage],
        tags=list(contact.tags),
        groups=[
            NamedValue(name=group.name, value=group.color or "gray") for group in groups.of_contact(db, contact.id)
        ],
        consents=_consents(db, contact.id, viewer),
        ai_allowed=contact.ai_allowed,
        mail_allowed=contact.mail_allowed,
        archived=contact.archived_at is not None,
        **_last_note(db, contact.id, viewer),
        **_next_session(db, contact.id, viewer),
        balance=money,
        balance_words="Waits to be paid" if owed else "Everything is paid",
        credits=credits_words,
        credits_tone=credits_tone,
        proposals=proposals,
        own={name: str(value) for name, value in contact.custom_fields.items()},
        photo=contact.profile_image_path or "",
        counts={"session": sessions, "note": notes, "mail": mails, "payment": payments, "task": tasks},
        **{field: getattr(contact, field) or "" for field in _PLAIN},
    )


_PLAIN = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "company",
    "job_title",
    "pronouns",
    "website",
    "address_street",
    "address_city",
    "address_state",
    "address_postal_code",
    "address_country",
    "notes",
    "time_zone",
    "calendar_name",
)


def address(contact: Contact) -> str:
    """On one line."""
    town = " ".join(part for part in (contact.address_postal_code, contact.address_city) if part)
    parts = (contact.address_street, town, contact.address_state, contact.address_country)
    return ", ".join(part for part in parts if part)


def _count(model: Any, *conditions: Any) -> Any:
    return select(func.count()).where(col(model.contact_id) == col(Contact.id), *conditions).scalar_subquery()


def _about(contact: Contact, viewer: Viewer) -> str:
    """`she/her, client since March 2024, Helsinki`."""
    since = f"client since {viewer.month(contact.client_since)}" if contact.client_since else ""
    stage = "" if since else STAGES[contact.lifecycle_stage].lower()
    return ", ".join(part for part in (contact.pronouns, since or stage, contact.address_city) if part)


def _last_note(db: Db, contact_id: UUID, viewer: Viewer) -> dict[str, str]:
    query = select(Note).where(col(Note.contact_id) == contact_id)
    newest = (col(Note.is_pinned).desc(), col(Note.created_at).desc(), col(Note.id).desc())
    note = db.scalars(query.order_by(*newest).limit(1)).first()
    if note is None:
        return {"last_note": "", "last_note_title": ""}
    title = ", ".join(part for part in ("Last note", viewer.short_date(note.created_at), note.title) if part)
    return {"last_note": markdown.to_html(note.content), "last_note_title": title}


def _next_session(db: Db, contact_id: UUID, viewer: Viewer) -> dict[str, str]:
    query = (
        select(Session)
        .where(
            col(Session.contact_id) == contact_id,
            col(Session.scheduled_at) >= viewer.now,
            or_(
                col(Session.status) == SessionStatus.SCHEDULED_IN_CRM,
                col(Session.status) == SessionStatus.SYNCED_TO_GCAL,
            ),
        )
        .order_by(col(Session.scheduled_at))
        .limit(1)
    )
    session = db.scalars(query).first()
    if session is None:
        return dict.fromkeys(("next_session", "next_session_id", "next_session_detail", "next_session_distance"), "")
    return {
        "next_session": viewer.moment(session.scheduled_at),
        "next_session_id": str(session.id),
        "next_session_detail": ", ".join(part for part in (session.title, session.location) if part),
        "next_session_distance": viewer.distance(session.scheduled_at),
    }


def _consents(db: Db, contact_id: UUID, viewer: Viewer) -> list[NamedValue]:
    query = select(Consent).where(col(Consent.contact_id) == contact_id).order_by(col(Consent.granted_at))
    newest = {consent.kind: consent for consent in db.scalars(query)}
    return [
        NamedValue(
            name=CONSENTS[kind],
            value=f"withdrawn {viewer.short_date(consent.withdrawn_at)}"
            if consent.withdrawn_at
            else f"since {viewer.short_date(consent.granted_at)}",
            tone="quiet" if consent.withdrawn_at else "ok",
        )
        for kind, consent in newest.items()
    ]
