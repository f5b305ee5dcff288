"""Journey 1: the morning opens with today, on a phone and on a desktop by keyboard."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

from omnicrm.core import clock
from omnicrm.core.db import transaction
from omnicrm.domain import sessions
from omnicrm.models.contacts import Contact
from omnicrm.models.programs import CreditEntry
from tests import factories
from tests.browser.stillwater import Practice, today


def test_on_a_phone_one_look_and_one_tap(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    _aino_is_here(practice)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("Good (morning|afternoon|evening), Maya"))
    expect(page.get_by_text("7 approvals waiting")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Approvals 7 waiting"))).to_be_visible()
    _all_is_said(page)
    _row(page).get_by_role("link", name="Aino Korhonen").tap()
    expect(page.get_by_role("heading", level=1, name="Aino Korhonen")).to_be_visible()
    expect(page.get_by_text("Goes to Rovaniemi with her son until Sunday").first).to_be_visible()
    page.go_back()
    page.get_by_text("approvals waiting").tap()
    expect(page.get_by_role("heading", level=1, name="Approvals")).to_be_visible()


def test_on_a_desktop_by_keyboard(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _aino_is_here(practice)
    page.goto("/contacts")
    expect(page.get_by_text("Beatriz Almeida").filter(visible=True).first).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("t")
    _all_is_said(page)
    expect(page.get_by_role("link", name=re.compile("Go through all 7"))).to_be_visible()
    _row(page).get_by_role("link", name="Aino Korhonen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Aino Korhonen")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1, name="Approvals")).to_be_visible()


def test_what_matters_is_ticked_off_and_the_next_one_rises(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    page.goto("/today")
    tick = page.get_by_role("checkbox", name=re.compile("^Done: "))
    expect(tick).to_have_count(3)
    first = tick.first.get_attribute("aria-label")
    tick.first.click()
    expect(page.get_by_label(str(first))).to_have_count(0)
    expect(tick).to_have_count(3)


def _aino_is_here(practice: Practice) -> None:
    """Her session has just begun; she owes an invoice that is late, and has one credit."""
    aino = practice.clients["Aino"]
    with transaction(practice.user_id) as db:
        booking = sessions.Booking(contact_id=aino, title="Massage", scheduled_at=clock.now().replace(second=0))
        sessions.book(db, booking, allow_overlap=True)
        factories.make_invoice(
            db,
            contact_id=aino,
            number="2026-0150",
            total=Decimal("95"),
            currency="EUR",
            due_on=today() - timedelta(days=9),
        )
        program = factories.make_program(db)
        factories.make_enrollment(db, program, db.get_one(Contact, aino))
        db.add(CreditEntry(contact_id=aino, program_id=program.id, delta=1, reason="purchase"))


def _row(page: Page) -> Locator:
    return page.locator("li.ses").filter(has_text="Aino Korhonen").filter(has_text="Massage")


def _all_is_said(page: Page) -> None:
    row = _row(page)
    expect(row).to_contain_text("Less pressure on the shoulders")
    expect(row).to_contain_text("€95.00 unpaid")
    expect(row).to_contain_text("1 credit left")
    matters = page.locator("section").filter(has=page.get_by_role("heading", name="What matters"))
    expect(matters.locator(".lr")).to_have_count(3)
    expect(matters).to_contain_text("Remind Aino of invoice 2026-0150")
