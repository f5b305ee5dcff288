"""What each import was, what it made, and what became of every item."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, text
from sqlalchemy.orm import defer
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound
from omnicrm.domain import practice
from omnicrm.models.imports import ImportBatch, ImportKind, ImportStatus

MAX_REASONS = 1_000
KEPT = timedelta(days=30)  # how long an import can be taken back
QUIET = timedelta(minutes=2)  # an import that has said nothing for so long has been interrupted


@dataclass
class Tally:
    """Counts by kind and change ("mail stored", "events refused", …), the reasons by item, and the keys of what was
    made, so that the import can be taken back. Reasons are kept for the first 1,000 items; the counts have them all."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=dict)

    def count(self, kind: str, change: str) -> None:
        self.counts[f"{kind} {change}"] += 1

    def refuse(self, name: str, reason: str, kind: str = "other") -> None:
        self.count(kind, "refused")
        self.note(name, reason)

    def note(self, name: str, reason: str) -> None:
        """A remark on an item that was taken all the same."""
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append((name, reason))

    def created(self, table: str, row_id: UUID) -> None:
        self.made.setdefault(table, []).append(str(row_id))

    def merge(self, other: Tally) -> None:
        """Take over what another tally holds: of a transaction that has been committed."""
        self.counts.update(other.counts)
        self.reasons += other.reasons[: MAX_REASONS - len(self.reasons)]
        for table, keys in other.made.items():
            self.made.setdefault(table, []).extend(keys)


class BatchRow(BaseModel):
    """An import in the list. `made` counts the new clients, `can_revert` says whether it can still be taken back."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    file_name: str
    status: str
    when: str
    made: int
    filled: int
    can_revert: bool


def begin(db: Db, kind: ImportKind, file_name: str, mapping: dict[str, Any] | None = None) -> UUID:
    """Note that an import has begun."""
    batch = ImportBatch(kind=kind, file_name=file_name[:500], mapping=mapping or {})
    db.add(batch)
    db.flush()
    return batch.id


def advance(db: Db, batch_id: UUID, tally: Tally, *, status: ImportStatus = ImportStatus.RUNNING) -> None:
    """Note how far it is; in the same transaction as the rows counted, so that both are true or neither."""
    batch = get(db, batch_id)
    batch.status = status
    batch.counts = {**tally.counts, "reasons": [list(pair) for pair in tally.reasons]}
    batch.revert_log = {table: list(keys) for table, keys in tally.made.items()}
    db.flush()


def note(db: Db, batch_id: UUID, position: int, counts: Counter[str], made: dict[str, list[Any]]) -> None:
    """The same for an import of many rows: those after row `position` are done, what they made is added to the log.

    Raises Conflict where the import stands elsewhere: somebody else goes on with it, or took it back.
    """
    batch = get(db, batch_id, lock=True)
    if batch.status == ImportStatus.REVERTED or int(batch.counts.get("rows", 0)) != position:
        raise Conflict("This import goes on elsewhere, or was taken back. Nothing was done here.")
    batch.status = ImportStatus.RUNNING
    batch.counts = {key: batch.counts.get(key, 0) + counts.get(key, 0) for key in {*batch.counts, *counts}}
    db.flush()
    for kind, added in made.items():
        if added:
            db.execute(_GROW, {"id": batch_id, "kind": kind, "added": json.dumps(added)})


def finish(db: Db, batch_id: UUID, status: ImportStatus = ImportStatus.DONE) -> None:
    """The last row is done, or the import has stopped."""
    get(db, batch_id).status = status
    db.flush()


def get(db: Db, batch_id: UUID, *, lock: bool = False) -> ImportBatch:
    """As it is now. Raises NotFound for an unknown import and another practitioner's, alike."""
    batch = db.get(ImportBatch, batch_id, populate_existing=True, with_for_update=True if lock else None)
    if batch is None:
        raise NotFound("This import is not here any more.")
    return batch


def unfinished(db: Db, mapping: dict[str, Any]) -> ImportBatch | None:
    """An import of the same file with the same columns that did not come to its end."""
    query = (
        select(ImportBatch)
        .where(
            col(ImportBatch.status).in_((ImportStatus.RUNNING, ImportStatus.FAILED)),
            col(ImportBatch.mapping) == mapping,
        )
        .order_by(col(ImportBatch.created_at).desc())
        .limit(1)
    )
    return db.scalars(query).first()


def listed(db: Db, limit: int = 20) -> list[BatchRow]:
    """The newest imports. One that has said nothing for two minutes is `interrupted`: it can go on, or be reverted."""
    viewer = practice.of(db).viewer()
    query = (
        select(ImportBatch)
        .options(defer(cast("Any", ImportBatch.revert_log)))
        .where(col(ImportBatch.status) != ImportStatus.REHEARSED)
    )
    now = clock.now()
    rows = []
    for batch in db.scalars(query.order_by(col(ImportBatch.created_at).desc()).limit(limit)):
        stopped = batch.status == ImportStatus.RUNNING and now - batch.updated_at > QUIET
        rows.append(
            BatchRow(
                id=str(batch.id),
                kind=batch.kind,
                file_name=batch.file_name,
                status="interrupted" if stopped else batch.status.value,
                when=viewer.moment(batch.created_at),
                made=sum(batch.counts.get(f"{kind} stored", 0) for kind in ("contact", "mail", "event")),
                filled=batch.counts.get("contact filled", 0),
                can_revert=revertable(batch),
            )
        )
    return rows


def revertable(batch: ImportBatch) -> bool:
    """For 30 days, once it no longer runs."""
    running = batch.status == ImportStatus.RUNNING and clock.now() - batch.updated_at <= QUIET
    return batch.status != ImportStatus.REVERTED and not running and clock.now() - batch.created_at <= KEPT


# In the database, so that an import of 100,000 does not send its whole log with each chunk.
_GROW = text("""
    update import_batches
       set revert_log = jsonb_set(
               coalesce(revert_log, '{}'), array[cast(:kind as text)],
               coalesce(revert_log -> cast(:kind as text), '[]') || cast(:added as jsonb))
     where id = :id
""")
