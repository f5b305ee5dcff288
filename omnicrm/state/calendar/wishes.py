"""A move that waits for a word: what is in its way, and how far it reaches in a series."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from omnicrm.core.db import Db
from omnicrm.domain import availability, sessions
from omnicrm.domain.sessions import Scope


class Wish(BaseModel):
    """A move that waits for a word. What is in its way is said first; of a series, how far it reaches is asked, and
    then (`scope` is set) what is in the way of the `count` others."""

    id: str
    words: str
    at: str
    minutes: int
    clashes: list[str]
    series: bool
    scope: str = ""
    count: int = 0


def change(wish: Wish) -> sessions.SeriesChange:
    return sessions.SeriesChange(scheduled_at=datetime.fromisoformat(wish.at), duration_minutes=wish.minutes)


def scope(wish: Wish) -> Scope:
    return "all" if wish.scope == "all" else "following"


def in_the_way(db: Db, session: UUID, at: datetime, minutes: int) -> list[str]:
    found = [clash.sentence for clash in sessions.clashes(db, at, minutes, other_than=session)[:3]]
    off = availability.off_between(db, at, at + timedelta(minutes=minutes))
    return found + [f"You are off then: {one.reason or 'time off'}." for one in off[:1]]
