"""One line that a practitioner types for a task, read for what it says beside the title. Reads English."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from omnicrm.assistant.dates import whens
from omnicrm.assistant.dates.days import weekday_after
from omnicrm.assistant.dates.words import NUMBERS, WEEKDAY_OF

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PRIORITY = re.compile(r"(?<!\S)!(?P<word>high|urgent|important|medium|normal|low|[123]|!{0,2})(?!\S)", re.IGNORECASE)
_PRIORITIES = {
    "high": "high",
    "urgent": "high",
    "important": "high",
    "medium": "medium",
    "normal": "medium",
    "low": "low",
}
_PRIORITIES |= {"1": "high", "2": "medium", "3": "low", "": "high", "!": "high", "!!": "high"}
_PROJECT = re.compile(r"(?<!\S)#(?=\S)")
_MENTION = re.compile(r"(?<!\S)@(?P<name>[^\W\d_][\w'’-]*(?:\s+[A-ZÀ-ÞĀ-Ž][\w'’-]*)?)")
_DAY_NAMES = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)days?|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"
_REPEAT = re.compile(
    r"\b(?:(?P<simple>daily|weekly|monthly|yearly|annually)"
    r"|(?:every|each)\s+(?P<weekday>weekday|working\s+day|workday)s?"
    rf"|(?:every|each)\s+(?P<other>other\s+|second\s+)?(?P<days>(?:{_DAY_NAMES})(?:\s*(?:,|and|&)\s*(?:{_DAY_NAMES}))*)"
    r"|(?:every|each)\s+(?P<n>other\s+|second\s+|third\s+|\w+\s+)?(?P<unit>day|week|fortnight|month|quarter|year)s?)\b",
    re.IGNORECASE,
)
_UNITS = {"day": ("DAILY", 1), "week": ("WEEKLY", 1), "fortnight": ("WEEKLY", 2), "month": ("MONTHLY", 1)}
_UNITS |= {"quarter": ("MONTHLY", 3), "year": ("YEARLY", 1)}
_SIMPLE = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY", "annually": "YEARLY"}
_LEAD = re.compile(r"(?:\b(?:on|at|by|until|till|due|before|for|from|starting|@)\s*)+$", re.IGNORECASE)
_AFTER_VERB = re.compile(
    r"\b(?:call(?:\s+back)?|phone|ring|mail|e-?mail|write(?:\s+to)?|text|ask|remind|meet|thank|invoice|with|to|for|send|"
    r"tell|book|answer)\s+(?P<name>[^\W\d_][\w'’-]+(?:\s+(?-i:[A-ZÀ-Þ])[\w'’-]+)?)",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"(?<=\s)[A-ZÀ-ÞĀ-Ž][\w'’-]+(?:\s+[A-ZÀ-ÞĀ-Ž][\w'’-]+)?")
_LONG = re.compile(r"\S{21,}")  # an address or a key: its digits are no date
_NO_NAMES = frozenset("the a an my me him her them it us back about new all some this that his their our your".split())


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the line, `text[start:end]`, that are not the title's."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says. `due_at` and `due_on` are wall clock; `project` is one of those that were given; `people` are
    words that may be a client's name, the likeliest first."""

    title: str
    due_on: date | None = None
    due_at: time | None = None
    priority: str = ""
    rrule: str = ""
    project: str = ""
    people: tuple[str, ...] = ()


def read(
    text: str,
    today: date,
    now: time,
    *,
    month_first: bool = False,
    projects: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> Entry:
    """The line `text` as typed on `today` at `now`, in linear time.

    `ignore` names parts that are not to be read (due, priority, repeat, project, client): their words stay in the
    title. A day or hour that is past already means the next one that comes.
    """
    skipped = set(ignore)
    text = " ".join(text.split())[:300]
    used: list[Said] = []
    priority = "" if "priority" in skipped else _priority(text, used)
    project = "" if "project" in skipped else _project(text, list(projects), used)
    rrule = "" if "repeat" in skipped else _repeat(text, used)
    due_on, due_at = (None, None) if "due" in skipped else _due(text, today, now, month_first, used)
    people = () if "client" in skipped else _people(text, used)
    title = _rest(text, used) or text
    return Entry(title, due_on, due_at, priority, rrule, project, people)


def _priority(text: str, used: list[Said]) -> str:
    match = _PRIORITY.search(text)
    if match is None:
        return ""
    used.append(Said(match.start(), match.end()))
    return _PRIORITIES[match["word"].lower()]


def _project(text: str, projects: list[str], used: list[Said]) -> str:
    """After “#”: a project's whole name, else the first of whose words the one that was typed begins one."""
    match = _PROJECT.search(text)
    if match is None:
        return ""
    after = text[match.end() :].casefold()
    whole = [name for name in projects if after.startswith(name.casefold()) and not after[len(name) :][:1].isalnum()]
    if whole:
        name = max(whole, key=len)
        used.append(Said(match.start(), match.end() + len(name)))
        return name
    word = re.match(r"[\w-]+", after)
    if word is None:
        return ""
    for name in projects:
        joined = re.sub(r"\W+", "", name.casefold())
        parts = re.split(r"\W+", name.casefold())
        if joined == re.sub(r"\W+", "", word.group()) or any(part.startswith(word.group()) for part in parts):
            used.append(Said(match.start(), match.end() + word.end()))
            return name
    return ""


def _repeat(text: str, used: list[Said]) -> str:
    for match in _REPEAT.finditer(text):
        rule = _rule(match)
        if rule:
            used.append(Said(match.start(), match.end()))
            return rule
    return ""


def _rule(match: re.Match[str]) -> str:
    if match["simple"]:
        return f"FREQ={_SIMPLE[match['simple'].lower()]}"
    if match["weekday"]:
        return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    if match["days"]:
        named = re.findall(_DAY_NAMES, match["days"], re.IGNORECASE)
        days = sorted(
            {
                WEEKDAY_OF[name.lower().removesuffix("s") if name.lower().endswith("days") else name.lower()]
                for name in named
            }
        )
        every = ";INTERVAL=2" if match["other"] else ""
        return f"FREQ=WEEKLY{every};BYDAY={','.join(_WEEKDAYS[day] for day in days)}"
    frequency, times = _UNITS[match["unit"].lower()]
    many = (match["n"] or "").strip().lower()
    if many in ("other", "second"):
        times *= 2
    elif many == "third":
        times *= 3
    elif many.isdigit() and 1 <= int(many) <= 99:
        times *= int(many)
    elif many in NUMBERS:
        times *= NUMBERS[many]
    elif many:
        return ""  # "every single day" is no number
    return f"FREQ={frequency}" + (f";INTERVAL={times}" if times > 1 else "")


def _due(text: str, today: date, now: time, month_first: bool, used: list[Said]) -> tuple[date | None, time | None]:
    masks = tuple((said.start, said.end) for said in used) + tuple(long.span() for long in _LONG.finditer(text))
    for when in whens.find(text, today, month_first=month_first, masks=masks):
        day, clock = when.day, when.clock
        if clock is not None and clock.kind not in ("point", "from", "before", "after"):
            clock = None
        if day is None and clock is None:
            continue
        on = None
        if day is not None:
            on = _coming(day.day, day.weekday, today) if day.past or day.day < today else day.day
            used.append(_led(text, day.start, day.end))
        at = None
        if clock is not None:
            minute = clock.minute_of_day % 1440
            at = time(minute // 60, minute % 60)
            used.append(_led(text, clock.start, clock.end))
            if on is None and not any(_REPEAT.search(text[said.start : said.end]) for said in used):
                on = today if at > now else today + timedelta(days=1)
        return on, at
    return None, None


def _coming(day: date, weekday: int | None, today: date) -> date:
    """A day that is gone already: the same weekday that comes next, or the same date next year."""
    if weekday is not None:
        return weekday_after(today, weekday)
    try:
        return day.replace(year=today.year + (day.replace(year=today.year) < today))
    except ValueError:  # 29 February
        return today


def _led(text: str, start: int, end: int) -> Said:
    """With the little words before it: “on Friday”, “by 5pm”."""
    lead = _LEAD.search(text[:start].rstrip() + " ")
    return Said(lead.start() if lead else start, end)


def _people(text: str, used: list[Said]) -> tuple[str, ...]:
    blank = list(text)
    for said in used:
        blank[said.start : said.end] = "\x02" * (said.end - said.start)
    left = "".join(blank)
    found = []
    if mention := _MENTION.search(left):
        used.append(Said(mention.start(), mention.start() + 1))  # the name stays in the title, its sign does not
        found.append(mention["name"])
    found += [match["name"] for match in _AFTER_VERB.finditer(left)]
    found += [match.group() for match in _CAPITAL.finditer(left)]
    names = [re.sub(r"['’]s?$", "", name) for name in found]
    return tuple(dict.fromkeys(name for name in names if name.lower() not in _NO_NAMES and len(name) > 1))[:3]


def _rest(text: str, used: list[Said]) -> str:
    blank = list(text)
    for said in used:
        blank[said.start : said.end] = " " * (said.end - said.start)
    left = " ".join("".join(blank).split())
    return re.sub(r"\s+([,.;:])", r"\1", left).strip(" ,;:-")
