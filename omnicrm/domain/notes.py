"""What the practitioner writes down. The assistant never writes here."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound
from omnicrm.domain import contacts, practice, sessions
from omnicrm.models.notes import Note, NoteVersion


class NoteForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_id: UUID | None = None
    session_id: UUID | None = None
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    content: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000)]
    is_pinned: bool = False
    note_type: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = "general"


class NoteRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    title: str
    content: str
    when: str
    pinned: bool
    note_type: str


def add(db: Db, form: NoteForm) -> Note:
    """Raises NotFound for an unknown client or session. A session's note is its client's too."""
    contact_id = form.contact_id
    if form.session_id is not None:
        contact_id = contact_id or sessions.get(db, form.session_id).contact_id
    if contact_id is not None:
        contacts.get(db, contact_id)
    note = Note(**{**form.model_dump(), "contact_id": contact_id, "title": form.title or None})
    db.add(note)
    db.flush()
    return note


def change(db: Db, note_id: UUID, content: str, *, title: str | None = None, version: int | None = None) -> Note:
    """Write it anew; what it said before is kept. Raises NotFound, Conflict where it was changed meanwhile."""
    note = db.get(Note, note_id, with_for_update=True, populate_existing=True)
    if note is None:
        raise NotFound("This note no longer exists.")
    if version is not None and note.version != version:
        raise Conflict("Someone changed this note meanwhile. See both versions.", override="version")
    db.add(NoteVersion(note_id=note.id, number=note.version, title=note.title, content=note.content))
    note.content = content
    if title is not None:
        note.title = title or None
    db.flush()
    return note


def remove(db: Db, note_id: UUID) -> None:
    """Raises NotFound."""
    note = db.get(Note, note_id, with_for_update=True)
    if note is None:
        raise NotFound("This note no longer exists.")
    db.delete(note)
    db.flush()


def of_contact(db: Db, contact_id: UUID, *, limit: int = 20) -> list[NoteRow]:
    """Pinned ones first, then the newest."""
    order = (col(Note.is_pinned).desc(), col(Note.created_at).desc(), col(Note.id).desc())
    query = select(Note).where(col(Note.contact_id) == contact_id).order_by(*order).limit(limit)
    viewer = practice.of(db).viewer()
    return [
        NoteRow(
            id=str(note.id),
            version=note.version,
            title=note.title or "",
            content=note.content,
            when=viewer.since(note.created_at),
            pinned=note.is_pinned,
            note_type=note.note_type,
        )
        for note in db.scalars(query)
    ]
