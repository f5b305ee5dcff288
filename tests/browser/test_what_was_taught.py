"""What was taught, on a phone and on a desktop: a word for a service is added, told with its effect, and forgotten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import stillwater
from tests.browser.conftest import SIZES, signed_in
from tests.serving import Served


@pytest.mark.parametrize("size", list(SIZES))
def test_a_word_for_a_service_is_taught_and_forgotten(size: str, chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    with signed_in(chromium, server, practice, **SIZES[size]) as page:
        page.goto("/settings/google")
        part = page.locator("#taught")
        expect(part.get_by_role("heading", name="What you taught")).to_be_visible()
        part.get_by_label("When clients say").fill("the foot thing")
        service = part.get_by_label("they mean").locator("option").first.inner_text()
        part.get_by_role("button", name="Add").click()
        rule = f"“the foot thing” means {service}."
        expect(part.get_by_text(rule)).to_be_visible()
        expect(part.get_by_text("not needed yet")).to_be_visible()
        expect(part.get_by_label("When clients say")).to_have_value("")
        if folder := os.environ.get("OMNICRM_SCREENSHOTS"):
            part.screenshot(path=Path(folder) / f"taught-{size}.png")
        part.get_by_role("button", name=f"Forget: {rule}").click()
        expect(part.get_by_text(rule)).to_have_count(0)
        expect(page.get_by_text("The rule is forgotten.")).to_be_visible()
