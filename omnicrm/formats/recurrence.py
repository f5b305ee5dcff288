"""Recurrence rules (RFC 5545, 3.3.10) on wall clocks: strict in reading, bounded in counting.

The rules of dateutil differ from the standard where weeks cross years, where BYDAY mixes plain and numbered days and
where BYSETPOS begins in the middle of a set; here a period is a set of days that the parts of a rule narrow down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SECONDS = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MAX_EMPTY = {"YEARLY": 400, "MONTHLY": 2000, "WEEKLY": 3000}  # periods in a row in which nothing happens
MAX_EMPTY_DEFAULT = 10_000
_NUMBERS = {  # lowest, highest, negative allowed
    "BYSECOND": (0, 60, False),
    "BYMINUTE": (0, 59, False),
    "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False),
    "BYSETPOS": (1, 366, True),
}
_NOT_WITH = {  # RFC 5545: parts that a frequency must not have
    "BYWEEKNO": ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY"),
    "BYYEARDAY": ("DAILY", "WEEKLY", "MONTHLY"),
    "BYMONTHDAY": ("WEEKLY",),
}


class BadRule(ValueError):
    """The rule is not one, or leads nowhere; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it was read. `until` is a date, a wall clock or (with an offset) an instant."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | date | None = None
    week_start: int = 0
    days: tuple[tuple[int, int], ...] = ()  # (which one, or 0 for each; weekday)
    numbers: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def by(self, name: str) -> tuple[int, ...]:
        return next((values for key, values in self.numbers if key == name), ())


def read_rule(text: str) -> Rule:
    """The rule in `text` (“FREQ=WEEKLY;BYDAY=MO”, with or without “RRULE:”). Raises BadRule."""
    parts: dict[str, str] = {}
    for part in text.strip().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        name = name.strip().upper()
        if not equals or "=" in value or not value.strip() or name in parts:
            raise BadRule(f"“{part[:40]}” is no part of a rule")
        parts[name] = value.strip().upper()
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise BadRule(f"the rule repeats “{frequency[:20] or 'nothing'}”")
    if parts.pop("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.pop("SKIP", "OMIT") != "OMIT":
        raise BadRule("the rule needs another calendar than the Gregorian")
    interval = _number(parts.pop("INTERVAL", "1"), "INTERVAL")
    count = _number(parts.pop("COUNT"), "COUNT") if "COUNT" in parts else None
    until = read_moment(parts.pop("UNTIL")) if "UNTIL" in parts else None
    week_start = _weekday(parts.pop("WKST", "MO"))
    days = _days(parts.pop("BYDAY", ""), frequency)
    numbers = []
    for name in list(parts):
        if name.startswith("X-"):
            continue
        if name not in _NUMBERS:
            raise BadRule(f"“{name[:40]}” is no part of a rule")
        if frequency in _NOT_WITH.get(name, ()):
            raise BadRule(f"{name} cannot stand in a {frequency.lower()} rule")
        numbers.append((name, _numbers(name, parts[name])))
    return Rule(frequency, interval, count, until, week_start, days, tuple(numbers))


def read_moment(text: str) -> datetime | date:
    """A DATE or DATE-TIME: an instant with Z, else a wall clock. Raises BadRule."""
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?", text.strip().upper())
    if match is None:
        raise BadRule(f"“{text[:30]}” is no date")
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if match[4] is None:
            return day
        clock = time(int(match[4]), int(match[5]), min(int(match[6]), 59), tzinfo=UTC if match[7] else None)
        return datetime.combine(day, clock)
    except ValueError as error:
        raise BadRule(f"“{text[:30]}” is no date") from error


def _number(text: str, name: str) -> int:
    if not re.fullmatch(r"\d{1,12}", text) or int(text) < 1:
        raise BadRule(f"{name} is “{text[:20]}”")
    return int(text)


def _numbers(name: str, text: str) -> tuple[int, ...]:
    low, high, negative = _NUMBERS[name]
    found = set()
    for one in text.split(","):
        if (
            not re.fullmatch(r"[+-]?\d{1,3}", one)
            or not low <= abs(int(one)) <= high
            or (int(one) < 0 and not negative)
        ):
            raise BadRule(f"{name} is “{text[:40]}”")
        found.add(int(one))
    return tuple(sorted(found))


def _weekday(text: str) -> int:
    if text not in _WEEKDAYS:
        raise BadRule(f"“{text[:10]}” is no day of the week")
    return _WEEKDAYS.index(text)


def _days(text: str, frequency: str) -> tuple[tuple[int, int], ...]:
    found = []
    for one in filter(None, text.split(",")):
        match = re.fullmatch(r"([+-]?\d{1,2})?([A-Z]{2})", one)
        if match is None or abs(int(match[1] or 0)) > 53:
            raise BadRule(f"BYDAY is “{text[:40]}”")
        if match[1] and frequency not in ("MONTHLY", "YEARLY"):
            raise BadRule(f"a {frequency.lower()} rule cannot number days of the week")
        if match[1] and int(match[1]) == 0:
            _weekday(match[2])
            continue  # the 0th Monday never comes
        found.append((int(match[1] or 0), _weekday(match[2])))
    if text and not found:
        raise BadRule(f"BYDAY is “{text[:40]}”")
    return tuple(found)


def instances(
    rule: Rule, start: datetime, zone: tzinfo | None = None, after: datetime | None = None
) -> Iterator[datetime]:
    """The wall clocks at which `rule` happens from `start` (a wall clock) on, in order; `start` itself only if it fits.

    `zone` reads an UNTIL that is an instant. Where the rule has no COUNT, `after` lets the count begin near it.
    Raises BadRule when a rule without end, or with more instances than fit, passes the year 9999, and when nothing
    happens for thousands of periods.
    """
    until = _until(rule, zone)
    left = rule.count if rule.count is not None else -1
    for candidates in _periods(rule, start, after if rule.count is None else None, until):
        for moment in candidates:
            if until is not None and moment > until:
                return
            if moment < start:
                continue
            yield moment
            left -= 1
            if left == 0:
                return


def _until(rule: Rule, zone: tzinfo | None) -> datetime | None:
    until = rule.until
    if until is None:
        return None
    if not isinstance(until, datetime):
        return datetime.combine(until, time(23, 59, 59))
    if until.tzinfo is not None:
        until = until.astimezone(zone) if zone is not None else until
        until = until.replace(tzinfo=None)
    return until


def _periods(rule: Rule, start: datetime, after: datetime | None, until: datetime | None) -> Iterator[list[datetime]]:
    if rule.frequency in _SECONDS:
        yield from _short_periods(rule, start, after, until)
        return
    positions = rule.by("BYSETPOS")
    times = [
        time(hour, minute, min(second, 59))
        for hour in rule.by("BYHOUR") or (start.hour,)
        for minute in rule.by("BYMINUTE") or (start.minute,)
        for second in rule.by("BYSECOND") or (start.second,)
    ]
    fits = _day_filter(rule, start)
    empty = 0
    for first, days in _day_sets(rule, start, after):
        if until is not None and first > until.date():
            return
        found = [datetime.combine(day, clock) for day in days if fits(day) for clock in times]
        if positions:
            chosen = {position - 1 if position > 0 else len(found) + position for position in positions}
            found = [found[index] for index in sorted(chosen) if 0 <= index < len(found)]
        empty = 0 if found else empty + 1
        if empty > MAX_EMPTY.get(rule.frequency, MAX_EMPTY_DEFAULT):
            raise BadRule("the rule never happens again")
        yield found
    raise BadRule("the rule goes on past the year 9999")


def _day_sets(rule: Rule, start: datetime, after: datetime | None) -> Iterator[tuple[date, list[date]]]:
    """(first day, all days) of each period, until dates run out."""
    try:
        if rule.frequency == "YEARLY":
            yield from _years(rule, start, after)
        elif rule.frequency == "MONTHLY":
            month = start.year * 12 + start.month - 1
            if after is not None:
                month += max(0, (after.year * 12 + after.month - 1 - month) // rule.interval) * rule.interval
            while month < 10_000 * 12:
                yield date(month // 12, month % 12 + 1, 1), _month(month // 12, month % 12 + 1)
                month += rule.interval
        else:
            length = 7 if rule.frequency == "WEEKLY" else 1
            first = start.date()
            if length == 7:
                first = first - timedelta(days=(first.weekday() - rule.week_start) % 7)
            step = rule.interval * length
            if after is not None:
                first += timedelta(days=max(0, (after.date() - first).days // step) * step)
            while True:
                yield first, [first + timedelta(days=index) for index in range(length)]
                first += timedelta(days=step)
    except (OverflowError, ValueError):
        return


def _years(rule: Rule, start: datetime, after: datetime | None) -> Iterator[tuple[date, list[date]]]:
    weeks, months = rule.by("BYWEEKNO"), rule.by("BYMONTH")
    year = _week_year(start.date(), rule.week_start) if weeks else start.year
    if after is not None:
        year += max(0, (after.year - 1 - year) // rule.interval) * rule.interval
    if not (weeks or months or rule.by("BYYEARDAY")) and not rule.days:
        months = (start.month,)
    elif not (weeks or months or rule.by("BYYEARDAY")) and rule.by("BYMONTHDAY"):
        months = (start.month,)  # “every year on the 8th”: of the month it began in
    while year <= 9999:
        if weeks:
            first = _week_one(year, rule.week_start)
            total = (_week_one(year + 1, rule.week_start) - first) // 7
            chosen = [number for number in range(total) if number + 1 in weeks or number - total in weeks]
            yield (
                date.fromordinal(first),
                [date.fromordinal(first + number * 7 + index) for number in chosen for index in range(7)],
            )
        elif months:
            yield date(year, 1, 1), [day for month in months for day in _month(year, month)]
        elif positions := rule.by("BYYEARDAY"):
            length = 366 if _length(year, 2) == 29 else 365
            chosen = sorted({number if number > 0 else length + number + 1 for number in positions})
            first = date(year, 1, 1).toordinal() - 1
            yield date(year, 1, 1), [date.fromordinal(first + number) for number in chosen if 0 < number <= length]
        else:
            yield date(year, 1, 1), [day for month in range(1, 13) for day in _month(year, month)]
        year += rule.interval


def _month(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, _length(year, month) + 1)]


def _length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _week_one(year: int, week_start: int) -> int:
    """The ordinal of the first day of week 1: the first week with four days in `year`."""
    fourth = date(year - 1, 12, 31).toordinal() + 4
    return fourth - (fourth - 1 - week_start) % 7


def _week_year(day: date, week_start: int) -> int:
    after = _week_one(day.year + 1, week_start)
    if day.toordinal() >= after:
        return day.year + 1
    return day.year if day.toordinal() >= _week_one(day.year, week_start) else day.year - 1


def _day_filter(rule: Rule, start: datetime) -> Callable[[date], bool]:
    """Whether the rule's parts about days all allow a day; what the rule leaves open comes from `start`."""
    months, month_days, year_days = rule.by("BYMONTH"), rule.by("BYMONTHDAY"), rule.by("BYYEARDAY")
    weeks = rule.by("BYWEEKNO")
    plain = {weekday for nth, weekday in rule.days if nth == 0}
    numbered = [(nth, weekday) for nth, weekday in rule.days if nth != 0]
    if not (month_days or year_days or rule.days):
        if rule.frequency == "WEEKLY" or weeks:
            plain = {start.weekday()}
        elif rule.frequency in ("MONTHLY", "YEARLY"):
            month_days = (start.day,)
    within_month = rule.frequency == "MONTHLY" or bool(months)

    def numbered_fits(day: date) -> bool:
        if weeks:
            position, total = 0, 7
        elif within_month:
            position, total = day.day - 1, _length(day.year, day.month)
        else:
            position, total = day.timetuple().tm_yday - 1, 366 if _length(day.year, 2) == 29 else 365
        forward, backward = position // 7 + 1, -((total - 1 - position) // 7 + 1)
        if weeks:
            forward, backward = 1, -1
        return any(weekday == day.weekday() and nth in (forward, backward) for nth, weekday in numbered)

    def fits(day: date) -> bool:
        if months and day.month not in months:
            return False
        if month_days and day.day not in month_days and day.day - _length(day.year, day.month) - 1 not in month_days:
            return False
        if year_days:
            position = day.timetuple().tm_yday
            length = 366 if _length(day.year, 2) == 29 else 365
            if position not in year_days and position - length - 1 not in year_days:
                return False
        return not (plain or numbered) or day.weekday() in plain or numbered_fits(day)

    return fits


def _short_periods(
    rule: Rule, start: datetime, after: datetime | None, until: datetime | None
) -> Iterator[list[datetime]]:
    """Hourly, minutely, secondly: steps of one length; days, hours and minutes that cannot fit are jumped over."""
    step = _SECONDS[rule.frequency] * rule.interval
    fits = _day_filter(rule, start) if rule.numbers or rule.days else None
    hours, minutes, seconds = rule.by("BYHOUR"), rule.by("BYMINUTE"), rule.by("BYSECOND")
    positions = rule.by("BYSETPOS")
    moment, empty = start, 0
    try:
        if after is not None and after > start:
            moment += timedelta(seconds=int((after - start).total_seconds()) // step * step)
        while until is None or _floor(moment, rule.frequency) <= until:
            jump = 0
            if fits is not None and not fits(moment.date()):
                jump = 86_400 - moment.hour * 3600 - moment.minute * 60 - moment.second
            elif hours and moment.hour not in hours:
                jump = 3600 - moment.minute * 60 - moment.second
            elif rule.frequency != "HOURLY" and minutes and moment.minute not in minutes:
                jump = 60 - moment.second
            elif rule.frequency == "SECONDLY" and seconds and moment.second not in seconds:
                jump = 1
            if jump:
                empty += 1
                if empty > MAX_EMPTY_DEFAULT:
                    raise BadRule("the rule never happens again")
                moment += timedelta(seconds=-(-jump // step) * step)
                continue
            found = [moment]
            if rule.frequency == "HOURLY" and minutes:
                found = [one.replace(minute=minute) for one in found for minute in minutes]
            if rule.frequency != "SECONDLY" and seconds:
                found = [one.replace(second=min(second, 59)) for one in found for second in seconds]
            if positions:
                chosen = {position - 1 if position > 0 else len(found) + position for position in positions}
                found = [found[index] for index in sorted(chosen) if 0 <= index < len(found)]
            empty = 0 if found else empty + 1
            if empty > MAX_EMPTY_DEFAULT:
                raise BadRule("the rule never happens again")
            yield found
            moment += timedelta(seconds=step)
    except (OverflowError, ValueError) as error:
        if isinstance(error, BadRule):
            raise
        raise BadRule("the rule goes on past the year 9999") from error


def _floor(moment: datetime, frequency: str) -> datetime:
    moment = moment.replace(second=0) if frequency != "SECONDLY" else moment
    return moment.replace(minute=0) if frequency == "HOURLY" else moment
