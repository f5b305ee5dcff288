"""Find anything: one function of the database answers, for this practitioner only."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from omnicrm.core.db import Db
from omnicrm.domain import practice

KINDS = ("contact", "note", "session", "task", "mail", "invoice", "program", "service", "group", "project")

_FIND = text("select * from find_anything(:query, cast(:kinds as text[]), :limit)")


class Hit(BaseModel):
    """`snippet` holds the words around the hit; `contact_id` whose it is, or empty; `at` when (a task: when due)."""

    model_config = ConfigDict(frozen=True)

    kind: str
    id: str
    contact_id: str
    title: str
    snippet: str
    when: str
    at: datetime | None = None


def folded(text: str) -> str:
    """As the search compares: lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def find(db: Db, query: str, *, kinds: Sequence[str] | None = None, limit: int = 20) -> list[Hit]:
    """Best hits first: contacts (names that are nearly it, too), then the rest, newest first.

    `limit` counts contacts and everything else apart, at most 100 each. Nothing for an empty query.
    """
    if not query.strip():
        return []
    asked = {"query": query, "kinds": list(kinds) if kinds is not None else None, "limit": limit}
    rows = db.execute(_FIND, asked).all()
    if not rows:
        return []
    viewer = practice.of(db).viewer()
    return [
        Hit(
            kind=row.kind,
            id=str(row.entity_id),
            contact_id=str(row.contact_id or ""),
            title=row.title,
            snippet=row.snippet or "",
            when=viewer.since(row.occurred_at) if row.occurred_at else "",
            at=row.occurred_at,
        )
        for row in rows
    ]
