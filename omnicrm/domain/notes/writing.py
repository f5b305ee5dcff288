"""Writing notes: at once, or as one types, from a device whose connection comes and goes."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound
from omnicrm.domain import contacts, sessions
from omnicrm.models.notes import Note, NoteVersion
from omnicrm.models.programs import Program
from omnicrm.models.tasks import Project

NoteType = Literal["general", "session", "plan", "private"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
GONE = "This note no longer exists."


class _About(BaseModel):
    """What a note is on: any of these, or nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_id: UUID | None = None
    session_id: UUID | None = None
    program_id: UUID | None = None
    project_id: UUID | None = None


class NoteForm(_About):
    """A note written at once; `content` is Markdown."""

    title: Title = ""
    content: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000)]
    is_pinned: bool = False
    note_type: NoteType = "general"


class Entry(_About):
    """A note as it stands in an editor. What it is about counts for a new one only.

    `key` is the editor's own name for the note, `sitting` that of this opening of the editor, `base` the version that
    it was opened with or that was last confirmed (0 for a new note).
    """

    key: UUID
    sitting: UUID
    base: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    title: Title = ""
    content: Annotated[str, StringConstraints(max_length=100_000)]
    is_pinned: bool = False
    note_type: NoteType = "general"


class Saved(BaseModel):
    """What became of an entry: `new` where it made the note; `differs` where somebody wrote meanwhile (then nothing was
    written, `version` is theirs). Without an `id` it was empty, and is kept nowhere."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    new: bool = False
    differs: bool = False


class Removed(BaseModel):
    """A note that was taken away, as `put_back` needs it."""

    note: dict[str, Any]
    versions: list[dict[str, Any]]


def add(db: Db, form: NoteForm) -> Note:
    """Raises NotFound for an unknown client, session, program or project. A session's note is its client's too."""
    note = Note(**{**form.model_dump(), **_about(db, form), "title": form.title or None})
    db.add(note)
    db.flush()
    return note


def save(db: Db, entry: Entry) -> Saved:
    """Write the entry down, once however often it is sent. What another sitting had left is kept as a version.

    Raises NotFound for a client, session, program or project that does not exist.
    """
    note = _by_key(db, entry.key)
    if note is None:
        return _begun(db, entry) if entry.content.strip() else Saved(id="", version=0)
    becomes = _changes(note, entry)
    if not becomes:
        return Saved(id=str(note.id), version=note.version)
    if note.sitting != entry.sitting:
        if entry.base != note.version:
            return Saved(id=str(note.id), version=note.version, differs=True)
        if {"title", "content"} & set(becomes):
            db.add(NoteVersion(note_id=note.id, number=note.version, title=note.title, content=note.content))
        note.sitting = entry.sitting
    for name, value in becomes.items():
        setattr(note, name, value)
    db.flush()
    return Saved(id=str(note.id), version=note.version)


def change(db: Db, note_id: UUID, content: str, *, title: str | None = None, version: int | None = None) -> Note:
    """Write it anew; what it said before is kept. Raises NotFound, Conflict where it was changed meanwhile."""
    note = get(db, note_id, lock=True)
    if version is not None and note.version != version:
        raise Conflict("Someone changed this note meanwhile. See both versions.", override="version")
    db.add(NoteVersion(note_id=note.id, number=note.version, title=note.title, content=note.content))
    note.content, note.sitting = content, None
    if title is not None:
        note.title = title or None
    db.flush()
    return note


def pin(db: Db, note_id: UUID, on: bool) -> Note:
    """Raises NotFound."""
    note = get(db, note_id, lock=True)
    note.is_pinned = on
    db.flush()
    return note


def remove(db: Db, note_id: UUID) -> Removed:
    """Take it away with its versions. Raises NotFound."""
    note = get(db, note_id, lock=True)
    old = db.scalars(select(NoteVersion).where(col(NoteVersion.note_id) == note_id))
    gone = Removed(note=note.model_dump(), versions=[version.model_dump() for version in old])
    db.delete(note)
    db.flush()
    return gone


def put_back(db: Db, removed: Removed) -> None:
    """The undo of `remove`. Back already: nothing happens."""
    if db.get(Note, removed.note["id"]) is None:
        db.execute(insert(Note).values(removed.note))
        if removed.versions:
            db.execute(insert(NoteVersion), removed.versions)


def get(db: Db, note_id: UUID, *, lock: bool = False) -> Note:
    """Raises NotFound."""
    note = db.get(Note, note_id, with_for_update=lock or None, populate_existing=lock)
    if note is None:
        raise NotFound(GONE)
    return note


def _begun(db: Db, entry: Entry) -> Saved:
    """A new note, unless another message with the same key was first."""
    note = Note(
        **_about(db, entry),
        title=entry.title or None,
        content=entry.content,
        is_pinned=entry.is_pinned,
        note_type=entry.note_type,
        entry_key=entry.key,
        sitting=entry.sitting,
    )
    try:
        with db.begin_nested():
            db.add(note)
            db.flush()
    except IntegrityError:
        return save(db, entry)
    return Saved(id=str(note.id), version=note.version, new=True)


def _changes(note: Note, entry: Entry) -> dict[str, Any]:
    """Field → what it becomes, where it differs. An emptied text is left as it was."""
    wanted = {
        "title": entry.title or None,
        "content": entry.content if entry.content.strip() else note.content,
        "is_pinned": entry.is_pinned,
        "note_type": entry.note_type,
    }
    return {name: value for name, value in wanted.items() if getattr(note, name) != value}


def _by_key(db: Db, key: UUID) -> Note | None:
    """By the name that its editor gave it; a note that no editor began goes by its id."""
    query = select(Note).where((col(Note.entry_key) == key) | (col(Note.id) == key))
    return db.scalars(query.with_for_update().execution_options(populate_existing=True)).first()


def _about(db: Db, form: _About) -> dict[str, Any]:
    contact_id = form.contact_id
    if form.session_id is not None:
        session = sessions.get(db, form.session_id)
        contact_id = contact_id or session.contact_id
    if contact_id is not None:
        contacts.get(db, contact_id)
    for table, key, words in ((Program, form.program_id, "program"), (Project, form.project_id, "project")):
        if key is not None and db.get(table, key) is None:
            raise NotFound(f"This {words} no longer exists.")
    return {
        "contact_id": contact_id,
        "session_id": form.session_id,
        "program_id": form.program_id,
        "project_id": form.project_id,
    }
