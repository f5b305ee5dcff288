"""Accounts elsewhere: linked, paused, to be connected again; what a sync remembers of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from omnicrm.core import clock, crypto, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.wire import Tokens
from omnicrm.domain import outbox, practice
from omnicrm.domain.outbox import Due
from omnicrm.domain.words import CONNECTIONS
from omnicrm.models.connections import ConnectionStatus, OAuthConnection, Provider

CALENDAR_WRITE = ("https://www.googleapis.com/auth/calendar", "https://www.googleapis.com/auth/calendar.events")
REVOKE = "google.revoke"
_GRANT = "outbox_messages.grant"
_NAMES = {
    Provider.GOOGLE_GMAIL: "Google Mail",
    Provider.GOOGLE_CALENDAR: "Google Calendar",
    Provider.STRIPE: "Stripe",
    Provider.SMTP: "Mail server",
    Provider.AI: "Language model",
}


class ConnectionRow(BaseModel):
    """`synced` is when it was last read, in words; `error` a sentence, or empty."""

    model_config = ConfigDict(frozen=True)

    id: str
    provider: str
    name: str
    account_email: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    synced: str
    error: str
    sample: bool


def link(
    db: Db, provider: str, account_email: str, tokens: Tokens, *, external_account_id: str | None = None, sample: bool
) -> OAuthConnection:
    """Connect an account, or connect it again: then it goes on where it stopped, nothing read is lost, and what
    waited to be written is written at once.

    A refresh token that the outside does not repeat is kept. Tokens are stored encrypted.
    """
    values: dict[str, Any] = {
        "access_token": _sealed("access_token", tokens.access_token),
        "expires_at": tokens.expires_at,
        "scopes": list(tokens.scopes),
        "status": ConnectionStatus.ACTIVE,
        "last_error": None,
        "next_sync_at": None,
        "is_sandbox": sample,
        "external_account_id": external_account_id,
    }
    if tokens.refresh_token is not None:
        values["refresh_token"] = _sealed("refresh_token", tokens.refresh_token)
    statement = (
        insert(OAuthConnection)
        .values(id=ids.new(), provider=Provider(provider), account_email=account_email.strip().lower(), **values)
        .on_conflict_do_update(index_elements=["user_id", "provider", "account_email"], set_=values)
        .returning(col(OAuthConnection.id))
    )
    connection = get(db, db.scalars(statement).one())
    outbox.hurry(db)
    return connection


def listed(db: Db) -> list[ConnectionRow]:
    viewer = practice.of(db).viewer()
    rows = db.scalars(select(OAuthConnection).order_by(col(OAuthConnection.provider), col(OAuthConnection.id)))
    return [
        ConnectionRow(
            id=str(row.id),
            provider=row.provider,
            name=_NAMES[row.provider],
            account_email=row.account_email,
            status=row.status,
            status_label=CONNECTIONS[row.status].label,
            status_icon=CONNECTIONS[row.status].icon,
            status_tone=CONNECTIONS[row.status].tone,
            synced=viewer.distance(row.last_synced_at) if row.last_synced_at else "not read yet",
            error=row.last_error or "",
            sample=row.is_sandbox,
        )
        for row in rows
    ]


def get(db: Db, connection_id: UUID) -> OAuthConnection:
    """As it is now. Raises NotFound."""
    connection = db.get(OAuthConnection, connection_id, populate_existing=True)
    if connection is None:
        raise NotFound("This account is not connected any more.")
    return connection


def of(db: Db, *providers: str, status: str | None = "active") -> list[OAuthConnection]:
    """The connections of these providers (all without any), oldest first; `status` None: whatever their state."""
    query = select(OAuthConnection).order_by(col(OAuthConnection.id))
    if providers:
        query = query.where(col(OAuthConnection.provider).in_([Provider(provider) for provider in providers]))
    if status is not None:
        query = query.where(col(OAuthConnection.status) == ConnectionStatus(status))
    return list(db.scalars(query))


def writes_calendar(db: Db) -> bool:
    """Whether there is a calendar that sessions are written to. Connecting again later catches up."""
    count = select(func.count()).where(
        col(OAuthConnection.provider) == Provider.GOOGLE_CALENDAR,
        col(OAuthConnection.scopes).overlap(list(CALENDAR_WRITE)),  # type: ignore[attr-defined]  # text[]
    )
    return bool(db.scalar(count))


def tokens(db: Db, connection_id: UUID) -> Tokens:
    """The grant, decrypted. Raises NotFound, and KeyLost where the key is gone (connect again)."""
    row = get(db, connection_id)
    return Tokens(
        access_token=crypto.decrypt(row.access_token, context="oauth_connections.access_token")
        if row.access_token
        else "",
        refresh_token=crypto.decrypt(row.refresh_token, context="oauth_connections.refresh_token")
        if row.refresh_token
        else None,
        expires_at=row.expires_at,
        scopes=tuple(row.scopes),
    )


def keep_tokens(db: Db, connection_id: UUID, renewed: Tokens) -> None:
    """Store a renewed grant; a rotated refresh token replaces the old one."""
    row = get(db, connection_id)
    row.access_token, row.expires_at = _sealed("access_token", renewed.access_token), renewed.expires_at
    if renewed.refresh_token is not None:
        row.refresh_token = _sealed("refresh_token", renewed.refresh_token)
    if renewed.scopes:
        row.scopes = list(renewed.scopes)
    db.flush()


def credentials(db: Db, connection_id: UUID) -> dict[str, Any]:
    """The practitioner's own keys for a provider, decrypted."""
    row = get(db, connection_id)
    if row.credentials is None:
        return {}
    found: dict[str, Any] = json.loads(crypto.decrypt(row.credentials, context="oauth_connections.credentials"))
    return found


def pause(db: Db, connection_id: UUID) -> None:
    """Stop reading until `resume`."""
    _set(db, connection_id, ConnectionStatus.PAUSED)


def resume(db: Db, connection_id: UUID) -> None:
    """Read again, from where it stopped, as soon as a job runs. One that needs connecting stays as it is."""
    row = get(db, connection_id)
    if row.status is ConnectionStatus.PAUSED:
        _set(db, connection_id, ConnectionStatus.ACTIVE)
        row.next_sync_at = None
        db.flush()


def read_soon(db: Db) -> int:
    """Make every active account due now, so that the next look of the scheduler reads it; gives how many."""
    due = of(db)
    for row in due:
        row.next_sync_at = None
    db.flush()
    return len(due)


def needs_reconnect(db: Db, connection_id: UUID, why: str) -> bool:
    """The outside withdrew access. True the first time: the practitioner is told once."""
    told = db.scalars(
        update(OAuthConnection)
        .where(
            col(OAuthConnection.id) == connection_id,
            col(OAuthConnection.status) != ConnectionStatus.NEEDS_RECONNECT,
        )
        .values(status=ConnectionStatus.NEEDS_RECONNECT, last_error=why)
        .returning(col(OAuthConnection.id))
    ).all()
    return bool(told)


def sync_state(db: Db, connection_id: UUID) -> dict[str, Any]:
    """A copy of what the sync remembers: history id, sync tokens, window."""
    return dict(get(db, connection_id).sync_state)


def keep_sync_state(
    db: Db,
    connection_id: UUID,
    state: dict[str, Any],
    *,
    finished: bool = False,
    next_sync_at: datetime | None = None,
    error: str | None = None,
) -> None:
    """Remember `state`; `finished` marks a whole round as read now."""
    row = get(db, connection_id)
    row.sync_state, row.last_error = state, error
    if finished:
        row.last_synced_at = clock.now()
    if next_sync_at is not None:
        row.next_sync_at = next_sync_at
    db.flush()


def disconnect(db: Db, connection_id: UUID) -> None:
    """Forget the account and what was buffered from it, and have Google told that its permission is not needed.

    Raises NotFound. Contacts, sessions and what was approved stay. While another connection of the same account stands,
    the permission does too: Google has one for both.
    """
    row = get(db, connection_id)
    email, grant = row.account_email, row.refresh_token or row.access_token
    ours = row.provider in (Provider.GOOGLE_GMAIL, Provider.GOOGLE_CALENDAR)
    sealed, sample = _resealed(grant) if grant else None, row.is_sandbox
    db.delete(row)
    db.flush()
    if ours and sealed is not None and not _connected(db, email):
        payload = {"grant": sealed, "account_email": email, "sample": sample}
        outbox.put(db, REVOKE, connection_id, key=f"{REVOKE}:{connection_id}", payload=payload)


def revocation(db: Db, message: Due) -> tuple[Tokens, bool] | None:
    """The permission to give back, and whether it is a sample's. None where the account was connected again since."""
    if _connected(db, message.payload["account_email"]):
        return None
    token = crypto.decrypt(message.payload["grant"], context=_GRANT)
    return Tokens(access_token=token, refresh_token=token, expires_at=None, scopes=()), message.payload["sample"]


def banner(db: Db) -> str:
    """One sentence where an account has to be connected again; else empty."""
    waiting: Sequence[OAuthConnection] = of(db, status="needs_reconnect")
    if not waiting:
        return ""
    what = " and ".join(dict.fromkeys(_NAMES[row.provider] for row in waiting))
    return f"{what} no longer lets us in. New proposals stopped; nothing is lost. Connect again to go on."


def _connected(db: Db, account_email: str) -> bool:
    query = select(func.count()).where(
        col(OAuthConnection.account_email) == account_email,
        col(OAuthConnection.provider).in_((Provider.GOOGLE_GMAIL, Provider.GOOGLE_CALENDAR)),
    )
    return bool(db.scalar(query))


def _resealed(value: str) -> str | None:
    """A token of a connection, encrypted for its journey through the outbox; None where its key is gone."""
    for column in ("refresh_token", "access_token"):
        try:
            return crypto.encrypt(crypto.decrypt(value, context=f"oauth_connections.{column}"), context=_GRANT)
        except crypto.KeyLost:
            continue
    return None


def _set(db: Db, connection_id: UUID, status: ConnectionStatus) -> None:
    row = get(db, connection_id)
    row.status = status
    db.flush()


def _sealed(column: str, value: str) -> str:
    return crypto.encrypt(value, context=f"oauth_connections.{column}")
