"""A page's bytes are the lever on a phone: script and style of every page stay within twice an empty page's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bench import blank, browser
from bench.pages import EMPTY_READY, addresses
from tests.browser.stillwater import Practice
from tests.serving import Served


@pytest.fixture
def empty_page(chromium: Browser) -> Iterator[int]:
    """Bytes of an empty application, built and served by the same pipeline."""
    with blank.serving() as url:
        yield browser.transferred(chromium, url, "/", EMPTY_READY, None)


def test_no_page_is_twice_as_heavy_as_an_empty_one(
    chromium: Browser, server: Served, practice: Practice, empty_page: int
) -> None:
    user = practice.user_id
    pages = {path: browser.transferred(chromium, server.url, path, ".body", user) for path in addresses(user)}
    assert {path: size for path, size in pages.items() if size > 2 * empty_page} == {}
    assert min(pages.values()) > empty_page / 2  # something was counted
