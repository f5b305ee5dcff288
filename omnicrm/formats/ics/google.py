"""Events of files in the shape of Google Calendar v3, so that one pipeline takes both."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from omnicrm.formats.ics.events import Attendee, IcsEvent, When


def as_google_event(event: IcsEvent, owner: str = "") -> dict[str, Any]:
    """`event` as an Event resource. Its id is made from the uid, so that the same file read twice gives the same ids.

    An instance gets its master's id with its original time, as Google forms them. `owner`'s own entries carry `self`.
    """
    identity = event_id(event.uid)
    resource: dict[str, Any] = {
        "kind": "calendar#event",
        "id": identity,
        "status": event.status,
        "summary": event.summary,
        "start": _time(event.starts),
        "end": _time(event.ends),
        "iCalUID": event.uid,
        "sequence": event.sequence,
        "eventType": "default",
    }
    if event.recurrence_id is not None:
        resource["id"] = f"{identity}_{_stamp(event.recurrence_id)}"
        resource["recurringEventId"] = identity
        resource["originalStartTime"] = _time(event.recurrence_id)
    if event.rules or event.extra:
        resource["recurrence"] = [
            *(f"RRULE:{rule}" for rule in event.rules),
            *(_date_line("RDATE", when) for when in event.extra),
            *(_date_line("EXDATE", when) for when in event.without),
        ]
    for key, text in (("description", event.description), ("location", event.location)):
        if text:
            resource[key] = text
    if event.organizer is not None:
        resource["organizer"] = _person(event.organizer, owner)
    if event.attendees:
        resource["attendees"] = [_attendee(one, event.organizer, owner) for one in event.attendees]
    if not event.busy:
        resource["transparency"] = "transparent"
    if event.private:
        resource["visibility"] = "private"
    for key, moment in (("created", event.created), ("updated", event.updated)):
        if moment is not None:
            resource[key] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return resource


def event_id(uid: str) -> str:
    """An id in the alphabet that Google allows (base32hex), the same for the same uid."""
    return hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()[:32]


def _time(when: When) -> dict[str, str]:
    if not isinstance(when.at, datetime):
        return {"date": when.at.isoformat()}
    written = {"dateTime": when.at.isoformat(timespec="seconds")}
    if when.zone:
        written["timeZone"] = when.zone
    return written


def _stamp(when: When) -> str:
    if isinstance(when.at, datetime):
        return when.at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return when.at.strftime("%Y%m%d")


def _date_line(name: str, when: When) -> str:
    if not isinstance(when.at, datetime):
        return f"{name};VALUE=DATE:{_stamp(when)}"
    if when.zone in ("", "UTC"):
        return f"{name}:{_stamp(when)}"
    return f"{name};TZID={when.zone}:{when.at.strftime('%Y%m%dT%H%M%S')}"


def _person(person: Attendee, owner: str) -> dict[str, Any]:
    written: dict[str, Any] = {"email": person.email}
    if person.name:
        written["displayName"] = person.name
    if owner and person.email == owner.lower():
        written["self"] = True
    return written


def _attendee(person: Attendee, organizer: Attendee | None, owner: str) -> dict[str, Any]:
    written = _person(person, owner) | {"responseStatus": person.answer}
    if organizer is not None and person.email == organizer.email:
        written["organizer"] = True
    if person.optional:
        written["optional"] = True
    if person.resource:
        written["resource"] = True
    return written
