"""Files of a client, a session or a resource; the bytes are in the storage under `storage_key`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from omnicrm.models.base import Editable, instant, owned_by


class File(Editable, table=True):
    """A stored file. `name` is for people, `storage_key` is ours."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("user_id", "storage_key"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        owned_by("resources", "resource_id", on_delete="CASCADE"),
        CheckConstraint("size >= 0", name="size"),
    )

    contact_id: UUID | None = None
    session_id: UUID | None = None
    resource_id: UUID | None = None
    name: str
    media_type: str
    size: int = Field(sa_type=BigInteger)  # bytes
    sha256: str
    storage_key: str
    removed_at: datetime | None = instant(null=True)  # gone from the lists; the bytes follow after 30 days
