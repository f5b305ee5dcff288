"""Fields that a practitioner defined for clients: name, kind and choices; and what is written into them.

A value is kept as text under the field's name in `contacts.custom_fields`: numbers as 4.5, dates as 2026-03-04.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import settings
from omnicrm.domain.contacts.book import locked
from omnicrm.domain.settings import OwnField
from omnicrm.models.contacts import Contact

MOST = 30
LONGEST = 2_000  # characters of a value


def listed(db: Db) -> tuple[OwnField, ...]:
    """In the order in which they were defined."""
    return settings.of(db).own_fields


def define(db: Db, name: str, kind: str, choices: str = "") -> OwnField:
    """A new field. `choices` are words with commas between them, of kind `choice` only.

    Raises Invalid for a name that is empty, overlong or taken, an unknown kind, a choice without words, or too many.
    """
    name = " ".join(name.split())
    known = listed(db)
    if not name or len(name) > 60 or "=" in name:
        raise Invalid(fields={"name": "A name of at most 60 characters, without “=”."})
    if any(field.name.casefold() == name.casefold() for field in known):
        raise Invalid(fields={"name": "There is a field of that name already."})
    if len(known) >= MOST:
        raise Invalid(fields={"name": f"There are {MOST} fields already. Remove one first."})
    words = tuple(dict.fromkeys(word.strip() for word in choices.split(",") if word.strip()))
    if kind == "choice" and not (2 <= len(words) <= 50 and all(len(word) <= 60 for word in words)):
        raise Invalid(fields={"choices": "Two to fifty choices of at most 60 characters, with commas between them."})
    if kind not in ("text", "number", "date", "choice"):
        raise Invalid(fields={"kind": "Choose one of the list."})
    field = OwnField(name=name, kind=kind, choices=words if kind == "choice" else ())  # type: ignore[arg-type]  # checked
    settings.set(db, "own_fields", [*(one.model_dump() for one in known), field.model_dump()])
    return field


def remove(db: Db, name: str) -> OwnField | None:
    """The field is shown no more; what clients have in it stays, and comes back with a field of that name."""
    known = listed(db)
    gone = next((field for field in known if field.name == name), None)
    if gone is not None:
        settings.set(db, "own_fields", [field.model_dump() for field in known if field.name != name])
    return gone


def bring_back(db: Db, field: OwnField) -> None:
    """Undo of `remove`."""
    known = listed(db)
    if all(one.name != field.name for one in known):
        settings.set(db, "own_fields", [*(one.model_dump() for one in known), field.model_dump()])


def used(db: Db) -> dict[str, int]:
    """How many clients have something in each field."""
    keys = func.jsonb_object_keys(Contact.custom_fields).label("name")
    inner = select(keys).where(col(Contact.custom_fields) != {}).subquery()
    return {name: number for name, number in db.execute(select(inner.c.name, func.count()).group_by(inner.c.name))}


def write(db: Db, contact_id: UUID, name: str, value: str, *, before: str) -> Contact:
    """Into one field of a client; empty text empties it. `before` is what the writer had seen.

    Raises NotFound for an unknown client or field, Invalid for a value that does not fit, and Conflict where somebody
    wrote something else meanwhile.
    """
    field = next((one for one in listed(db) if one.name == name), None)
    if field is None:
        raise NotFound("This field is not there any more. Load the page again.")
    value = checked(field, value)
    contact = locked(db, contact_id)
    now = str(contact.custom_fields.get(name, ""))
    if now not in (before, value):
        raise Conflict(f"Changed meanwhile to “{now[:80] or 'nothing'}”.")
    kept = {key: known for key, known in contact.custom_fields.items() if key != name}
    contact.custom_fields = {**kept, name: value} if value else kept
    db.flush()
    return contact


def checked(field: OwnField, value: str) -> str:
    """As it is kept. Raises Invalid with a sentence for the form's `value`."""
    value = value.strip()
    if not value:
        return ""
    if len(value) > LONGEST:
        raise Invalid(fields={"value": f"At most {LONGEST:,} characters, please."})
    match field.kind:
        case "number":
            try:
                number = Decimal(value.replace(",", ".").replace(" ", ""))
            except InvalidOperation:
                number = Decimal("nan")
            if not number.is_finite() or abs(number) >= Decimal("1e15"):
                raise Invalid(fields={"value": "A number such as 42 or 4.5."})
            return format(number.normalize(), "f")
        case "date":
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                raise Invalid(fields={"value": "A day such as 2026-03-04."}) from None
        case "choice" if value not in field.choices:
            raise Invalid(fields={"value": "Choose one of the list."})
    return value
