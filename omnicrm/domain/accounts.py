"""Who a practitioner is: accounts and logins."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import SignedOut


class Login(BaseModel):
    """A living login session and whose it is."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    user_id: UUID


class Practitioner(BaseModel):
    """The person whose practice it is."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    email: str
    time_zone: str
    locale: str
    currency: str
    week_start: int
    business_name: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        return zones.zone(self.time_zone)


def who_is(db: Db, token_hash: str) -> Login | None:
    """The login behind a cookie's hash, or None where it is unknown, expired or revoked.

    The only thing that is asked before a practitioner is known; the database answers with two ids.
    """
    row = db.execute(text("select login_id, user_id from login_by_token(:hash)"), {"hash": token_hash}).first()
    return Login(id=row.login_id, user_id=row.user_id) if row else None


def practitioner(db: Db) -> Practitioner:
    """The practitioner of this transaction. Raises SignedOut where there is none."""
    row = db.execute(
        text("select id, name, email, time_zone, locale, currency, week_start, business_name from users")
    ).one_or_none()
    if row is None:
        raise SignedOut()
    return Practitioner(**row._mapping)
