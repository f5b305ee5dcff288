"""Recurring events: the instances of a master, by the rules of RFC 5545, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from omnicrm.sandbox.answers import bad_request

Resource = dict[str, Any]
MOST_INSTANCES = 2000


def start(resource: Resource) -> datetime:
    """The start as an instant; an all-day event begins at midnight UTC."""
    return moment(resource["start"])


def end(resource: Resource) -> datetime:
    return moment(resource.get("end") or resource["start"])


def moment(point: Resource) -> datetime:
    """An EventDateTime as an instant in UTC. Raises Problem (400) for what Google refuses."""
    try:
        if "date" in point:
            return datetime.combine(date.fromisoformat(point["date"]), time(0), UTC)
        at = datetime.fromisoformat(point["dateTime"])
        if at.tzinfo is None:
            if "timeZone" not in point:
                raise bad_request("Missing time zone definition for start time.", reason="required")
            at = at.replace(tzinfo=ZoneInfo(point["timeZone"]))
        return at.astimezone(UTC)
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request("Invalid start or end time.", reason="invalid") from error


def instance_id(master_id: str, original: Resource) -> str:
    """`<master>_<basic UTC start>`, or the date alone for all-day events."""
    if "date" in original:
        return f"{master_id}_{original['date'].replace('-', '')}"
    return f"{master_id}_{moment(original):%Y%m%dT%H%M%SZ}"


def instances(master: Resource, until: datetime | None = None) -> Iterator[Resource]:
    """The plain instances of `master` in order (exceptions not applied), at most MOST_INSTANCES, starting before
    `until`."""
    first = master["start"]
    length = end(master) - start(master)
    zone = ZoneInfo(first.get("timeZone") or "UTC")
    all_day = "date" in first
    local = datetime.combine(date.fromisoformat(first["date"]), time(0)) if all_day else start(master).astimezone(zone)
    try:
        rules = rrulestr(
            "\n".join(_lines(master["recurrence"], zone)), dtstart=local.replace(tzinfo=None), forceset=True
        )
    except (ValueError, TypeError) as error:
        raise bad_request("Invalid recurrence rule.", reason="invalid") from error
    for count, naive in enumerate(rules):
        if count >= MOST_INSTANCES:
            return
        begins = naive.replace(tzinfo=UTC) if all_day else naive.replace(tzinfo=zone)
        if until is not None and begins >= until:
            return
        yield _instance(master, begins, length, all_day)


def _instance(master: Resource, begins: datetime, length: timedelta, all_day: bool) -> Resource:
    if all_day:
        original: Resource = {"date": f"{begins:%Y-%m-%d}"}
        finish: Resource = {"date": f"{begins + length:%Y-%m-%d}"}
    else:
        zone = master["start"].get("timeZone") or "UTC"
        ends = (begins.astimezone(UTC) + length).astimezone(begins.tzinfo)
        original = {"dateTime": begins.isoformat(), "timeZone": zone}
        finish = {"dateTime": ends.isoformat(), "timeZone": zone}
    copy = {key: value for key, value in master.items() if key != "recurrence"}
    return copy | {
        "id": instance_id(master["id"], original),
        "recurringEventId": master["id"],
        "originalStartTime": original,
        "start": original,
        "end": finish,
    }


def _lines(recurrence: list[str], zone: ZoneInfo) -> Iterator[str]:
    """dateutil wants the rule's UNTIL, EXDATE and RDATE on the wall clock of the start."""
    for line in recurrence:
        name, _, value = line.partition(":")
        property_name = name.split(";")[0].upper()
        if property_name == "RRULE":
            parts = [part for part in value.split(";") if part]
            yield "RRULE:" + ";".join(
                f"UNTIL={_wall(part[6:], zone)}" if part.upper().startswith("UNTIL=") else part for part in parts
            )
        elif property_name in ("EXDATE", "RDATE"):
            yield f"{property_name}:" + ",".join(_wall(item, zone) for item in value.split(","))
        else:
            raise bad_request("Invalid recurrence rule.", reason="invalid")


def _wall(value: str, zone: ZoneInfo) -> str:
    if value.endswith("Z"):
        at = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return f"{at.astimezone(zone):%Y%m%dT%H%M%S}"
    return value
