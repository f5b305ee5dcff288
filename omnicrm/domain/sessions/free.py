"""Times of a day at which a session fits, between what is booked and what Google says is busy."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.domain import practice
from omnicrm.domain.sessions.calendar import on_range

DAY = (time(8), time(20))  # proposed within these hours of the wall clock
GRID = timedelta(minutes=30)


def free_times(
    db: Db, day: date, minutes: int, *, near: time = DAY[0], other_than: str = "", limit: int = 3
) -> list[str]:
    """Wall-clock beginnings such as `9:30` for a session of `minutes`, those closest to `near`, in order.

    What has passed already is left out; what is only proposed is in nobody's way, nor is the session `other_than`.
    """
    who = practice.of(db)
    begins, ends = zones.day_bounds(day, who.zone)
    taken = [
        (datetime.fromisoformat(row.starts_at), datetime.fromisoformat(row.ends_at))
        for row in on_range(db, begins, ends)
        if row.kind != "proposed" and not row.all_day and row.id != other_than
    ]
    now, length = who.viewer().now, timedelta(minutes=minutes)
    opens, closes = (zones.at_wall(day, wall, who.zone) for wall in DAY)
    free = []
    at = opens
    while at + length <= closes:
        if at > now and all(at + length <= starts or at >= stops for starts, stops in taken):
            free.append(at)
        at += GRID
    wanted = zones.at_wall(day, near, who.zone)
    nearest = sorted(free, key=lambda moment: abs(moment - wanted))[:limit]
    return [f"{local.hour}:{local:%M}" for local in map(who.viewer().local, sorted(nearest))]
