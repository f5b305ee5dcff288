"""Changing and leaving out fields before saying yes; validated by the same payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import contacts, practice, proposals, services
from omnicrm.domain.proposals import base
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.contacts import Contact


def edited(
    db: Db, approval: PendingApproval, edits: Mapping[str, Any], leave_out: Sequence[str]
) -> tuple[dict[str, Any] | None, list[str]]:
    """(the payload to carry out, or None where it is the proposed one; the names of the changed fields).

    Raises Invalid for a field that cannot be changed or left out and for a value that cannot be.
    """
    model = proposals.of(approval.type).Payload
    data = dict(approval.edited_payload or approval.data_payload)
    before = dict(data)
    for name, value in edits.items():
        if name not in model.EDITABLE:
            raise Invalid(f"“{name[:40]}” cannot be changed here.", {name[:40]: _one_of(model.EDITABLE)})
        _set(db, approval, data, name, value)
    for name in leave_out:
        if name not in model.OPTIONAL:
            raise Invalid(f"“{name[:40]}” cannot be left out.", {name[:40]: _one_of(model.OPTIONAL)})
        _clear(approval, data, model, name)
    checked = base.checked(model, data).model_dump(mode="json")
    changed = [name for name in edits if name == "contact" or checked.get(name) != before.get(name)]
    return (None if checked == approval.data_payload else checked), changed


def _set(db: Db, approval: PendingApproval, data: dict[str, Any], name: str, value: Any) -> None:
    match name:
        case "contact":
            contact = _contact(db, str(value))
            approval.related_contact_id = contact.id
            data["contact_name"] = contact.display_name
            if "contact_email" in data:
                data["contact_email"] = contact.email or ""
        case "service":
            service = services.named(db, str(value)) if value else None
            if value and service is None:
                raise Invalid(f"There is no service “{str(value)[:60]}”.", {"service": "Choose one of your services."})
            data["service"] = service.name if service else None
            data["service_id"] = str(service.id) if service else None
            data["title"] = service.name if service else ""
        case "scheduled_at":
            data[name] = base.moment(value, practice.of(db).viewer())
        case _:
            data[name] = value


def _clear(approval: PendingApproval, data: dict[str, Any], model: Any, name: str) -> None:
    together = {
        "service": ("service", "service_id", "title"),
        "invoice_id": ("invoice_id", "invoice_number"),
        "contact": ("contact_email", "contact_name"),
    }
    for field in together.get(name, (name,)):
        data.pop(field, None)
        default = model.model_fields[field]
        if name in ("group", "company", "phone", "last_name") and not default.is_required():
            data[field] = None
    if name == "contact":
        approval.related_contact_id = None


def _contact(db: Db, value: str) -> Contact:
    """By id, address, number or whole name. Raises Invalid where that is nobody, or more than one."""
    try:
        return contacts.get(db, UUID(value))
    except ValueError:
        pass
    except NotFound as error:
        raise Invalid(error.message, {"contact": "Choose a client."}) from error
    found = contacts.with_identifier(db, value) or contacts.called(db, value)
    if len(found) == 1:
        return found[0]
    sentence = "Nobody in your contacts is called that." if not found else "More than one client is called that."
    raise Invalid(sentence, {"contact": "Choose a client."})


def _one_of(names: Sequence[str]) -> str:
    return f"One of: {', '.join(names)}." if names else "Nothing of this proposal."
