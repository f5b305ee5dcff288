"""What a note said before."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.domain import practice
from omnicrm.domain.notes import writing
from omnicrm.formats import markdown
from omnicrm.models.notes import Note, NoteVersion

_SHOWN = 50


class VersionRow(BaseModel):
    """`when` it was replaced; `html` its words, safe to show."""

    model_config = ConfigDict(frozen=True)

    number: int
    when: str
    title: str
    line: str
    html: str


def versions(db: Db, note_id: UUID) -> list[VersionRow]:
    """The last fifty, the newest first. Raises NotFound for an unknown note."""
    writing.get(db, note_id)
    query = select(NoteVersion).where(col(NoteVersion.note_id) == note_id)
    viewer = practice.of(db).viewer()
    return [
        VersionRow(
            number=old.number,
            when=viewer.moment(old.created_at),
            title=old.title or "",
            line=show.excerpt(markdown.to_text(old.content[:2_000]), 120),
            html=markdown.to_html(old.content),
        )
        for old in db.scalars(query.order_by(col(NoteVersion.number).desc()).limit(_SHOWN))
    ]


def restore(db: Db, note_id: UUID, number: int) -> Note:
    """The note says again what it said then; what it says now becomes a version. Raises NotFound."""
    query = select(NoteVersion).where(col(NoteVersion.note_id) == note_id, col(NoteVersion.number) == number)
    old = db.scalars(query).one_or_none()
    if old is None:
        raise NotFound("This version is not here any more.")
    return writing.change(db, note_id, old.content, title=old.title or "")
