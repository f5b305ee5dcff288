"""What "find anything" looks through. Written by triggers, read through `find_anything` alone: no role but the owner
may touch the table, because row-level security would switch its indexes off (docs/decisions/0002-search.md)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from omnicrm.models.base import Instant, metadata

search_entries = Table(
    "search_entries",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("entity_id", Uuid, nullable=False),
    Column("contact_id", Uuid),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("folded_title", Text, nullable=False),  # lower case, without accents and punctuation
    Column("document", TSVECTOR, nullable=False),  # words of title (A) and text (B), and one word for the owner
    PrimaryKeyConstraint("user_id", "kind", "entity_id"),
    Index(
        "ix_search_entries_document",
        "document",
        postgresql_using="gin",
        postgresql_where=text("kind <> 'contact'::text"),
    ),
    Index(
        "ix_search_entries_contact_document",
        "document",
        postgresql_using="gin",
        postgresql_where=text("kind = 'contact'::text"),
    ),
    Index(
        "ix_search_entries_newest",
        "user_id",
        text("occurred_at DESC"),
        postgresql_where=text("kind <> 'contact'::text"),
    ),
    Index(
        "ix_search_entries_starts_with",
        "user_id",
        "kind",
        "folded_title",
        postgresql_ops={"folded_title": "text_pattern_ops"},
    ),
    Index(
        "ix_search_entries_fuzzy",
        "folded_title",
        postgresql_using="gin",
        postgresql_ops={"folded_title": "gin_trgm_ops"},
        postgresql_where=text("kind = 'contact'::text"),
    ),
)
