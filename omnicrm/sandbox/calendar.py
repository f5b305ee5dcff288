"""A Google calendar in memory: events with etags, recurring masters with exceptions, and a log of changes that sync
tokens point into."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from omnicrm.core import clock
from omnicrm.sandbox import recurrence
from omnicrm.sandbox.answers import Problem, bad_request, condition_not_met, not_found

Resource = dict[str, Any]
_CLIENT_ID = re.compile(r"[a-v0-9]{5,1024}")
_READ_ONLY = ("kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "recurringEventId")


class Calendar:
    def __init__(self, identity: str, owner: str, summary: str, time_zone: str, *, primary: bool = False) -> None:
        self.id = identity
        self.owner = owner
        self.summary = summary
        self.time_zone = time_zone
        self.primary = primary
        self.access_role = "owner"
        self.events: dict[str, Resource] = {}
        self.changed: dict[str, int] = {}  # event id → change number
        self.change = 1
        self.change_floor = 0  # sync tokens from before are answered with 410
        self.sent_updates: list[Resource] = []  # mails that Google would have sent to guests

    # what clients read

    def get(self, event_id: str) -> Resource:
        """An event, an exception, or an instance computed from its master."""
        if event_id in self.events:
            return self.events[event_id]
        return self._virtual(event_id)

    def since(self, change: int) -> list[Resource]:
        """Everything changed after change number `change`, deletions included, in order of change."""
        ids = sorted((number, key) for key, number in self.changed.items() if number > change)
        return [self.events[key] for _, key in ids]

    def all(self) -> list[Resource]:
        return [self.events[key] for _, key in sorted((number, key) for key, number in self.changed.items())]

    def instances(self, master: Resource, until: datetime | None, *, show_deleted: bool = False) -> list[Resource]:
        """The instances of a master with its exceptions in place."""
        exceptions = {
            event["id"]: event for event in self.events.values() if event.get("recurringEventId") == master["id"]
        }
        found = []
        for plain in recurrence.instances(master, until):
            real = exceptions.pop(plain["id"], plain)
            if real["status"] != "cancelled" or show_deleted:
                found.append(real)
        found += [event for event in exceptions.values() if event["status"] != "cancelled" or show_deleted]
        return found

    # what clients change

    def insert(self, body: Resource, *, send_updates: str = "none") -> Resource:
        """Raises Problem: 409 where the id exists (a deleted event's too), 400 for what Google refuses."""
        identity = body.get("id") or f"sb{zlib.crc32(self.id.encode()):08x}{self.change:010d}"
        if not _CLIENT_ID.fullmatch(identity):
            raise bad_request("Invalid resource id value.", reason="invalid")
        if identity in self.events:
            raise Problem(409, "duplicate", "The requested identifier already exists.")
        given = {key: value for key, value in body.items() if key not in _READ_ONLY}
        event = self._checked(given | {"id": identity})
        stamp = _stamp()
        event |= {
            "kind": "calendar#event",
            "status": event.get("status", "confirmed"),
            "created": stamp,
            "iCalUID": event.get("iCalUID", f"{identity}@google.com"),
            "creator": {"email": self.owner, "self": True},
            "organizer": {"email": self.owner, "self": True},
            "htmlLink": f"https://www.google.com/calendar/event?eid={identity}",
            "sequence": event.get("sequence", 0),
            "eventType": event.get("eventType", "default"),
            "reminders": event.get("reminders", {"useDefault": True}),
        }
        return self._keep(event, send_updates)

    def change_event(
        self, event_id: str, body: Resource, *, whole: bool, if_match: str | None = None, send_updates: str = "none"
    ) -> Resource:
        """PATCH (fields given) or PUT (`whole`). A change of one instance makes an exception of it."""
        event = deepcopy(self.get(event_id))
        _match(event, if_match)
        if event.get("recurringEventId") and event["status"] == "cancelled":
            event = self._instance_of(event)
        given = {key: value for key, value in body.items() if key not in _READ_ONLY and key != "id"}
        if whole:
            kept = (*_READ_ONLY, "id", "iCalUID", "originalStartTime", "sequence", "status", "eventType", "reminders")
            event = {key: event[key] for key in kept if key in event} | given
            event["status"] = given.get("status", "confirmed")
        else:
            event = {key: value for key, value in (event | given).items() if value is not None}
        if event["status"] == "cancelled":
            self.delete(event_id, send_updates=send_updates)
            return self.events[event_id]
        event = self._checked(event)
        if {"start", "end", "recurrence"} & given.keys():
            event["sequence"] = event.get("sequence", 0) + 1
        if "recurrence" in event:
            self._drop_lost_exceptions(event)
        return self._keep(event, send_updates)

    def delete(self, event_id: str, *, if_match: str | None = None, send_updates: str = "none") -> None:
        """A deleted exception keeps its ids only; a deleted master takes its exceptions along."""
        event = self.get(event_id)
        _match(event, if_match)
        if event["status"] == "cancelled":
            raise Problem(410, "deleted", "Resource has been deleted")
        gone = {key: event[key] for key in ("kind", "id", "recurringEventId", "originalStartTime") if key in event}
        for exception in [e for e in self.events.values() if e.get("recurringEventId") == event_id]:
            if exception["status"] != "cancelled":
                self.delete(exception["id"])
        self._tell(event, send_updates)
        self._keep(gone | {"status": "cancelled"}, "none")

    def forget_changes(self) -> None:
        """Google lets go of old sync tokens: every token issued so far answers 410."""
        self.change += 1
        self.change_floor = self.change

    def etag(self) -> str:
        return f'"p{self.change:016d}0"'

    def dump(self) -> Resource:
        return {key: value for key, value in vars(self).items()}

    @classmethod
    def load(cls, data: Resource) -> Calendar:
        calendar = cls(data["id"], data["owner"], data["summary"], data["time_zone"])
        vars(calendar).update(data)
        return calendar

    def _keep(self, event: Resource, send_updates: str) -> Resource:
        self.change += 1
        event["updated"] = _stamp()
        event["etag"] = f'"{3000000000000000 + self.change * 2}"'
        self.events[event["id"]] = event
        self.changed[event["id"]] = self.change
        self._tell(event, send_updates)
        return event

    def _tell(self, event: Resource, send_updates: str) -> None:
        if send_updates in ("all", "externalOnly"):
            guests = [guest["email"] for guest in event.get("attendees", ()) if not guest.get("self")]
            if guests:
                self.sent_updates.append({"event": event["id"], "to": guests})

    def _checked(self, event: Resource) -> Resource:
        if event.get("status", "confirmed") not in ("confirmed", "tentative", "cancelled"):
            raise bad_request("Invalid value for: Invalid value for status", reason="invalid")
        for name in ("start", "end"):
            if name not in event:
                raise bad_request(f"Missing {name} time.", reason="required")
            if event.get("recurrence") and "dateTime" in event[name] and "timeZone" not in event[name]:
                raise bad_request("Missing time zone definition for start time.", reason="required")
            if "dateTime" in event[name]:
                event[name] = {"timeZone": self.time_zone, **event[name]}
        if recurrence.end(event) < recurrence.start(event):
            raise bad_request("The specified time range is empty.", reason="timeRangeEmpty")
        if event.get("recurrence"):
            next(recurrence.instances(event), None)  # refuses a rule that cannot be read
        return event

    def _virtual(self, event_id: str) -> Resource:
        master_id, _, _ = event_id.rpartition("_")
        master = self.events.get(master_id)
        if master is None or "recurrence" not in master:
            raise not_found("calendar")
        for instance in recurrence.instances(master):
            if instance["id"] == event_id:
                return instance
        raise not_found("calendar")

    def _instance_of(self, exception: Resource) -> Resource:
        master = self.events[exception["recurringEventId"]]
        plain = next((i for i in recurrence.instances(master) if i["id"] == exception["id"]), None)
        if plain is None:
            raise not_found("calendar")
        return deepcopy(plain)

    def _drop_lost_exceptions(self, master: Resource) -> None:
        """Exceptions of instances that the new rule does not have any more go."""
        own = [e for e in self.events.values() if e.get("recurringEventId") == master["id"]]
        if not own:
            return
        last = max(recurrence.moment(e["originalStartTime"]) for e in own) + timedelta(seconds=1)
        still = {plain["id"] for plain in recurrence.instances(master, last)}
        for exception in own:
            if exception["id"] not in still and exception["status"] != "cancelled":
                self.delete(exception["id"])


def within(resource: Resource, time_min: datetime | None, time_max: datetime | None) -> bool:
    """timeMin bounds the end, timeMax the start, both exclusive. A recurring master counts while any instance does."""
    if "start" not in resource:
        return True
    if time_max is not None and recurrence.start(resource) >= time_max:
        return False
    if time_min is None or recurrence.end(resource) > time_min:
        return True
    if "recurrence" not in resource:
        return False
    length = recurrence.end(resource) - recurrence.start(resource)
    return any(recurrence.start(plain) + length > time_min for plain in recurrence.instances(resource))


def busy(resources: Iterable[Resource]) -> list[tuple[datetime, datetime]]:
    """The merged busy times of events (transparent and cancelled ones do not count)."""
    spans = sorted(
        (recurrence.start(event), recurrence.end(event))
        for event in resources
        if event["status"] != "cancelled" and event.get("transparency") != "transparent"
    )
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in spans:
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return merged


def _match(event: Resource, if_match: str | None) -> None:
    if if_match is not None and if_match not in ("*", event.get("etag")):
        raise condition_not_met()


def _stamp() -> str:
    return f"{clock.now().astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
