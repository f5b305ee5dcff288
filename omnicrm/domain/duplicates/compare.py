"""Two clients side by side, before they become one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.domain import contacts, practice
from omnicrm.domain.contacts import normal
from omnicrm.domain.duplicates.merging import FIELDS, pointing_at_contacts
from omnicrm.models.contacts import Contact

_WORDS = {
    "first_name": "Name",
    "email": "Mail",
    "phone": "Phone",
    "company": "Company",
    "job_title": "Job title",
    "date_of_birth": "Birthday",
    "pronouns": "Pronouns",
    "website": "Website",
    "address_street": "Street",
    "address_city": "Town",
    "address_state": "Region",
    "address_postal_code": "Postal code",
    "address_country": "Country",
    "referral_source": "Came through",
    "client_since": "Client since",
    "calendar_name": "Name in Google",
    "preferred_channel": "Preferred way",
    "time_zone": "Time zone",
    "health_notes": "Health notes",
}


class FieldRow(BaseModel):
    """A field in which the two differ. `both` are kept of both, and nothing is chosen."""

    model_config = ConfigDict(frozen=True)

    field: str
    label: str
    one: str
    other: str
    both: bool


class ComparisonCard(BaseModel):
    """`one` stays, `other` becomes part of it. `comes_over` counts what moves, in words."""

    model_config = ConfigDict(frozen=True)

    one: str
    other: str
    one_name: str
    other_name: str
    one_initials: str
    other_initials: str
    one_about: str
    other_about: str
    fields: list[FieldRow]
    taken: list[str]
    comes_over: list[str]


def card(db: Db, one: UUID, other: UUID) -> ComparisonCard:
    """The older one first. `taken` are the fields that the first lacks. Raises NotFound."""
    first, second = sorted((contacts.get(db, one), contacts.get(db, other)), key=lambda found: found.created_at)
    viewer = practice.of(db).viewer()

    def said(contact: Contact, name: str) -> str:
        value: Any = getattr(contact, name)
        if name == "first_name":
            return contact.display_name
        if name == "phone" and value:
            return normal.shown_phone(value)
        if name == "health_notes":
            return "written" if value else ""
        return viewer.short_date(value) if hasattr(value, "isoformat") else str(value or "")

    rows = []
    for name in FIELDS:
        if name in _WORDS and said(first, name) != said(second, name) and said(second, name):
            mine, theirs = said(first, name) or "not known", said(second, name)
            rows.append(FieldRow(field=name, label=_WORDS[name], one=mine, other=theirs, both=False))
    for name, label in (("tags", "Tags"), ("notes", "Notes")):
        mine, theirs = (
            ", ".join(value) if isinstance(value := getattr(found, name), list) else str(value or "")
            for found in (first, second)
        )
        if theirs and theirs != mine:
            rows.append(FieldRow(field=name, label=label, one=mine or "nothing", other=theirs[:300], both=True))
    return ComparisonCard(
        one=str(first.id),
        other=str(second.id),
        one_name=first.display_name,
        other_name=second.display_name,
        one_initials=show.initials(first.display_name),
        other_initials=show.initials(second.display_name),
        one_about=f"here since {viewer.short_date(first.created_at)}",
        other_about=f"here since {viewer.short_date(second.created_at)}",
        fields=rows,
        taken=[row.field for row in rows if row.one == "not known"],
        comes_over=_comes_over(db, second.id),
    )


def _comes_over(db: Db, contact_id: UUID) -> list[str]:
    words = []
    for table, column in pointing_at_contacts():
        number = db.scalar(select(func.count()).select_from(table).where(column == contact_id)) or 0
        if number:
            name = {"source_items": "mails and events", "session_attendees": "places in classes"}.get(
                table.name, table.name.replace("contact_", "").replace("_", " ")
            )
            words.append(f"{number} {name if number > 1 else name.removesuffix('s')}")
    further = [one for one in contacts.identifiers(db, contact_id) if not one.is_primary]
    return [*words, *([f"{len(further)} further addresses and numbers"] if further else [])]
