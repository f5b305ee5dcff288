"""The same done to many clients at once: tagged, put away. Each gives whom it changed, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.models.contacts import Contact

MOST = 500  # at once


def tag(db: Db, contact_ids: Sequence[UUID], word: str) -> list[UUID]:
    """Put a tag on those who lack it. Raises Invalid for an empty or overlong tag, or more than 500 clients."""
    word = checked_tag(word)
    statement = (
        update(Contact)
        .where(col(Contact.id).in_(_few(contact_ids)), func.array_position(Contact.tags, word).is_(None))
        .values(tags=func.array_append(Contact.tags, word))
        .returning(col(Contact.id))
    )
    return _changed(db, statement)


def untag(db: Db, contact_ids: Sequence[UUID], word: str) -> list[UUID]:
    """Take a tag off those who have it."""
    statement = (
        update(Contact)
        .where(col(Contact.id).in_(_few(contact_ids)), func.array_position(Contact.tags, word).is_not(None))
        .values(tags=func.array_remove(Contact.tags, word))
        .returning(col(Contact.id))
    )
    return _changed(db, statement)


def archive(db: Db, contact_ids: Sequence[UUID]) -> list[UUID]:
    """Take those who are in the lists out of them; nothing of the history goes."""
    statement = (
        update(Contact)
        .where(col(Contact.id).in_(_few(contact_ids)), col(Contact.archived_at).is_(None))
        .values(archived_at=clock.now())
        .returning(col(Contact.id))
    )
    return _changed(db, statement)


def unarchive(db: Db, contact_ids: Sequence[UUID]) -> list[UUID]:
    statement = (
        update(Contact)
        .where(col(Contact.id).in_(_few(contact_ids)), col(Contact.archived_at).is_not(None))
        .values(archived_at=None)
        .returning(col(Contact.id))
    )
    return _changed(db, statement)


def checked_tag(word: str) -> str:
    word = word.strip()
    if not word:
        raise Invalid(fields={"tag": "Write a tag."})
    if len(word) > 60 or "," in word:
        raise Invalid(fields={"tag": "One tag of at most 60 characters, without commas."})
    return word


def _few(contact_ids: Sequence[UUID]) -> list[UUID]:
    if len(contact_ids) > MOST:
        raise Invalid(f"At most {MOST} clients at once. Nothing was changed.")
    return sorted(set(contact_ids))


def _changed(db: Db, statement: object) -> list[UUID]:
    changed = list(db.scalars(statement))  # type: ignore[call-overload]  # an update that returns ids
    db.expire_all()
    return changed
