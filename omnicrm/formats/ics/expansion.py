"""When events happen: rules, extra and left-out dates, moved and cancelled instances, within a window and a budget."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from omnicrm.formats import Refusal
from omnicrm.formats.ics.events import IcsEvent, When, after, length
from omnicrm.formats.recurrence import BadRule, instances

MAX_WINDOW = timedelta(days=731)
MAX_INSTANCES = 2000
MAX_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One happening, as `event` describes it (the master, or a moved instance); `original` is when the rule set it."""

    event: IcsEvent
    starts: When
    ends: When
    original: When


@dataclass(frozen=True, slots=True)
class Expansion:
    """Occurrences in the order of their starts, and what could not be followed."""

    occurrences: tuple[Occurrence, ...]
    refused: tuple[Refusal, ...]


def expand(events: Iterable[IcsEvent], begin: datetime, end: datetime, seconds: float = MAX_SECONDS) -> Expansion:
    """What of `events` overlaps [begin, end): at most two years, 2,000 instances of each, and `seconds` of work.

    Cancelled instances are left out. All-day events count in UTC here; what is shown decides their zone.
    """
    end = min(end, begin + MAX_WINDOW)
    deadline = time.monotonic() + seconds
    masters: list[IcsEvent] = []
    moved: dict[tuple[str, float], IcsEvent] = {}
    for event in events:
        if event.recurrence_id is None:
            masters.append(event)
        else:
            key = (event.uid, _key(event.recurrence_id.at))
            if key not in moved or moved[key].sequence <= event.sequence:
                moved[key] = event
    found: list[Occurrence] = []
    refused: list[Refusal] = []
    for master in masters:
        name = f"“{master.summary or master.uid}”"
        if time.monotonic() > deadline:
            refused.append(Refusal(name, "The calendar takes too long to follow."))
            continue
        try:
            found += _occurrences(master, moved, begin, end, deadline)
        except (BadRule, OverflowError, ValueError) as error:
            reason = (
                f"How it repeats leads nowhere: {error}." if isinstance(error, BadRule) else "It passes the year 9999."
            )
            refused.append(Refusal(name, reason))
    for event in moved.values():
        if event.status != "cancelled" and event.recurrence_id and _overlaps(event.starts, event.ends, begin, end):
            found.append(Occurrence(event, event.starts, event.ends, event.recurrence_id))
    found.sort(key=lambda one: (_key(one.starts.at), one.event.uid))
    return Expansion(tuple(found), tuple(refused))


def _occurrences(
    master: IcsEvent, moved: dict[tuple[str, float], IcsEvent], begin: datetime, end: datetime, deadline: float
) -> list[Occurrence]:
    if master.status == "cancelled":
        return []
    without = {_key(when.at) for when in master.without}
    without_days = {when.at for when in master.without if when.all_day}
    starts = [master.starts] if not master.rule else []
    starts += [when for when in master.extra if when.all_day == master.starts.all_day]
    zone = _zone(master.starts)
    # Clocks change by an hour or two at most; a day is enough for dates, which are the same day in all zones.
    slack = timedelta(days=1) if master.starts.all_day else timedelta(hours=3)
    near = begin.astimezone(zone).replace(tzinfo=None) - length(master.starts, master.ends) - slack
    last = end.astimezone(zone).replace(tzinfo=None) + slack
    for rule in master.rule:
        count = 0
        for moment in instances(rule, _wall(master.starts), zone, after=near):
            if moment > last or count >= MAX_INSTANCES:
                break
            if time.monotonic() > deadline:
                raise BadRule("it takes too long to follow")
            if moment >= near and _overlaps(when := _when(master.starts, moment), _ends(master, when), begin, end):
                starts.append(when)
                count += 1
    found, seen = [], set()
    for when in sorted(starts, key=lambda one: _key(one.at)):
        key = _key(when.at)
        if key in seen or key in without or _day(when) in without_days or (master.uid, key) in moved:
            continue
        seen.add(key)
        ends = _ends(master, when)
        if _overlaps(when, ends, begin, end):
            found.append(Occurrence(master, when, ends, when))
    return found[:MAX_INSTANCES]


def _ends(master: IcsEvent, starts: When) -> When:
    """As long as the master on the wall clock: ten to eleven stays so when the clocks change."""
    if starts.all_day or master.starts.zone != master.ends.zone:
        lasts = length(master.starts, master.ends)
    else:
        lasts = _wall(master.ends) - _wall(master.starts)
    return after(starts, lasts.days, lasts - timedelta(days=lasts.days))


def _zone(when: When) -> ZoneInfo:
    return ZoneInfo(when.zone) if when.zone else ZoneInfo("UTC")


def _wall(when: When) -> datetime:
    if isinstance(when.at, datetime):
        return when.at.replace(tzinfo=None)
    return datetime(when.at.year, when.at.month, when.at.day)  # noqa: DTZ001 - a wall clock


def _when(pattern: When, wall: datetime) -> When:
    if not isinstance(pattern.at, datetime):
        return When(wall.date())
    if pattern.zone:
        zone = ZoneInfo(pattern.zone)
        return When(wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone), pattern.zone)
    return When(wall.replace(tzinfo=pattern.at.tzinfo))


def _day(when: When) -> date:
    return when.at.date() if isinstance(when.at, datetime) else when.at


def _key(at: datetime | date) -> float:
    """A number that orders and compares dates (midnight in UTC) and instants alike."""
    if isinstance(at, datetime):
        return (at - _EPOCH).total_seconds()
    return (at.toordinal() - _EPOCH.toordinal()) * 86_400.0


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _overlaps(starts: When, ends: When, begin: datetime, end: datetime) -> bool:
    first, last = _key(starts.at), _key(ends.at)
    return first < _key(end) and (last > _key(begin) or (first == last and first >= _key(begin)))
