"""Mails to clients, and the templates they are written from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from omnicrm.models.base import Editable, Table, instant, json_list, one_of, owned_by, plain, word


class CommunicationType(StrEnum):
    EMAIL = "email"
    SMS = "sms"  # allowed by the schema, unused


class CommunicationStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENT = "sent"
    FAILED = "failed"
    OPENED = "opened"  # allowed by the schema, unused: mails carry no tracker
    CLICKED = "clicked"


class Template(Editable, table=True):
    """A text with variables such as {{contact.first_name}}; never code."""

    __tablename__ = "templates"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        CheckConstraint("btrim(name) <> ''", name="name"),
        Index("ix_templates_by_name", "user_id", "name"),
    )

    name: str
    subject: str | None = None
    body_html: str
    template_type: str = plain("email")
    variables: list[Any] = json_list()


class TemplateVersion(Table, table=True):
    """A template as it was before an edit."""

    __tablename__ = "template_versions"
    __table_args__ = (
        owned_by("templates", "template_id", on_delete="CASCADE"),
        UniqueConstraint("user_id", "template_id", "number"),
    )

    template_id: UUID
    number: int
    subject: str | None = None
    body_html: str


class Communication(Editable, table=True):
    """A mail to one client, from draft to sent."""

    __tablename__ = "communications"
    __table_args__ = (
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("templates", "template_id", on_delete="SET NULL"),
        one_of("communication_type", CommunicationType),
        one_of("status", CommunicationStatus),
        Index("ix_communications_of_contact", "user_id", "contact_id", "sent_at"),
        Index("ix_communications_by_status", "user_id", "status", "scheduled_for"),
    )

    contact_id: UUID
    communication_type: CommunicationType = word(CommunicationType, CommunicationType.EMAIL)
    subject: str | None = None
    body_preview: str | None = None
    body: str | None = None
    status: CommunicationStatus = word(CommunicationStatus, CommunicationStatus.SENT)
    scheduled_for: datetime | None = instant(null=True)
    sent_at: datetime | None = instant(null=True)
    template_id: UUID | None = None
    thread_id: str | None = None
    external_id: str | None = None
    error: str | None = None
