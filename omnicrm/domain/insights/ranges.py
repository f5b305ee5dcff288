"""Which stretch of time is looked at, and the weeks or months that it is cut into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.domain import practice
from omnicrm.domain.practice import Practice

Kind: TypeAlias = Literal["4w", "12w", "year", "custom"]
WEEKS = {"4w": 4, "12w": 12}
LONGEST = timedelta(days=5 * 366)
_MOST_WEEKS = 27  # a longer stretch is cut into months


@dataclass(frozen=True)
class Stretch:
    """From the first day to the last, both included, in the practitioner's zone, cut into `unit`s. The last part may
    still be under way."""

    kind: Kind
    first: date
    last: date
    unit: Literal["week", "month"]
    parts: tuple[date, ...]  # the first day of each
    since: datetime
    until: datetime
    week_start: int

    @property
    def ongoing(self) -> date | None:
        """The part that is not over yet."""
        return self.parts[-1] if self.parts and following(self.parts[-1], self.unit) > self.last else None

    def before(self) -> tuple[datetime, datetime]:
        """As long a stretch just before this one: what it is compared with."""
        return self.since - (self.until - self.since), self.since


def chosen(db: Db, kind: Kind, first: date | None = None, last: date | None = None) -> Stretch:
    """`4w` and `12w`: so many whole weeks, and the one under way; `year`: twelve months; `custom`: from `first` to
    `last`, at most five years, not beyond today.

    Raises Invalid, beside the field, for a stretch that is none.
    """
    who = practice.of(db)
    today = who.today()
    if kind in WEEKS:
        this_week = begins(today, "week", who.week_start)
        return _cut(who, kind, this_week - timedelta(weeks=WEEKS[kind]), today, "week")
    if kind == "year":
        this_month = today.replace(day=1)
        return _cut(who, kind, this_month.replace(year=this_month.year - 1), today, "month")
    if first is None or last is None:
        raise Invalid(fields={"first" if first is None else "last": "Choose a day."})
    last = min(last, today)
    if last < first:
        raise Invalid(fields={"last": "The last day comes after the first, and not after today."})
    if last - first > LONGEST:
        raise Invalid(fields={"first": "At most five years at once."})
    weeks = (last - first) // timedelta(weeks=1)
    return _cut(who, kind, first, last, "week" if weeks < _MOST_WEEKS else "month")


def begins(day: date, unit: str, week_start: int) -> date:
    """The first day of the week or month that `day` is in."""
    if unit == "month":
        return day.replace(day=1)
    return day - timedelta(days=(day.weekday() - week_start) % 7)


def following(part: date, unit: str) -> date:
    """The first day of the next week or month."""
    return (part + timedelta(days=32)).replace(day=1) if unit == "month" else part + timedelta(weeks=1)


def _cut(who: Practice, kind: Kind, first: date, last: date, unit: Literal["week", "month"]) -> Stretch:
    return Stretch(
        kind=kind,
        first=first,
        last=last,
        unit=unit,
        parts=tuple(_parts(begins(first, unit, who.week_start), last, lambda part: following(part, unit))),
        since=zones.day_bounds(first, who.zone)[0],
        until=zones.day_bounds(last, who.zone)[1],
        week_start=who.week_start,
    )


def _parts(first: date, last: date, step: Callable[[date], date]) -> Iterator[date]:
    while first <= last:
        yield first
        first = step(first)
