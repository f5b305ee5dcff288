"""Files brought in, what they made, and how to take it back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index

from omnicrm.models.base import Editable, instant, json_object, json_value, one_of, word


class ImportKind(StrEnum):
    CSV = "csv"
    VCARD = "vcard"
    TAKEOUT = "takeout"


class ImportStatus(StrEnum):
    REHEARSED = "rehearsed"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REVERTED = "reverted"


class ImportBatch(Editable, table=True):
    """One import."""

    __tablename__ = "import_batches"
    __table_args__ = (
        one_of("kind", ImportKind),
        one_of("status", ImportStatus),
        Index("ix_import_batches_newest", "user_id", "created_at"),
    )

    kind: ImportKind = word(ImportKind)
    file_name: str
    mapping: dict[str, Any] = json_object()
    status: ImportStatus = word(ImportStatus, ImportStatus.RUNNING)
    counts: dict[str, Any] = json_object()
    revert_log: dict[str, Any] | None = json_value()
    reverted_at: datetime | None = instant(null=True)
