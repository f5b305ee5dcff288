"""Journey 5: the next session is booked between two clients, in at most five taps, and stands in Google."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from uuid import UUID

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock, zones
from omnicrm.core.db import transaction
from omnicrm.domain import sessions
from omnicrm.jobs import runner
from omnicrm.models.sessions import Session
from tests import factories
from tests.browser.stillwater import ZONE, Practice, at, today
from tests.stand_in import StandIn


class Taps:
    """A thumb that counts."""

    number = 0

    def __call__(self, what: Locator) -> None:
        self.number += 1
        what.tap()


def test_on_a_phone_from_the_client_in_three_taps(signed_in_phone: Page, practice: Practice, google: StandIn) -> None:
    google.connect(practice.user_id, "google_calendar")
    page, aino = signed_in_phone, practice.clients["Aino"]
    before = _of(practice, aino)
    page.goto(f"/contacts/{aino}")
    tap = Taps()
    tap(page.get_by_role("button", name="Book", exact=True).filter(visible=True))
    sheet = page.get_by_role("dialog", name="Book a session")
    expect(sheet.get_by_role("heading", name="Book Aino")).to_be_visible()
    expect(sheet.get_by_role("combobox")).to_contain_text("Aroma massage")
    slots = sheet.get_by_role("group", name="Time").get_by_role("button")
    expect(slots.first).to_have_attribute("aria-pressed", "true")
    tap(slots.nth(1))
    expect(slots.nth(1)).to_have_attribute("aria-pressed", "true")
    tap(sheet.get_by_role("button", name="Book", exact=True))
    expect(page.locator(".toast")).to_contain_text("Booked: Aino Korhonen")
    assert tap.number <= 5

    (new,) = _of(practice, aino) - before
    runner.run_now("outbox", practice.user_id)
    event = google.calendar.events[sessions.event_id(new)]
    with transaction(practice.user_id) as db:
        booked = sessions.get(db, new)
        assert datetime.fromisoformat(event["start"]["dateTime"]) == booked.scheduled_at
        assert booked.duration_minutes == 75
    assert "Aino" not in event["summary"]

    page.locator(".toast").get_by_role("button", name="Undo").tap()
    expect(page.locator(".toast")).to_contain_text("taken back")
    assert _of(practice, aino) == before
    runner.run_now("outbox", practice.user_id)
    assert google.calendar.events.get(sessions.event_id(new), {"status": "cancelled"})["status"] == "cancelled"


def test_on_a_desktop_by_keyboard_what_is_in_the_way_is_said_first(signed_in_desktop: Page, practice: Practice) -> None:
    page, day = signed_in_desktop, today() + timedelta(days=20)
    with transaction(practice.user_id) as db:
        factories.make_source_item(
            db,
            kind="event",
            busy=True,
            google_calendar_id="private",
            external_id="dentist",
            starts_at=at(20, 15, 30),
            ends_at=at(20, 16, 30),
        )
    page.goto("/")
    expect(page.get_by_text("Sessions today")).to_be_visible()
    page.keyboard.press("b")
    sheet = page.get_by_role("dialog", name="Book a session")
    sheet.get_by_role("searchbox").fill("jonas")
    sheet.get_by_role("group", name="Clients").get_by_role("button", name=re.compile("Jonas Berg")).press("Enter")
    expect(sheet.get_by_role("heading", name="Book Jonas")).to_be_visible()
    sheet.get_by_role("button", name="Another day or time").press("Enter")
    sheet.get_by_label("Day").fill(day.isoformat())
    sheet.get_by_label("Begins").fill("15:00")
    expect(sheet.get_by_text("Your Google calendar is busy from 15:30 to 16:30.")).to_be_visible()
    sheet.get_by_role("button", name="Book all the same").press("Enter")
    expect(page.locator(".toast")).to_contain_text("Booked: Jonas Berg")
    assert at(20, 15) in _times(practice, practice.clients["Jonas"])


def test_a_time_that_clocks_jump_over_is_refused_beside_it_and_nothing_is_lost(
    signed_in_desktop: Page, practice: Practice
) -> None:
    page, jump = signed_in_desktop, _next_spring()
    before = _of(practice, practice.clients["Jonas"])
    page.goto(f"/contacts/{practice.clients['Jonas']}")
    page.get_by_role("button", name="Book", exact=True).filter(visible=True).click()
    sheet = page.get_by_role("dialog", name="Book a session")
    sheet.get_by_role("button", name="Another day or time").click()
    sheet.get_by_label("Place").fill("Garden")
    sheet.get_by_label("Day").fill(jump.isoformat())
    sheet.get_by_label("Begins").fill("03:30")
    expect(sheet.get_by_text("does not exist on that day")).to_be_visible()
    sheet.get_by_role("button", name="Book", exact=True).click()
    expect(sheet.get_by_role("alert")).to_contain_text("clocks go forward")
    expect(sheet.get_by_label("Place")).to_have_value("Garden")
    assert _of(practice, practice.clients["Jonas"]) == before
    sheet.get_by_label("Begins").fill("04:30")
    expect(sheet.get_by_text("You are free")).to_be_visible()
    sheet.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Booked: Jonas Berg")
    assert zones.at_wall(jump, time(4, 30), ZONE) in _times(practice, practice.clients["Jonas"])


def test_a_series_lists_every_clash_and_is_taken_back_whole(signed_in_phone: Page, practice: Practice) -> None:
    page, aino = signed_in_phone, practice.clients["Aino"]
    before = _of(practice, aino)
    with transaction(practice.user_id) as db:
        for days, title in ((27, "Dinner"), (41, "Lunch")):
            sessions.book(
                db,
                sessions.Booking(contact_id=aino, title=title, scheduled_at=at(days, 9), duration_minutes=60),
                allow_overlap=True,
            )
    others = _of(practice, aino) - before
    page.goto(f"/contacts/{aino}")
    page.get_by_role("button", name="Book", exact=True).filter(visible=True).tap()
    sheet = page.get_by_role("dialog", name="Book a session")
    sheet.get_by_role("button", name="Another day or time").tap()
    sheet.get_by_label("Day").fill((today() + timedelta(days=20)).isoformat())
    sheet.get_by_label("Begins").fill("09:00")
    sheet.get_by_role("switch", name="Repeat").tap()
    sheet.get_by_label("Sessions", exact=True).fill("5")
    expect(sheet.get_by_text("“Dinner” is booked from 9:00 to 10:00.")).to_be_visible()
    expect(sheet.get_by_text("“Lunch” is booked from 9:00 to 10:00.")).to_be_visible()
    sheet.get_by_role("button", name="Keep it").first.tap()
    sheet.get_by_role("button", name="Book 4 sessions, 1 left out").tap()
    expect(page.locator(".toast")).to_contain_text("Booked: 4 sessions")
    assert len(_of(practice, aino) - before - others) == 4
    page.locator(".toast").get_by_role("button", name="Undo").tap()
    expect(page.locator(".toast")).to_contain_text("Taken back: 4 sessions")
    assert _of(practice, aino) == before | others


def _of(practice: Practice, client: UUID) -> set[UUID]:
    with transaction(practice.user_id) as db:
        return set(db.scalars(select(col(Session.id)).where(col(Session.contact_id) == client)))


def _times(practice: Practice, client: UUID) -> set[datetime]:
    with transaction(practice.user_id) as db:
        return set(db.scalars(select(col(Session.scheduled_at)).where(col(Session.contact_id) == client)))


def _next_spring() -> date:
    """The next day on which clocks go forward in the practice's zone."""
    day = clock.now().astimezone(ZONE).date() + timedelta(days=1)
    while True:
        begins, ends = zones.day_bounds(day, ZONE)
        if ends - begins == timedelta(hours=23):
            return day
        day += timedelta(days=1)
