"""Clients, leads and others; what is known of them, and what they agreed to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, Numeric, Text, UniqueConstraint, text
from sqlmodel import Field

from omnicrm.models.base import (
    Editable,
    Table,
    flag,
    instant,
    json_object,
    json_value,
    one_of,
    owned_by,
    plain,
    sealed,
    word,
    words_list,
)


class ContactSource(StrEnum):
    MANUAL = "manual"
    CSV_IMPORT = "csv_import"
    VCARD_IMPORT = "vcard_import"
    TAKEOUT = "takeout"
    GMAIL = "gmail"
    GOOGLE_CALENDAR = "google_calendar"
    GOOGLE_CONTACTS = "google_contacts"
    WEBSITE_FORM = "website_form"
    REFERRAL = "referral"


class LifecycleStage(StrEnum):
    LEAD = "lead"
    ACTIVE = "active"
    PAUSED = "paused"
    FORMER = "former"


class IdentifierKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"


class ConsentKind(StrEnum):
    DATA_PROCESSING = "data_processing"
    MARKETING = "marketing"
    HEALTH_DATA = "health_data"
    AI_PROCESSING = "ai_processing"
    PHOTO = "photo"


class Contact(Editable, table=True):
    """A person in the book."""

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("contacts", "merged_into_id", on_delete="SET NULL"),
        one_of("source", ContactSource),
        one_of("lifecycle_stage", LifecycleStage),
        CheckConstraint("btrim(first_name) <> ''", name="first_name"),
        sealed("health_notes"),
        Index("ix_contacts_by_name", "user_id", "display_name", "id", postgresql_where=text("archived_at IS NULL")),
        Index("ix_contacts_newest", "user_id", "created_at", "id", postgresql_where=text("archived_at IS NULL")),
        Index("ix_contacts_changed", "user_id", "updated_at"),
        Index("ix_contacts_last_contacted", "user_id", "last_contacted_at"),
    )

    first_name: str
    last_name: str | None = None
    display_name: str = Field(
        default=None,
        sa_type=Text,
        nullable=False,
        sa_column_kwargs={
            "server_default": Computed(
                "btrim(first_name || ' '::text || COALESCE(last_name, ''::text))", persisted=True
            )
        },
    )
    email: str | None = None  # the primary ones, as typed; the database keeps contact_identifiers in step
    phone: str | None = None  # E.164
    company: str | None = None
    job_title: str | None = None
    date_of_birth: date | None = None
    pronouns: str | None = None
    website: str | None = None
    address_street: str | None = None
    address_city: str | None = None
    address_state: str | None = None
    address_postal_code: str | None = None
    address_country: str | None = None
    profile_image_path: str | None = None
    social_profiles: dict[str, Any] = json_object()
    tags: list[str] = words_list()
    notes: str | None = None
    source: ContactSource = word(ContactSource, ContactSource.MANUAL)
    referral_source: str | None = None
    lifecycle_stage: LifecycleStage = word(LifecycleStage, LifecycleStage.ACTIVE)
    client_since: date | None = None
    calendar_name: str | None = None  # how Google may show the client
    last_contacted_at: datetime | None = instant(null=True)
    preferred_channel: str | None = None
    time_zone: str | None = None
    wellness_goals: list[str] = words_list()
    emergency_contact: dict[str, Any] = json_object()
    health_notes: str | None = None  # encrypted
    insurer_name: str | None = None
    insurer_policy_number: str | None = None
    ai_allowed: bool = flag(True)
    mail_allowed: bool = flag(True)
    custom_fields: dict[str, Any] = json_object()
    archived_at: datetime | None = instant(null=True)
    merged_into_id: UUID | None = None


class ContactIdentifier(Table, table=True):
    """An address or number that a sender is matched by, normalised: lower case, E.164. Never empty."""

    __tablename__ = "contact_identifiers"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "value", "contact_id"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        one_of("kind", IdentifierKind),
        CheckConstraint("value <> '' AND value = lower(btrim(value))", name="value"),
        Index(
            "uq_contact_identifiers_primary",
            "user_id",
            "contact_id",
            "kind",
            unique=True,
            postgresql_where=text("is_primary"),
        ),
    )

    contact_id: UUID
    kind: IdentifierKind = word(IdentifierKind)
    value: str
    label: str | None = None
    is_primary: bool = flag(False)


class Consent(Table, table=True):
    """What a client agreed to, in which words, and until when."""

    __tablename__ = "consents"
    __table_args__ = (
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        one_of("kind", ConsentKind),
        Index("ix_consents_contact", "user_id", "contact_id", "kind", "granted_at"),
    )

    contact_id: UUID
    kind: ConsentKind = word(ConsentKind)
    text_version: str = plain("1")
    granted_at: datetime = instant()
    withdrawn_at: datetime | None = instant(null=True)
    evidence: str | None = None


class ContactMerge(Table, table=True):
    """What a merge moved, so that it can be taken apart again."""

    __tablename__ = "merge_log"
    __table_args__ = (
        owned_by("contacts", "kept_contact_id", on_delete="CASCADE"),
        owned_by("contacts", "merged_contact_id", on_delete="CASCADE"),
    )

    kept_contact_id: UUID
    merged_contact_id: UUID
    before: dict[str, Any] = json_object()  # fields of the kept contact before
    moved: dict[str, Any] = json_object()  # table -> ids that changed their owner
    unmerged_at: datetime | None = instant(null=True)


class DuplicatePair(Table, table=True):
    """Two who may be one person, as they were found: worked out anew for whoever changes."""

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        UniqueConstraint("user_id", "one_id", "other_id"),
        owned_by("contacts", "one_id", on_delete="CASCADE"),
        owned_by("contacts", "other_id", on_delete="CASCADE"),
        Index("ix_duplicate_pairs_likeliest", "user_id", "score"),
    )

    one_id: UUID  # the smaller of the two
    other_id: UUID
    score: Decimal = Field(sa_type=Numeric(6, 2))
    why: str


class ErasedId(Table, table=True):
    """An id that was erased; replayed after a restore, so that erased stays erased."""

    __tablename__ = "erased_ids"
    __table_args__ = (UniqueConstraint("user_id", "entity", "entity_id"),)

    entity: str
    entity_id: UUID
    identifier_hashes: list[str] = words_list()  # of the addresses that a later sync must not bring back
    erased_at: datetime = instant()
    counts: dict[str, Any] | None = json_value()
