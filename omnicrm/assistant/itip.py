"""Calendar messages inside mails (iTIP): the few fields that decide what they ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Invitation:
    """One event of a calendar message. Times are aware; `replies` maps addresses to PARTSTAT."""

    method: str
    status: str
    summary: str
    start: datetime | None
    end: datetime | None
    original: datetime | None
    organizer: str
    organizer_name: str
    replies: dict[str, str]
    whole_day: bool


def read(text: str, home: ZoneInfo) -> Invitation | None:
    """The first VEVENT of an iCalendar text, or None where there is none."""
    lines = re.sub(r"\r?\n[ \t]", "", text[:_MAX]).splitlines()
    method, inside, fields = "", False, []
    for line in lines:
        upper = line.upper()
        if upper.startswith("METHOD:"):
            method = line.split(":", 1)[1].strip().upper()
        elif upper.startswith("BEGIN:VEVENT"):
            inside = True
        elif upper.startswith("END:VEVENT"):
            break
        elif upper.startswith("BEGIN:VALARM"):
            inside = False
        elif inside and ":" in line:
            fields.append(line)
    if not fields:
        return None
    by_name: dict[str, tuple[str, str]] = {}
    replies: dict[str, str] = {}
    for line in fields:
        match = re.match(r"(?P<name>[A-Za-z-]+)(?P<params>(?:;[^:;=]+=(?:\"[^\"]*\"|[^:;\"]*))*):(?P<value>.*)$", line)
        if match is None:
            continue
        name = match["name"].upper()
        if name == "ATTENDEE":
            part = re.search(r"PARTSTAT=([A-Za-z-]+)", match["params"], re.IGNORECASE)
            replies[_address(match["value"])] = part[1].upper() if part else ""
        else:
            by_name.setdefault(name, (match["params"], match["value"]))
    organizer = by_name.get("ORGANIZER", ("", ""))
    named = re.search(r"CN=(\"[^\"]*\"|[^;:]*)", organizer[0], re.IGNORECASE)
    start = by_name.get("DTSTART", ("", ""))
    return Invitation(
        method=method,
        status=by_name.get("STATUS", ("", ""))[1].strip().upper(),
        summary=_unescaped(by_name.get("SUMMARY", ("", ""))[1]),
        start=_moment(*start, home),
        end=_moment(*by_name.get("DTEND", ("", "")), home),
        original=_moment(*by_name.get("RECURRENCE-ID", ("", "")), home),
        organizer=_address(organizer[1]),
        organizer_name=named[1].strip('"') if named else "",
        replies=replies,
        whole_day=bool(re.fullmatch(r"\d{8}", start[1].strip())),
    )


def _address(value: str) -> str:
    return re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE).casefold()


def _unescaped(value: str) -> str:
    return re.sub(r"\\([,;\\])", r"\1", value.replace("\\n", " ").replace("\\N", " ")).strip()


def _moment(params: str, value: str, home: ZoneInfo) -> datetime | None:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", value.strip())
    if match is None:
        return None
    try:
        naive = datetime(*(int(match[i] or 0) for i in range(1, 7)))  # type: ignore[misc]  # noqa: DTZ001  # the zone follows
    except ValueError:
        return None
    if match[7]:
        return naive.replace(tzinfo=UTC)
    named = re.search(r"TZID=\"?([^\";:]+)", params, re.IGNORECASE)
    zone = named[1].strip() if named else ""
    return naive.replace(tzinfo=ZoneInfo(zone) if zone in available_timezones() else home)
