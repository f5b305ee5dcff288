"""Time zones and wall clocks: the only place that does wall-clock arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from omnicrm.core.errors import Invalid

EARLIEST, LATEST = 1970, 2199  # years that a diary may reach


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """The IANA zone `name`. Raises Invalid for an unknown one."""
    if name not in names():
        raise Invalid(
            f"“{name[:60]}” is not a time zone. Use a name such as Europe/Berlin.", {"time_zone": "Unknown time zone."}
        )
    return ZoneInfo(name)


def at_wall(day: date, wall: time, where: ZoneInfo) -> datetime:
    """The instant (UTC) at which clocks in `where` show `wall` on `day`.

    In a gap the clock is moved on by the gap (02:30 becomes 03:30); in an overlap the first of the two is meant.
    """
    local = datetime.combine(day, wall, where)
    instant = local.astimezone(UTC)
    back = instant.astimezone(where)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):  # a gap: fold=0 uses the offset before it
        return instant
    return instant


def typed(day: date, wall: time, where: ZoneInfo, *, day_field: str = "day", time_field: str = "time") -> datetime:
    """The instant that a person means by a day and a time. Of an hour that comes twice the first is meant.

    Raises Invalid, beside the field, for a time that clocks jump over, and for a day that no diary reaches.
    """
    if not EARLIEST <= day.year <= LATEST:
        raise Invalid(fields={day_field: f"Choose a day between {EARLIEST} and {LATEST}."})
    wall = wall.replace(tzinfo=None, fold=0)
    instant = at_wall(day, wall, where)
    shown = instant.astimezone(where)
    if shown.time().replace(fold=0) != wall:
        raise Invalid(
            fields={
                time_field: f"{wall.hour}:{wall:%M} does not exist on that day: clocks go forward. "
                f"Choose {shown.hour}:{shown:%M}."
            }
        )
    return instant


def comes_twice(instant: datetime, where: ZoneInfo) -> bool:
    """Whether clocks in `where` show this time a second time on that day, because they are put back."""
    local = instant.astimezone(where)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def shift_wall(instant: datetime, where: ZoneInfo, *, days: int = 0) -> datetime:
    """The same wall-clock time `days` later in `where`, as an instant."""
    local = instant.astimezone(where)
    return at_wall(local.date() + timedelta(days=days), local.time().replace(fold=0), where)


def day_bounds(day: date, where: ZoneInfo) -> tuple[datetime, datetime]:
    """First instant of `day` in `where` and of the day after: 23 to 25 hours apart."""
    return at_wall(day, time(0), where), at_wall(day + timedelta(days=1), time(0), where)
