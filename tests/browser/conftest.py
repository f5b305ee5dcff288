"""The whole application in a real browser: one server and one Chromium a worker, a fresh practice and context a test.

A test fails by itself where the page logs an error, throws, or breaks the Content-Security-Policy.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from omnicrm.core import ids
from omnicrm.core.db import transaction
from tests import factories
from tests.browser import stillwater
from tests.browser.stillwater import Practice
from tests.serving import Served, serving

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
SIZES = {"phone": PHONE, "desktop": DESKTOP}
TIMEOUT = 10_000  # ms; a wrong locator should not cost more
expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="session")
def server(database: str) -> Iterator[Served]:
    """The built application on this worker's database; no jobs, so that nothing moves by itself."""
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Skips where there is none, unless REQUIRE_BROWSER is set."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            raise AssertionError("REQUIRE_BROWSER is set, and there is no Chromium. apt-get install chromium")
        pytest.skip("No Chromium on this machine: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Faults:
    """What a page said that no page should say."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.found.append(f"thrown: {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.found.append(f"{message.type}: {message.text[:300]}")


@pytest.fixture
def practice(database: str) -> Practice:
    """Stillwater, made for this test alone."""
    return stillwater.make()


@contextmanager
def signed_in(browser: Browser, server: Served, who: Practice, **options: Any) -> Iterator[Page]:
    """A page of a fresh context whose cookie is a login of the practice; relative addresses are the server's."""
    token = ids.token()
    with transaction(who.user_id) as db:
        factories.make_login_session(db, token_hash=ids.token_hash(token))
    context: BrowserContext = browser.new_context(base_url=server.url, reduced_motion="reduce", **options)
    context.add_cookies([{"name": "omnicrm", "value": token, "url": server.url, "httpOnly": True}])
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    faults = Faults()
    faults.watch(page)
    try:
        yield page
    finally:
        context.close()
    assert faults.found == []


@pytest.fixture
def signed_in_phone(chromium: Browser, server: Served, practice: Practice) -> Iterator[Page]:
    """390 × 844, by touch."""
    with signed_in(chromium, server, practice, **PHONE) as page:
        yield page


@pytest.fixture
def signed_in_desktop(chromium: Browser, server: Served, practice: Practice) -> Iterator[Page]:
    """1280 × 800, by mouse and keyboard."""
    with signed_in(chromium, server, practice, **DESKTOP) as page:
        yield page
