"""The stand-in behaves as Google's guides say where its clients rely on it: tokens, conflicts, instances, consent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from omnicrm import sandbox
from omnicrm.core import clock as the_clock
from omnicrm.sandbox import control, sample
from tests.stand_in import MAYA, StandIn, times

OWN = "/calendar/v3/calendars/primary/events"
MAIL = "/gmail/v1/users/me"
AT = datetime(2027, 2, 1, 9, tzinfo=UTC)


@pytest.fixture
def http(google: StandIn):
    token = google.grant(("https://www.googleapis.com/auth/calendar", "https://www.googleapis.com/auth/gmail.readonly"))
    headers = {"Authorization": f"Bearer {token.access_token}"}
    with httpx.Client(base_url=google.url, headers=headers, trust_env=False) as client:
        yield client


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


@pytest.mark.parametrize(
    "wrong",
    [{"timeMin": "2027-01-01T00:00:00Z"}, {"q": "yoga"}, {"orderBy": "updated"}, {"showDeleted": "false"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_sync_token_goes_with_no_other_restriction(http: httpx.Client, wrong: dict[str, str]):
    token = http.get(OWN).json()["nextSyncToken"]
    assert http.get(OWN, params={"syncToken": token}).status_code == 200
    assert http.get(OWN, params={"syncToken": token, **wrong}).status_code == 400


def test_a_forgotten_token_is_gone_and_a_made_up_one_is_wrong(http: httpx.Client, google: StandIn):
    token = http.get(OWN).json()["nextSyncToken"]
    google.calendar.forget_changes()
    assert reason(http.get(OWN, params={"syncToken": token})) == (410, "fullSyncRequired")
    assert http.get(OWN, params={"syncToken": "made-up"}).status_code == 400
    assert http.get(OWN, params={"pageToken": "made-up"}).status_code == 400


def test_only_the_last_page_has_a_sync_token(http: httpx.Client, google: StandIn):
    for number in range(5):
        google.event(f"Event {number}", AT)
    first = http.get(OWN, params={"maxResults": 3}).json()
    assert "nextSyncToken" not in first
    last = http.get(OWN, params={"maxResults": 3, "pageToken": first["nextPageToken"]}).json()
    assert "nextPageToken" not in last
    assert len(first["items"] + last["items"]) == 5
    assert http.get(OWN, params={"syncToken": last["nextSyncToken"]}).json()["items"] == []


def test_our_own_id_twice_is_a_conflict_even_after_a_deletion(http: httpx.Client):
    body = {"id": "omni0123456789", "summary": "Yoga", **times(AT)}
    assert http.post(OWN, json=body).status_code == 200
    assert reason(http.post(OWN, json=body)) == (409, "duplicate")
    assert http.delete(f"{OWN}/omni0123456789").status_code == 204
    assert http.delete(f"{OWN}/omni0123456789").status_code == 410
    assert reason(http.post(OWN, json=body)) == (409, "duplicate")
    revived = http.patch(f"{OWN}/omni0123456789", json={"status": "confirmed", **body})
    assert revived.json()["status"] == "confirmed"
    assert http.post(OWN, json={**body, "id": "Not allowed!"}).status_code == 400


def test_an_old_etag_is_refused(http: httpx.Client, google: StandIn):
    event = google.event("Yoga", AT)
    url, etag = f"{OWN}/{event['id']}", event["etag"]
    assert http.patch(url, json={"summary": "Pilates"}, headers={"If-Match": etag}).status_code == 200
    assert reason(http.patch(url, json={"summary": "Boxing"}, headers={"If-Match": etag})) == (412, "conditionNotMet")
    assert http.get(url).json()["summary"] == "Pilates"


def test_instances_can_be_moved_and_dropped_and_a_dropped_one_has_ids_only(http: httpx.Client, google: StandIn):
    master = google.event("Yoga", AT, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    token = http.get(OWN).json()["nextSyncToken"]
    second, third = (one["id"] for one in http.get(f"{OWN}/{master['id']}/instances").json()["items"][1:3])
    assert second == f"{master['id']}_20270208T090000Z"
    http.patch(f"{OWN}/{second}", json=times(AT + timedelta(days=8)))
    http.delete(f"{OWN}/{third}")
    moved, dropped = http.get(OWN, params={"syncToken": token}).json()["items"]
    assert moved["recurringEventId"] == dropped["recurringEventId"] == master["id"]
    assert moved["originalStartTime"]["dateTime"].startswith("2027-02-08T10:00")
    assert "summary" not in dropped
    assert dropped["status"] == "cancelled"
    left = http.get(OWN, params={"singleEvents": "true", "orderBy": "startTime"}).json()["items"]
    assert [one["id"][-16:-8] for one in left] == ["20270201", "20270208", "20270222"]


def test_busy_times_are_merged_and_free_events_do_not_count(http: httpx.Client, google: StandIn):
    google.event("One", AT, 60)
    google.event("Two", AT + timedelta(minutes=30), 60)
    google.event("Free", AT + timedelta(hours=5), transparency="transparent")
    body = {"timeMin": "2027-02-01T00:00:00Z", "timeMax": "2027-02-02T00:00:00Z", "items": [{"id": "primary"}]}
    (span,) = http.post("/calendar/v3/freeBusy", json=body).json()["calendars"]["primary"]["busy"]
    assert datetime.fromisoformat(span["start"]) == AT
    assert datetime.fromisoformat(span["end"]) == AT + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from:jo", {"in", "old"}),
        ("category:primary", {"in", "old"}),
        ("-category:promotions newer_than:2d", {"in", "sent"}),
        ("in:spam", {"spam"}),
        ("{from:maya from:shop}", {"sent", "promo"}),
        ("subject:hello OR is:unread", {"in"}),
        ("before:2020/01/01", set()),
    ],
)
def test_the_search_box_finds_what_gmails_would(http: httpx.Client, google: StandIn, query: str, found: set[str]):
    made = {
        "in": google.mail(subject="hello", labels=["INBOX", "CATEGORY_PERSONAL", "UNREAD"]),
        "old": google.mail(subject="old", at=the_clock.now() - timedelta(days=9)),
        "sent": google.mail(sender="Maya <maya@stillwater.example>", labels=["SENT"]),
        "promo": google.mail(sender="shop@mats.example", labels=["INBOX", "CATEGORY_PROMOTIONS"]),
        "spam": google.mail(sender="x@spam.example", labels=["SPAM"]),
    }
    names = {message.id: name for name, message in made.items()}
    answer = http.get(f"{MAIL}/messages", params={"q": query}).json()
    assert {names[one["id"]] for one in answer.get("messages", [])} == found


def test_new_mail_does_not_shift_the_pages(http: httpx.Client, google: StandIn):
    old = [google.mail(at=the_clock.now() - timedelta(hours=n + 1)).id for n in range(4)]
    first = http.get(f"{MAIL}/messages", params={"maxResults": 2}).json()
    google.mail("new")
    rest = http.get(f"{MAIL}/messages", params={"maxResults": 2, "pageToken": first["nextPageToken"]}).json()
    assert [one["id"] for one in first["messages"] + rest["messages"]] == old


def test_a_token_without_the_scope_and_none_at_all(google: StandIn, http: httpx.Client):
    assert httpx.get(f"{google.url}{MAIL}/profile", trust_env=False).status_code == 401
    only_mail = google.grant(("https://www.googleapis.com/auth/gmail.readonly",)).access_token
    answer = httpx.get(f"{google.url}{OWN}", headers={"Authorization": f"Bearer {only_mail}"}, trust_env=False)
    assert reason(answer) == (403, "insufficientPermissions")
    assert http.get("/gmail/v1/users/someone@else.example/profile").status_code == 403


def test_units_are_counted_and_end_in_a_wait(http: httpx.Client, google: StandIn):
    google.mail()
    google.store.settings.quota_per_minute = 10
    answers = [http.get(f"{MAIL}/messages") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60


def test_what_is_unticked_is_not_granted_and_a_cancel_says_so(google: StandIn):
    asked = {
        "client_id": "omnicrm",
        "redirect_uri": "http://localhost/back",
        "response_type": "code",
        "scope": "openid email https://www.googleapis.com/auth/calendar",
        "state": "s",
    }
    with httpx.Client(base_url=google.url, trust_env=False) as browser:
        page = browser.get("/o/oauth2/v2/auth", params=asked)
        assert MAYA in page.text
        assert "<script" not in page.text
        unticked = browser.post("/o/oauth2/v2/auth", data={**asked, "account": MAYA, "answer": "allow"})
        scopes = parse_qs(urlsplit(unticked.headers["location"]).query)["scope"][0]
        assert "calendar" not in scopes
        denied = browser.post("/o/oauth2/v2/auth", data={**asked, "account": MAYA, "answer": "deny"})
        assert parse_qs(urlsplit(denied.headers["location"]).query)["error"] == ["access_denied"]
        assert browser.get("/o/oauth2/v2/auth", params={**asked, "redirect_uri": "ftp://x"}).status_code == 400


def test_only_this_machine_is_answered(google: StandIn):
    answer = httpx.get(f"{google.url}/sandbox/health", headers={"Host": "evil.example"}, trust_env=False)
    assert answer.status_code == 403


def test_faults_are_checked_before_they_are_taken(google: StandIn):
    wrong = [{"kind": "earthquake"}, {"kind": "500", "match": "("}, {"kind": "500", "times": 0}, {"kindness": "500"}]
    for fault in wrong:
        assert httpx.post(f"{google.url}/sandbox/faults", json=fault, trust_env=False).status_code == 422
    assert httpx.get(f"{google.url}/sandbox/faults", trust_env=False).json() == []


def test_a_folder_keeps_accounts_grants_and_history_over_a_restart(tmp_path: Path):
    first = sandbox.start(sandbox.Store(tmp_path))
    control.load(first.store, sample.practice(the_clock.now(), email=MAYA).account())
    grant = httpx.post(
        f"{first.url}/sandbox/grants",
        json={"email": MAYA, "scopes": ["https://www.googleapis.com/auth/gmail.readonly"]},
        trust_env=False,
    ).json()
    headers = {"Authorization": f"Bearer {grant['access_token']}"}
    before = httpx.get(f"{first.url}{MAIL}/profile", headers=headers, trust_env=False).json()
    first.stop()
    second = sandbox.start(sandbox.Store(tmp_path))
    try:
        assert httpx.get(f"{second.url}{MAIL}/profile", headers=headers, trust_env=False).json() == before
        assert oct((tmp_path / "state.json").stat().st_mode)[-3:] == "600"
    finally:
        second.stop()


def test_the_same_seed_makes_the_same_practice_and_another_another():
    now = the_clock.now()
    assert sample.practice(now, seed=3).account() == sample.practice(now, seed=3).account()
    assert sample.practice(now, seed=3).account() != sample.practice(now, seed=4).account()
    large = sample.practice(now, mails=200, events=120, people=50)
    assert len(large.mail) >= 200
    assert len(large.events) >= 120
