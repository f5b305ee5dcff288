"""Choosing a client in a sheet: a few rows to tap, and somebody new by name."""

from __future__ import annotations

from pydantic import BaseModel

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.domain import contacts
from omnicrm.domain.contacts import ContactForm
from omnicrm.state import inputs

SHOWN = 6


class ClientChoice(BaseModel):
    id: str
    name: str
    initials: str
    detail: str


def choices(db: Db, query: str, *, without: set[str] | None = None) -> list[ClientChoice]:
    """Who it may be, the best first; those `without` left out."""
    rows = contacts.listed(db, query, limit=SHOWN + len(without or ())).rows
    left = [row for row in rows if row.id not in (without or ())]
    return [ClientChoice(id=row.id, name=row.name, initials=row.initials, detail=row.detail) for row in left[:SHOWN]]


def added(db: Db, name: str) -> str:
    """Somebody new, known by name alone; gives the id. Raises Invalid beside the field `client`."""
    first, _, last = " ".join(name.split()).partition(" ")
    if not first:
        raise Invalid(fields={"client": "Write who it is."})
    form = inputs.checked(lambda: ContactForm(first_name=first, last_name=last or None))
    return str(contacts.add(db, form).id)
