"""Calendar API v3: /calendar/v3/…"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from omnicrm.sandbox import recurrence
from omnicrm.sandbox.access import Caller, json_body
from omnicrm.sandbox.answers import Problem as Problem
from omnicrm.sandbox.answers import bad_request, flag, not_found, number, sync_token_expired
from omnicrm.sandbox.calendar import Calendar, Resource, busy, within

Handler = Callable[[Request, Caller], Awaitable[Any]]

AUTH = "https://www.googleapis.com/auth/calendar"
READ = (AUTH, AUTH + ".readonly", AUTH + ".events", AUTH + ".events.readonly", AUTH + ".events.owned")
WRITE = (AUTH, AUTH + ".events", AUTH + ".events.owned")
LISTS = (AUTH, AUTH + ".readonly", AUTH + ".calendarlist", AUTH + ".calendarlist.readonly")
FREE_BUSY = (AUTH, AUTH + ".readonly", AUTH + ".freebusy", AUTH + ".events.freebusy")

NOT_WITH_SYNC_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip
# what has to stay the same from one page, or one sync, to the next
SHAPE = ("singleEvents", "showDeleted", "eventTypes", "maxAttendees", "timeZone")


def endpoint(scopes: tuple[str, ...]) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """The door of each call: who is asking, and may they; problems in Calendar's shape."""

    def wrap(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            try:
                caller = Caller.of(request, scopes)
                caller.store.spend(caller.account.email, 1)
                answer = await handler(request, caller)
            except Problem as problem:
                return problem.response("calendar")
            if answer is None:
                return Response(status_code=204)
            return JSONResponse(answer, headers={"ETag": answer["etag"]} if "etag" in answer else {})

        return serve

    return wrap


@endpoint(LISTS)
async def calendar_list(request: Request, caller: Caller) -> Any:
    listed = [_entry(calendar) for calendar in caller.account.calendars.values()]
    size = number(request.query_params.get("maxResults"), 100, 1, 250, "maxResults")
    first = number(request.query_params.get("pageToken"), 0, 0, 2**31, "pageToken")
    answer: dict[str, Any] = {"kind": "calendar#calendarList", "etag": '"p1"', "items": listed[first : first + size]}
    if first + size < len(listed):
        return answer | {"nextPageToken": str(first + size)}
    return answer | {"nextSyncToken": _pack({"calendarList": len(listed)})}


@endpoint(LISTS)
async def calendar_entry(request: Request, caller: Caller) -> Any:
    return _entry(_calendar(request, caller))


@endpoint(READ)
async def events(request: Request, caller: Caller) -> Any:
    calendar, query = _calendar(request, caller), request.query_params
    size = min(number(query.get("maxResults"), 250, 1, 2500, "maxResults"), caller.store.settings.largest_page)
    shape = {name: query.getlist(name) for name in (*SHAPE, *NOT_WITH_SYNC_TOKEN) if name in query}
    cursor = _cursor(calendar, query.get("syncToken"), query.get("pageToken"), shape)
    if query.get("syncToken"):
        _refuse_with_sync_token(request)
    listed = _listed(calendar, request, cursor["since"])
    first = cursor["first"]
    answer: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": calendar.etag(),
        "summary": calendar.summary,
        "description": "",
        "updated": _updated(calendar),
        "timeZone": query.get("timeZone", calendar.time_zone),
        "accessRole": calendar.access_role,
        "defaultReminders": [{"method": "popup", "minutes": 10}],
        "items": listed[first : first + size],
    }
    if first + size < len(listed):
        return answer | {"nextPageToken": _pack(cursor | {"first": first + size})}
    if query.get("orderBy") or query.get("q") or query.get("updatedMin"):
        return answer  # such a list cannot be continued by a sync
    return answer | {"nextSyncToken": _pack({"calendar": calendar.id, "since": cursor["upto"], "shape": _hash(shape)})}


@endpoint(WRITE)
async def insert(request: Request, caller: Caller) -> Any:
    return _calendar(request, caller, write=True).insert(await json_body(request), send_updates=_send_updates(request))


@endpoint(READ)
async def event(request: Request, caller: Caller) -> Any:
    return _calendar(request, caller).get(request.path_params["event"])


@endpoint(WRITE)
async def change(request: Request, caller: Caller) -> Any:
    return _calendar(request, caller, write=True).change_event(
        request.path_params["event"],
        await json_body(request),
        whole=request.method == "PUT",
        if_match=request.headers.get("if-match"),
        send_updates=_send_updates(request),
    )


@endpoint(WRITE)
async def delete(request: Request, caller: Caller) -> Any:
    _calendar(request, caller, write=True).delete(
        request.path_params["event"], if_match=request.headers.get("if-match"), send_updates=_send_updates(request)
    )


@endpoint(READ)
async def instances(request: Request, caller: Caller) -> Any:
    calendar, query = _calendar(request, caller), request.query_params
    master = calendar.get(request.path_params["event"])
    time_min, time_max = _instant(request, "timeMin"), _instant(request, "timeMax")
    found = [master]
    if "recurrence" in master:
        shown = calendar.instances(master, time_max, show_deleted=flag(query.get("showDeleted")))
        found = [one for one in shown if within(one, time_min, time_max)]
    size = number(query.get("maxResults"), 250, 1, 2500, "maxResults")
    first = number(query.get("pageToken"), 0, 0, 2**31, "pageToken")
    answer: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": calendar.etag(),
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "accessRole": calendar.access_role,
        "items": found[first : first + size],
    }
    return answer | ({"nextPageToken": str(first + size)} if first + size < len(found) else {})


@endpoint(FREE_BUSY)
async def free_busy(request: Request, caller: Caller) -> Any:
    body = await json_body(request)
    try:
        time_min, time_max = _parsed(body["timeMin"]), _parsed(body["timeMax"])
        wanted = [item["id"] for item in body["items"]]
    except (KeyError, TypeError, ValueError):
        raise bad_request("Missing or invalid timeMin, timeMax or items.", reason="required") from None
    calendars: dict[str, Any] = {}
    for identity in wanted:
        calendar = caller.account.calendar(identity)
        if calendar is None:
            calendars[identity] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
            continue
        spans = busy(_expanded(calendar, time_min, time_max, show_deleted=False))
        calendars[identity] = {"busy": [{"start": a.isoformat(), "end": b.isoformat()} for a, b in spans]}
    return {
        "kind": "calendar#freeBusy",
        "timeMin": body["timeMin"],
        "timeMax": body["timeMax"],
        "calendars": calendars,
    }


def routes() -> list[Route]:
    root = "/calendar/v3"
    own = f"{root}/calendars/{{calendar}}/events"
    return [
        Route(f"{root}/users/me/calendarList", calendar_list),
        Route(f"{root}/users/me/calendarList/{{calendar}}", calendar_entry),
        Route(f"{root}/freeBusy", free_busy, methods=["POST"]),
        Route(own, events, methods=["GET"]),
        Route(own, insert, methods=["POST"]),
        Route(f"{own}/{{event}}", event, methods=["GET"]),
        Route(f"{own}/{{event}}", change, methods=["PATCH", "PUT"]),
        Route(f"{own}/{{event}}", delete, methods=["DELETE"]),
        Route(f"{own}/{{event}}/instances", instances, methods=["GET"]),
    ]


def _calendar(request: Request, caller: Caller, *, write: bool = False) -> Calendar:
    calendar = caller.account.calendar(request.path_params["calendar"])
    if calendar is None:
        raise not_found("calendar")
    if write and calendar.access_role not in ("owner", "writer"):
        raise Problem(403, "requiredAccessLevel", "You need to have writer access to this calendar.", domain="calendar")
    return calendar


def _entry(calendar: Calendar) -> dict[str, Any]:
    return {
        "kind": "calendar#calendarListEntry",
        "etag": calendar.etag(),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "accessRole": calendar.access_role,
        "selected": True,
        "defaultReminders": [],
        "dataOwner": calendar.owner,
    } | ({"primary": True} if calendar.primary else {})


def _cursor(calendar: Calendar, sync: str | None, page: str | None, shape: dict[str, list[str]]) -> dict[str, Any]:
    """Where this page begins: `since` a change (None: a full list), `first` of the list, `upto` the change that the
    next sync starts from."""
    if page is not None:
        cursor = _unpack(page, "pageToken")
        if cursor.get("calendar") != calendar.id or cursor.get("shape") != _hash(shape):
            raise bad_request("Invalid page token value.", location="pageToken", reason="invalid")
        if cursor["upto"] < calendar.change_floor:
            raise sync_token_expired()
        return cursor
    since = None
    if sync is not None:
        token = _unpack(sync, "syncToken")
        if token.get("calendar") != calendar.id or token.get("since", 0) < calendar.change_floor:
            raise sync_token_expired()
        since = token["since"]
    return {"calendar": calendar.id, "since": since, "first": 0, "upto": calendar.change, "shape": _hash(shape)}


def _refuse_with_sync_token(request: Request) -> None:
    for name in NOT_WITH_SYNC_TOKEN:
        if name in request.query_params:
            message = "Sync token cannot be used with other query restrictions."
            raise bad_request(message, location=name, reason="invalid")
    if "showDeleted" in request.query_params and not flag(request.query_params["showDeleted"]):
        raise bad_request("Sync token cannot be used with showDeleted=false.", location="showDeleted", reason="invalid")


def _listed(calendar: Calendar, request: Request, since: int | None) -> list[Resource]:
    query = request.query_params
    single, show_deleted = flag(query.get("singleEvents")), flag(query.get("showDeleted"))
    order = query.get("orderBy")
    if order == "startTime" and not single:
        message = "The requested ordering is not available for the particular query."
        raise bad_request(message, location="orderBy", reason="invalid")
    if order not in (None, "startTime", "updated"):
        raise bad_request("Invalid value for orderBy.", location="orderBy", reason="invalid")
    time_min, time_max = _instant(request, "timeMin"), _instant(request, "timeMax")
    if time_min and time_max and time_max <= time_min:
        raise bad_request("The specified time range is empty.", location="timeMax", reason="timeRangeEmpty")
    if since is not None:
        changed = calendar.since(since)
        return _instances_of(calendar, changed) if single else changed
    if single:
        found = _expanded(calendar, time_min, time_max, show_deleted=show_deleted)
    else:
        found = [e for e in calendar.all() if _kept(e, show_deleted) and within(e, time_min, time_max)]
    found = [e for e in found if _asked_for(e, request)]
    if order == "startTime":
        found.sort(key=lambda e: recurrence.start(e) if "start" in e else recurrence.moment(e["originalStartTime"]))
    elif order == "updated":
        found.sort(key=lambda e: e["updated"])
    return found


def _kept(event: Resource, show_deleted: bool) -> bool:
    """Cancelled instances are listed with their masters; other deletions where asked for."""
    return event["status"] != "cancelled" or show_deleted or "recurringEventId" in event


def _expanded(
    calendar: Calendar, time_min: datetime | None, time_max: datetime | None, *, show_deleted: bool
) -> list[Resource]:
    found: list[Resource] = []
    for event in calendar.all():
        if "recurringEventId" in event:
            continue
        if "recurrence" in event:
            found += calendar.instances(event, time_max, show_deleted=show_deleted)
        elif event["status"] != "cancelled" or show_deleted:
            found.append(event)
    return [event for event in found if within(event, time_min, time_max)]


def _instances_of(calendar: Calendar, changed: list[Resource]) -> list[Resource]:
    found: dict[str, Resource] = {}
    for event in changed:
        own = calendar.instances(event, None, show_deleted=True) if "recurrence" in event else [event]
        found |= {one["id"]: one for one in own}
    return list(found.values())


def _asked_for(event: Resource, request: Request) -> bool:
    query = request.query_params
    if "iCalUID" in query and event.get("iCalUID") != query["iCalUID"]:
        return False
    if updated_min := _instant(request, "updatedMin"):
        if _parsed(event["updated"]) < updated_min:
            return False
    if types := query.getlist("eventTypes"):
        if event.get("eventType", "default") not in types:
            return False
    for name, scope in (("privateExtendedProperty", "private"), ("sharedExtendedProperty", "shared")):
        own = event.get("extendedProperties", {}).get(scope, {})
        if any(own.get(k) != v for k, _, v in (pair.partition("=") for pair in query.getlist(name))):
            return False
    words = query.get("q", "").lower().split()
    text = " ".join(str(event.get(name, "")) for name in ("summary", "description", "location", "attendees")).lower()
    return all(word in text for word in words)


def _send_updates(request: Request) -> str:
    value = request.query_params.get("sendUpdates", "none")
    if value not in ("all", "externalOnly", "none"):
        raise bad_request("Invalid value for sendUpdates.", location="sendUpdates", reason="invalid")
    return "all" if flag(request.query_params.get("sendNotifications")) else value


def _instant(request: Request, name: str) -> datetime | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        return _parsed(value)
    except ValueError:
        raise bad_request(f"Invalid value for: {name}", location=name, reason="invalid") from None


def _parsed(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("Google wants an offset")
    return at


def _updated(calendar: Calendar) -> str:
    return max((event["updated"] for event in calendar.events.values()), default="2020-01-01T00:00:00.000Z")


def _hash(shape: dict[str, list[str]]) -> str:
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:12]


def _pack(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unpack(token: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        value = None
    if not isinstance(value, dict):
        message = "Invalid sync token value." if name == "syncToken" else "Invalid page token value."
        raise bad_request(message, location=name, reason="invalid")
    return value
