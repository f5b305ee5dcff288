"""News for open pages, across processes: PostgreSQL's NOTIFY, sent with the commit of the transaction it stands in."""

from __future__ import annotations

from typing import Literal, TypeAlias
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session as SqlSession

CHANNEL = "omnicrm"
Kind: TypeAlias = Literal["data", "logins"]


def changed(db: SqlSession) -> None:
    """Open pages of this transaction's practitioner read their data again."""
    _notify(db, "data")


def logins_changed(db: SqlSession, user_id: UUID | None = None) -> None:
    """Sockets of the practitioner whose login is gone are closed. `user_id`: where the transaction is nobody's."""
    _notify(db, "logins", user_id)


def _notify(db: SqlSession, kind: Kind, user_id: UUID | None = None) -> None:
    db.execute(
        text("select pg_notify(:channel, :kind || ' ' || coalesce(:user_id, current_setting('app.user_id', true)))"),
        {"channel": CHANNEL, "kind": kind, "user_id": str(user_id) if user_id else None},
    )
