"""Journey 6: twelve people are twelve taps, a walk-in is two; a correction gives the credit back; finish is undone."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from omnicrm.core import clock
from omnicrm.core.db import transaction
from omnicrm.domain import credits, sessions
from omnicrm.models.contacts import Contact
from tests import factories
from tests.browser.stillwater import Practice

TWELVE = (
    "Aino",
    "Priya",
    "Jonas",
    "Hanna",
    "Tomás",
    "Elena",
    "Kwame",
    "Ingrid",
    "Lucas",
    "Beatriz",
    "Yuki",
    "Marta",
)


@pytest.fixture
def flow(practice: Practice) -> UUID:
    """A class that begins now; everybody has a package of five classes but Lucas."""
    with transaction(practice.user_id) as db:
        booking = sessions.Booking(title="Evening Flow", scheduled_at=clock.now(), duration_minutes=60, capacity=14)
        session = sessions.book(db, booking, allow_overlap=True).id
        package = factories.make_program(db, name="Five classes", credits_per_enrollment=5)
        for name in TWELVE:
            sessions.register(db, session, practice.clients[name])
            if name != "Lucas":
                factories.make_enrollment(db, package, db.get_one(Contact, practice.clients[name]))
                credits.grant(db, practice.clients[name], package.id, 5)
    return session


def test_on_a_phone_twelve_taps_a_walk_in_and_finish(signed_in_phone: Page, practice: Practice, flow: UUID) -> None:
    page = signed_in_phone
    page.goto(f"/sessions/{flow}")
    expect(page.get_by_text("12 booked, 2 places free")).to_be_visible()
    taps = 0
    for row in page.locator(".ro").all():
        _mark(row, "Present").tap()
        taps += 1
    assert taps == 12
    expect(page.get_by_text("12 present")).to_be_visible()
    expect(_row(page, "Hanna Virtanen")).to_contain_text("4 credits left")
    assert _left(practice, "Hanna") == 4

    _mark(_row(page, "Hanna Virtanen"), "No-show").tap()  # a correction
    expect(page.get_by_text("1 no-show")).to_be_visible()
    _mark(_row(page, "Yuki Tanaka"), "Late").tap()
    _mark(_row(page, "Marta Kowalska"), "Present").tap()  # said again: taken back
    expect(_row(page, "Marta Kowalska")).to_contain_text("5 credits left")
    assert (_left(practice, "Marta"), _left(practice, "Yuki")) == (5, 4)

    page.get_by_role("button", name="Walk-in", exact=True).tap()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Daniel Okafor")).tap()
    expect(page.locator(".toast")).to_contain_text("Daniel Okafor is here")
    expect(page.get_by_text("13 booked, 1 place free")).to_be_visible()

    page.get_by_role("button", name="Finish class").filter(visible=True).tap()
    expect(page.locator(".toast")).to_contain_text("Done: Evening Flow")
    with transaction(practice.user_id) as db:
        assert sessions.get(db, flow).status == "completed"
    page.locator(".toast").get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("button", name="Finish class").filter(visible=True)).to_be_visible()
    with transaction(practice.user_id) as db:
        assert sessions.get(db, flow).status == "scheduled_in_crm"


def test_on_a_desktop_by_keyboard(signed_in_desktop: Page, practice: Practice, flow: UUID) -> None:
    page = signed_in_desktop
    page.goto(f"/sessions/{flow}")
    expect(page.get_by_text("12 booked, 2 places free")).to_be_visible()
    first = page.locator(".ro").first
    _mark(first, "Present").focus()
    for key in ("p", "l", "o"):
        page.keyboard.press(key)
    rows = page.locator(".ro")
    for number, word in enumerate(("Present", "Late", "No-show")):
        expect(_mark(rows.nth(number), word)).to_have_attribute("aria-checked", "true")
    expect(_mark(rows.nth(3), "Present")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(_mark(rows.nth(2), "No-show")).to_be_focused()


def test_a_new_client_walks_in(signed_in_phone: Page, practice: Practice, flow: UUID) -> None:
    page = signed_in_phone
    page.goto(f"/sessions/{flow}")
    page.get_by_role("button", name="Walk-in", exact=True).tap()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("searchbox").fill("Noa Lindgren")
    sheet.get_by_role("button", name="New client: Noa Lindgren").tap()
    expect(page.locator(".toast")).to_contain_text("Noa Lindgren is here")
    expect(_mark(_row(page, "Noa Lindgren"), "Present")).to_have_attribute("aria-checked", "true")


def test_a_place_that_frees_goes_to_who_waits(signed_in_phone: Page, practice: Practice, flow: UUID) -> None:
    page, daniel = signed_in_phone, practice.clients["Daniel"]
    with transaction(practice.user_id) as db:
        session = sessions.get(db, flow)
        session.capacity, session.scheduled_at = 12, clock.now() + timedelta(hours=30)
        sessions.waitlist.wait(db, daniel, session_id=flow)
    page.goto(f"/sessions/{flow}")
    expect(page.get_by_text("12 booked, full")).to_be_visible()
    page.get_by_role("button", name=re.compile("Hanna Virtanen")).tap()
    page.get_by_role("button", name="Called off").tap()
    expect(page.get_by_text("A place is free in Evening Flow")).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("A place is free in Evening Flow")).to_be_visible()
    page.get_by_role("button", name="Give it").tap()
    expect(page.locator(".toast")).to_contain_text("The place is given")
    with transaction(practice.user_id) as db:
        names = [row.name for row in sessions.roster(db, flow).rows]
    assert "Daniel Okafor" in names
    assert "Hanna Virtanen" not in names


def _row(page: Page, name: str) -> Locator:
    return page.locator(".ro").filter(has_text=name)


def _mark(row: Locator, word: str) -> Locator:
    return row.get_by_role("radio", name=word)


def _left(practice: Practice, name: str) -> int:
    with transaction(practice.user_id) as db:
        return credits.balances(db, [practice.clients[name]])[practice.clients[name]]
