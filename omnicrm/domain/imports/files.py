"""What a file of contacts is, before anything is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omnicrm.formats import Unreadable, csv_contacts
from omnicrm.formats.csv_contacts import Mapping, Sheet
from omnicrm.models.imports import ImportKind


@dataclass(frozen=True)
class Look:
    """A file before anything is done with it. `sheet` and `guess` are those of a table; an address book has none."""

    kind: ImportKind
    path: Path
    name: str
    sheet: Sheet | None = None
    guess: Mapping | None = None


def look(path: Path, *, name: str = "", days_first: bool = True) -> Look:
    """What a file is, and what its columns seem to mean. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise Unreadable(f"{name or path.name} cannot be read: {error.strerror or error}.") from error
    if b"BEGIN:VCARD" in head.replace(b"\0", b"").upper():
        return Look(ImportKind.VCARD, path, name or path.name)
    sheet = csv_contacts.open_sheet(path)
    return Look(ImportKind.CSV, path, name or path.name, sheet, csv_contacts.guess(sheet, days_first=days_first))
