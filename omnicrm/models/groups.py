"""Groups act, tags describe, views remember."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint

from omnicrm.models.base import Editable, Owned, Table, flag, json_object, json_value, number, owned_by, words_list


class Group(Editable, table=True):
    """A named set of contacts; with a `rule` a smart group, whose members are computed."""

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "name"),
        CheckConstraint("btrim(name) <> ''", name="name"),
    )

    name: str
    description: str | None = None
    icon: str | None = None
    color: str | None = None
    is_private: bool = flag(False)
    position: int = number(0)
    rule: dict[str, Any] | None = json_value()


class ContactGroup(Owned, table=True):
    """Who is in which group. Leaving a group never deletes a contact."""

    __tablename__ = "contact_groups"
    __table_args__ = (
        PrimaryKeyConstraint("contact_id", "group_id"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("groups", "group_id", on_delete="CASCADE"),
    )

    contact_id: UUID
    group_id: UUID


class TagColor(Table, table=True):
    """The colour of a tag; a tag without one is grey."""

    __tablename__ = "tag_colors"
    __table_args__ = (UniqueConstraint("user_id", "tag"),)

    tag: str
    color: str


class SavedView(Editable, table=True):
    """A list as the practitioner likes to see it."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "page", "name"),)

    page: str
    name: str
    filters: dict[str, Any] = json_object()
    sort: str | None = None
    columns: list[str] = words_list()
