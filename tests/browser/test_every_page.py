"""Every page at both sizes, light and dark: nothing that axe finds, no sideways scrolling, targets for a thumb."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import stillwater
from tests.browser.conftest import SIZES, signed_in
from tests.browser.stillwater import Practice
from tests.serving import Served

# address → something that only stands there once the page's data have arrived
PAGES = {
    "/": "Sessions today",
    "/approvals": "dentist’s appointment",
    "/calendar": "Jonas Berg",
    "/contacts": "Beatriz Almeida",
    "/contacts/{Aino}": "She sleeps better",
    "/import": "A file of contacts",
    "/duplicates": "Nobody is here twice",
    "/merge": "There are no two clients",
    "/groups": "Tuesday room",
    "/groups/{Seen lately}": "match, worked out just now",
    "/groups/{Regulars}": "Aino Korhonen",
    "/programs": "Six Weeks to Steady",
    "/programs/{Steady}": "came to their sessions",
    "/programs/{Package}": "3 of 5",
    "/tasks": "Buy lavender oil",
    "/more": "Maya Lindqvist",
    "/settings": "Europe/Helsinki",
    "/settings/fields": "What you want to know",
    "/settings/google": "Which mail is read",
    "/settings/services": "Aroma massage",
    "/settings/availability": "No time off ahead",
    "/settings/account": "in use now",
    "/activity": "Nothing has been read yet",
}
# What can be pressed, and answers no touch 21 px left, right, above or below its middle.
SMALL = """() => {
  const small = [];
  const shown = (el) => el.checkVisibility() && el.getClientRects().length && !el.closest('.sr, .skip');
  for (const el of document.querySelectorAll('main button, main a, main input, main select, nav a')) {
    if (!shown(el) || el.matches('.link, p a') || el.disabled) continue;
    el.scrollIntoView({block: 'center', inline: 'center'});
    const box = el.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    for (const [dx, dy] of [[-21, 0], [21, 0], [0, -21], [0, 21]]) {
      const px = x + dx, py = y + dy;
      if (px < 0 || py < 0 || px >= innerWidth || py >= innerHeight) continue;
      const hit = document.elementFromPoint(px, py);
      const label = el.closest('label');
      if (hit && (el.contains(hit) || label?.contains(hit))) continue;
      small.push(`${el.tagName} ${(el.getAttribute('aria-label') || el.innerText || el.name).slice(0, 40)}`
        + ` ${Math.round(box.width)}x${Math.round(box.height)} at ${dx},${dy} is ${hit?.tagName}.${hit?.className}`);
      break;
    }
  }
  return small;
}"""


@pytest.fixture(scope="module")
def stillwater_practice(database: str) -> Practice:
    """These tests only look, so they share one."""
    return stillwater.make()


@pytest.fixture(scope="module", params=list(SIZES))
def open_page(
    request: Any, chromium: Browser, server: Served, stillwater_practice: Practice
) -> Iterator[tuple[str, Page]]:
    with signed_in(chromium, server, stillwater_practice, **SIZES[request.param]) as page:
        yield request.param, page


@pytest.mark.parametrize("address", PAGES)
def test_the_page_is_whole(address: str, open_page: tuple[str, Page], stillwater_practice: Practice) -> None:
    size, page = open_page
    page.emulate_media(color_scheme="light")
    known = {**stillwater_practice.clients, **stillwater_practice.groups, **stillwater_practice.programs}
    page.goto(address.format_map({name: str(key) for name, key in known.items()}))
    expect(page.get_by_text(PAGES[address]).filter(visible=True).first).to_be_visible()
    expect(page.locator("main h1")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth") <= 0
    assert _findings(page) == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".radix-themes").first).to_have_css("color-scheme", "dark")
    assert _findings(page) == []
    if size == "phone":
        assert page.evaluate(SMALL) == []


def _findings(page: Page) -> list[str]:
    return [
        f"{one['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for one in Axe().run(page).response["violations"]
        for node in one["nodes"][:3]
    ]
