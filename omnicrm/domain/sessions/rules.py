"""Rules of a series (RFC 5545): written from what a person chose, checked, counted out, said in words, moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from omnicrm.core import zones
from omnicrm.core.errors import Invalid
from omnicrm.core.show import Viewer, counted
from omnicrm.formats.recurrence import BadRule, Rule, instances, read_rule

MOST = 200  # sessions that one series may have
FARTHEST = 2 * 366  # days from its first session to its last, where it has an end
HORIZON = 183  # days that a series without an end is booked ahead
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}

Every: TypeAlias = Literal["week", "two_weeks", "month"]
Ends: TypeAlias = Literal["count", "until", "never"]


class Repeat(BaseModel):
    """What a person chooses. `days` are weekdays (0 = Monday; none: that of the first session); `by_date`: every month
    on that date, else on that weekday of the month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Every = "week"
    days: tuple[int, ...] = ()
    by_date: bool = False
    ends: Ends = "count"
    count: int | None = None
    until: date | None = None


def rule_of(repeat: Repeat, first: date) -> str:
    """The RRULE. Raises Invalid, beside the field, for what has no end that it names, or an absurd one."""
    parts = _monthly(first, repeat.by_date) if repeat.every == "month" else _weekly(repeat, first)
    if repeat.ends == "count":
        if repeat.count is None or not 1 <= repeat.count <= MOST:
            raise Invalid(fields={"count": f"Between 1 and {MOST} sessions."})
        parts.append(f"COUNT={repeat.count}")
    elif repeat.ends == "until":
        if repeat.until is None:
            raise Invalid(fields={"until": "Choose the last day."})
        if repeat.until < first:
            raise Invalid(fields={"until": "The last day has to come after the first session."})
        if (repeat.until - first).days > FARTHEST:
            raise Invalid(fields={"until": "At most two years ahead. Choose an earlier day, or no end at all."})
        parts.append(f"UNTIL={repeat.until:%Y%m%d}")
    return ";".join(parts)


def read(rrule: str) -> Rule:
    """The rule, where it is one that a diary can follow: at most once a day, no endless count.

    Raises Invalid with a sentence for the field `rrule`.
    """
    try:
        rule = read_rule(rrule)
    except BadRule as error:
        raise Invalid(fields={"rrule": f"This rule cannot be followed: {error}."}) from None
    if rule.frequency in ("SECONDLY", "MINUTELY", "HOURLY") or any(
        rule.by(name) for name in ("BYHOUR", "BYMINUTE", "BYSECOND")
    ):
        raise Invalid(fields={"rrule": "A series has at most one session a day."})
    if rule.count is not None and rule.count > MOST:
        raise Invalid(fields={"rrule": f"That is {rule.count} sessions. A series has at most {MOST}."})
    return rule


def is_open(rule: Rule) -> bool:
    """Whether it has no end."""
    return rule.count is None and rule.until is None


def occurrences(
    rrule: str, starts_on: date, wall: time, zone: ZoneInfo, *, through: date, after: date | None = None
) -> list[datetime]:
    """The instants from the day `after` up to `through` at which clocks in `zone` show `wall`, in order, at most MOST.

    Raises Invalid for a rule that a diary cannot follow, and for one that leads nowhere.
    """
    start, rule = datetime.combine(starts_on, wall), read(rrule)
    near = datetime.combine(after, time(0)) if after is not None else None
    try:
        walls = list(islice(_between(rule, start, zone, near, through), MOST))
    except BadRule as error:
        raise Invalid(fields={"rrule": f"This rule leads nowhere: {error}."}) from None
    return [zones.at_wall(one.date(), one.time(), zone) for one in walls]


def checked(
    rrule: str, starts_on: date, wall: time, zone: ZoneInfo, minutes: int, *, through: date | None = None
) -> list[datetime]:
    """The sessions of a series that is to be booked: to its end, or to the horizon of one without.

    Raises Invalid for a rule without a session, with too many, too far, or whose sessions run into each other.
    """
    rule = read(rrule)
    last = through or starts_on + timedelta(days=HORIZON if is_open(rule) else FARTHEST)
    found = occurrences(rrule, starts_on, wall, zone, through=last)
    if not found:
        raise Invalid(fields={"rrule": "No session comes of this rule. Look at the days and the end."})
    if rule.count is not None and len(found) < rule.count:
        raise Invalid(fields={"count": f"Only {len(found)} of {rule.count} are within two years. Choose fewer."})
    if rule.until is not None and len(found) == MOST:
        raise Invalid(fields={"until": f"That is more than {MOST} sessions. Choose an earlier end."})
    length = timedelta(minutes=minutes)
    if any(after - before < length for before, after in pairwise(found)):
        raise Invalid(fields={"minutes": "Each session would run into the next. Make them shorter, or rarer."})
    return found


def ending(rrule: str, before: date) -> str:
    """The rule with its end on the day before `before`."""
    kept = [part for part in _parts(rrule) if not part.startswith(("COUNT=", "UNTIL="))]
    return ";".join([*kept, f"UNTIL={before - timedelta(days=1):%Y%m%d}"])


def moved(rrule: str, old: date, new: date, *, starts_on: date, left: int) -> str:
    """The rule of the sessions from `starts_on` on, now that the one of `old` is on `new`; `left` is how many of them
    there are, where the rule ends.

    Weekdays turn with it, and so does the day that weeks begin with, so that each session moves by as many days.
    """
    rule, by_days = read(rrule), (new - old).days
    kept = [part for part in _parts(rrule) if not part.startswith(("COUNT=", "UNTIL="))]
    if rule.frequency == "WEEKLY":
        days = [WEEKDAYS[(weekday + by_days) % 7] for _, weekday in rule.days] or [WEEKDAYS[new.weekday()]]
        ordered = sorted(days, key=WEEKDAYS.index)
        kept = [part for part in kept if not part.startswith(("BYDAY=", "WKST="))]
        kept += [f"BYDAY={','.join(ordered)}", f"WKST={WEEKDAYS[(rule.week_start + by_days) % 7]}"]
    elif by_days and rule.frequency in ("MONTHLY", "YEARLY"):
        interval = [part for part in kept if part.startswith("INTERVAL=")]
        kept = _monthly(new, not rule.days) if rule.frequency == "MONTHLY" else ["FREQ=YEARLY"]
        kept += interval
    if is_open(rule):
        return ";".join(kept)
    counted_out = ";".join([*kept, f"COUNT={max(1, left)}"])
    if rule.count is not None:
        return counted_out
    start = datetime.combine(starts_on, time(0))
    last = max(islice(instances(read(counted_out), start), MOST), default=start)
    return ";".join([*kept, f"UNTIL={last:%Y%m%d}"])


def beginning(rrule: str, anchor: date, old: date, new: date) -> date:
    """Where the moved rule begins, for the sessions from `anchor` on: by month, as days differ from month to month."""
    if read(rrule).frequency != "MONTHLY" or old == new:
        return anchor + (new - old)
    month = anchor.year * 12 + anchor.month - 1 + (new.year - old.year) * 12 + new.month - old.month
    return date(month // 12, month % 12 + 1, 1)


def first_few(rrule: str, starts_on: date, wall: time, zone: ZoneInfo, number: int) -> list[datetime]:
    """The first instants of a rule, at most `number`."""
    walls = islice(instances(read(rrule), datetime.combine(starts_on, wall), zone), number)
    return [zones.at_wall(one.date(), one.time(), zone) for one in walls]


def words(rrule: str, viewer: Viewer) -> str:
    """`Every two weeks on Tuesday and Thursday, 10 times`."""
    rule = read(rrule)
    unit = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}[rule.frequency]
    every = {1: f"Every {unit}", 2: f"Every two {unit}s"}.get(rule.interval, f"Every {rule.interval} {unit}s")
    if rule.frequency == "WEEKLY" and rule.days:
        every += f" on {_and([_NAMES[weekday] for _, weekday in rule.days])}"
    elif rule.frequency == "MONTHLY" and rule.days:
        every += " on the " + _and([f"{_NTH.get(nth, f'{nth}.')} {_NAMES[day]}" for nth, day in rule.days])
    elif rule.frequency == "MONTHLY" and rule.by("BYMONTHDAY"):
        every += f" on the {max(rule.by('BYMONTHDAY'))}."
    if rule.count is not None:
        return f"{every}, {counted(rule.count, 'time')}"
    if rule.until is not None:
        last = rule.until.date() if isinstance(rule.until, datetime) else rule.until
        return f"{every}, until {viewer.day(last)}"
    return f"{every}, without an end"


def _weekly(repeat: Repeat, first: date) -> list[str]:
    days = sorted(set(repeat.days)) or [first.weekday()]
    if not all(0 <= day <= 6 for day in days):
        raise Invalid(fields={"days": "Choose days of the week."})
    parts = ["FREQ=WEEKLY", f"BYDAY={','.join(WEEKDAYS[day] for day in days)}"]
    return [parts[0], "INTERVAL=2", parts[1]] if repeat.every == "two_weeks" else parts


def _monthly(first: date, by_date: bool) -> list[str]:
    """A date that short months do not have is their last day; a fifth weekday is the last one."""
    if not by_date:
        nth = (first.day - 1) // 7 + 1
        return ["FREQ=MONTHLY", f"BYDAY={nth if nth < 5 else -1}{WEEKDAYS[first.weekday()]}"]
    if first.day <= 28:
        return ["FREQ=MONTHLY", f"BYMONTHDAY={first.day}"]
    dates = ",".join(str(day) for day in range(28, first.day + 1))
    return ["FREQ=MONTHLY", f"BYMONTHDAY={dates}", "BYSETPOS=-1"]


def _between(rule: Rule, start: datetime, zone: ZoneInfo, after: datetime | None, through: date) -> Iterator[datetime]:
    for moment in instances(rule, start, zone, after=after):
        if moment.date() > through:
            return
        if after is None or moment >= after:
            yield moment


def _parts(rrule: str) -> list[str]:
    return [part for part in rrule.strip().removeprefix("RRULE:").upper().split(";") if part]


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
