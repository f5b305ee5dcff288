"""Smart groups on a phone and on a desktop: rules are written, the count follows, somebody is left out and let in."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import stillwater
from tests.browser.conftest import SIZES, signed_in
from tests.serving import Served


@pytest.mark.parametrize("size", list(SIZES))
def test_a_smart_group_is_written_counted_and_kept(size: str, chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    with signed_in(chromium, server, practice, **SIZES[size]) as page:
        page.goto("/groups")
        page.get_by_role("button", name="New group").click()
        page.get_by_label("Name").fill("Knees")
        page.get_by_label("Who is in it").select_option("smart")
        page.get_by_label("Name").press("Enter")
        expect(page.get_by_role("heading", name="Knees")).to_be_visible()
        page.get_by_label("What is looked at").select_option("tag")
        expect(page.get_by_label("How it is compared").get_by_text("is not")).to_have_count(1)
        page.get_by_label("Value").fill("knee")
        expect(page.get_by_text("2 of 15 match")).to_be_visible()
        page.get_by_role("button", name="Keep these rules").click()
        expect(page.get_by_text("The rules are kept. 2 match now.")).to_be_visible()
        _leave_out_and_let_in(page)
        page.get_by_role("button", name="Rule", exact=True).click()
        expect(page.get_by_text("Complete the marked lines")).to_be_visible()
        expect(page.get_by_role("button", name="Keep these rules")).to_be_disabled()
        page.get_by_role("button", name="As they were").click()
        expect(page.get_by_label("What is looked at")).to_have_count(1)


def test_a_filter_is_saved_as_a_smart_group_by_keyboard(chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    with signed_in(chromium, server, practice, **SIZES["desktop"]) as page:
        page.goto("/contacts")
        page.get_by_role("button", name="Filter", exact=True).press("Enter")
        page.get_by_label("Tag", exact=True).fill("knee")
        page.keyboard.press("Enter")
        expect(page.get_by_text("2 shown")).to_be_visible()
        page.get_by_role("button", name="Save as smart group").press("Enter")
        page.get_by_label("Name", exact=True).fill("Knees")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Knees")).to_be_visible()
        expect(page.get_by_text("2 of 15 match")).to_be_visible()


def _leave_out_and_let_in(page: Page) -> None:
    name: Any = "Leave out Elena Petrova"
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", name="Left out by hand")).to_be_visible()
    expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("button", name="Let in Elena Petrova").click()
    expect(page.get_by_role("button", name=name)).to_be_visible()
