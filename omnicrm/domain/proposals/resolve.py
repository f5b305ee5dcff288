"""From the words of a draft to rows of the practice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import contacts, services, sessions
from omnicrm.domain.cases import Draft
from omnicrm.domain.proposals.base import Origin
from omnicrm.models.contacts import Contact
from omnicrm.models.invoices import Invoice
from omnicrm.models.services import Service
from omnicrm.models.sessions import Session


def contact(db: Db, draft: Draft, origin: Origin) -> Contact | None:
    """The client of a draft: by `contact_ref`, else by `contact_email`, and by name where an address is shared.

    None for somebody who is not in the book, and where nothing decides between two.
    """
    ref = uuid(draft.slots.get("contact_ref"))
    if ref is not None:
        return db.get(Contact, ref)
    email = text(draft, "contact_email")
    if not email:
        return None
    name = text(draft, "contact_name") or (origin.sender_name if email.lower() == origin.sender else "")
    return contacts.by_identifier(db, email, name=name)


def session(db: Db, draft: Draft) -> Session:
    """The session that `session_ref` names. Raises NotFound, Invalid."""
    ref = uuid(draft.slots.get("session_ref"))
    if ref is None:
        raise Invalid(fields={"session_ref": "A session has to be named."})
    return sessions.get(db, ref)


def invoice(db: Db, draft: Draft) -> Invoice | None:
    """The invoice that `invoice_ref` names, if any. Raises NotFound."""
    value = draft.slots.get("invoice_ref")
    if value is None:
        return None
    found = db.get(Invoice, ref) if (ref := uuid(value)) is not None else None
    if found is None:
        raise NotFound("This invoice no longer exists.")
    return found


def service(db: Db, draft: Draft) -> Service | None:
    """The one service on offer of that name."""
    name = text(draft, "service")
    return services.named(db, name) if name else None


def text(draft: Draft, slot: str) -> str:
    value = draft.slots.get(slot)
    return value.strip() if isinstance(value, str) else ""


def uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def person_key(found: Contact | None, draft: Draft, origin: Origin) -> str:
    """Whom a draft is about, for telling two of them apart: the client, else the address."""
    return str(found.id) if found is not None else (text(draft, "contact_email").lower() or origin.sender or "nobody")
