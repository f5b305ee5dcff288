"""Rate limits for doors that anybody may knock at, counted in the database, so that they hold for all processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from omnicrm.core import clock, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import TooMany


@dataclass(frozen=True)
class Limit:
    """At most `attempts` in `window`, for one key."""

    name: str
    attempts: int
    window: timedelta


def count(db: Db, limit: Limit, key: str) -> int:
    """Count one attempt, and give how many are left. Raises TooMany with the moment from which it works again.

    The key (an address, an e-mail address) is stored as a hash only.
    """
    now = clock.now()
    name, now = _key(limit, key), clock.now()
    window = int(limit.window.total_seconds())
    attempts = db.execute(
        text("select count_attempt(:name, :window, :now)"), {"name": name, "window": window, "now": now}
    ).scalar_one()
    if attempts > limit.attempts:
        began = db.execute(text("select attempts_since(:name)"), {"name": name}).scalar_one()
        raise TooMany(_sentence(began + limit.window, now), began + limit.window)
    return int(limit.attempts - attempts)


def forget(db: Db, limit: Limit, key: str) -> None:
    """It went well: the count begins anew."""
    db.execute(text("select forget_attempts(:name)"), {"name": _key(limit, key)})


def _key(limit: Limit, key: str) -> str:
    return f"{limit.name}:{ids.token_hash(key)}"


def _sentence(until: datetime, now: datetime) -> str:
    minutes = max(1, round((until - now).total_seconds() / 60 + 0.49))
    return f"Too many tries. Wait {minutes} minute{'' if minutes == 1 else 's'}, then try again."
