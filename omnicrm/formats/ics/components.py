"""A calendar file cut into its components, so that a broken one spoils no other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omnicrm.formats.contentlines import Line, read_line, unescape
from omnicrm.formats.ics.zones import Definition, Observance
from omnicrm.formats.mail import headers
from omnicrm.formats.recurrence import BadRule, read_moment, read_rule

MAX_LINES = 20_000  # of one component
MAX_DEPTH = 10
_ITEMS = ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "VPOLL")
_PLAIN = re.compile(r"(X-WR-CALNAME|METHOD)[^:]{0,200}:(.{0,1000})", re.IGNORECASE)


@dataclass(slots=True)
class Component:
    """Its own lines (those of alarms and other parts inside are left out). `broken` says why it cannot be read."""

    kind: str
    lines: list[str] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    broken: str = ""
    closed: bool = False

    def read(self) -> dict[str, list[Line]]:
        """Properties by name; lines that are none are under “”."""
        found: dict[str, list[Line]] = {}
        for text in self.lines:
            try:
                line = read_line(text)
            except ValueError as error:
                found.setdefault("", []).append(Line("", str(error)))
                continue
            found.setdefault(line.name, []).append(line)
        return found


@dataclass(slots=True)
class Split:
    items: list[Component] = field(default_factory=list)
    zones: list[Component] = field(default_factory=list)
    calendars: dict[str, str] = field(default_factory=dict)  # properties of the calendar itself that matter


def split(lines: list[str]) -> Split:
    """Components in the order of the file. Ends without beginnings are ignored, beginnings without ends are broken."""
    found = Split()
    stack: list[Component] = []
    for line in lines:
        start = line[:6].upper()
        if start == "BEGIN:":
            kind = line[6:].strip().upper()[:40]
            if kind == "VCALENDAR":
                found.calendars.setdefault("", "")
                _abandon(stack)
                continue
            if kind in _ITEMS and stack:
                _abandon(stack)
            component = Component(kind)
            if stack and len(stack) < MAX_DEPTH:
                stack[-1].children.append(component)
            elif kind in _ITEMS:
                found.items.append(component)
            elif kind == "VTIMEZONE":
                found.zones.append(component)
            stack.append(component)
        elif start[:4] == "END:":
            kind = line[4:].strip().upper()
            if any(component.kind == kind for component in stack[-MAX_DEPTH:]):
                while stack:
                    component = stack.pop()
                    component.closed = component.kind == kind
                    if component.closed:
                        break
                    component.broken = component.broken or "It does not end."
        elif stack:
            if len(stack[-1].lines) < MAX_LINES:
                stack[-1].lines.append(line) if line.strip() else None
            else:
                stack[-1].broken = "It has too many lines."
        elif match := _PLAIN.match(line):
            found.calendars.setdefault(match[1].upper(), unescape(match[2]).strip())
    _abandon(stack)
    return found


def _abandon(stack: list[Component]) -> None:
    for component in stack:
        component.broken = component.broken or "It does not end: the file is cut, or two events run into each other."
    stack.clear()


def name(component: Component, number: int) -> str:
    """What a person would call the component: its summary, or its number in the file."""
    for text in component.lines[:200]:
        if text[:7].upper() == "SUMMARY" and ":" in text:
            if summary := headers.line(unescape(text.partition(":")[2]), 100):
                return f"“{summary}”"
            break
    return f"entry {number}"


def definition(component: Component) -> Definition | None:
    """A VTIMEZONE; parts of it that make no sense are left out."""
    own = component.read()
    if "TZID" not in own:
        return None
    location = own["X-LIC-LOCATION"][0].value.strip() if "X-LIC-LOCATION" in own else ""
    found = Definition(own["TZID"][0].value.strip(), location)
    for child in component.children[:400]:
        if child.kind not in ("STANDARD", "DAYLIGHT"):
            continue
        try:
            found.observances.append(_observance(child.read()))
        except (BadRule, KeyError, ValueError, OverflowError):
            continue
    return found


def _observance(known: dict[str, list[Line]]) -> Observance:
    rule = read_rule(known["RRULE"][0].value) if "RRULE" in known else None
    dates = [_wall(value) for line in known.get("RDATE", ()) for value in line.value.split(",")[:500]]
    return Observance(
        _wall(known["DTSTART"][0].value),
        _offset(known.get("TZOFFSETFROM", known["TZOFFSETTO"])[0].value),
        _offset(known["TZOFFSETTO"][0].value),
        rule,
        dates,
    )


def _wall(text: str) -> datetime:
    moment = read_moment(text.partition("/")[0])
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - a wall clock
    return moment.replace(tzinfo=None)


def _offset(text: str) -> timedelta:
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?", text.strip())
    if match is None or int(match[2]) > 15 or int(match[3]) > 59:
        raise ValueError(text)
    size = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return size if match[1] == "+" else -size
