"""Whom one perhaps has already: asked before somebody is entered, and filled in instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.domain import contacts, search
from omnicrm.domain.contacts import ContactChange, ContactForm, normal
from omnicrm.domain.duplicates import likeness
from omnicrm.models.contacts import Contact

_SHOWN = 3
_BLANKS = ("last_name", "email", "phone", "company", "job_title", "date_of_birth", "pronouns", "website")


class PerhapsRow(BaseModel):
    """Somebody in the book, and what speaks for being the one who is entered."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    initials: str
    detail: str
    why: str


def like(db: Db, form: ContactForm) -> list[PerhapsRow]:
    """At most three who share an address or number with what was typed, or nearly the whole name."""
    typed = [value for value in (form.email, form.phone) if value]
    found: dict[UUID, tuple[Contact, str]] = {}
    for contact in contacts.with_identifiers(db, typed):
        found[contact.id] = (contact, "the same address or number")
    name = f"{form.first_name} {form.last_name or ''}".strip()
    me = likeness.entry("", name, born=form.date_of_birth.isoformat() if form.date_of_birth else "")
    for contact in _of_that_name(db, name):
        born = contact.date_of_birth.isoformat() if contact.date_of_birth else ""
        score, why = likeness.compare(me, likeness.entry("", contact.display_name, born=born))
        if contact.id not in found and score >= likeness.ENOUGH:
            found[contact.id] = (contact, why)
    return [_row(contact, why) for contact, why in list(found.values())[:_SHOWN]]


def fill_in(db: Db, contact_id: UUID, form: ContactForm) -> dict[str, Any]:
    """What was typed goes where the client has nothing; tags and notes are added, a further address or number too.

    Gives what stood before, so that `put_back` can take it back. Raises NotFound, Invalid.
    """
    contact = contacts.locked(db, contact_id)
    typed = form.model_dump(exclude_unset=True)
    changes = {name: typed[name] for name in _BLANKS if typed.get(name) and not getattr(contact, name)}
    if tags := [tag for tag in form.tags if tag not in contact.tags]:
        changes["tags"] = [*contact.tags, *tags]
    if form.notes and form.notes not in (contact.notes or ""):
        changes["notes"] = "\n\n".join(part for part in (contact.notes, form.notes) if part)
    before = {name: _plain(getattr(contact, name)) for name in changes}
    further = [value for value in (form.email, form.phone) if value and not _has(db, contact, value, changes)]
    contacts.change(db, contact_id, ContactChange.model_validate(changes))
    for value in further:
        contacts.add_identifier(db, contact_id, value)
    return {"fields": before, "further": further}


def put_back(db: Db, contact_id: UUID, fields: dict[str, Any], further: Sequence[str]) -> None:
    """Undo of `fill_in`. Raises NotFound."""
    allowed = {name: value for name, value in fields.items() if name in (*_BLANKS, "tags", "notes")}
    contacts.change(db, contact_id, _form(allowed))
    for value in further:
        contacts.remove_identifier(db, contact_id, value)


def _form(fields: dict[str, Any]) -> ContactChange:
    checked = contacts.checked({name: "" if value is None else value for name, value in fields.items()}, partial=True)
    return ContactChange.model_validate(checked.model_dump(exclude_unset=True))


def _of_that_name(db: Db, name: str) -> list[Contact]:
    hits = [UUID(hit.id) for hit in search.find(db, name, kinds=("contact",), limit=8)]
    query = select(Contact).where(col(Contact.id).in_(hits), col(Contact.merged_into_id).is_(None))
    return list(db.scalars(query))


def _has(db: Db, contact: Contact, value: str, changes: dict[str, Any]) -> bool:
    return value in changes.values() or any(one.id == contact.id for one in contacts.with_identifier(db, value))


def _row(contact: Contact, why: str) -> PerhapsRow:
    phone = normal.shown_phone(contact.phone) if contact.phone else ""
    detail = contact.email or phone or contact.address_city or "no mail, no phone"
    if contact.archived_at is not None:
        detail += ", archived"
    return PerhapsRow(
        id=str(contact.id),
        name=contact.display_name,
        initials=show.initials(contact.display_name),
        detail=detail,
        why=why,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
