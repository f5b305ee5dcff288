"""The first visit: an account, or a look around with sample data whose queue fills within the first minute."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from omnicrm.core import ids, postgres
from tests.browser.conftest import DESKTOP, PHONE, TIMEOUT, Faults
from tests.conftest import template
from tests.serving import Served, serving

MINUTE = 60_000  # ms


@pytest.fixture(scope="module")
def new_installation(database: str) -> Iterator[Served]:
    """As `omnicrm serve` starts it the first time: jobs inside, nobody there."""
    name = f"{database}_new"
    postgres.create_database(name, template=template())
    with serving(jobs=True, OMNICRM_DATABASE=name) as server:
        yield server
    postgres.drop_database(name)


@pytest.fixture(params=["phone", "desktop"])
def visitor(request: pytest.FixtureRequest, chromium: Browser, new_installation: Served) -> Iterator[Page]:
    """A browser that has never been here."""
    size = PHONE if request.param == "phone" else DESKTOP
    context = chromium.new_context(
        base_url=new_installation.url, timezone_id="Europe/Lisbon", reduced_motion="reduce", **size
    )
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    faults = Faults()
    faults.watch(page)
    yield page
    context.close()
    assert [fault for fault in faults.found if "422" not in fault] == []  # a form that is not complete


def test_sample_data_fill_the_queue_within_a_minute(visitor: Page) -> None:
    page = visitor
    page.goto("/register")
    began = time.monotonic()
    page.get_by_role("button", name="Look around with sample data").click()
    page.wait_for_url(re.compile("/approvals"))
    card = page.locator(".pc:not(.gone)").first
    reading = page.get_by_text("Your mail and calendar are being read")
    expect(reading.or_(card)).to_be_visible()  # never "Nothing waits for you"
    expect(card.locator("h2")).to_be_visible(timeout=MINUTE)
    assert time.monotonic() - began < 60
    expect(page.get_by_role("heading", level=1, name=re.compile(r"^Approvals (\d\d)$"))).to_be_visible(timeout=MINUTE)
    sentence = card.locator("h2").inner_text()
    card.get_by_role("button", name=re.compile("^(Approve|Keep the draft)")).click()
    expect(page.locator(".toast")).to_be_visible()
    expect(card.locator("h2")).not_to_have_text(sentence)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Taken back")
    page.goto("/settings")
    expect(page.get_by_text("Lisbon").filter(visible=True).first).to_be_visible()


def test_an_account_of_ones_own_says_what_to_do_first(visitor: Page) -> None:
    page = visitor
    page.goto("/register")
    page.get_by_label("Your name").fill("Natalie Okafor")
    page.get_by_label("E-mail").fill(f"natalie-{ids.new()}@okafor.example")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_contain_text("characters")
    expect(page.get_by_label("Your name")).to_have_value("Natalie Okafor")
    page.get_by_label("Password", exact=True).fill("a boat in the reeds")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Natalie")
    for address, words in (
        ("/approvals", "Nothing waits for you"),
        ("/contacts", "contact"),
        ("/calendar", "Book"),
        ("/tasks", "task"),
        ("/activity", "Nothing has been read yet"),
    ):
        page.goto(address)
        expect(page.locator("main").get_by_text(re.compile(words)).filter(visible=True).first).to_be_visible()
    page.goto("/approvals")
    page.get_by_role("link", name="Connect Google").filter(visible=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
