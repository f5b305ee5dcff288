"""A stored item as a case: what a generator may look at, and no more of the practice than concerns the item."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, cast, func, or_, select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.domain import cases, contacts, meanings, practice, services, settings
from omnicrm.domain.contacts.card import address
from omnicrm.domain.inbox.items import Disallowed, get
from omnicrm.models.connections import OAuthConnection
from omnicrm.models.contacts import Contact, ContactIdentifier, IdentifierKind
from omnicrm.models.inbox import SourceItem, SourceKind
from omnicrm.models.invoices import Invoice, InvoiceStatus
from omnicrm.models.sessions import Session, SessionStatus

_PAST, _AHEAD = timedelta(days=120), timedelta(days=400)
_MOST_CONTACTS, _MOST_SESSIONS, _MOST_INVOICES, _MOST_WORDS = 80, 400, 100, 3000
_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]*[^\W\d_]|[^\W\d_]")
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\+?\d[\d ()/.-]{6,18}\d")
_INVOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]*\d[A-Za-z0-9/_-]*")

_SESSION_STATES: dict[SessionStatus, cases.SessionState] = {
    SessionStatus.SCHEDULED_IN_CRM: "scheduled",
    SessionStatus.SYNCED_TO_GCAL: "scheduled",
    SessionStatus.COMPLETED: "completed",
    SessionStatus.NO_SHOW: "completed",
    SessionStatus.CANCELLED: "cancelled",
}
_INVOICE_STATES: dict[InvoiceStatus, cases.InvoiceState] = {
    InvoiceStatus.DRAFT: "draft",
    InvoiceStatus.SENT: "sent",
    InvoiceStatus.PARTIALLY_PAID: "partial",
    InvoiceStatus.OVERDUE: "overdue",
    InvoiceStatus.PAID: "paid",
}


def case_for(db: Db, item_id: UUID) -> cases.Case:
    """The case of an item, with the clients, sessions and invoices that it may be about.

    `ref`s are the rows' ids. A mail is read as of its own date. Raises NotFound, and Disallowed where a switch (of the
    client, of the practice) forbids it or the words were purged.
    """
    item = get(db, item_id)
    _refuse_disallowed(db, item)
    who = practice.of(db)
    mail, event = (_mail(item), None) if item.kind is SourceKind.MAIL else (None, _event(item))
    people = _people(db, item)
    called = meanings.by_service(db)
    now = item.occurred_at if mail is not None and item.occurred_at <= clock.now() else clock.now()
    return cases.Case(
        id=str(item.id),
        practitioner=cases.Practitioner(
            name=who.name, email=_own_address(db, item), timezone=who.zone.key, currency=who.currency, locale=who.locale
        ),
        now=now,
        mail=mail,
        event=event,
        contacts=_contacts(db, people),
        services=tuple(
            cases.Service(
                name=one.name,
                duration_minutes=one.duration_minutes,
                price=one.price,
                words=tuple(called.get(str(one.id), ())),
                ref=str(one.id),
            )
            for one in services.offered(db)
        ),
        sessions=_sessions(db, people, item, now),
        invoices=_invoices(db, people, item),
    )


def quoted_text(item: SourceItem, field: str) -> str:
    """The stored words that a quote of this field points into."""
    return (item.subject if field == "subject" else item.body_text) or ""


def _own_address(db: Db, item: SourceItem) -> str:
    """The practitioner's address in this mailbox or calendar, which need not be the one of the login."""
    connection = db.get(OAuthConnection, item.connection_id) if item.connection_id is not None else None
    return connection.account_email if connection is not None else practice.of(db).email


def _refuse_disallowed(db: Db, item: SourceItem) -> None:
    if not settings.of(db).ai_enabled:
        raise Disallowed("The assistant is switched off.")
    if item.contact_id is not None:
        contact = db.get(Contact, item.contact_id)
        if contact is not None and not contact.ai_allowed:
            raise Disallowed(f"Reading is switched off for {contact.display_name}.")
    if item.body_purged_at is not None or (item.kind is SourceKind.EVENT and not item.payload.get("resource")):
        raise Disallowed("The words of this item are not kept any more.")


def _mail(item: SourceItem) -> cases.MailItem:
    extra = item.payload
    return cases.MailItem(
        subject=item.subject or "",
        sender=cases.Address(name=item.sender_name or "", email=extra.get("sender_written") or item.sender)
        if item.sender
        else None,
        reply_to=cases.Address(**extra["reply_to"]) if extra.get("reply_to") else None,
        to=_addresses(item, "to"),
        cc=_addresses(item, "cc"),
        sent_at=datetime.fromisoformat(extra["date"]) if extra.get("date") else item.occurred_at,
        text=item.body_text or "",
        auto_submitted=bool(extra.get("auto_submitted")),
        bulk=bool(extra.get("bulk")),
        no_reply=bool(extra.get("no_reply")),
        calendar_parts=tuple(extra.get("calendar_parts") or ()),
        direction="out" if item.direction == "out" else "in",
    )


def _event(item: SourceItem) -> cases.EventItem:
    return cases.EventItem(resource=item.payload["resource"], text=item.body_text or "")


def _addresses(item: SourceItem, kind: str) -> tuple[cases.Address, ...]:
    return tuple(
        cases.Address(name=one.get("name") or "", email=one["email"])
        for one in item.recipients
        if one.get("kind") == kind and one.get("email")
    )


def _people(db: Db, item: SourceItem) -> list[Contact]:
    """Clients that the item may be about: known by an address or number in it, or named in it."""
    text = f"{item.sender_name or ''}\n{item.subject or ''}\n{(item.body_text or '')[:40_000]}"
    named = [one.get("name") or "" for one in item.recipients]
    written = [item.sender or "", *(one.get("email") or "" for one in item.recipients)]
    written += _ADDRESS.findall(text)[:50] + _NUMBER.findall(text)[:50]
    if item.payload.get("reply_to"):
        written.append(item.payload["reply_to"]["email"])
    found = {one.id: one for one in contacts.with_identifiers(db, written) if one.ai_allowed}
    words = {
        word.casefold()
        for word in _WORD.findall(f"{text}\n" + "\n".join(named))
        if word[0].isupper() or item.kind is SourceKind.EVENT
    }
    for one in _named(db, sorted(words)[:_MOST_WORDS]):
        found.setdefault(one.id, one)
    if item.kind is SourceKind.EVENT:
        for one in _recent(db):
            found.setdefault(one.id, one)
    return list(found.values())[: _MOST_CONTACTS * (3 if item.kind is SourceKind.EVENT else 1)]


def _named(db: Db, words: list[str]) -> list[Contact]:
    if not words:
        return []
    parts = func.string_to_array(func.lower(Contact.display_name), " ")
    shared = parts.op("&&")(cast(words, ARRAY(Text)))
    query = select(Contact).where(
        shared, col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None), col(Contact.ai_allowed)
    )
    return list(db.scalars(query.order_by(col(Contact.last_contacted_at).desc().nulls_last()).limit(_MOST_CONTACTS)))


def _recent(db: Db) -> list[Contact]:
    """Whoever comes or came lately, then the newest: an event may call them by a nickname."""
    now = clock.now()
    around = select(col(Session.contact_id)).where(
        col(Session.scheduled_at) > now - _PAST, col(Session.scheduled_at) < now + _PAST
    )
    theirs = select(Contact).where(col(Contact.id).in_(around), col(Contact.ai_allowed))
    newest = (
        select(Contact)
        .where(col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None), col(Contact.ai_allowed))
        .order_by(col(Contact.created_at).desc(), col(Contact.id).desc())
    )
    return [*db.scalars(theirs.limit(_MOST_CONTACTS * 2)), *db.scalars(newest.limit(_MOST_CONTACTS * 2))]


def _contacts(db: Db, people: list[Contact]) -> tuple[cases.Contact, ...]:
    known: dict[UUID, list[ContactIdentifier]] = {}
    query = select(ContactIdentifier).where(col(ContactIdentifier.contact_id).in_([one.id for one in people]))
    for identifier in db.scalars(query.order_by(col(ContactIdentifier.is_primary).desc())):
        known.setdefault(identifier.contact_id, []).append(identifier)
    return tuple(
        cases.Contact(
            first_name=one.first_name,
            last_name=one.last_name or "",
            email=one.email,
            phone=one.phone,
            emails=_values(known.get(one.id, []), IdentifierKind.EMAIL),
            phones=_values(known.get(one.id, []), IdentifierKind.PHONE),
            address=address(one) or None,
            company=one.company,
            date_of_birth=one.date_of_birth,
            ref=str(one.id),
        )
        for one in people
    )


def _values(identifiers: list[ContactIdentifier], kind: IdentifierKind) -> tuple[str, ...]:
    return tuple(one.value for one in identifiers if one.kind is kind)


def _sessions(db: Db, people: list[Contact], item: SourceItem, now: datetime) -> tuple[cases.Session, ...]:
    """Their sessions around now, and those that the event itself stands for or falls upon."""
    whose = and_(
        col(Session.contact_id).in_([one.id for one in people]),
        col(Session.scheduled_at) > now - _PAST,
        col(Session.scheduled_at) < now + _AHEAD,
    )
    wanted = [whose]
    if item.kind is SourceKind.EVENT:
        wanted.append(col(Session.google_calendar_event_id).in_([item.external_id, item.thread_id or item.external_id]))
        wanted += [
            and_(
                col(Session.scheduled_at) >= at - timedelta(hours=12),
                col(Session.scheduled_at) <= at + timedelta(hours=12),
            )
            for at in (item.starts_at, _original_start(item.payload.get("resource") or {}))
            if at is not None
        ]
    query = (
        select(Session, col(Contact.email))
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .where(or_(*wanted), col(Session.status) != SessionStatus.PENDING_AI_CONFIRMATION)
        .where(or_(col(Contact.id).is_(None), col(Contact.ai_allowed)))
        .order_by(col(Session.scheduled_at).desc())
        .limit(_MOST_SESSIONS)
    )
    return tuple(
        cases.Session(
            ref=str(session.id),
            contact_email=email,
            contact_ref=str(session.contact_id) if session.contact_id else None,
            title=session.title,
            scheduled_at=session.scheduled_at.astimezone(practice.of(db).zone),
            duration_minutes=session.duration_minutes,
            status=_SESSION_STATES[session.status],
            google_event_id=session.google_calendar_event_id,
            google_calendar_id=session.google_calendar_id,
        )
        for session, email in reversed(list(db.execute(query)))
    )


def _original_start(resource: dict[str, Any]) -> datetime | None:
    written = (resource.get("originalStartTime") or {}).get("dateTime")
    try:
        found = datetime.fromisoformat(written) if written else None
    except (TypeError, ValueError):
        return None
    return found if found is not None and found.tzinfo is not None else None


def _invoices(db: Db, people: list[Contact], item: SourceItem) -> tuple[cases.Invoice, ...]:
    """Theirs, and those whose number stands in the words."""
    numbers = _INVOICE.findall(f"{item.subject or ''}\n{(item.body_text or '')[:40_000]}")[:200]
    query = (
        select(Invoice, col(Contact.email))
        .outerjoin(Contact, col(Contact.id) == col(Invoice.contact_id))
        .where(
            or_(col(Invoice.contact_id).in_([one.id for one in people]), col(Invoice.number).in_(numbers)),
            col(Invoice.status).in_(list(_INVOICE_STATES)),
            col(Invoice.number).is_not(None),
            or_(col(Contact.id).is_(None), col(Contact.ai_allowed)),
        )
        .order_by(col(Invoice.created_at).desc())
        .limit(_MOST_INVOICES)
    )
    return tuple(
        cases.Invoice(
            ref=str(invoice.id),
            contact_email=email,
            contact_ref=str(invoice.contact_id) if invoice.contact_id else None,
            number=invoice.number or "",
            total=invoice.total,
            currency=invoice.currency,
            status=_INVOICE_STATES[invoice.status],
        )
        for invoice, email in db.execute(query)
    )
