"""How times and money are written for one person: zone, hour style and currency by locale, words in one language.

Formatting only, usable by every layer. Sentences are English, so names of days and months are too, whatever the
locale; hours, digits and currency signs follow the locale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_time
from babel.numbers import format_currency

from omnicrm.core import clock
from omnicrm.core.money import Money

_TWELVE_HOURS = {"US", "CA", "AU", "NZ", "IN", "PH"}
_MONTH_FIRST = {"US"}
_GLUED = re.compile(r"[A-Z]{3}\d")


@lru_cache(maxsize=64)
def locale_of(tag: str) -> Locale:
    """The Babel locale of a tag such as `en`, `en-GB` or `de_AT`; English where it is unknown."""
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=64)
def _amounts(tag: str) -> Locale:
    """How amounts are written: as the country writes them in its own English, else as English does.

    The English of a country without any (`en_FI`) would have “0,00 €” in the middle of English sentences.
    """
    locale = locale_of(tag)
    if locale.language != "en" or locale.territory is None:
        return locale
    spoken: Mapping[str, Any] = get_global("territory_languages").get(locale.territory, {})
    return locale if spoken.get("en", {}).get("official_status") else Locale("en")


@lru_cache(maxsize=4_096)
def _clock(hour: int, minute: int, pattern: str, language: str) -> str:
    """A page writes the same few times of the day over and over, and Babel takes its time."""
    return format_time(time(hour, minute), pattern, locale=locale_of(language)).replace("\u202f", " ")


@lru_cache(maxsize=4_096)
def _written(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=locale_of(language))


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom something is written. `now` is fixed once, so that one page speaks of one moment."""

    zone: ZoneInfo
    locale: str = "en"
    language: str = "en"
    now: datetime = field(default_factory=clock.now)

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def today(self) -> date:
        return self.local(self.now).date()

    @property
    def twelve_hours(self) -> bool:
        """Whether clocks are read as `2:30 PM`."""
        return self._territory() in _TWELVE_HOURS

    def time(self, instant: datetime) -> str:
        """`9:05`, `14:30`; `2:30 PM` where that is how clocks are read."""
        pattern = "h:mm a" if self.twelve_hours else "H:mm"
        local = self.local(instant)
        return _clock(local.hour, local.minute, pattern, self.language)

    def span(self, starts_at: datetime, ends_at: datetime) -> str:
        """`10:00 to 11:15`."""
        return f"{self.time(starts_at)} to {self.time(ends_at)}"

    def day(self, on: date | datetime) -> str:
        """`Tue 24 Nov`, with the year where it is another one."""
        return self._date(on, "EEE d MMM", "EEE, MMM d")

    def long_day(self, on: date | datetime) -> str:
        """`Friday 27 November`."""
        return self._date(on, "EEEE d MMMM", "EEEE, MMMM d")

    def short_date(self, on: date | datetime) -> str:
        """`10 Nov`."""
        return self._date(on, "d MMM", "MMM d")

    def month(self, on: date | datetime) -> str:
        """`November`, `October 2025`: a heading of a timeline."""
        day = self._day(on)
        return _written(day, "LLLL" if day.year == self.today().year else "LLLL y", self.language)

    def near_day(self, on: date | datetime) -> str:
        """`today`, `tomorrow`, `yesterday`, else `Tue 24 Nov`."""
        day = self._day(on)
        names = {-1: "yesterday", 0: "today", 1: "tomorrow"}
        return names.get((day - self.today()).days) or self.day(day)

    def moment(self, instant: datetime) -> str:
        """`today, 16:15`, `Fri 27 Nov, 10:00`."""
        return f"{self.near_day(instant)}, {self.time(instant)}"

    def long_moment(self, instant: datetime) -> str:
        """For a sentence: `Friday 27 November at 10:00`, `today at 16:15`."""
        day = self._day(instant)
        near = {0: "today", 1: "tomorrow"}.get((day - self.today()).days)
        return f"{near or self.long_day(day)} at {self.time(instant)}"

    def since(self, instant: datetime) -> str:
        """For a line of a list: `8:51` today, `yesterday`, a weekday within the week, else the date."""
        days = (self.today() - self._day(instant)).days
        if days == 0:
            return self.time(instant)
        if days == 1:
            return "yesterday"
        if 1 < days < 7:
            return _written(self._day(instant), "EEEE", self.language)
        return self.short_date(instant)

    def distance(self, instant: datetime) -> str:
        """`in 48 min`, `in 5 h`, `4 min ago`, `3 days ago`; `now` within a minute."""
        seconds = (instant - self.now) / timedelta(seconds=1)
        size = abs(seconds)
        if size < 60:
            return "now"
        if size < 3600:
            words = f"{int(size // 60)} min"
        elif size < 48 * 3600:
            words = f"{int(size // 3600)} h"
        else:
            words = f"{int(size // 86400)} days"
        return f"in {words}" if seconds > 0 else f"{words} ago"

    def money(self, money: Money) -> str:
        """`€1,145.00`, in the currency's own digits; `SEK 950.00` where there is no sign for it."""
        written = format_currency(money.amount, money.currency, locale=_amounts(self.locale))
        return written.replace(f"{money.currency}", f"{money.currency}\u00a0", 1) if _GLUED.search(written) else written

    def _date(self, on: date | datetime, pattern: str, month_first: str) -> str:
        day = self._day(on)
        chosen = month_first if self._territory() in _MONTH_FIRST else pattern
        if day.year != self.today().year:
            chosen += " y" if chosen is pattern else ", y"
        return _written(day, chosen, self.language)

    def _day(self, on: date | datetime) -> date:
        return self.local(on).date() if isinstance(on, datetime) else on

    def _territory(self) -> str | None:
        return locale_of(self.locale).territory


def minutes(length: int | None) -> str:
    """`75 min`; nothing for an unknown length."""
    return f"{length} min" if length else ""


def initials(name: str) -> str:
    """At most two letters for an avatar: `AK`; `?` for nobody."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 task`, `4 tasks`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def possessive(name: str) -> str:
    """`Aino Korhonen’s`, `Jonas’`."""
    return f"{name}’" if name.endswith(("s", "S")) else f"{name}’s"


def excerpt(text: str, length: int = 140) -> str:
    """The first words of a text on one line, cut between words."""
    line = " ".join(text[: length * 4].split())
    if len(line) <= length:
        return line
    cut = line[:length].rsplit(" ", 1)[0] or line[:length]
    return cut.rstrip(",;:. ") + " …"
