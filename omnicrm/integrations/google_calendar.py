"""Google Calendar API v3: lists, changes by sync token, and the writes that sessions ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from googleapiclient.http import HttpRequest

from omnicrm.core.errors import Conflict, NotFound
from omnicrm.core.wire import CalendarEvent, EventPage, EventReceipt, EventWrite, RemoteCalendar
from omnicrm.integrations import google
from omnicrm.integrations.google import Access, Changed, Duplicate

OURS = "omnicrm_session"  # the private property that marks an event as a session's
_MERGES = 4


class GoogleCalendar:
    """One account's calendars for the length of one job. Every method raises Unavailable, NeedsReconnect or Refused."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.service = access.service("calendar.v3")
        self.events = self.service.events()

    def calendars(self) -> list[RemoteCalendar]:
        found: list[RemoteCalendar] = []
        page: str | None = None
        while True:
            answer = self._run(self.service.calendarList().list(maxResults=250, pageToken=page))
            found += [
                RemoteCalendar(
                    id=entry["id"],
                    summary=entry.get("summaryOverride") or entry.get("summary", entry["id"]),
                    time_zone=entry.get("timeZone"),
                    primary=entry.get("primary", False),
                    access_role=entry.get("accessRole", "reader"),
                )
                for entry in answer.get("items", ())
                if not entry.get("deleted")
            ]
            page = answer.get("nextPageToken")
            if page is None:
                return found

    def page(self, calendar_id: str, *, sync_token: str | None, page: str | None, since: datetime | None) -> EventPage:
        """One page of changes, or of everything that ends after `since` where there is no token yet.

        The other parameters are always the same: a sync token belongs to one set of them. Raises Gone where the token
        (or the page) is too old, NotFound where the calendar vanished.
        """
        call = self.events.list(
            calendarId=calendar_id,
            maxResults=2500,
            singleEvents=False,
            showDeleted=True,
            syncToken=sync_token,
            pageToken=page,
            timeMin=since.isoformat() if since and not sync_token else None,
        )
        answer = self._run(call)
        zone = answer.get("timeZone")
        events, quarantined = [], []
        for resource in answer.get("items", ()):
            try:
                events.append(event(resource, calendar_id, zone))
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                identity = resource.get("id", "?") if isinstance(resource, dict) else "?"
                quarantined.append((str(identity), f"This event could not be read ({type(error).__name__})."))
        return EventPage(
            events=tuple(events),
            quarantined=tuple(quarantined),
            next_page=answer.get("nextPageToken"),
            sync_token=answer.get("nextSyncToken"),
        )

    def get(self, calendar_id: str, event_id: str) -> CalendarEvent:
        """Raises NotFound."""
        return event(self._run(self.events.get(calendarId=calendar_id, eventId=event_id)), calendar_id, None)

    def write(self, wish: EventWrite) -> EventReceipt:
        """Make the event as the session wishes. Repeating it is harmless, and no guest is told.

        Fields that are not the session's stay as they are in Google. Raises Conflict where it keeps changing under us.
        """
        return self._delete(wish) if wish.operation == "delete" else self._upsert(wish)

    def _upsert(self, wish: EventWrite) -> EventReceipt:
        etag, exists = wish.etag, wish.etag is not None
        for _ in range(_MERGES):
            try:
                answer = self._run(self._patch(wish, etag) if exists else self._insert(wish))
                return EventReceipt(calendar_id=wish.calendar_id, event_id=answer["id"], etag=answer.get("etag"))
            except (Duplicate, Changed):  # our own earlier call, or somebody's change: on top of what is there now
                etag, exists = self._etag(wish), True
            except NotFound:
                exists = False  # it was removed for good
        raise Conflict("The event keeps changing in Google. It is tried again by itself.")

    def _delete(self, wish: EventWrite) -> EventReceipt:
        try:
            self._run(self.events.delete(calendarId=wish.calendar_id, eventId=wish.event_id, sendUpdates="none"))
        except NotFound:  # Gone included: it is not there, as wished
            pass
        return EventReceipt(calendar_id=wish.calendar_id, event_id=wish.event_id, etag=None)

    def _insert(self, wish: EventWrite) -> HttpRequest:
        body = _body(wish) | {"id": wish.event_id}
        return self.events.insert(calendarId=wish.calendar_id, body=body, sendUpdates="none")

    def _patch(self, wish: EventWrite, etag: str | None) -> HttpRequest:
        call = self.events.patch(
            calendarId=wish.calendar_id, eventId=wish.event_id, body=_body(wish), sendUpdates="none"
        )
        if etag:
            call.headers["If-Match"] = etag
        return call

    def _etag(self, wish: EventWrite) -> str | None:
        try:
            return self.get(wish.calendar_id, wish.event_id).etag
        except (KeyError, ValueError):
            return None

    def _run(self, call: HttpRequest) -> Any:
        return google.run(self.access, call)


def event(resource: dict[str, Any], calendar_id: str, zone: str | None) -> CalendarEvent:
    """An Event resource with its times resolved. `zone` is the calendar's, for times without an offset.

    Raises KeyError, TypeError or ValueError for one that cannot be read. A cancelled event may have nothing but ids.
    """
    status = resource.get("status", "confirmed")
    starts, start_date = _point(resource.get("start"), zone)
    ends, end_date = _point(resource.get("end"), zone)
    if status != "cancelled" and (starts is None or ends is None):
        raise ValueError("an event without its times")
    if starts is not None and ends is not None and ends < starts:
        raise ValueError("an event that ends before it starts")
    original, _ = _point(resource.get("originalStartTime"), zone)
    return CalendarEvent(
        id=resource["id"],
        calendar_id=calendar_id,
        etag=resource.get("etag"),
        status=status,
        starts_at=starts,
        ends_at=ends,
        start_date=start_date,
        end_date=end_date,
        busy=status != "cancelled" and resource.get("transparency", "opaque") != "transparent",
        summary=str(resource.get("summary", "")),
        recurring_event_id=resource.get("recurringEventId"),
        original_start=original,
        resource=resource,
    )


def _point(value: dict[str, Any] | None, zone: str | None) -> tuple[datetime | None, date | None]:
    """An EventDateTime: the instant (midnight in the calendar's zone for a day), and the day of an all-day event."""
    if not value:
        return None, None
    where = _zone(value.get("timeZone") or zone)
    if "date" in value:
        day = date.fromisoformat(value["date"])
        return datetime.combine(day, time(0), where).astimezone(UTC), day
    at = datetime.fromisoformat(value["dateTime"])
    return (at if at.tzinfo else at.replace(tzinfo=where)).astimezone(UTC), None


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _body(wish: EventWrite) -> dict[str, Any]:
    """The fields that are the session's. Without a title the event is somebody else's, and keeps its own words."""
    if wish.starts_at is None or wish.ends_at is None:
        raise ValueError("an event needs its times")
    zone = ZoneInfo(wish.time_zone)
    words = {"summary": wish.title, "description": wish.description, "location": wish.location} if wish.title else {}
    return words | {
        "status": "confirmed",
        "start": {"dateTime": wish.starts_at.astimezone(zone).isoformat(), "timeZone": wish.time_zone},
        "end": {"dateTime": wish.ends_at.astimezone(zone).isoformat(), "timeZone": wish.time_zone},
        "extendedProperties": {"private": {OURS: wish.session_id}},
    }
