"""When a recurring event of Google's happens: the times that are taken, for as far ahead as anybody books."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from omnicrm.core.wire import CalendarEvent
from omnicrm.domain.inbox import Instance
from omnicrm.formats.recurrence import BadRule, instances, read_moment, read_rule

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
MOST = 500  # of one event


def of(event: CalendarEvent, now: datetime) -> list[Instance]:
    """The plain instances of a master around `now`, moved and cancelled ones not regarded, under Google's ids.

    Raises BadRule where the rule cannot be followed.
    """
    if event.starts_at is None or event.ends_at is None:
        return []
    start = event.resource.get("start", {})
    all_day = event.start_date is not None
    zone = _zone(start.get("timeZone"))
    first = datetime.combine(event.start_date, time(0)) if event.start_date else _wall(event.starts_at, zone)
    found: set[datetime] = set()
    without: set[datetime] = set()
    near, last = _wall(now - BACK, zone), _wall(now + AHEAD, zone)
    for line in event.resource.get("recurrence") or []:
        name, _, value = str(line).partition(":")
        name = name.partition(";")[0].strip().upper()
        if name == "RRULE":
            for moment in instances(read_rule(value), first, zone, after=near):
                if moment > last or len(found) >= MOST:
                    break
                found.add(moment)
        elif name == "EXDATE":
            without |= {_moment(text, zone) for text in value.split(",")}
        elif name == "RDATE":
            found |= {_moment(text, zone) for text in value.split(",")[:MOST]}
    length = event.ends_at - event.starts_at
    offset = event.starts_at - _instant(first, zone) if all_day else timedelta(0)  # midnight of the calendar's own zone
    taken = sorted(moment for moment in found - without if near <= moment <= last)
    return [
        Instance(id=_id(event.id, moment, zone, all_day), starts_at=at, ends_at=at + length)
        for moment in taken[:MOST]
        for at in [_instant(moment, zone) + offset]
    ]


def _id(master: str, moment: datetime, zone: ZoneInfo, all_day: bool) -> str:
    return f"{master}_{moment:%Y%m%d}" if all_day else f"{master}_{_instant(moment, zone):%Y%m%dT%H%M%SZ}"


def _moment(text: str, zone: ZoneInfo) -> datetime:
    read = read_moment(text)
    if not isinstance(read, datetime):
        return _midnight(read)
    return _wall(read, zone) if read.tzinfo else read


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0))


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


__all__ = ["BadRule", "of"]
