"""Files of clients: what is taken, under which name it is shown, and that a removed one can be brought back."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlmodel import col

from omnicrm.core import clock, storage
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.storage import Stored
from omnicrm.domain import contacts, practice
from omnicrm.domain.limits import Limit
from omnicrm.formats import Unreadable, filetypes, photos
from omnicrm.models.contacts import Contact
from omnicrm.models.files import File

LARGEST = 25_000_000  # bytes of one file
UPLOADS = Limit("uploads", 120, timedelta(hours=1))
KEPT = timedelta(days=30)  # how long a removed file can be brought back
ORPHANED = timedelta(days=1)  # bytes that no row speaks of
_MOST = 200
_ODD = re.compile(r"[\x00-\x1f\x7f<>:\"|?*]")


class WrongType(Invalid):
    """Not what is taken."""

    http_status = 415


class FileRow(BaseModel):
    """A line of the list; `about` has its size and day."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    about: str
    icon: str


def take(user_id: UUID, content: BinaryIO, name: str) -> tuple[Stored, str, str]:
    """The bytes, kept, with a name that is safe to show and their type: (stored, name, media type).

    Before any transaction. Raises TooLarge, WrongType for what is not taken, whatever its name says.
    """
    stored = storage.put(user_id, content, most=LARGEST)
    try:
        shown = safe_name(name)
        media_type = filetypes.sniff(stored.head)
        if media_type is None or not filetypes.fits(shown, media_type):
            raise WrongType(
                "This kind of file is not taken. Pictures, PDF, office documents, plain text, sound and video are, "
                "under their own endings."
            )
    except BaseException:
        storage.remove(user_id, stored.key)
        raise
    return stored, shown, media_type


def add(db: Db, contact_id: UUID | None, stored: Stored, name: str, media_type: str) -> File:
    """A row for kept bytes. Raises NotFound for an unknown client."""
    if contact_id is not None:
        contacts.get(db, contact_id)
    file = File(
        contact_id=contact_id,
        name=name,
        media_type=media_type,
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
    )
    db.add(file)
    db.flush()
    return file


def portrait(user_id: UUID, stored: Stored) -> Stored:
    """A client's photo from an uploaded picture, which goes. Raises WrongType for what is no picture."""
    try:
        if filetypes.sniff(stored.head) not in filetypes.PHOTOS:
            raise WrongType("A photo is a JPEG, PNG, WebP or GIF.")
        encoded = photos.portrait(storage.path(user_id, stored.key))
    except Unreadable as error:
        raise WrongType(str(error)) from error
    finally:
        storage.remove(user_id, stored.key)
    return storage.put(user_id, io.BytesIO(encoded), most=LARGEST)


def set_photo(db: Db, contact_id: UUID, key: str | None) -> str | None:
    """The client's photo, or none; gives what it was before. Raises NotFound, also for a key that is none of ours."""
    contact = contacts.locked(db, contact_id)
    if key is not None:
        storage.path(practice.of(db).id, key)
    before, contact.profile_image_path = contact.profile_image_path, key
    db.flush()
    return before


def of_contact(db: Db, contact_id: UUID) -> list[FileRow]:
    """The newest first, at most 200; removed ones are not among them."""
    query = select(File).where(col(File.contact_id) == contact_id, col(File.removed_at).is_(None))
    viewer = practice.of(db).viewer()
    return [
        FileRow(
            id=str(file.id),
            name=file.name,
            about=f"{_size(file.size)}, {viewer.short_date(file.created_at)}",
            icon="image" if file.media_type.startswith("image/") else "file-text",
        )
        for file in db.scalars(query.order_by(col(File.created_at).desc(), col(File.id).desc()).limit(_MOST))
    ]


def get(db: Db, file_id: UUID) -> File:
    """Raises NotFound for an unknown one, another practitioner's and a removed one, alike."""
    file = db.get(File, file_id)
    if file is None or file.removed_at is not None:
        raise NotFound("This file no longer exists.")
    return file


def remove(db: Db, file_id: UUID) -> File:
    """Out of every list; its bytes go after 30 days. Raises NotFound."""
    file = get(db, file_id)
    file.removed_at = clock.now()
    db.flush()
    return file


def bring_back(db: Db, file_id: UUID) -> File:
    """Undo of `remove`. Raises NotFound once it is gone for good."""
    file = db.get(File, file_id, with_for_update=True, populate_existing=True)
    if file is None:
        raise NotFound("This file is gone for good.")
    file.removed_at = None
    db.flush()
    return file


def forget(db: Db) -> int:
    """What was removed over 30 days ago goes, and bytes that no row speaks of; how many went. For housekeeping."""
    now, user_id = clock.now(), practice.of(db).id
    old = delete(File).where(col(File.removed_at) < now - KEPT).returning(col(File.storage_key))
    gone = list(db.scalars(old))
    known = set(db.scalars(select(col(File.storage_key))))
    known |= set(
        db.scalars(select(col(Contact.profile_image_path)).where(col(Contact.profile_image_path).is_not(None)))
    )
    gone += [key for key, written in storage.kept(user_id) if key not in known and written < now - ORPHANED]
    for key in gone:
        storage.remove(user_id, key)
    return len(gone)


def safe_name(name: str) -> str:
    """For people: no folders, no characters that turn or hide the rest, at most 120 characters with its ending."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(letter for letter in last if unicodedata.category(letter) not in ("Cf", "Cc", "Co", "Cn", "Cs"))
    plain = " ".join(_ODD.sub("_", plain).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{(stem or 'file')[: 119 - len(ending)]}.{ending}"
    return plain[:120] or "file"


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"
