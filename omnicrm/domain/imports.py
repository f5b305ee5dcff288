"""Files brought in: what each import was, what it made, and what became of every item."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.models.imports import ImportBatch, ImportKind, ImportStatus

MAX_REASONS = 1_000


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


def begin(db: Db, kind: ImportKind, file_name: str) -> UUID:
    """Note that an import has begun."""
    batch = ImportBatch(kind=kind, file_name=file_name[:500])
    db.add(batch)
    db.flush()
    return batch.id


def advance(db: Db, batch_id: UUID, tally: Tally, *, status: ImportStatus = ImportStatus.RUNNING) -> None:
    """Note how far it is; in the same transaction as the rows counted, so that both are true or neither."""
    batch = db.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound("This import is not here any more.")
    batch.status = status
    batch.counts = {**tally.counts, "reasons": [list(pair) for pair in tally.reasons]}
    batch.revert_log = {table: list(keys) for table, keys in tally.made.items()}
    db.flush()
