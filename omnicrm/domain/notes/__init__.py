"""What the practitioner writes down. The assistant never writes here."""

from omnicrm.domain.notes import templates
from omnicrm.domain.notes.listing import NoteCard, NotePage, NoteRow, card, listed, of_contact, of_session
from omnicrm.domain.notes.versions import VersionRow, restore, versions
from omnicrm.domain.notes.writing import (
    Entry,
    NoteForm,
    Removed,
    Saved,
    add,
    change,
    get,
    pin,
    put_back,
    remove,
    save,
)

__all__ = [
    "Entry",
    "NoteCard",
    "NoteForm",
    "NotePage",
    "NoteRow",
    "Removed",
    "Saved",
    "VersionRow",
    "add",
    "card",
    "change",
    "get",
    "listed",
    "of_contact",
    "of_session",
    "pin",
    "put_back",
    "remove",
    "restore",
    "save",
    "templates",
    "versions",
]
