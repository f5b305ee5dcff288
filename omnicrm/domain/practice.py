"""Whose transaction this is: the practitioner's name, zone, locale and currency, read once a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.core import get_global
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, SignedOut
from omnicrm.core.show import Viewer, locale_of
from omnicrm.models.accounts import User

_OWN = select(
    col(User.id),
    col(User.name),
    col(User.email),
    col(User.business_name),
    col(User.time_zone),
    col(User.locale),
    col(User.language),
    col(User.currency),
    col(User.week_start),
)


@dataclass(frozen=True, slots=True)
class Practice:
    id: UUID
    name: str
    email: str
    business_name: str
    zone: ZoneInfo
    locale: str
    language: str
    currency: str
    week_start: int

    def viewer(self) -> Viewer:
        """For whom times and money are written; a fresh `now` each time."""
        return Viewer(self.zone, self.locale, self.language)

    def today(self) -> date:
        return clock.now().astimezone(self.zone).date()

    @property
    def region(self) -> str | None:
        """The country that a phone number without a prefix belongs to (ISO 3166), by zone, else by locale."""
        zones_of_countries: Mapping[str, str] = get_global("zone_territories")
        found = zones_of_countries.get(self.zone.key)
        return found if found and found != "001" else locale_of(self.locale).territory


def of(db: Db) -> Practice:
    """The practitioner of this transaction. Raises SignedOut where there is none."""
    known = db.info.get("practice")
    if isinstance(known, Practice):
        return known
    user = db.execute(_OWN).one_or_none()  # row-level security leaves one
    if user is None:
        raise SignedOut
    try:
        zone = zones.zone(user.time_zone)
    except Invalid:  # a zone that the time zone database dropped
        zone = ZoneInfo("UTC")
    found = Practice(
        id=user.id,
        name=user.name,
        email=user.email,
        business_name=user.business_name or "",
        zone=zone,
        locale=user.locale or "en",
        language=user.language or "en",
        currency=user.currency,
        week_start=user.week_start,
    )
    db.info["practice"] = found
    return found


def forget(db: Db) -> None:
    """After a change of the account within the transaction."""
    db.info.pop("practice", None)
