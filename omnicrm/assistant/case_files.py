"""Folders of approval cases: `cases.jsonl` beside raw mails and calendar events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omnicrm.core.errors import Invalid
from omnicrm.domain.cases import Address, Case, EventItem, MailItem
from omnicrm.formats import mail


def lines(folder: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """The id and content of each line of `cases.jsonl`; the content of a line that is no JSON object is a sentence.

    Raises Invalid where the folder holds no cases.
    """
    listing = folder / "cases.jsonl"
    if not listing.is_file():
        raise Invalid(f"{folder} holds no cases.jsonl.")
    for number, line in enumerate(listing.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            yield f"line {number}", f"Line {number} is not JSON: {error}"
            continue
        if isinstance(row, dict):
            yield str(row.get("id") or f"line {number}"), row
        else:
            yield f"line {number}", f"Line {number} is not a JSON object."


def case(folder: Path, row: dict[str, Any]) -> Case:
    """The case that a line describes, its source read from the folder.

    Raises ValueError (pydantic's ValidationError among them), KeyError, OSError or formats.Unreadable for a broken one.
    """
    source = folder / str(row["source"])
    if not source.resolve().is_relative_to(folder.resolve()):
        raise ValueError("The source lies outside of the folder.")
    given: dict[str, Any] = {
        "id": row["id"],
        "practitioner": row["practitioner"],
        "now": row["now"],
        "contacts": [_contact(contact) for contact in row.get("contacts", [])],
        "services": row.get("services", []),
        "sessions": row.get("sessions", []),
        "invoices": row.get("invoices", []),
    }
    if source.suffix == ".json":
        given["event"] = EventItem(resource=json.loads(source.read_text(encoding="utf-8")))
    else:
        given["mail"] = mail_item(source.read_bytes(), own=str(given["practitioner"].get("email", "")))
    return Case.model_validate(given)


def mail_item(raw: bytes, *, own: str = "") -> MailItem:
    """A raw message as a generator sees it; `own` is the practitioner's address, which makes it an outgoing one."""
    parsed = mail.parse(raw)
    sender = _address(parsed.sender)
    outgoing = sender is not None and bool(own) and sender.email.casefold() == own.casefold()
    return MailItem(
        subject=parsed.subject,
        sender=sender,
        reply_to=_address(parsed.reply_to),
        to=tuple(Address(name=a.name, email=a.email) for a in parsed.to),
        cc=tuple(Address(name=a.name, email=a.email) for a in parsed.cc),
        sent_at=parsed.date,
        text=parsed.text,
        auto_submitted=parsed.auto_submitted,
        bulk=parsed.bulk,
        no_reply=parsed.no_reply,
        calendar_parts=tuple(part.decode("utf-8", "replace") for part in parsed.calendar_parts),
        direction="out" if outgoing else "in",
    )


def _address(address: mail.Address | None) -> Address | None:
    return Address(name=address.name, email=address.email) if address and address.email else None


def _contact(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}
