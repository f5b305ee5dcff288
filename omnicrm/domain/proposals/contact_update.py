"""contact.update: one new fact about a client that the client announced."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import StringConstraints

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import Viewer, possessive
from omnicrm.domain import contacts, practice
from omnicrm.domain.cases import Draft
from omnicrm.domain.contacts import normal
from omnicrm.domain.contacts.card import address
from omnicrm.domain.proposals import base, resolve
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.contacts import Contact

TYPE = "contact.update"
GROUP: base.Group = "people"
LABEL = "Contact, change"
ICON = "user-pen"
NEEDS_CONTACT = True

What = Literal["first_name", "last_name", "email", "phone", "address", "date_of_birth", "company"]
_WORDS: dict[str, str] = {
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail address",
    "phone": "phone",
    "address": "address",
    "date_of_birth": "date of birth",
    "company": "company",
}
_ADDRESS = ("address_street", "address_city", "address_state", "address_postal_code", "address_country")


class Payload(base.Payload):
    """`value` as it is stored: E.164 for phones, ISO for days. `was` is the value that it replaces."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("contact", "value")

    contact_name: str = ""
    field: What
    value: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    was: str = ""


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    """Raises Unneeded where it is known already, NotFound for a client who is not in the book."""
    client = resolve.contact(db, draft, origin)
    if client is None:
        raise NotFound("This client is not in your contacts.")
    data = {
        "contact_name": client.display_name,
        "field": draft.slots.get("field"),
        "value": str(draft.slots.get("value") or ""),
        "was": _now(client, str(draft.slots.get("field"))),
    }
    payload = base.checked(Payload, data)
    payload = payload.model_copy(update={"value": _clean(db, payload.field, payload.value)})
    if payload.value == payload.was or payload.value in _known(db, client, payload.field):
        raise base.Unneeded(f"{possessive(client.first_name)} {_WORDS[payload.field]} is that already.")
    return base.Resolved(payload=payload, contact_id=client.id, dedupe_key=f"{TYPE}:{client.id}:{payload.field}")


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    who = about.contact or payload.contact_name
    return f"Change {possessive(who)} {_WORDS[payload.field]} to {_shown(payload.field, payload.value, viewer)}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    who = about.contact or payload.contact_name
    return f"{possessive(who)} {_WORDS[payload.field]} is now {_shown(payload.field, payload.value, viewer)}"


def consequence(payload: Payload, about: base.About) -> str:
    kept = "The old one stays as a second one. " if payload.field == "email" and payload.was else ""
    return f"{kept}Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    return [
        base.Field(
            name="contact",
            label="Client",
            kind="client",
            value=about.contact or payload.contact_name,
            editable=True,
            slots=("contact_email", "contact_ref"),
            why="from the sender",
        ),
        base.Field(
            name="value",
            label=_WORDS[payload.field].capitalize(),
            kind="date" if payload.field == "date_of_birth" else "text",
            value=_shown(payload.field, payload.value, viewer),
            raw=payload.value,
            old=_shown(payload.field, payload.was, viewer),
            editable=True,
            slots=("value",),
        ),
    ]


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    """Raises NotFound where the client is gone, Invalid for a value that cannot be one."""
    if approval.related_contact_id is None:
        raise NotFound("This client no longer exists.")
    contact = contacts.locked(db, approval.related_contact_id)
    value = _clean(db, payload.field, payload.value)
    before = _columns(contact, payload.field)
    _set(contact, payload.field, value)
    db.flush()
    if payload.field in ("email", "phone") and before[payload.field]:
        contacts.add_identifier(db, contact.id, before[payload.field], label="before")
    return {
        "contact_id": str(contact.id),
        "field": payload.field,
        "before": before,
        "approved": _columns(contact, payload.field),
    }


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    contact = db.get(Contact, UUID(log["contact_id"]), populate_existing=True)
    if contact is None:
        raise NotFound("This client no longer exists, so that there is nothing to put back.")
    now = _columns(contact, log["field"])
    if now == log["approved"]:
        return None
    before, approved, current = (_one_line(state) for state in (log["before"], log["approved"], now))
    return base.Difference(
        title=f"{possessive(contact.first_name)} {_WORDS[log['field']]} changed since you approved it",
        rows=[base.row(_WORDS[log["field"]].capitalize(), before, approved, current)],
        choices=[
            base.Choice(value="keep", label="Leave it as it is now", detail=current),
            base.Choice(value="all", label="Back as it was", detail=before or "empty"),
        ],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    """Raises NotFound where the client is gone."""
    contact = contacts.locked(db, UUID(log["contact_id"]))
    for column, value in log["before"].items():
        setattr(contact, column, date.fromisoformat(value) if value and column == "date_of_birth" else value)
    db.flush()


def _clean(db: Db, field: str, value: str) -> str:
    match field:
        case "email":
            return normal.email(value)
        case "phone":
            return normal.phone(value, practice.of(db).region)
        case "date_of_birth":
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError as error:
                raise Invalid(fields={"value": "Write the day like 1988-05-12."}) from error
    return value


def _known(db: Db, client: Contact, field: str) -> list[str]:
    return [one.value for one in contacts.identifiers(db, client.id)] if field in ("email", "phone") else []


def _now(client: Contact, field: str) -> str:
    if field == "address":
        return address(client)
    value = getattr(client, field, None) if field in _WORDS else None
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _columns(contact: Contact, field: str) -> dict[str, Any]:
    names = _ADDRESS if field == "address" else (field,)
    values = {name: getattr(contact, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _set(contact: Contact, field: str, value: str) -> None:
    if field == "address":  # as written, on one line: no part of the old address stays behind
        for name in _ADDRESS:
            setattr(contact, name, None)
        contact.address_street = value
    else:
        setattr(contact, field, date.fromisoformat(value) if field == "date_of_birth" else value)


def _shown(field: str, value: str, viewer: Viewer) -> str:
    if not value:
        return ""
    if field == "phone":
        return normal.shown_phone(value)
    return viewer.day(date.fromisoformat(value)) if field == "date_of_birth" else value


def _one_line(state: dict[str, Any]) -> str:
    return ", ".join(str(value) for value in state.values() if value)
