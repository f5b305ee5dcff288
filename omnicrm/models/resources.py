"""The library, what is shared with whom, and the links that open it without an account."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint

from omnicrm.models.base import Editable, Owned, Table, instant, number, one_of, owned_by, word, words_list


class ResourceType(StrEnum):
    PDF = "pdf"
    VIDEO_LINK = "video_link"
    AUDIO_FILE = "audio_file"
    IMAGE = "image"
    LINK = "link"
    DOCUMENT = "document"


class ShareLinkKind(StrEnum):
    CLIENT_PAGE = "client_page"
    SESSION_REQUEST = "session_request"
    ENQUIRY = "enquiry"
    CALENDAR_FEED = "calendar_feed"


class ViewKind(StrEnum):
    OPENED = "opened"
    DOWNLOADED = "downloaded"


class ResourceFolder(Editable, table=True):
    """A folder of the library."""

    __tablename__ = "resource_folders"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("resource_folders", "parent_id", on_delete="CASCADE"),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("parent_id <> id", name="parent"),
    )

    parent_id: UUID | None = None
    name: str
    position: int = number(0)


class Resource(Editable, table=True):
    """Something to share: a stored file, or an address elsewhere."""

    __tablename__ = "resources"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("resource_folders", "folder_id", on_delete="SET NULL"),
        one_of("resource_type", ResourceType),
        CheckConstraint("btrim(title) <> ''", name="title"),
        Index("ix_resources_by_title", "user_id", "title"),
    )

    folder_id: UUID | None = None
    title: str
    description: str | None = None
    resource_type: ResourceType | None = word(ResourceType, null=True)
    file_path_storage: str | None = None
    external_url: str | None = None
    tags: list[str] = words_list()


class ResourceShare(Owned, table=True):
    """A resource shared with a client."""

    __tablename__ = "resource_shares"
    __table_args__ = (
        PrimaryKeyConstraint("resource_id", "contact_id"),
        owned_by("resources", "resource_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
    )

    resource_id: UUID
    contact_id: UUID
    shared_at: datetime = instant(default="now()")
    message: str | None = None
    revoked_at: datetime | None = instant(null=True)


class GroupResourceShare(Owned, table=True):
    """A resource shared with whoever is in a group at the time of opening."""

    __tablename__ = "group_resource_shares"
    __table_args__ = (
        PrimaryKeyConstraint("resource_id", "group_id"),
        owned_by("resources", "resource_id", on_delete="CASCADE"),
        owned_by("groups", "group_id", on_delete="CASCADE"),
    )

    resource_id: UUID
    group_id: UUID
    shared_at: datetime = instant(default="now()")
    message: str | None = None
    revoked_at: datetime | None = instant(null=True)


class ShareLink(Table, table=True):
    """A link for one purpose, by the hash of its token."""

    __tablename__ = "share_links"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("token_hash"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("sessions", "session_id", on_delete="CASCADE"),
        one_of("kind", ShareLinkKind),
    )

    kind: ShareLinkKind = word(ShareLinkKind)
    contact_id: UUID | None = None
    session_id: UUID | None = None
    token_hash: str
    pin_hash: str | None = None
    expires_at: datetime | None = instant(null=True)
    revoked_at: datetime | None = instant(null=True)
    last_opened_at: datetime | None = instant(null=True)
    open_count: int = number(0)


class ResourceView(Table, table=True):
    """A client opened or downloaded a resource."""

    __tablename__ = "resource_views"
    __table_args__ = (
        owned_by("share_links", "share_link_id", on_delete="CASCADE"),
        owned_by("resources", "resource_id", on_delete="CASCADE"),
        one_of("kind", ViewKind),
        Index("ix_resource_views_when", "user_id", "resource_id", "viewed_at"),
    )

    share_link_id: UUID
    resource_id: UUID
    viewed_at: datetime = instant()
    kind: ViewKind = word(ViewKind, ViewKind.OPENED)
