"""Journey 2: ten in under a minute with one thumb, a tap each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from omnicrm.core.db import transaction
from omnicrm.models.approvals import PendingApproval
from tests import factories
from tests.browser.conftest import PHONE, signed_in
from tests.browser.stillwater import Practice
from tests.drafts import proposed
from tests.serving import Served

TEN = [f"Send the exercise {number} to Jo" for number in range(1, 11)]


@pytest.fixture
def ten(database: str) -> Practice:
    """A practice in which ten tasks wait for a yes."""
    user_id: UUID = factories.make_user(name="Maya Lindqvist")
    with transaction(user_id) as db:
        jo = factories.make_contact(db)
        for title in TEN:
            item = factories.make_source_item(db, sender=jo.email)
            proposed(db, item, "task.create", title=title, contact_email=jo.email)
    return Practice(user_id, {}, {})


@pytest.fixture
def phone(chromium: Browser, server: Served, ten: Practice) -> Iterator[Page]:
    with signed_in(chromium, server, ten, **PHONE) as page:
        yield page


def test_ten_decisions_are_ten_taps_in_less_than_a_minute(phone: Page, ten: Practice) -> None:
    phone.goto("/approvals")
    count = phone.get_by_role("heading", level=1, name="Approvals")
    card = phone.locator(".pc:not(.gone)").first
    expect(count).to_contain_text("10")
    began = time.monotonic()
    for left in range(9, -1, -1):
        sentence = card.locator("h2").inner_text()
        card.get_by_role("button", name="Approve").tap()
        if left:
            expect(card.locator("h2")).not_to_have_text(sentence)
            phone.wait_for_timeout(350)  # a second tap at once is taken for a double one
    expect(phone.get_by_text("Nothing waits for you")).to_be_visible()
    assert time.monotonic() - began < 60
    with transaction(ten.user_id) as db:
        assert [row.status for row in db.scalars(select(PendingApproval))] == ["executed"] * 10
