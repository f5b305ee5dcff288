"""The archive: JSON and CSV a table, cards, a calendar, the files themselves, a manifest and a page to read.

Rows flow through: what is in memory does not grow with what is held.
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import text

from omnicrm.core import clock, crypto, storage
from omnicrm.core.db import Db
from omnicrm.core.errors import OmniError
from omnicrm.domain import contacts, exports, practice
from omnicrm.domain.contacts.private import SEALED
from omnicrm.domain.everything.catalogue import Part, parts
from omnicrm.formats.csv_contacts import safe

Progress: TypeAlias = Callable[[int, int, str], None]
_PAGE = 500
_SPOOL = 1024 * 1024
_README = """{title}

Made on {made} for {who}.

data/        one table a file, as JSON: every row that is held, with its history in audit_log
tables/      the same as CSV, for a spreadsheet (a cell that a spreadsheet would run has ' before it)
contacts/    the clients as vCard, CSV and JSON, which other address books read
calendar.ics the sessions, which every calendar reads
files/       the files and photos themselves, under the names that they have here
manifest.json how many rows and files there are, and what was left out

Left out on purpose: passwords, keys, tokens and the codes of links, which open doors and are of no use elsewhere.
Health notes stand in data/contacts.json as they can be read: keep this archive where nobody else finds it.
"""


@dataclass
class Report:
    """`counts`: rows of each table; `missing`: files whose bytes were not there."""

    counts: dict[str, int] = field(default_factory=dict)
    files: int = 0
    missing: list[str] = field(default_factory=list)
    size: int = 0


def write(db: Db, target: Path, *, contact_id: UUID | None = None, progress: Progress | None = None) -> Report:
    """Everything of the practitioner, or of one client, into the ZIP `target` (readable by its owner alone).

    `progress(done, of, what)` is told of each part. Raises NotFound for an unknown client. Nothing is left at
    `target` where it fails.
    """
    if contact_id is not None:
        contacts.get(db, contact_id)
    db.execute(text("set local statement_timeout = 0"))
    who, report = practice.of(db), Report()
    chosen = parts(client=contact_id is not None)
    steps = len(chosen) + 3
    tell = progress or (lambda done, of, what: None)
    half = target.with_name(f".{target.name}.part")
    try:
        with (
            os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for done, part in enumerate(chosen):
                tell(done, steps, part.table.replace("_", " "))
                report.counts[part.table] = _table(db, archive, part, contact_id)
            tell(len(chosen), steps, "cards")
            _cards(db, archive, contact_id)
            tell(len(chosen) + 1, steps, "calendar")
            _calendar(db, archive, contact_id)
            tell(len(chosen) + 2, steps, "files")
            _files(db, archive, who.id, contact_id, report)
            _about(db, archive, report, chosen, contact_id)
        report.size = half.stat().st_size
        os.replace(half, target)
    finally:
        half.unlink(missing_ok=True)
    return report


def _table(db: Db, archive: zipfile.ZipFile, part: Part, contact_id: UUID | None) -> int:
    """One table as JSON, row by row, and as CSV, which waits on disk meanwhile."""
    number, names = 0, list[str]()
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as waiting:
        rows = io.TextIOWrapper(cast(IO[bytes], waiting), encoding="utf-8", newline="")
        table = csv.writer(rows)
        with archive.open(f"data/{part.table}.json", "w", force_zip64=True) as out:
            for row in _rows(db, part, contact_id):
                if not number:
                    names = list(row)
                    rows.write("\ufeff")
                    table.writerow([safe(name) for name in names])
                out.write((",\n" if number else "[\n").encode() + json.dumps(row, ensure_ascii=False).encode())
                table.writerow([safe(_cell(row[name])) for name in names])
                number += 1
            out.write(b"\n]\n" if number else b"[]\n")
        rows.flush()
        waiting.seek(0)
        with archive.open(f"tables/{part.table}.csv", "w", force_zip64=True) as out:
            while piece := waiting.read(_SPOOL):
                out.write(piece)
        rows.detach()
    return number


def _rows(db: Db, part: Part, contact_id: UUID | None) -> Iterator[dict[str, Any]]:
    query = text(f"select to_jsonb(t) from {part.table} t where {part.condition}")  # noqa: S608  # names of our own
    left_out = {"user_id", *part.left_out} if part.table != "users" else {*part.left_out}
    found = db.execute(
        query, {"client": contact_id} if contact_id is not None else {}, execution_options={"yield_per": _PAGE}
    )
    for (row,) in found:
        kept = {name: value for name, value in row.items() if name not in left_out}
        if part.table == "contacts" and kept.get("health_notes"):
            kept["health_notes"] = _opened(kept["health_notes"])
        if part.table == "sessions" and contact_id is not None and kept["contact_id"] != str(contact_id):
            kept["notes"] = None  # of a class: they may speak of others
        yield {name: value for name, value in kept.items() if not _sealed(value)}


def _opened(sealed: str) -> str:
    try:
        return crypto.decrypt(sealed, context=SEALED)
    except OmniError:
        return "These notes cannot be opened with the keys of this installation."


def _sealed(value: Any) -> bool:
    """Whatever else is encrypted stays here, in a column that nobody thought of too."""
    return isinstance(value, str) and crypto.is_sealed(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cards(db: Db, archive: zipfile.ZipFile, contact_id: UUID | None) -> None:
    forms: tuple[tuple[str, exports.Kind], ...] = (("csv", "csv"), ("vcf", "vcf4"), ("json", "json"))
    for ending, kind in forms:
        with archive.open(f"contacts/contacts.{ending}", "w", force_zip64=True) as out:
            for piece in exports.written(db, kind, contact_id=contact_id):
                out.write(piece.encode())


def _calendar(db: Db, archive: zipfile.ZipFile, contact_id: UUID | None) -> None:
    condition = next(part.condition for part in parts(client=contact_id is not None) if part.table == "sessions")
    query = text(
        "select t.id, t.title, t.location, t.scheduled_at, coalesce(t.duration_minutes, 60) as minutes, t.status"  # noqa: S608  # as above
        f" from sessions t where t.status <> 'pending_ai_confirmation' and ({condition}) order by t.scheduled_at, t.id"
    )
    values = {"client": contact_id} if contact_id is not None else {}
    with archive.open("calendar.ics", "w", force_zip64=True) as out:
        out.write(_lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//OmniCRM//Export//EN"))
        for row in db.execute(query, values, execution_options={"yield_per": _PAGE}):
            ends = row.scheduled_at + timedelta(minutes=row.minutes)
            out.write(
                _lines(
                    "BEGIN:VEVENT",
                    f"UID:{row.id}@omnicrm",
                    f"DTSTAMP:{_utc(clock.now())}",
                    f"DTSTART:{_utc(row.scheduled_at)}",
                    f"DTEND:{_utc(ends)}",
                    f"SUMMARY:{_escaped(row.title)}",
                    *([f"LOCATION:{_escaped(row.location)}"] if row.location else []),
                    f"STATUS:{'CANCELLED' if row.status == 'cancelled' else 'CONFIRMED'}",
                    "END:VEVENT",
                )
            )
        out.write(_lines("END:VCALENDAR"))


def _files(db: Db, archive: zipfile.ZipFile, user_id: UUID, contact_id: UUID | None, report: Report) -> None:
    by_table = {part.table: part.condition for part in parts(client=contact_id is not None)}
    values = {"client": contact_id} if contact_id is not None else {}
    queries = (
        f"select t.id, t.name, t.storage_key from files t where {by_table['files']}",  # noqa: S608  # as above
        "select t.id, 'photo.jpg' as name, t.profile_image_path as storage_key from contacts t"  # noqa: S608  # as above
        f" where t.profile_image_path is not null and ({by_table['contacts']})",
    )
    for query in queries:
        for key, name, stored in db.execute(text(query), values, execution_options={"yield_per": _PAGE}):
            inside = f"files/{key}-{name}"
            try:
                archive.write(storage.path(user_id, stored), inside)
            except OmniError:
                report.missing.append(inside)
            else:
                report.files += 1


def _about(db: Db, archive: zipfile.ZipFile, report: Report, chosen: list[Part], contact_id: UUID | None) -> None:
    who, viewer = practice.of(db), practice.of(db).viewer()
    name = contacts.get(db, contact_id).display_name if contact_id is not None else ""
    title = f"Everything that {who.name} holds on {name}" if name else f"Everything that {who.name} keeps in OmniCRM"
    made = clock.now()
    manifest = {
        "made_at": made.isoformat(),
        "practitioner": who.email,
        "contact": str(contact_id) if contact_id is not None else None,
        "rows": report.counts,
        "files": report.files,
        "files_missing": report.missing,
        "left_out": {part.table: list(part.left_out) for part in chosen if part.left_out},
    }
    archive.writestr("manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False))
    archive.writestr("README.txt", _README.format(title=title, made=viewer.long_moment(made), who=who.email))


def _lines(*lines: str) -> bytes:
    """Folded at 75 bytes, as calendars want it."""
    out = []
    for line in lines:
        data = line.encode()
        while len(data) > 74:
            cut = 74
            while data[cut] & 0xC0 == 0x80:  # never within a character
                cut -= 1
            out.append(data[:cut] + b"\r\n ")
            data = data[cut:]
        out.append(data + b"\r\n")
    return b"".join(out)


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r", "").replace("\n", "\\n")


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
