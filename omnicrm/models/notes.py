"""What the practitioner writes down. The assistant never writes here."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text

from omnicrm.models.base import Editable, Table, flag, owned_by, plain


class Note(Editable, table=True):
    """A note on a client, a session, a program, a project, or on nothing in particular.

    `entry_key` is made by the page that writes it, so that a note sent twice is one; `sitting` is the opening of the
    editor that wrote last: what an earlier one left is kept as a version.
    """

    __tablename__ = "notes"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        owned_by("programs", "program_id", on_delete="SET NULL"),
        owned_by("projects", "project_id", on_delete="SET NULL"),
        UniqueConstraint("user_id", "entry_key"),
        Index("ix_notes_of_contact", "user_id", "contact_id", "created_at"),
        Index("ix_notes_newest", "user_id", "created_at"),
        Index("ix_notes_of_type", "user_id", "note_type", "created_at", "id"),
        Index(
            "ix_notes_pinned_of_contact",
            "user_id",
            "contact_id",
            "created_at",
            postgresql_where=text("is_pinned"),
        ),
        Index("ix_notes_pinned", "user_id", "created_at", "id", postgresql_where=text("is_pinned")),
    )

    contact_id: UUID | None = None
    session_id: UUID | None = None
    program_id: UUID | None = None
    project_id: UUID | None = None
    title: str | None = None
    content: str
    is_pinned: bool = flag(False)
    note_type: str = plain("general")
    entry_key: UUID | None = None
    sitting: UUID | None = None


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


class NoteTemplate(Editable, table=True):
    """What a note may begin with, in Markdown."""

    __tablename__ = "note_templates"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "name"),
        CheckConstraint("btrim(name) <> ''", name="name"),
    )

    name: str
    note_type: str = plain("session")
    content: str
