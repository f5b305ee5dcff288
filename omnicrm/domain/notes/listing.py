"""Notes to read: a page at a time, of one client, of one session, or one in full."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, func, select, tuple_
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import practice, search
from omnicrm.domain.notes import writing
from omnicrm.domain.words import NOTE_TYPES
from omnicrm.formats import markdown
from omnicrm.models.contacts import Contact
from omnicrm.models.notes import Note, NoteVersion
from omnicrm.models.programs import Program
from omnicrm.models.sessions import Session
from omnicrm.models.tasks import Project

_MOST = 200
_FOUND = 100


class NoteRow(BaseModel):
    """A note in a list. `line` are its first words without marks; `about` says what it is on, beside the client."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    title: str
    line: str
    when: str
    pinned: bool
    note_type: str
    type_label: str
    contact_id: str
    who: str
    about: str


class NotePage(BaseModel):
    """`next` goes into `after` for the following page; empty at the end."""

    model_config = ConfigDict(frozen=True)

    rows: list[NoteRow]
    next: str


class NoteCard(NoteRow):
    """One note in full: `content` is Markdown, `html` safe to show, `key` what its editor calls it."""

    key: str
    content: str
    html: str
    session_id: str
    program_id: str
    project_id: str
    written: str
    versions: int


def listed(
    db: Db,
    query: str = "",
    *,
    note_type: str = "",
    pinned: bool = False,
    contact_id: UUID | None = None,
    project_id: UUID | None = None,
    after: str = "",
    limit: int = 50,
) -> NotePage:
    """Notes, the newest first, the next page after the cursor `after`; with a `query` its best hundred hits.

    Raises Invalid for an unknown type and for a broken cursor.
    """
    if note_type and note_type not in NOTE_TYPES:
        raise Invalid(f"There is no type of note “{note_type[:40]}”.", {"note_type": "Unknown type."})
    limit = max(1, min(limit, _MOST))
    statement = _with_names().order_by(col(Note.created_at).desc(), col(Note.id).desc())
    if note_type:
        statement = statement.where(col(Note.note_type) == note_type)
    if pinned:
        statement = statement.where(col(Note.is_pinned))
    if contact_id is not None:
        statement = statement.where(col(Note.contact_id) == contact_id)
    if project_id is not None:
        statement = statement.where(col(Note.project_id) == project_id)
    if query.strip():
        hits = search.find(db, query, kinds=("note",), limit=_FOUND)
        statement = statement.where(col(Note.id).in_([UUID(hit.id) for hit in hits])).limit(_FOUND)
        limit = _FOUND
    else:
        if after:
            statement = statement.where(tuple_(col(Note.created_at), col(Note.id)) < _position(after))
        statement = statement.limit(limit + 1)
    found = list(db.execute(statement))
    viewer = practice.of(db).viewer()
    rows = [NoteRow(**_shown(viewer, *one)) for one in found[:limit]]
    return NotePage(rows=rows, next=_cursor(found[limit - 1][0]) if len(found) > limit else "")


def of_contact(db: Db, contact_id: UUID, *, limit: int = 20) -> list[NoteRow]:
    """Pinned ones first, then the newest."""
    order = (col(Note.is_pinned).desc(), col(Note.created_at).desc(), col(Note.id).desc())
    query = _with_names().where(col(Note.contact_id) == contact_id).order_by(*order).limit(limit)
    viewer = practice.of(db).viewer()
    return [NoteRow(**_shown(viewer, *one)) for one in db.execute(query)]


def of_session(db: Db, session_id: UUID) -> Note | None:
    """The newest session note of a session: what "write up" goes on with."""
    query = select(Note).where(col(Note.session_id) == session_id, col(Note.note_type) == "session")
    return db.scalars(query.order_by(col(Note.created_at).desc(), col(Note.id).desc()).limit(1)).first()


def card(db: Db, note_id: UUID) -> NoteCard:
    """Raises NotFound."""
    old = select(func.count()).where(col(NoteVersion.note_id) == col(Note.id)).scalar_subquery()
    found = db.execute(_with_names().add_columns(old).where(col(Note.id) == note_id)).one_or_none()
    if found is None:
        raise NotFound(writing.GONE)
    *one, number = found
    note: Note = one[0]
    viewer = practice.of(db).viewer()
    return NoteCard(
        **_shown(viewer, *one),
        key=str(note.entry_key or note.id),
        content=note.content,
        html=markdown.to_html(note.content),
        session_id=str(note.session_id or ""),
        program_id=str(note.program_id or ""),
        project_id=str(note.project_id or ""),
        written=viewer.moment(note.created_at),
        versions=number,
    )


def _with_names() -> Select[Note, str, str, datetime, str, str]:
    return (
        select(
            Note,
            col(Contact.display_name),
            col(Session.title),
            col(Session.scheduled_at),
            col(Program.name),
            col(Project.name),
        )
        .outerjoin(Contact, col(Contact.id) == col(Note.contact_id))
        .outerjoin(Session, col(Session.id) == col(Note.session_id))
        .outerjoin(Program, col(Program.id) == col(Note.program_id))
        .outerjoin(Project, col(Project.id) == col(Note.project_id))
    )


def _shown(
    viewer: Viewer,
    note: Note,
    who: str | None,
    session: str | None,
    at: datetime | None,
    program: str | None,
    project: str | None,
) -> dict[str, Any]:
    held = f"{session}, {viewer.moment(at)}" if session and at else ""
    return {
        "id": str(note.id),
        "version": note.version,
        "title": note.title or "",
        "line": show.excerpt(markdown.to_text(note.content[:2_000]), 160),
        "when": viewer.since(note.created_at),
        "pinned": note.is_pinned,
        "note_type": note.note_type,
        "type_label": NOTE_TYPES.get(note.note_type, NOTE_TYPES["general"]),
        "contact_id": str(note.contact_id or ""),
        "who": who or "",
        "about": ", ".join(part for part in (held, program, project) if part),
    }


def _position(after: str) -> tuple[datetime, UUID]:
    try:
        at, key = json.loads(base64.urlsafe_b64decode(after.encode()))
        return datetime.fromisoformat(at), UUID(key)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def _cursor(note: Note) -> str:
    return base64.urlsafe_b64encode(json.dumps([note.created_at.isoformat(), str(note.id)]).encode()).decode()
