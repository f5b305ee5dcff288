"""Practitioners, their logins and settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, Index, Integer, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from omnicrm.core import ids
from omnicrm.models.base import Instant, Owned, Table, currency, instant, number, plain, sealed, words_list


class User(SQLModel, table=True):
    """A practitioner. Keyed by `id`: the one table that is a tenant rather than belonging to one."""

    __tablename__ = "users"
    __mapper_args__: ClassVar[Any] = {"eager_defaults": True}
    __table_args__ = (
        Index("uq_users_email", text("lower(email)"), unique=True),
        CheckConstraint("email <> ''", name="email"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("week_start BETWEEN 0 AND 6", name="week_start"),
        sealed("totp_secret"),
    )

    id: UUID = Field(default_factory=ids.new, sa_type=SqlUuid, primary_key=True)
    email: str
    name: str = plain("")
    password_hash: str | None = None  # None: signs in with Google only
    email_verified_at: datetime | None = instant(null=True)
    time_zone: str = plain("UTC")
    locale: str = plain("en")
    currency: str = currency("'USD'::bpchar")
    week_start: int = number(0)  # 0 = Monday
    business_name: str | None = None
    language: str = plain("en")
    photo_path: str | None = None
    totp_secret: str | None = None  # encrypted
    recovery_codes: list[str] = words_list()  # hashes
    created_at: datetime = instant(default="now()")
    updated_at: datetime = Field(
        default=None,
        sa_type=Instant,
        nullable=False,
        sa_column_kwargs={"server_default": text("now()"), "server_onupdate": FetchedValue()},
    )
    version: int = Field(
        default=None,
        sa_type=Integer,
        nullable=False,
        sa_column_kwargs={"server_default": text("1"), "server_onupdate": FetchedValue()},
    )


class UserIdentity(Table, table=True):
    """Another way to sign in: the provider's `sub` is the key, the address may change."""

    __tablename__ = "user_identities"
    __table_args__ = (
        UniqueConstraint("provider", "subject"),
        UniqueConstraint("user_id", "provider"),
    )

    provider: str  # 'google'
    subject: str
    email: str | None = None


class LoginSession(Table, table=True):
    """A signed-in browser, by the hash of its cookie."""

    __tablename__ = "login_sessions"
    __table_args__ = (UniqueConstraint("token_hash"),)

    token_hash: str
    expires_at: datetime = instant()
    last_seen_at: datetime | None = instant(null=True)
    user_agent: str | None = None
    ip_address: str | None = None
    revoked_at: datetime | None = instant(null=True)


class UserSetting(Owned, table=True):
    """One setting of one practitioner."""

    __tablename__ = "user_settings"
    __table_args__ = (PrimaryKeyConstraint("user_id", "setting_key"),)

    setting_key: str
    setting_value: Any = Field(default=None, sa_type=JSONB, nullable=True)


class RateLimit(SQLModel, table=True):
    """Attempts by a key (an address, an e-mail's hash) in a window. Belongs to nobody: kept before anyone is known."""

    __tablename__ = "rate_limits"

    key: str = Field(primary_key=True)
    window_started_at: datetime = instant()
    attempts: int = number(0)
