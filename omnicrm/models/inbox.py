"""Mails and events as they came in: the buffer that a sync fills and proposals are made from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text

from omnicrm.models.base import Table, flag, instant, json_list, json_object, one_of, owned_by, word, words_list


class SourceKind(StrEnum):
    MAIL = "mail"
    EVENT = "event"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Outcome(StrEnum):
    PROPOSED = "proposed"
    NOTHING = "nothing"
    SKIPPED = "skipped"
    FAILED = "failed"


class SourceItem(Table, table=True):
    """One mail or event. `body_text` is what all evidence offsets refer to, until it is purged.

    To store idempotently: ON CONFLICT (user_id, connection_id, google_calendar_id, external_id) WHERE connection_id
    IS NOT NULL, or (user_id, provider, external_id) WHERE connection_id IS NULL (Takeout).
    """

    __tablename__ = "source_items"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("oauth_connections", "connection_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="SET NULL"),
        one_of("kind", SourceKind),
        one_of("direction", Direction),
        one_of("outcome", Outcome),
        CheckConstraint("ends_at >= starts_at", name="stretch"),
        Index(
            "uq_source_items_connected",
            "user_id",
            "connection_id",
            "google_calendar_id",
            "external_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("connection_id IS NOT NULL"),
        ),
        Index(
            "uq_source_items_imported",
            "user_id",
            "provider",
            "external_id",
            unique=True,
            postgresql_where=text("connection_id IS NULL"),
        ),
        Index("ix_source_items_of_contact", "user_id", "contact_id", "occurred_at"),
        Index("ix_source_items_newest", "user_id", "kind", "occurred_at"),
        Index("ix_source_items_thread", "user_id", "thread_id"),
        Index(
            "ix_source_items_busy",
            "user_id",
            "starts_at",
            "ends_at",
            postgresql_where=text("kind = 'event'::text AND busy"),
        ),
        Index("ix_source_items_waiting", "user_id", "occurred_at", postgresql_where=text("processed_at IS NULL")),
        Index(
            "ix_source_items_to_purge",
            "user_id",
            "occurred_at",
            postgresql_where=text("kind = 'mail'::text AND body_purged_at IS NULL"),
        ),
    )

    connection_id: UUID | None = None
    kind: SourceKind = word(SourceKind)
    provider: str
    external_id: str
    thread_id: str | None = None
    occurred_at: datetime = instant()
    sender: str | None = None
    sender_name: str | None = None
    recipients: list[Any] = json_list()  # {"name", "email", "kind": "to" | "cc"}
    subject: str | None = None
    body_text: str | None = None
    body_purged_at: datetime | None = instant(null=True)
    labels: list[str] = words_list()
    payload: dict[str, Any] = json_object()
    content_hash: str | None = None
    direction: Direction = word(Direction, Direction.IN)
    contact_id: UUID | None = None
    processed_at: datetime | None = instant(null=True)
    outcome: Outcome | None = word(Outcome, null=True)
    outcome_reason: str | None = None
    google_calendar_id: str | None = None
    etag: str | None = None
    starts_at: datetime | None = instant(null=True)
    ends_at: datetime | None = instant(null=True)
    busy: bool = flag(False)
