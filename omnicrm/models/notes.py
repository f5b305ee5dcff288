"""What the practitioner writes down. The assistant never writes here."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint

from omnicrm.models.base import Editable, Table, flag, owned_by, plain


class Note(Editable, table=True):
    """A note on a client, a session, a program, or on nothing in particular."""

    __tablename__ = "notes"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        owned_by("programs", "program_id", on_delete="SET NULL"),
        Index("ix_notes_of_contact", "user_id", "contact_id", "created_at"),
        Index("ix_notes_newest", "user_id", "created_at"),
    )

    contact_id: UUID | None = None
    session_id: UUID | None = None
    program_id: UUID | None = None
    title: str | None = None
    content: str
    is_pinned: bool = flag(False)
    note_type: str = plain("general")


class NoteVersion(Table, table=True):
    """A note as it was before an edit."""

    __tablename__ = "note_versions"
    __table_args__ = (
        owned_by("notes", "note_id", on_delete="CASCADE"),
        UniqueConstraint("user_id", "note_id", "number"),
    )

    note_id: UUID
    number: int
    title: str | None = None
    content: str
