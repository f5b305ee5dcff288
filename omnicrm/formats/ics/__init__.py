"""Calendar files (iCalendar, iTIP): each event is read or refused with its reason, whatever else is in the file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from omnicrm.formats import Refusal, Unreadable, contentlines
from omnicrm.formats.ics import components, events
from omnicrm.formats.ics.events import Attendee, IcsEvent, IcsFile, When
from omnicrm.formats.ics.expansion import Expansion, Occurrence, expand
from omnicrm.formats.ics.google import as_google_event
from omnicrm.formats.ics.zones import Definition, Zones
from omnicrm.formats.mail import charset, headers

__all__ = [
    "Attendee", "Expansion", "IcsEvent", "IcsFile", "Occurrence", "When", "as_google_event", "expand", "read"
]  # fmt: skip

MAX_BYTES = 50 * 1024 * 1024
MAX_EVENTS = 20_000
UTC_ZONE = ZoneInfo("UTC")
_OTHER = {
    "VTODO": "A to-do, not an event.",
    "VJOURNAL": "A journal entry, not an event.",
    "VFREEBUSY": "Free and busy times, not an event.",
    "VAVAILABILITY": "Office hours, not an event.",
    "VPOLL": "A poll, not an event.",
}


def read(data: bytes, home: ZoneInfo = UTC_ZONE) -> IcsFile:
    """The events of a calendar file; `home` is the practitioner's zone, for times that name none.

    Instances that were moved or cancelled are events of their own with the same uid and a `recurrence_id`.
    What is no event, or makes no sense, is in `refused` with what it is called. Raises Unreadable for other files.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The calendar is larger than {MAX_BYTES // 1024 // 1024} MB.")
    text = charset.decode(data, "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "")[0]
    found = components.split(contentlines.unfold(text.lstrip("\ufeff")))
    if not found.calendars and not found.items:
        raise Unreadable("This is not a calendar: it has no BEGIN:VCALENDAR.")
    definitions: dict[str, Definition] = {}
    for one in found.zones:
        if (definition := components.definition(one)) is not None:
            definitions.setdefault(definition.name, definition)
    zones = Zones(home, definitions)
    method = headers.line(found.calendars.get("METHOD", ""), 20).upper()
    read_events: list[IcsEvent] = []
    refused: list[Refusal] = []
    for number, item in enumerate(found.items, 1):
        name = components.name(item, number)
        if item.kind != "VEVENT":
            refused.append(Refusal(name, _OTHER.get(item.kind, "Not an event.")))
        elif item.broken:
            refused.append(Refusal(name, item.broken))
        elif len(read_events) >= MAX_EVENTS:
            refused.append(
                Refusal(name, f"The calendar has more than {MAX_EVENTS:,} events: this and what follows is left out.")
            )
            break
        else:
            try:
                read_events.append(events.event(item, zones, method))
            except (ValueError, OverflowError) as error:
                reason = str(error) if isinstance(error, events.Refused) else "A date in it cannot be."
                refused.append(Refusal(name, reason))
    return IcsFile(
        tuple(read_events), tuple(refused), method, headers.line(found.calendars.get("X-WR-CALNAME", ""), 200)
    )
