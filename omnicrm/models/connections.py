"""Accounts elsewhere that the practitioner connected."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text

from omnicrm.models.base import Editable, flag, instant, json_object, one_of, sealed, word, words_list


class Provider(StrEnum):
    GOOGLE_GMAIL = "google_gmail"
    GOOGLE_CALENDAR = "google_calendar"
    STRIPE = "stripe"
    SMTP = "smtp"
    AI = "ai"


class ConnectionStatus(StrEnum):
    ACTIVE = "active"
    NEEDS_RECONNECT = "needs_reconnect"
    PAUSED = "paused"


class OAuthConnection(Editable, table=True):
    """One connected account. Secrets are encrypted (`core.crypto`, context "oauth_connections.<column>")."""

    __tablename__ = "oauth_connections"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "provider", "account_email"),
        one_of("provider", Provider),
        one_of("status", ConnectionStatus),
        sealed("access_token"),
        sealed("refresh_token"),
        sealed("credentials"),
        Index(
            "uq_oauth_connections_stripe",
            "external_account_id",
            unique=True,
            postgresql_where=text("provider = 'stripe'::text"),
        ),
        Index("ix_oauth_connections_due", "next_sync_at", postgresql_where=text("status = 'active'::text")),
    )

    provider: Provider = word(Provider)
    account_email: str
    external_account_id: str | None = None  # the provider's own id of the account: finds the owner of a webhook
    access_token: str | None = None  # encrypted
    refresh_token: str | None = None  # encrypted
    credentials: str | None = None  # encrypted JSON: the practitioner's own Stripe, SMTP or AI keys
    expires_at: datetime | None = instant(null=True)
    scopes: list[str] = words_list()  # as granted
    last_synced_at: datetime | None = instant(null=True)
    next_sync_at: datetime | None = instant(null=True)  # None: as soon as possible
    is_sandbox: bool = flag(False)
    sync_state: dict[str, Any] = json_object()  # history id, sync token per calendar, window
    status: ConnectionStatus = word(ConnectionStatus, ConnectionStatus.ACTIVE)
    last_error: str | None = None
