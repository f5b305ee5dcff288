"""Calendars for others (RFC 5545): times in UTC, lines folded at 75 bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from omnicrm.formats.contentlines import escape, folded

# A calendar has at least one component, also while there is nothing in it.
_NOTHING = (
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


class FeedEvent(BaseModel):
    """An event to publish. `uid` stays the same for ever; `sequence` grows with every change."""

    model_config = ConfigDict(frozen=True)

    uid: str
    title: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    changed_at: AwareDatetime
    sequence: int
    location: str = ""


def write(name: str, events: Iterable[FeedEvent], *, again: timedelta) -> str:
    """A published calendar; `again` is how often a subscriber is asked to look."""
    every = f"PT{int(again.total_seconds() // 60)}M"
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//OmniCRM//Calendar feed//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escape(name)}",
        f"X-WR-CALNAME:{escape(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{every}",
        f"X-PUBLISHED-TTL:{every}",
    )
    body = [line for event in events for line in _lines(event)] or _NOTHING
    return "".join(folded(line) for line in (*head, *body, "END:VCALENDAR"))


def _lines(event: FeedEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escape(event.uid)}"
    yield f"DTSTAMP:{_utc(event.changed_at)}"
    yield f"LAST-MODIFIED:{_utc(event.changed_at)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART:{_utc(event.starts_at)}"
    yield f"DTEND:{_utc(event.ends_at)}"
    yield f"SUMMARY:{escape(event.title)}"
    if event.location:
        yield f"LOCATION:{escape(event.location)}"
    yield "STATUS:CONFIRMED"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
