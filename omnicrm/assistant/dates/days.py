"""Days in a text: weekdays, dates, relative days and vague stretches, each resolved against the day of writing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from omnicrm.assistant.dates.day_patterns import EACH, START
from omnicrm.assistant.dates.words import MONTH_OF, ORDINALS, WEEKDAY_OF, number


@dataclass(frozen=True, slots=True)
class Day:
    """One mention of a day, `text[start:end]`.

    `day` is what it means when written on the base day; `others` are further readings, likeliest first. `vague` is a
    stretch (a week, a month, "weekends") that names no single day: `day` is then its first day, `last` its end.
    """

    start: int
    end: int
    day: date
    kind: str  # weekday, date, ordinal, relative, span
    others: tuple[date, ...] = ()
    vague: bool = False
    past: bool = False
    weekday: int | None = None
    last: date | None = None


_SAT_DOWN = re.compile(r"(?:\b(?:i|we|he|she|they|who|you|just|and|the|in|of|a)\s+)$", re.IGNORECASE)


def find(text: str, base: date, *, month_first: bool = False) -> list[Day]:
    """All mentions of days in `text`, in order, none overlapping, read as written on the local day `base`.

    `month_first` is how "3/4" is read where both orders are possible.
    """
    return list(_found(text, base, month_first))


def _found(text: str, base: date, month_first: bool) -> Iterator[Day]:
    position = 0
    while start := START.search(text, position):
        day = None
        for name, pattern in EACH:
            match = pattern.match(text, start.start())
            if match is None:
                continue
            try:
                day = _READERS[name](match, base, month_first)
            except (ValueError, OverflowError):
                day = None
            if day is not None and not _mistaken(text, match):
                break
            day = None
        if day is not None:
            yield day
            position = max(day.end, start.start() + 1)
        else:
            position = start.start() + 1
            while position < len(text) and text[position - 1].isalnum() and text[position].isalnum():
                position += 1


def _mistaken(text: str, match: re.Match[str]) -> bool:
    word = match.group().lower()
    before = text[max(0, match.start() - 12) : match.start()]
    if word in ("sat", "sun", "wed", "mon", "mar", "may"):
        return bool(_SAT_DOWN.search(before)) and not re.search(r"\b(?:on|this|next)\s+$", before, re.IGNORECASE)
    return word.startswith("the sun") and not word.startswith("the sunday")


def _span(match: re.Match[str]) -> tuple[int, int]:
    start, end = match.start(), match.end()
    whole = match.group()
    lead = len(whole) - len(whole.lstrip())
    return start + lead, end - (len(whole) - len(whole.rstrip(" ,.\n\t")) if not whole.rstrip().endswith(".") else 0)


def weekday_after(base: date, weekday: int) -> date:
    """The next such weekday after `base`, never `base` itself."""
    return base + timedelta(days=(weekday - base.weekday() - 1) % 7 + 1)


def add_months(day: date, months: int) -> date:
    """The same day of the month later, or the last one that exists."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for number_ in range(day.day, 27, -1):
        try:
            return date(year, month, number_)
        except ValueError:
            continue
    return date(year, month, min(day.day, 27))


def _weekday(word: str) -> int:
    return WEEKDAY_OF[re.sub(r"['’]s$", "", word.lower().strip(" .,"))]


def _plural(word: str) -> bool:
    return word.lower().endswith("days")


def _with_month(base: date, day: int, month: int, year: str | None, weekday: int | None = None) -> tuple[date, bool]:
    """The date meant, and whether it lies in the past: without a year the nearest to come, or one just gone."""
    if year:
        digits = re.sub(r"\D", "", year)
        found = date(int(digits) if len(digits) == 4 else 2000 + int(digits), month, day)
        return found, found < base
    choices = []
    for candidate in (base.year - 1, base.year, base.year + 1):
        try:
            choices.append(date(candidate, month, day))
        except ValueError:
            continue
    if not choices:
        raise ValueError("no such day")
    if weekday is not None:
        fitting = [c for c in choices if c.weekday() == weekday and -40 <= (c - base).days <= 330]
        choices = fitting or choices
    near = [c for c in choices if c >= base - timedelta(days=60)]
    found = min(near or choices, key=lambda c: (c - base).days if c >= base else 300 - (base - c).days)
    return found, found < base


def _make(match: re.Match[str], day: date, kind: str, base: date, **more: object) -> Day:
    start, end = _span(match)
    return Day(start, end, day, kind, past=bool(more.pop("past", day < base)), **more)  # type: ignore[arg-type]  # the fields of Day


def _iso(m: re.Match[str], base: date, _: bool) -> Day:
    return _make(m, date(int(m["iso_y"]), int(m["iso_m"]), int(m["iso_d"])), "date", base)


def _dmy(m: re.Match[str], base: date, _: bool) -> Day | None:
    weekday = _weekday(m["dmy_w"]) if m["dmy_w"] else None
    day, _past = _with_month(base, int(m["dmy_d"]), MONTH_OF[m["dmy_m"].lower()], m["dmy_y"], weekday)
    if (
        weekday is not None
        and day.weekday() != weekday
        and re.match(rf"{re.escape(m['dmy_w'])}\.", m.group(), re.IGNORECASE)
    ):
        return None  # "… on tue. 27 April …": two sentences
    return _make(m, day, "date", base, weekday=weekday)


def _mdy(m: re.Match[str], base: date, _: bool) -> Day:
    weekday = _weekday(m["mdy_w"]) if m["mdy_w"] else None
    day, _past = _with_month(base, int(m["mdy_d"]), MONTH_OF[m["mdy_m"].lower()], m["mdy_y"], weekday)
    return _make(m, day, "date", base, weekday=weekday)


def _wordy(m: re.Match[str], base: date, _: bool) -> Day:
    ordinal = ORDINALS[m["wordy_o"].lower()]
    month = m["wordy_m"].lower()
    if month in MONTH_OF:
        day, _past = _with_month(base, ordinal, MONTH_OF[month], None)
    elif month == "next month":
        day = add_months(base.replace(day=1), 1).replace(day=ordinal)
    else:
        day = base.replace(day=ordinal)
    return _make(m, day, "date", base)


def _num(m: re.Match[str], base: date, month_first: bool) -> Day | None:
    a, b, separator, year = int(m["num_a"]), int(m["num_b"]), m["num_s"], m["num_y"]
    if separator == "." and not (year or m["num_t"] or m["num_w"]):
        return None  # 8.45 is an hour
    if (
        separator == "."
        and not year
        and (b > 12 or re.search(r"(?:\bat|@|\baround|\babout)\s*$", m.string[: m.start()]))
    ):
        return None  # "wed 7.15", "at 9.30."
    if separator == "." and m["num_w"] and not m["num_t"] and not year:
        return None
    if separator == "-" and not year:
        return None
    if a == 24 and b == 7 and not year:
        return None
    first, second = (b, a) if month_first and separator != "." else (a, b)
    if second > 12 and first <= 12:
        first, second = second, first
    weekday = _weekday(m["num_w"]) if m["num_w"] else None
    day, _past = _with_month(base, first, second, year, weekday)
    others = ()
    if not (a > 12 or b > 12) and a != b:
        other, _past = _with_month(base, second, first, year)
        if weekday is not None and day.weekday() != weekday and other.weekday() == weekday:
            day, other = other, day
        others = (other,)
    if separator == "." and weekday is not None and not year and day.weekday() != weekday:
        return None  # "wed 7.10." at the end of a sentence
    return _make(m, day, "date", base, others=others, weekday=weekday)


def _ordinal(base: date, day: int, weekday: int | None = None) -> tuple[date, tuple[date, ...]]:
    choices = []
    for months in range(-1, 13):
        try:
            choices.append(add_months(base.replace(day=1), months).replace(day=day))
        except ValueError:
            continue
    ahead = [c for c in choices if c >= base]
    if weekday is not None and (fitting := [c for c in ahead if c.weekday() == weekday]):
        return fitting[0], tuple(c for c in ahead[:1] if c != fitting[0])
    behind = [c for c in choices if c < base]
    return ahead[0], tuple(behind[-1:])


def _wdord(m: re.Match[str], base: date, _: bool) -> Day | None:
    weekday, number_ = _weekday(m["wdord_w"]), int(m["wdord_d"])
    if not 1 <= number_ <= 31:
        return None
    day, others = _ordinal(base, number_, weekday)
    if not m["wdord_s"]:
        if day.weekday() != weekday or (day - base).days > 45:
            return None  # "thurs 5" is an hour, unless that day of the month is a Thursday
        if number_ <= 12 and not re.match(r"\s*(?:$|[,.;?!)]|at\b|@|from|\d|noon|in the)", m.string[m.end() :]):
            return None
    return _make(m, day, "date", base, others=others, weekday=weekday)


def _dayafter(m: re.Match[str], base: date, _: bool) -> Day:
    return _make(m, base + timedelta(days=2), "relative", base)


def _wdweek(m: re.Match[str], base: date, _: bool) -> Day:
    weekday = _weekday(m["wdweek_w"])
    days = 7 if m["wdweek_k"].lower() == "week" else 14
    return _make(m, weekday_after(base, weekday) + timedelta(days=days), "weekday", base, weekday=weekday)


def _weekwd(m: re.Match[str], base: date, _: bool) -> Day | None:
    weekday = _weekday(m["weekwd_w"])
    how_many = (m["weekwd_n"] or "").lower().strip()
    if how_many in ("next", "the following"):
        return _make(m, _next_week(base, weekday), "weekday", base, weekday=weekday)
    if how_many and not re.search(r"\b(?:on|from|this|come)\b", m.group(), re.IGNORECASE):
        return None
    weeks = number(how_many) if how_many else 1
    if m["weekwd_k"].lower().startswith("fortnight"):
        weeks *= 2
    return _make(m, weekday_after(base, weekday) + timedelta(weeks=weeks), "weekday", base, weekday=weekday)


def _weektod(m: re.Match[str], base: date, _: bool) -> Day:
    days = number(m["weektod_n"]) * {"d": 1, "w": 7, "f": 14}[m["weektod_k"][0].lower()]
    return _make(m, base + timedelta(days=days + (m["weektod_t"].lower() == "tomorrow")), "relative", base)


def _todweek(m: re.Match[str], base: date, _: bool) -> Day:
    days = (7 if m["todweek_k"].lower() == "week" else 14) + (m["todweek_t"].lower() != "today")
    return _make(m, base + timedelta(days=days), "relative", base)


def _wdafter(m: re.Match[str], base: date, _: bool) -> Day:
    weekday = _weekday(m["wdafter_w"])
    return _make(m, weekday_after(base, weekday) + timedelta(days=7), "weekday", base, weekday=weekday)


def _next_week(base: date, weekday: int) -> date:
    return base - timedelta(days=base.weekday()) + timedelta(days=7 + weekday)


def _wdnext(m: re.Match[str], base: date, _: bool) -> Day:
    weekday = _weekday(m["wdnext_w"])
    kind = (m["wdnext_k"] or m.group()).lower()
    if kind == "this":
        day = base - timedelta(days=base.weekday()) + timedelta(days=weekday)
        return _make(m, day if day >= base else weekday_after(base, weekday), "weekday", base, weekday=weekday)
    if "after" in kind:
        weeks = 2 if "next" in m.group().lower() else 1
        return _make(m, weekday_after(base, weekday) + timedelta(weeks=weeks), "weekday", base, weekday=weekday)
    return _make(m, _next_week(base, weekday), "weekday", base, weekday=weekday)


def _samewd(m: re.Match[str], base: date, _: bool) -> Day:
    return _make(m, base + timedelta(days=7), "relative", base)


def _qwd(m: re.Match[str], base: date, _: bool) -> Day:
    weekday, word = _weekday(m["qwd_w"]), m["qwd_q"].lower()
    if word in ("last", "past", "previous"):
        return _make(m, weekday_after(base, weekday) - timedelta(days=7), "weekday", base, weekday=weekday, past=True)
    day = weekday_after(base, weekday)
    if word == "next" and (day - base).days <= 2 and _next_week(base, weekday) > day:
        return _make(m, day + timedelta(days=7), "weekday", base, weekday=weekday, others=(day,))
    if word == "next":
        other = _next_week(base, weekday)
        return _make(m, day, "weekday", base, weekday=weekday, others=(other,) if other != day else ())
    today = (base,) if base.weekday() == weekday else ()
    return _make(m, day, "weekday", base, weekday=weekday, others=today, vague=_plural(m["qwd_w"]))


def _wdq(m: re.Match[str], base: date, _: bool) -> Day:
    weekday, word = _weekday(m["wdq_w"]), m["wdq_q"].lower()
    if word in ("next", "coming"):
        return _make(m, weekday_after(base, weekday), "weekday", base, weekday=weekday)
    return _make(m, weekday_after(base, weekday) - timedelta(days=7), "weekday", base, weekday=weekday, past=True)


def _wd(m: re.Match[str], base: date, _: bool) -> Day:
    weekday = _weekday(m["wd_w"])
    today = (base,) if base.weekday() == weekday else ()
    return _make(
        m, weekday_after(base, weekday), "weekday", base, weekday=weekday, others=today, vague=_plural(m["wd_w"])
    )


def _inn(m: re.Match[str], base: date, _: bool) -> Day:
    many, unit = number(m["inn_n"]), m["inn_k"][0].lower()
    day = add_months(base, many) if unit == "m" else base + timedelta(days=many * {"d": 1, "w": 7, "f": 14}[unit])
    return _make(m, day, "relative", base, vague=unit != "d")


def _ago(m: re.Match[str], base: date, _: bool) -> Day:
    many, unit = number(m["ago_n"]), m["ago_k"][0].lower()
    return _make(
        m, base - timedelta(days=many * {"d": 1, "w": 7, "m": 30, "y": 365}[unit]), "relative", base, past=True
    )


def _tod(m: re.Match[str], base: date, _: bool) -> Day:
    return _make(m, base, "relative", base)


def _tom(m: re.Match[str], base: date, _: bool) -> Day:
    return _make(m, base + timedelta(days=1), "relative", base)


def _yes(m: re.Match[str], base: date, _: bool) -> Day:
    return _make(m, base - timedelta(days=1), "relative", base, past=True, vague="yesterday" not in m.group().lower())


def _ord(m: re.Match[str], base: date, _: bool) -> Day | None:
    number_ = int(m["ord_d"])
    if not (m["ord_the"] or m["ord_p"]) and not re.match(
        r"\s*(?:$|[,.;?!)]|at\b|@|\d|same|instead|or\b|and\b|please|is\b|works|suits)", m.string[m.end() :]
    ):
        return None
    if not 1 <= number_ <= 31:
        return None
    day, others = _ordinal(base, number_)
    whole = m.group()
    start = m.start() + (len(m["ord_p"]) if m["ord_p"] else 0)
    start += len(m.string[start : m.end()]) - len(m.string[start : m.end()].lstrip())
    return Day(start, m.start() + len(whole.rstrip()), day, "ordinal", others=others)


def _weekof(m: re.Match[str], base: date, _: bool) -> Day:
    day, _others = _ordinal(base, int(m["weekof_d"]))
    return _make(m, day, "span", base, vague=True, last=day + timedelta(days=6))


def _weekend(m: re.Match[str], base: date, _: bool) -> Day:
    day = weekday_after(base - timedelta(days=1), 5)
    if (m["weekend_q"] or "").lower() == "next":
        day = _next_week(base, 5)
    return _make(m, day, "span", base, vague=True, last=day + timedelta(days=1))


def _vague(m: re.Match[str], base: date, _: bool) -> Day:
    unit = m["span_k"][0].lower()
    first = {"w": _next_week(base, 0), "f": base, "m": add_months(base.replace(day=1), 1), "d": base}[unit]
    if m["span_q"].lower() == "this":
        first = base
    length = {"w": 6, "f": 13, "m": 29, "d": 3}[unit]
    return _make(m, first, "span", base, vague=True, last=first + timedelta(days=length))


def _eom(m: re.Match[str], base: date, _: bool) -> Day | None:
    word = (m["eom_k"] or m["eom_k2"] or m["eom_k3"]).lower()
    if word in ("week", "eow"):
        day = weekday_after(base - timedelta(days=1), 4)
    elif word in ("month", "eom"):
        day = add_months(base.replace(day=1), 1) - timedelta(days=1)
    elif word in MONTH_OF:
        first, _past = _with_month(base, 1, MONTH_OF[word], None)
        day = add_months(first, 1) - timedelta(days=1)
    elif word in ("eod", "cob", "day", "business", "play"):
        day = base
    else:
        day = date(base.year, 12, 31)
    return _make(m, day, "span", base, vague=True, last=day)


def _mon(m: re.Match[str], base: date, _: bool) -> Day:
    first, _past = _with_month(base.replace(day=1), 1, MONTH_OF[m["mon_m"].lower()], None)
    return _make(m, first, "span", base, vague=True, past=False, last=add_months(first, 1) - timedelta(days=1))


_READERS = {
    "iso": _iso, "dmy": _dmy, "mdy": _mdy, "wordy": _wordy, "num": _num, "weekof": _weekof, "wdord": _wdord,
    "dayafter": _dayafter, "wdweek": _wdweek, "weekwd": _weekwd, "weektod": _weektod, "todweek": _todweek,
    "wdafter": _wdafter, "wdnext": _wdnext, "samewd": _samewd, "qwd": _qwd, "wdq": _wdq, "wd": _wd, "inn": _inn,
    "ago": _ago, "tod": _tod, "tom": _tom, "yes": _yes, "ord": _ord, "weekend": _weekend, "span": _vague,
    "eom": _eom, "mon": _mon,
}  # fmt: skip
