"""Which time zone a calendar file means: IANA names, Outlook's, prefixed ones, and the file's own definitions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from omnicrm.core import zones
from omnicrm.formats.recurrence import BadRule, Rule, instances

_DISPLAY = re.compile(r"\((?:GMT|UTC)\s*([+-]\d{1,2}):?(\d{2})\)\s*(.+)", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{1,2}):?(\d{2})?\Z", re.IGNORECASE)


@dataclass(slots=True)
class Observance:
    """Standard or daylight time: from `start` (a wall clock), and as `rule` says, clocks are `offset` from UTC."""

    start: datetime
    before: timedelta
    offset: timedelta
    rule: Rule | None = None
    dates: list[datetime] = field(default_factory=list)

    def onset(self, wall: datetime) -> datetime | None:
        """The last time at or before `wall` at which it began."""
        found = [moment for moment in (self.start, *self.dates) if moment <= wall]
        if self.rule is not None and found and self.rule.frequency == "YEARLY":
            try:
                for moment in instances(self.rule, self.start, UTC, after=wall - timedelta(days=800)):
                    if moment > wall:
                        break
                    found.append(moment)
            except (BadRule, OverflowError):
                pass
        return max(found, default=None)


@dataclass(slots=True)
class Definition:
    """A VTIMEZONE."""

    name: str
    location: str = ""
    observances: list[Observance] = field(default_factory=list)

    def offset(self, wall: datetime) -> timedelta:
        begun = [(moment, one.offset) for one in self.observances if (moment := one.onset(wall)) is not None]
        if begun:
            return max(begun)[1]
        return min((one.start, one.before) for one in self.observances)[1]


@dataclass(frozen=True, slots=True)
class Resolved:
    """`name` is an IANA name, or empty for a zone of the file's own that is none; `problem` says what was guessed."""

    zone: tzinfo
    name: str
    problem: str = ""


class Zones:
    """The zones of one file. `home` is the practitioner's: for floating times, and where a name means nothing."""

    def __init__(self, home: ZoneInfo, definitions: dict[str, Definition]) -> None:
        self.home = home
        self.definitions = definitions
        self._known: dict[tuple[str, int], Resolved] = {}

    def at(self, wall: datetime, tzid: str) -> tuple[datetime, Resolved]:
        """The instant at which clocks in zone `tzid` (empty: the practitioner's) show `wall`."""
        key = (tzid, wall.year)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolve(tzid, wall)
        if found.name:
            local = wall.replace(tzinfo=found.zone)
            return (local.astimezone(UTC).astimezone(found.zone) if 1 < wall.year < 9999 else local), found
        offset = self.definitions[tzid].offset(wall)
        return wall.replace(tzinfo=timezone(offset)), found

    def _resolve(self, tzid: str, wall: datetime) -> Resolved:
        if not tzid:
            return Resolved(self.home, self.home.key)
        name = iana(tzid)
        if name:
            return Resolved(ZoneInfo(name), name)
        definition = self.definitions.get(tzid)
        if definition is not None:
            name = iana(definition.location) or self._alike(definition, wall)
            if name:
                return Resolved(ZoneInfo(name), name)
            if definition.observances:
                return Resolved(timezone(definition.offset(wall)), "")
        problem = f"The time zone “{tzid[:60]}” is unknown: taken as {self.home.key}."
        return Resolved(self.home, self.home.key, problem)

    def _alike(self, definition: Definition, wall: datetime) -> str:
        """An IANA zone whose clocks went like those of `definition` in that year."""
        if not definition.observances or not 1900 < wall.year < 2200:
            return ""
        samples = [(month, day) for month in range(1, 13) for day in (2, 16)]
        days = [datetime(wall.year, month, day, 12) for month, day in samples]  # noqa: DTZ001 - wall clocks
        offsets = [definition.offset(day) for day in days]
        for name in dict.fromkeys((self.home.key, *windows().values())):
            zone = ZoneInfo(name)
            if all(day.replace(tzinfo=zone).utcoffset() == offset for day, offset in zip(days, offsets, strict=True)):
                return name
        return ""


@lru_cache(maxsize=512)
def iana(name: str) -> str:
    """The IANA zone that `name` means, or “”: itself, after a prefix, Outlook's, by its city, by whole hours."""
    name = name.strip().strip('"')[:200]
    known = _folded()
    for tail in (name, *(name.split("/", cut)[-1] for cut in range(1, min(6, name.count("/") + 1)))):
        if found := known.get(tail.lower().replace(" ", "_")):
            return found
    if found := windows().get(name) or windows().get(f"{name} Standard Time") or _windows_folded().get(name.lower()):
        return found
    if match := _DISPLAY.match(name):
        minutes = -int(match[2]) if match[1][0] == "-" else int(match[2])
        return _by_city(match[3], timedelta(hours=int(match[1]), minutes=minutes))
    if (match := _OFFSET.match(name)) and (match[3] or "00") == "00" and int(match[2]) <= 12:
        return known.get(f"etc/gmt{'-' if match[1] == '+' else '+'}{int(match[2])}", "")
    return ""


def _by_city(cities: str, standard: timedelta) -> str:
    for city in re.split(r"[,;/]\s*", cities):
        for name in zones.names():
            if name.rpartition("/")[2].lower() == city.strip().lower().replace(" ", "_"):
                january, july = (datetime(2025, month, 1, tzinfo=ZoneInfo(name)).utcoffset() for month in (1, 7))
                if standard in (january, july):
                    return name
    return ""


@lru_cache(maxsize=1)
def windows() -> dict[str, str]:
    """Outlook's zone names and the IANA zones that CLDR gives them."""
    table: dict[str, str] = json.loads((files(__package__) / "windows_zones.json").read_text("utf-8"))
    return table


@lru_cache(maxsize=1)
def _windows_folded() -> dict[str, str]:
    return {name.lower(): zone for name, zone in windows().items()}


@lru_cache(maxsize=1)
def _folded() -> dict[str, str]:
    return {name.lower(): name for name in zones.names() if name not in ("localtime", "Factory", "posixrules")}
