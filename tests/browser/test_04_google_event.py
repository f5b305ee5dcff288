"""Journey 4: an event in Google becomes a session, follows it, and goes with it. Always exactly one session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from omnicrm.core.db import transaction
from omnicrm.domain import approvals
from omnicrm.jobs import runner
from omnicrm.models.sessions import Session
from tests.browser.stillwater import ZONE, Practice, at
from tests.stand_in import StandIn, times

STARTS = at(5, 13)


@pytest.mark.parametrize("way", ["phone", "desktop"])
def test_an_event_becomes_a_session_that_follows_it(
    request: Any, practice: Practice, google: StandIn, way: str
) -> None:
    page: Page = request.getfixturevalue(f"signed_in_{way}")
    google.connect(practice.user_id, "google_calendar")
    page.goto("/approvals")
    expect(_open_card(page)).to_be_visible()
    event = google.event(
        "Deep tissue massage Beatriz Almeida", STARTS, 60, attendees=[{"email": "beatriz.almeida@example.fi"}]
    )
    _read(practice)

    # the open page hears of it by itself
    with transaction(practice.user_id) as db:
        waiting = approvals.counts(db).all
    page.get_by_role("heading", level=1).get_by_text(str(waiting)).wait_for()
    _find(page, way, "Beatriz Almeida")
    card = _open_card(page)
    expect(card.locator("h2")).to_contain_text("deep tissue massage")
    expect(card.locator(".fld").filter(has_text="Client")).to_contain_text("Beatriz Almeida")
    expect(card.locator("mark").filter(visible=True).first).to_be_visible()
    assert _sessions(practice, event["id"]) == ["pending_ai_confirmation"]
    if way == "phone":
        card.get_by_role("button", name="Approve").tap()
    else:
        page.keyboard.press("a")
    expect(page.locator(".toast")).to_contain_text("Beatriz Almeida")
    runner.run_now("outbox", practice.user_id)
    _read(practice)
    assert _sessions(practice, event["id"]) == ["synced_to_gcal"]
    assert len(google.calendar.events) == 1  # it was there already: none is made beside it

    page.goto(f"/calendar?day={STARTS.astimezone(ZONE).date()}")
    shown = page.locator(".ag, .cb").filter(has_text="Beatriz Almeida").filter(visible=True)
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("13:00")

    google.calendar.change_event(event["id"], times(STARTS + timedelta(hours=2)), whole=False)
    _read(practice)
    expect(shown).to_contain_text("15:00")
    assert _sessions(practice, event["id"]) == ["synced_to_gcal"]

    google.calendar.delete(event["id"])
    _read(practice)
    expect(shown).to_have_count(0)
    assert _sessions(practice, event["id"]) == ["cancelled"]
    page.goto(f"/contacts/{practice.clients['Beatriz']}")
    expect(page.get_by_text("Cancelled").filter(visible=True).first).to_be_visible()
    _read(practice)
    assert _sessions(practice, event["id"]) == ["cancelled"]


def _read(practice: Practice) -> None:
    """What the scheduler does every few minutes, without waiting for it."""
    for kind in ("sync_calendar", "propose"):
        runner.run_now(kind, practice.user_id)


def _sessions(practice: Practice, event_id: str) -> list[str]:
    """The states of all sessions of the client at that hour, or of that event."""
    day = STARTS.astimezone(ZoneInfo("UTC"))
    with transaction(practice.user_id) as db:
        rows = db.scalars(select(Session).where(col(Session.scheduled_at) >= day - timedelta(hours=1))).all()
    return [
        row.status
        for row in rows
        if row.google_calendar_event_id == event_id
        or (row.contact_id == practice.clients["Beatriz"] and row.scheduled_at < day + timedelta(hours=4))
    ]


def _open_card(page: Page) -> Any:
    return page.locator(".pc:not(.gone)").first


def _find(page: Page, way: str, words: str) -> None:
    """The card is the open one, or the line that is clicked."""
    if way == "desktop":
        page.locator(".qi").filter(has_text=words).get_by_role("button").click()
    else:
        page.get_by_role("button", name="Sessions").tap()
        for _ in range(6):
            if words in _open_card(page).locator("h2").inner_text():
                return
            before = _open_card(page).locator("h2").inner_text()
            _open_card(page).get_by_role("button", name="Later", exact=True).tap()
            page.get_by_role("dialog").get_by_role("button", name="Tomorrow morning").click()
            expect(_open_card(page).locator("h2")).not_to_have_text(before)
            page.wait_for_timeout(400)  # a second tap at once is taken for a double one
    expect(_open_card(page).locator("h2")).to_contain_text(words)
