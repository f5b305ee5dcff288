"""Intake forms and waivers, and what clients answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from omnicrm.models.base import Editable, Table, flag, instant, json_list, json_object, owned_by, plain


class Form(Editable, table=True):
    """The questions, in order: {"key", "label", "kind", "health", "required"}."""

    __tablename__ = "forms"
    __table_args__ = (UniqueConstraint("user_id", "id"), CheckConstraint("btrim(name) <> ''", name="name"))

    name: str
    fields: list[Any] = json_list()
    text_version: str = plain("1")
    is_active: bool = flag(True)


class FormResponse(Table, table=True):
    """One client's answers by key; those of health questions are encrypted ("v1.…")."""

    __tablename__ = "form_responses"
    __table_args__ = (
        owned_by("forms", "form_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        Index("ix_form_responses_of_contact", "user_id", "contact_id", "submitted_at"),
    )

    form_id: UUID
    contact_id: UUID
    answers: dict[str, Any] = json_object()
    text_version: str = plain("1")
    signed_name: str | None = None
    submitted_at: datetime = instant()
