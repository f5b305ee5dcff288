"""Address books for others: vCard 3.0 and 4.0, lines folded at 75 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, TypeAlias

from omnicrm.formats.contentlines import escape, folded, plain
from omnicrm.formats.vcard import Card, Labelled

Version: TypeAlias = Literal["3.0", "4.0"]


def write(card: Card, version: Version = "4.0") -> str:
    """One card, with CRLF line ends."""
    lines = [
        "BEGIN:VCARD",
        f"VERSION:{version}",
        f"N:{';'.join(escape(part) for part in (card.last_name, card.first_name, card.middle_name))};;",
        f"FN:{escape(card.name)}",
        *([f"UID:urn:uuid:{card.uid}"] if card.uid else []),
        *_labelled("EMAIL", card.emails, version),
        *_labelled("TEL", card.phones, version),
    ]
    for address in card.addresses:
        parts = (address.street, address.city, address.region, address.postal_code, address.country)
        lines.append(f"ADR:;;{';'.join(escape(part) for part in parts)}")
    for name, value in (("ORG", card.organisation), ("TITLE", card.title), ("NOTE", card.note)):
        if value:
            lines.append(f"{name}:{escape(value)}")
    if card.birthday:
        lines.append(f"BDAY:{_day(card.birthday, version)}")
    lines += [f"URL:{plain(one.value)}" for one in card.urls]
    if card.categories:
        lines.append(f"CATEGORIES:{','.join(escape(one) for one in card.categories)}")
    lines.append("END:VCARD")
    return "".join(folded(line) for line in lines)


def _labelled(name: str, values: Sequence[Labelled], version: Version) -> list[str]:
    lines = []
    for place, one in enumerate(values):
        preferred = place == 0 and len(values) > 1
        mark = (";PREF=1" if version == "4.0" else ";TYPE=PREF") if preferred else ""
        lines.append(f"{name}{mark}:{plain(one.value)}")
    return lines


def _day(value: date, version: Version) -> str:
    return value.strftime("%Y%m%d") if version == "4.0" else value.isoformat()
