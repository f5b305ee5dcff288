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
    "/calendar?view=month": "Priya Raman",
    "/calendar?view=agenda": "Jonas Berg",
    "/contacts": "Beatriz Almeida",
    "/contacts/{Aino}": "She sleeps better",
    "/import": "A file of contacts",
    "/duplicates": "Nobody is here twice",
    "/merge": "There are no two clients",
    "/groups": "Tuesday room",
    "/groups/{Seen lately}": "match, worked out just now",
    "/groups/{Regulars}": "Aino Korhonen",
    "/insights": "Booked places where nobody came",
    "/programs": "Six Weeks to Steady",
    "/programs/{Steady}": "came to their sessions",
    "/programs/{Package}": "3 of 5",
    "/sessions/{Slow Flow}": "4 booked, 8 places free",
    "/sessions/{Priya's}": "for Priya in London",
    "/tasks": "Buy lavender oil",
    "/projects": "Solstice workshop",
    "/projects/{Workshop}": "Put it in the calendar",
    "/notes": "Candles only at the front",
    "/more": "Maya Lindqvist",
    "/settings": "Europe/Helsinki",
    "/settings/fields": "What you want to know",
    "/settings/google": "Which mail is read",
    "/settings/services": "Aroma massage",
    "/settings/availability": "No time off ahead",
    "/settings/calendar": "Your sessions in another calendar",
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
    page.goto(_named(address, stillwater_practice))
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


# What is wider than the window, or sticks out of what scrolls in it.
WIDE = """() => {
  const main = document.querySelector('main');
  const over = [[document.documentElement, innerWidth], [main, main.clientWidth]]
    .filter(([el, room]) => el.scrollWidth > room + 1)
    .map(([el, room]) => `${el.tagName} ${el.scrollWidth} in ${room}`);
  const body = document.querySelector('.body, .sc') ?? main;
  if (!over.length && body.scrollWidth <= body.clientWidth + 1) return [];
  const edge = body.getBoundingClientRect().right + 1;
  const scrolls = (el) => el && el !== body
    && (/auto|scroll|hidden|clip/.test(getComputedStyle(el).overflowX) || scrolls(el.parentElement));
  const out = [...body.querySelectorAll('*')].filter((el) => el.checkVisibility() && el.getClientRects().length
    && !el.closest('.sr, dialog') && el.getBoundingClientRect().right > edge && !scrolls(el.parentElement));
  return [...over, ...out.slice(0, 6).map((el) => `${el.tagName}.${el.className} ${(el.innerText || '').slice(0, 30)}`
    + ` to ${Math.round(el.getBoundingClientRect().right)} of ${Math.round(edge)}`)];
}"""


@pytest.fixture(scope="module")
def narrow_page(chromium: Browser, server: Served, stillwater_practice: Practice) -> Iterator[Page]:
    with signed_in(chromium, server, stillwater_practice, viewport={"width": 320, "height": 640}) as page:
        yield page


@pytest.mark.parametrize("address", PAGES)
def test_the_page_reflows(address: str, narrow_page: Page, stillwater_practice: Practice) -> None:
    """At 320 px (WCAG 1.4.10), then with text twice as large on a phone and on a desktop (1.4.4)."""
    page = narrow_page
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(_named(address, stillwater_practice))
    expect(page.get_by_text(PAGES[address]).filter(visible=True).first).to_be_visible()
    wide = {"320 px": page.evaluate(WIDE)}
    for name, width, height in (("390 px, text 200 %", 390, 844), ("1280 px, text 200 %", 1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.wait_for_function(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        )
        wide[name] = page.evaluate(WIDE)
    assert {name: found for name, found in wide.items() if found} == {}


def _named(address: str, practice: Practice) -> str:
    known = {**practice.clients, **practice.groups, **practice.programs, **practice.projects, **practice.sessions}
    return address.format_map({name: str(key) for name, key in known.items()})


def _findings(page: Page) -> list[str]:
    return [
        f"{one['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for one in Axe().run(page).response["violations"]
        for node in one["nodes"][:3]
    ]
