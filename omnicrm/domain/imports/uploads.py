"""A file that was handed over in the browser, on its way: columns, rehearsal, run. It is kept privately until then."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from omnicrm.core import clock, config, signals
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import contacts, practice
from omnicrm.domain.imports import batches
from omnicrm.domain.imports.files import Look, look
from omnicrm.domain.imports.people import OWN, Choice, Plan
from omnicrm.formats import Unreadable
from omnicrm.formats.csv_contacts import TARGETS, Mapping
from omnicrm.models.imports import ImportBatch, ImportKind, ImportStatus

LARGEST = 100 * 1024 * 1024  # bytes of a file handed over in the browser; the command line takes any size
KEPT_SECONDS = 24 * 60 * 60
_PIECE = 1024 * 1024
_SAMPLES = 3

Step: TypeAlias = Literal["columns", "rehearsing", "rehearsal", "running", "done", "failed", "reverted"]


class ColumnRow(BaseModel):
    """A column of the file: its heading, its first values, and what it becomes."""

    model_config = ConfigDict(frozen=True)

    place: int
    header: str
    samples: str
    target: str


class PerhapsRow(BaseModel):
    """A row that may be somebody in the book; `choice` is empty until somebody has said."""

    model_config = ConfigDict(frozen=True)

    row: int
    name: str
    detail: str
    like: str
    like_id: str
    why: str
    choice: str


class Reason(BaseModel):
    model_config = ConfigDict(frozen=True)

    item: str
    reason: str


class UploadCard(BaseModel):
    """An import as its page shows it. `rows` counts those done, while it rehearses or runs."""

    model_config = ConfigDict(frozen=True)

    id: str
    step: Step
    file_name: str
    about: str
    problem: str
    columns: list[ColumnRow]
    usable: bool
    day_first: bool
    has_days: bool
    rows: int
    new: int
    known: int
    perhaps: int
    refused: int
    decided: int
    comes_in: int
    filled: int
    unchanged: int
    left_out: int
    perhaps_rows: list[PerhapsRow]
    reasons: list[Reason]
    can_revert: bool
    kept: list[Reason]


def receive(db: Db, name: str, content: BinaryIO) -> UUID:
    """Keep a file that was handed over, look into it, and note an import that has not begun.

    Raises Unreadable for what is no table of text and no address book, Invalid past 100 MB.
    """
    name = Path(name.replace("\\", "/")).name[:200] or "contacts"
    batch = ImportBatch(kind=ImportKind.CSV, file_name=name, status=ImportStatus.REHEARSED, mapping={"step": "columns"})
    db.add(batch)
    db.flush()
    target = path(batch.id)
    _sweep(target.parent)
    try:
        _copy(content, target)
        found = look(target, name=name, days_first=_days_first(db))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    batch.kind = found.kind
    batch.mapping = {
        "step": "columns",
        "targets": list(found.guess.targets) if found.guess else [],
        "days_first": found.guess.day_first if found.guess else True,
        "choices": {},
    }
    db.flush()
    return batch.id


def path(batch_id: UUID) -> Path:
    """Where the file of an import lies until it is done."""
    return config.settings().data_dir / "imports" / str(batch_id)


def discard(batch_id: UUID) -> None:
    path(batch_id).unlink(missing_ok=True)


def opened(batch: ImportBatch) -> Look:
    """Raises NotFound where the file is gone: it is kept for a day."""
    if not path(batch.id).exists():
        raise NotFound("The file of this import is not kept any more. Choose it again.")
    return look(path(batch.id), name=batch.file_name)


def plan(batch: ImportBatch) -> Plan:
    """How it is brought in: who may be somebody in the book stays out until somebody has said."""
    given = batch.mapping
    choices = {int(row): choice for row, choice in given.get("choices", {}).items()}
    return Plan(tuple(given.get("targets", ())), bool(given.get("days_first", True)), "leave_out", choices)


def set_column(db: Db, batch_id: UUID, place: int, target: str) -> None:
    """What a column becomes. Raises NotFound, Invalid for what no column can become."""
    batch = batches.get(db, batch_id, lock=True)
    targets = list(batch.mapping.get("targets", []))
    own = {f"{OWN}{field.name}" for field in contacts.own_fields.listed(db)}
    if target not in TARGETS | dict.fromkeys(own, "") or not 0 <= place < len(targets):
        raise Invalid("No column can become that.")
    targets[place] = target
    _change(db, batch, targets=targets, step="columns")


def set_day_first(db: Db, batch_id: UUID, day_first: bool) -> None:
    _change(db, batches.get(db, batch_id, lock=True), days_first=day_first, step="columns")


def choose(db: Db, batch_id: UUID, row: int, choice: Choice) -> None:
    """Whether a row is somebody in the book."""
    batch = batches.get(db, batch_id, lock=True)
    _change(db, batch, choices={**batch.mapping.get("choices", {}), str(row): choice})


def step(db: Db, batch_id: UUID, name: Step, **more: Any) -> None:
    """Where it stands; open pages read it again."""
    _change(db, batches.get(db, batch_id, lock=True), step=name, **more)
    signals.changed(db)


def card(db: Db, batch_id: UUID) -> UploadCard:
    """Raises NotFound."""
    batch = batches.get(db, batch_id)
    given, counts = batch.mapping, batch.counts
    rehearsed = dict(given.get("rehearsed", {}))
    perhaps = [
        PerhapsRow(**row, choice=given.get("choices", {}).get(str(row["row"]), "")) for row in rehearsed.get("rows", [])
    ]
    chosen = list(given.get("choices", {}).values())
    total = rehearsed.get("counts", {})
    columns, about = _columns(batch)
    done = batch.status != ImportStatus.REHEARSED
    reasons = (batch.revert_log or {}).get("reasons", []) if done else rehearsed.get("reasons", [])
    new, known = total.get("contact new", 0), total.get("contact known", 0)
    return UploadCard(
        id=str(batch.id),
        step=_step(batch),
        file_name=batch.file_name,
        about=about,
        problem=given.get("problem", ""),
        columns=columns,
        usable=not columns or Mapping(tuple(given.get("targets", ()))).usable,
        day_first=bool(given.get("days_first", True)),
        has_days=bool({"date_of_birth", "client_since"} & set(given.get("targets", ()))),
        rows=counts.get("rows", 0) if done else given.get("rows", 0),
        new=counts.get("contact stored", 0) if done else new,
        known=known,
        perhaps=total.get("contact perhaps known", 0),
        refused=(counts if done else total).get("contact refused", 0),
        decided=len(chosen),
        comes_in=new + known + sum(choice != "leave_out" for choice in chosen),
        filled=counts.get("contact filled", 0),
        unchanged=counts.get("contact unchanged", 0),
        left_out=counts.get("contact left out", 0),
        perhaps_rows=perhaps[:50],
        reasons=[Reason(item=item, reason=reason) for item, reason in reasons[:50]],
        can_revert=done and batches.revertable(batch),
        kept=[Reason(item=name, reason=why) for name, why in given.get("kept", [])[:50]],
    )


def _step(batch: ImportBatch) -> Step:
    if batch.status == ImportStatus.REVERTED:
        return "reverted"
    found: Step = batch.mapping.get("step", "done")
    quiet = clock.now() - batch.updated_at > batches.QUIET  # whoever was at it is gone
    if batch.status == ImportStatus.DONE:
        return "running" if found == "running" and not quiet else "done"
    if batch.status == ImportStatus.FAILED or (batch.status == ImportStatus.RUNNING and quiet):
        return "failed"
    stopped: dict[Step, Step] = {"rehearsing": "columns", "running": "rehearsal"}
    return stopped.get(found, found) if quiet else found


def _columns(batch: ImportBatch) -> tuple[list[ColumnRow], str]:
    """The columns with their first values, and the file in a few words; nothing once the file is gone."""
    if batch.status != ImportStatus.REHEARSED:
        return [], ""
    try:
        sheet = opened(batch).sheet
    except (NotFound, Unreadable):
        return [], ""
    if sheet is None:
        return [], "an address book"
    targets = batch.mapping.get("targets", [])
    rows = [
        ColumnRow(
            place=place,
            header=header[:80],
            samples=", ".join([row.cells[place][:40] for row in sheet.first if row.cells[place]][:_SAMPLES]),
            target=targets[place],
        )
        for place, header in enumerate(sheet.headers)
    ]
    separator = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[sheet.separator]
    return rows, f"{len(rows)} columns, parted by {separator}"


def _change(db: Db, batch: ImportBatch, **changes: Any) -> None:
    batch.mapping = {**batch.mapping, **changes}
    db.flush()


def _copy(content: BinaryIO, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    taken = 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(_PIECE):
            taken += len(piece)
            if taken > LARGEST:
                raise Invalid("The file is larger than 100 MB. The command line takes any size.")
            file.write(piece)


def _sweep(folder: Path) -> None:
    """Files that nobody went on with are dropped after a day."""
    if folder.exists():
        for file in folder.iterdir():
            if time.time() - file.stat().st_mtime > KEPT_SECONDS:
                file.unlink(missing_ok=True)


def _days_first(db: Db) -> bool:
    return not practice.of(db).locale.endswith("US")
