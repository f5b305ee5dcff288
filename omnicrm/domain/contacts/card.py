"""One client in full: who this is, the last note, and the facts beside the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, String, bindparam, func, literal, or_, select, true, union_all
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.domain.contacts import facts, normal
from omnicrm.domain.words import CONSENTS, STAGES
from omnicrm.formats import markdown
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.contacts import Consent, ConsentKind, Contact, ContactIdentifier
from omnicrm.models.groups import ContactGroup, Group
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
    """Raises NotFound. One statement, whatever the length of the history."""
    who = practice.of(db)
    viewer, now = who.viewer(), clock.now()
    values = {"contact_id": contact_id, "currency": who.currency, "now": now}
    found = db.execute(_statement(), values).one_or_none()
    if found is None:
        raise NotFound("This client no longer exists.")
    contact: Contact = found.Contact
    owed, left = found.owed, found.left
    credits_words, credits_tone = facts.credits_words(left)
    money = viewer.money(Money(owed or Decimal(0), who.currency))
    return ContactCard(
        id=str(contact.id),
        version=contact.version,
        name=contact.display_name,
        initials=show.initials(contact.display_name),
        about=_about(contact, viewer),
        phone_shown=normal.shown_phone(contact.phone) if contact.phone else "",
        others=[NamedValue(name=label or kind.title(), value=value) for kind, label, value in found.others or ()],
        date_of_birth=contact.date_of_birth.isoformat() if contact.date_of_birth else "",
        birthday=viewer.short_date(contact.date_of_birth) if contact.date_of_birth else "",
        address=address(contact),
        stage=contact.lifecycle_stage,
        stage_label=STAGES[contact.lifecycle_stage],
        tags=list(contact.tags),
        groups=[NamedValue(name=name, value=color or "gray") for name, color in found.groups or ()],
        consents=_consents(found.consents or (), viewer),
        ai_allowed=contact.ai_allowed,
        mail_allowed=contact.mail_allowed,
        archived=contact.archived_at is not None,
        **_last_note(found, viewer),
        **_next_session(found, viewer),
        balance=money,
        balance_words="Waits to be paid" if owed else "Everything is paid",
        credits=credits_words,
        credits_tone=credits_tone,
        proposals=found.proposals,
        own={name: str(value) for name, value in contact.custom_fields.items()},
        photo=contact.profile_image_path or "",
        counts={kind: getattr(found, f"{kind}s") for kind in ("session", "note", "mail", "payment", "task")},
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


@lru_cache(maxsize=1)
def _statement() -> Any:
    """Everything of the card at once, made once: `contact_id`, `currency` and `now` are its parameters."""
    own, now = col(Contact.id), bindparam("now", type_=DateTime(timezone=True))
    newest = [  # the newest pinned one, else the newest: each along its own index, however many there are
        select(literal(place).label("place"), col(Note.content), col(Note.title), col(Note.created_at))
        .where(col(Note.contact_id) == own, col(Note.is_pinned) if pinned else true())
        .order_by(col(Note.created_at).desc())
        .limit(1)
        .correlate(Contact)
        .subquery()
        for place, pinned in enumerate((True, False))
    ]
    either = union_all(*(select(one) for one in newest)).subquery()
    note = select(either).order_by(either.c.place).limit(1).lateral("note")
    session = (
        select(col(Session.id), col(Session.title), col(Session.location), col(Session.scheduled_at))
        .where(
            col(Session.contact_id) == own,
            col(Session.scheduled_at) >= now,
            or_(
                col(Session.status) == SessionStatus.SCHEDULED_IN_CRM,
                col(Session.status) == SessionStatus.SYNCED_TO_GCAL,
            ),
        )
        .order_by(col(Session.scheduled_at))
        .limit(1)
        .lateral("session")
    )
    known = (col(ContactIdentifier.kind), col(ContactIdentifier.label), col(ContactIdentifier.value))
    given = (col(Consent.kind), col(Consent.granted_at), col(Consent.withdrawn_at))
    joined = (col(Group.name), col(Group.color))
    return (
        select(
            Contact,
            facts.owed(Contact.id, bindparam("currency", type_=String())).label("owed"),
            facts.credits(Contact.id, now).label("left"),
            _count(Session, col(Session.status) != SessionStatus.PENDING_AI_CONFIRMATION).label("sessions"),
            _count(Note).label("notes"),
            _count(SourceItem, col(SourceItem.kind) == SourceKind.MAIL).label("mails"),
            _count(Payment).label("payments"),
            _count(Task).label("tasks"),
            select(func.count())
            .where(
                col(PendingApproval.related_contact_id) == own, col(PendingApproval.status) == ApprovalStatus.PENDING
            )
            .scalar_subquery()
            .label("proposals"),
            _listed(known, col(ContactIdentifier.kind), col(ContactIdentifier.value))
            .where(col(ContactIdentifier.contact_id) == own, col(ContactIdentifier.is_primary).is_(False))
            .scalar_subquery()
            .label("others"),
            _listed(joined, col(Group.name))
            .join(ContactGroup, col(ContactGroup.group_id) == col(Group.id))
            .where(col(ContactGroup.contact_id) == own)
            .scalar_subquery()
            .label("groups"),
            _listed(given, col(Consent.granted_at))
            .where(col(Consent.contact_id) == own)
            .scalar_subquery()
            .label("consents"),
            note.c.content.label("note_content"),
            note.c.title.label("note_title"),
            note.c.created_at.label("note_at"),
            session.c.id.label("session_id"),
            session.c.title.label("session_title"),
            session.c.location.label("session_location"),
            session.c.scheduled_at.label("session_at"),
        )
        .select_from(Contact)
        .outerjoin(note, true())
        .outerjoin(session, true())
        .where(own == bindparam("contact_id"))
    )


def _listed(columns: Any, *order: Any) -> Any:
    """These columns of some rows, in order, as one JSON list of lists; NULL where there are none."""
    return select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_array(*columns, type_=JSONB), *order)))


def _count(model: Any, *conditions: Any) -> Any:
    return select(func.count()).where(col(model.contact_id) == col(Contact.id), *conditions).scalar_subquery()


def _about(contact: Contact, viewer: Viewer) -> str:
    """`she/her, client since March 2024, Helsinki`."""
    since = f"client since {viewer.month(contact.client_since)}" if contact.client_since else ""
    stage = "" if since else STAGES[contact.lifecycle_stage].lower()
    return ", ".join(part for part in (contact.pronouns, since or stage, contact.address_city) if part)


def _last_note(found: Any, viewer: Viewer) -> dict[str, str]:
    if found.note_at is None:
        return {"last_note": "", "last_note_title": ""}
    title = ", ".join(part for part in ("Last note", viewer.short_date(found.note_at), found.note_title) if part)
    return {"last_note": markdown.to_html(found.note_content), "last_note_title": title}


def _next_session(found: Any, viewer: Viewer) -> dict[str, str]:
    if found.session_at is None:
        return dict.fromkeys(("next_session", "next_session_id", "next_session_detail", "next_session_distance"), "")
    return {
        "next_session": viewer.moment(found.session_at),
        "next_session_id": str(found.session_id),
        "next_session_detail": ", ".join(part for part in (found.session_title, found.session_location) if part),
        "next_session_distance": viewer.distance(found.session_at),
    }


def _consents(found: Sequence[Any], viewer: Viewer) -> list[NamedValue]:
    """The newest of each kind."""
    newest = {ConsentKind(kind): (granted, withdrawn) for kind, granted, withdrawn in found}
    return [
        NamedValue(
            name=CONSENTS[kind],
            value=f"{'withdrawn' if withdrawn else 'since'} {viewer.short_date(_instant(withdrawn or granted))}",
            tone="quiet" if withdrawn else "ok",
        )
        for kind, (granted, withdrawn) in newest.items()
    ]


def _instant(written: str) -> datetime:
    """An instant of PostgreSQL's JSON."""
    return datetime.fromisoformat(written)
