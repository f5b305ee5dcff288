"""Whens: a day and an hour that belong together, read as a moment on the wall."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from omnicrm.assistant.dates import clocks, days, places
from omnicrm.assistant.dates.clocks import Clock
from omnicrm.assistant.dates.days import Day
from omnicrm.core import zones


@dataclass(frozen=True, slots=True)
class When:
    """A day, an hour, or both, as `text[start:end]` says them.

    `joined` tells how they came together: "near" (in one phrase), "sentence", "before" (the day stands in an earlier
    sentence), "subject", or "" where one of the two is missing. `zone` is a zone named beside the hour.
    """

    start: int
    end: int
    day: Day | None
    clock: Clock | None
    joined: str = ""
    zone: ZoneInfo | None = None

    @property
    def concrete(self) -> bool:
        """A day and an hour to be at."""
        return (
            self.day is not None
            and self.clock is not None
            and not self.day.vague
            and (self.clock.kind in ("point", "from") or (self.clock.kind == "range" and self.clock.part == "to"))
        )

    def at(self, home: ZoneInfo, *, other: bool = False, day: date | None = None) -> datetime | None:
        """The instant meant, where clocks in `home` or in the named zone show the hour. None if a part is missing."""
        on = day or (self.day.day if self.day else None)
        if on is None or self.clock is None:
            return None
        minute = self.clock.other if other else self.clock.minute_of_day
        if minute is None:
            return None
        return instant(on, minute, self.zone or home)


def instant(day: date, minute_of_day: int, where: ZoneInfo) -> datetime:
    """The instant when clocks in `where` show that minute (0 to 1440) of `day`."""
    day, minute_of_day = day + timedelta(days=minute_of_day // 1440), minute_of_day % 1440
    return zones.at_wall(day, time(minute_of_day // 60, minute_of_day % 60), where)


_EVENING = re.compile(r"\b(?:tonight|tonite|this evening|evening|after work|night|dinner)\b", re.IGNORECASE)
_AFTERNOON = re.compile(r"\b(?:afternoon|arvo|after lunch)\b", re.IGNORECASE)
_MORNING = re.compile(r"\b(?:morning|first thing|before work|breakfast|early|a\.m\.?)\b", re.IGNORECASE)
_GREETING = re.compile(
    r"\bgood\s+(?:morning|afternoon|evening)\b|\bmorning\s+[A-Z]|^\s*(?:morning|evening|afternoon)\b[^.]{0,15}[,!\n]",
    re.IGNORECASE,
)
_NOT_PART = re.compile(
    r"\b(?:instead of|rather than|not)\s+(?:(?:in|on|the|this|that)\s+)*(?:morning|afternoon|evening|night)\b",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"^[\s,;:\x01-]*(?:(?:at|on|for|around|about|from|of|say|then|the|@|maybe|ideally|-|–|—|\(|and|please|would be|this|any ?time|in the|ish|um|kl\.?|à|à partir de|is|works|works at|is good at|starting|start|time|preferred|:|\|)[\s,;:]*){0,3}$",
    re.IGNORECASE,
)


def find(
    text: str,
    base: date,
    *,
    month_first: bool,
    breaks: tuple[int, ...] = (),
    offset: int = 0,
    masks: tuple[tuple[int, int], ...] = (),
    sender_zone: ZoneInfo | None = None,
) -> list[When]:
    """The whens of `text` in order.

    `base` is the local day of writing, `breaks` where sentences begin, `masks` spans that hold no times (phones,
    amounts, addresses). Offsets of the result are moved on by `offset`.
    """
    blank = list(text)
    for start, end in masks:
        blank[start:end] = "\x02" * (end - start)
    cleared = "".join(blank)
    found_days = days.find(cleared, base, month_first=month_first)
    for day in found_days:
        blank[day.start : day.end] = "\x01" * (day.end - day.start)
    cleared_of_days = "".join(blank)
    found_clocks = clocks.find(cleared_of_days)
    found_clocks = [_half_of_day(clock, text, found_days) for clock in found_clocks]
    whens = _joined(text, found_days, found_clocks, breaks)
    whens = [_with_zone(when, text, sender_zone) for when in whens]
    if offset:
        whens = [_moved(when, offset) for when in whens]
    return whens


def _half_of_day(clock: Clock, text: str, found_days: list[Day]) -> Clock:
    """A word of the day's part close to an uncertain hour decides which half is meant."""
    if clock.certain or clock.other is None or clock.kind == "length":
        return clock
    near = text[max(0, clock.start - 45) : clock.end + 40]
    near = re.split(r"[?!\n]\s", near[: 45 + 1])[-1] + near[46:]
    near = _NOT_PART.sub(" ", _GREETING.sub(" ", near))
    early, late = min(clock.minute_of_day, clock.other), max(clock.minute_of_day, clock.other)
    if _EVENING.search(near) and not _MORNING.search(near) and late >= 16 * 60:
        return replace(clock, minute_of_day=late, other=early, part="evening")
    if _AFTERNOON.search(near) and not _MORNING.search(near) and late <= 18 * 60:
        return replace(clock, minute_of_day=late, other=early, part="afternoon")
    if _MORNING.search(near) and not (_EVENING.search(near) or _AFTERNOON.search(near)) and early >= 5 * 60:
        return replace(clock, minute_of_day=early, other=late, part="morning")
    return clock


def _joined(text: str, found_days: list[Day], found_clocks: list[Clock], breaks: tuple[int, ...]) -> list[When]:
    def sentence(position: int) -> int:
        return bisect_right(breaks, position)

    whens: list[When] = []
    used: set[int] = set()
    hours = [clock for clock in found_clocks if clock.kind not in ("length",)]
    for clock in hours:
        if clock.kind in ("shift", "part", "old"):
            whens.append(When(clock.start, clock.end, None, clock))
            if clock.kind != "part":
                continue
            whens.pop()
        here = sentence(clock.start)
        before = [d for d in found_days if d.end <= clock.start and sentence(d.start) == here]
        after = [d for d in found_days if d.start >= clock.end and sentence(d.start) == here]
        day, joined = _nearest(text, clock, before, after, hours)
        if day is None and clock.kind != "part":
            earlier = [d for d in found_days if d.end <= clock.start and sentence(d.start) >= here - 2 and not d.past]
            if earlier:
                day, joined = earlier[-1], "before"
            elif (
                clock.kind == "point"
                and (later := [d for d in found_days if sentence(d.start) == here + 1 and not d.past])
                and len(later) == 1
            ):
                day, joined = later[0], "before"
        if day is not None:
            used.add(id(day))
        start = min(clock.start, day.start) if day and joined in ("near", "sentence") else clock.start
        end = max(clock.end, day.end) if day and joined in ("near", "sentence") else clock.end
        whens.append(When(start, end, day, clock, joined))
        if day is not None and joined in ("near", "sentence") and clock.kind == "point":
            whens += [
                When(other.start, clock.end, other, clock, "sentence")
                for other in _coordinated(text, day, found_days, hours)
            ]
            used |= {id(w.day) for w in whens if w.clock is clock}
    whens += [When(day.start, day.end, day, None) for day in found_days if id(day) not in used]
    return sorted(whens, key=lambda when: (when.clock or when.day).start)  # type: ignore[union-attr]  # one is there


def _coordinated(text: str, day: Day, found_days: list[Day], hours: list[Clock]) -> list[Day]:
    """The days before `day` that share its hour: "the 12th and the 26th, both at 10"."""
    shared: list[Day] = []
    index = found_days.index(day)
    while index > 0:
        earlier, later = found_days[index - 1], found_days[index]
        between = text[earlier.end : later.start]
        if not re.fullmatch(
            r"\s*(?:,|and|&|\+|,\s*and|as well as)\s*(?:(?:also|on|then|the|again)\s+)*", between, re.IGNORECASE
        ):
            break
        if earlier.vague or earlier.past or any(earlier.end <= h.start < later.start for h in hours):
            break
        if re.search(r"\d\s*$", text[max(0, earlier.start - 8) : earlier.start]) or any(
            h.end <= earlier.start and earlier.start - h.end < 6 for h in hours
        ):
            break
        shared.append(earlier)
        index -= 1
    return shared


def _nearest(
    text: str, clock: Clock, before: list[Day], after: list[Day], hours: list[Clock]
) -> tuple[Day | None, str]:
    previous = before[-1] if before else None
    following = after[0] if after else None
    if following is not None:
        gap = text[clock.end : following.start]
        if _GAP.match(gap) and not re.search(r"\band\b|,", gap):
            return following, "near"
    if previous is not None:
        gap = text[previous.end : clock.start]
        if _GAP.match(gap):
            return previous, "near"
        between = [h for h in hours if previous.end <= h.start < clock.start and h.kind == "point"]
        if following is not None and between and len(text[clock.end : following.start]) < 12:
            return following, "sentence"
        return previous, "sentence"
    if following is not None:
        return following, "sentence"
    return None, ""


def _with_zone(when: When, text: str, sender_zone: ZoneInfo | None) -> When:
    if when.clock is None or when.clock.kind in ("same", "shift", "part"):
        return when
    zone = places.beside(text, when.clock.end, when.end, sender_zone)
    return replace(when, zone=zone) if zone is not None else when


def _moved(when: When, offset: int) -> When:
    day = replace(when.day, start=when.day.start + offset, end=when.day.end + offset) if when.day else None
    clock = replace(when.clock, start=when.clock.start + offset, end=when.clock.end + offset) if when.clock else None
    return replace(when, start=when.start + offset, end=when.end + offset, day=day, clock=clock)
