"""The sandbox answers as Google's discovery documents say, and what we send to it is what Google takes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from omnicrm.core import clock
from omnicrm.core.wire import EventWrite
from omnicrm.integrations import gmail
from omnicrm.integrations.gmail import Gmail
from omnicrm.integrations.google_calendar import GoogleCalendar
from omnicrm.sandbox import sample
from tests.contract.discovery import Api
from tests.shared_data import shared
from tests.stand_in import StandIn

GMAIL_SCOPES = ("https://www.googleapis.com/auth/gmail.modify", "https://www.googleapis.com/auth/calendar")


@pytest.fixture(scope="module")
def apis() -> dict[str, Api]:
    folder = shared("real-data/google/discovery")
    return {"gmail": Api(folder / "gmail.v1.json"), "calendar": Api(folder / "calendar.v3.json")}


@pytest.fixture
def practice(google: StandIn) -> StandIn:
    """The stand-in with a whole practice in it."""
    google.load(sample.practice(clock.now()).account())
    return google


class Judge:
    """Holds every call that passes the sandbox against the documents."""

    def __init__(self, apis: dict[str, Api], google: StandIn) -> None:
        self.apis = apis
        self.faults: list[str] = []
        self.seen: set[str] = set()
        google.store.tap = self

    def __call__(self, entry: dict[str, Any], answer: bytes) -> None:
        path, verb = entry["path"], entry["method"]
        name = "gmail" if path.startswith("/gmail/") else "calendar" if path.startswith("/calendar/") else None
        if name is None:
            return
        api = self.apis[name]
        line = f"{verb} {path}"
        self.faults += [f"{line}: {why}" for why in api.request_faults(verb, path, entry["query"], entry["body"])]
        if entry["status"] < 300:
            self.faults += [f"{line} answered {why}" for why in api.answer_faults(verb, path, answer)]
            found = api.method(verb, path)
            self.seen.add(found[0]["id"] if found else line)
        else:
            error = json.loads(answer)["error"]
            if error["code"] != entry["status"] or not {"domain", "reason", "message"} <= error["errors"][0].keys():
                self.faults.append(f"{line}: an error in another shape: {error}")


def test_what_the_integrations_send_is_what_google_takes(practice, apis):
    judge = Judge(apis, practice)
    reader = Gmail(practice.access())
    _, history_id = reader.profile()
    first = reader.page(gmail.query(clock.now() - timedelta(days=30), ["primary"]), size=20)
    reader.page(gmail.query(None, []), page=first.next_page, size=20)
    assert len(reader.fetch(first.ids).mails) == 20
    practice.mailbox.relabel(first.ids[0], add=["CATEGORY_UPDATES"])
    assert reader.changes(history_id).relabelled == (first.ids[0],)

    calendar = GoogleCalendar(practice.access())
    assert [one.primary for one in calendar.calendars()] == [True]
    page = calendar.page("primary", sync_token=None, page=None, since=clock.now() - timedelta(days=30))
    wish = EventWrite(
        operation="upsert",
        calendar_id="primary",
        event_id="omni0123456789abcdef",
        title="J. P., Breathwork",
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(minutes=45),
        time_zone="Europe/Helsinki",
        session_id="a session",
    )
    receipt = calendar.write(wish)
    calendar.write(wish.model_copy(update={"etag": receipt.etag, "title": "J. P., Yoga"}))
    calendar.write(wish)  # 409: ours already
    changed = calendar.page("primary", sync_token=page.sync_token, page=None, since=None)
    assert [event.summary for event in changed.events] == ["J. P., Breathwork"]
    calendar.write(wish.model_copy(update={"operation": "delete"}))

    assert judge.faults == []
    assert judge.seen == {
        *("gmail.users.getProfile", "gmail.users.messages.list", "gmail.users.messages.get"),
        "gmail.users.history.list",
        *("calendar.calendarList.list", "calendar.events.list", "calendar.events.insert", "calendar.events.get"),
        *("calendar.events.patch", "calendar.events.delete"),
    }


def test_no_guest_is_told_of_our_writes(practice):
    calendar = GoogleCalendar(practice.access())
    invited = next(
        event
        for event in calendar.page("primary", sync_token=None, page=None, since=None).events
        if event.resource.get("attendees")
    )
    wish = EventWrite(
        operation="upsert",
        calendar_id="primary",
        event_id=invited.id,
        etag=invited.etag,
        starts_at=invited.starts_at,
        ends_at=invited.ends_at,
    )
    calendar.write(wish)
    calendar.write(wish.model_copy(update={"operation": "delete"}))
    assert practice.calendar.sent_updates == []
    writes = [entry for entry in practice.store.log if entry["method"] in ("PATCH", "DELETE", "POST")]
    assert [entry["query"]["sendUpdates"] for entry in writes] == [["none"], ["none"]]


def test_every_call_that_the_sandbox_knows_is_answered_in_googles_shape(practice, apis):
    judge = Judge(apis, practice)
    token = practice.grant(GMAIL_SCOPES).access_token
    with httpx.Client(base_url=practice.url, headers={"Authorization": f"Bearer {token}"}) as client:
        users, own = "/gmail/v1/users/me", "/calendar/v3/calendars/primary/events"
        mail = client.get(f"{users}/messages", params={"maxResults": 3, "q": "from:postbox OR to:maya"}).json()
        one = mail["messages"][0]
        for form in ("full", "metadata", "minimal", "raw"):
            client.get(f"{users}/messages/{one['id']}", params={"format": form, "metadataHeaders": ["From", "To"]})
        client.get(f"{users}/threads", params={"labelIds": "INBOX"})
        client.get(f"{users}/threads/{one['threadId']}", params={"format": "minimal"})
        client.get(f"{users}/labels")
        client.get(f"{users}/labels/INBOX")
        client.get(f"{users}/history", params={"startHistoryId": "1010", "maxResults": 5, "labelId": "INBOX"})
        client.get(f"{users}/history", params={"startHistoryId": "1"})  # 404
        client.get(f"{users}/messages/none")  # 404
        client.post(f"{users}/messages/{one['id']}/modify", json={"addLabelIds": ["STARRED"]})
        raw = "RnJvbTogbWF5YUBzdGlsbHdhdGVyLmV4YW1wbGUKVG86IGpvQHBhcmsuZXhhbXBsZQpTdWJqZWN0OiBIaQoKSGVsbG8K"
        client.post(f"{users}/messages/send", json={"raw": raw})
        client.get("/calendar/v3/users/me/calendarList/primary")
        listed = client.get(own, params={"maxResults": 10, "showDeleted": "true"}).json()
        client.get(own, params={"maxResults": 10, "showDeleted": "true", "pageToken": listed["nextPageToken"]})
        client.get(own, params={"singleEvents": "true", "orderBy": "startTime", "timeMin": "2026-01-01T00:00:00Z"})
        master = next(e["id"] for e in client.get(own).json()["items"] if "recurrence" in e)
        client.get(f"{own}/{master}/instances", params={"showDeleted": "true"})
        event = client.get(f"{own}/{master}").json()
        client.put(f"{own}/{master}", json={**event, "summary": "Renamed"})
        body = {"timeMin": "2026-01-01T00:00:00Z", "timeMax": "2028-01-01T00:00:00Z", "items": [{"id": "primary"}]}
        client.post("/calendar/v3/freeBusy", json=body)
    assert judge.faults == []
    assert {"gmail.users.messages.send", "calendar.events.instances", "calendar.freebusy.query"} <= judge.seen
    assert len(judge.seen) >= 15


def test_a_client_that_invents_a_field_is_found_out(apis):
    calendar = apis["calendar"]
    own = "/calendar/v3/calendars/primary/events"
    assert calendar.request_faults("GET", own, {"syncTokens": ["x"]}, None) == ["unknown parameter syncTokens"]
    assert calendar.request_faults("GET", own, {"maxResults": ["many"]}, None) == [
        "maxResults=many: not a whole number"
    ]
    assert calendar.request_faults("POST", own, {"sendUpdates": ["no"]}, {"summary": "x"}) != []
    assert calendar.request_faults("POST", own, {}, {"sumary": "x"}) != []
    assert calendar.request_faults("GET", "/calendar/v3/nothing", {}, None) == [
        "no such method: GET /calendar/v3/nothing"
    ]
