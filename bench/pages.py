"""What people wait for in a browser, against an empty Reflex application: 1 (clicks), 4 (opening), and bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID

import psutil
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from sqlmodel import col

from bench import blank, browser, practice
from bench.ground import Ground
from bench.harness import Figure, clocked, compare, worst_step
from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.domain import tasks
from omnicrm.models.contacts import Contact
from tests.serving import serving

CLICKS, OPENINGS = 15, 7
QUICK_CLICKS, QUICK_OPENINGS = 4, 2
EMPTY_READY = "#number"
_COUNT = "document.querySelector('#number').textContent !== was"
_WAS = "const was = document.querySelector('#number').textContent"


@dataclass
class Served:
    """Both applications, running; `memory` is that of OmniCRM's web process now, in MB."""

    chromium: Browser
    omnicrm: str
    empty: str
    process: psutil.Process

    def memory(self) -> float:
        family = [self.process, *self.process.children(recursive=True)]
        return float(max(one.memory_info().rss for one in family) / 2**20)


def click(ground: Ground) -> list[Figure]:
    """From the click to its painted effect, at the middle size; growth over all of them.

    What the page does by itself counts as the effect (a card that leaves), as it does for the person; how long the
    server's word takes to be painted is told beside it.
    """
    clicks = QUICK_CLICKS if ground.quick else CLICKS
    with _both() as served, ExitStack() as stack:
        counter = stack.enter_context(_page(served, served.empty, "/", EMPTY_READY, None))
        floor = _clicking(counter, "#add", _COUNT, before=_WAS)
        figures = []
        for name, prepare in (
            ("1 approve, until the card has left", _approve),
            ("1 approve, until the server's word is read", _approve_said),
            ("1 tick a task", _tick),
            ("1 another tab", _tab),
        ):
            runs = {
                size: prepare(stack.enter_context(_at(served, ground.practices[size], name)), ground.practices[size])
                for size in ground.sizes
            }
            told = name.endswith("read")  # information: there is no target for it in the design
            figure = compare(
                name,
                floor,
                runs[ground.middle],
                target=None if told else 3,
                target_p95=None if told else 5,
                pairs=clicks,
                measure=clocked,
            )
            if not told:
                step = worst_step(list(runs.values()), rounds=clicks, measure=clocked, enough=1.2)
                figure.grow(step, limit=1.2, words="ten times the clients")
            figures.append(figure)
    return figures


def open_pages(ground: Ground) -> list[Figure]:
    """From the address to the page's own data, on a phone with nothing cached: CPU a quarter, 1.6 Mbps, 150 ms."""
    openings = QUICK_OPENINGS if ground.quick else OPENINGS
    with _both() as served:
        idle = served.memory()
        figures = []
        for name, address, ready in (
            ("4 open Today on a phone", lambda user: "/today", ".body .cols"),
            ("4 open a client on a phone", _client, ".idh h1:not(.m2)"),
        ):

            def opening(
                user: UUID, address: Callable[[UUID], str] = address, ready: str = ready
            ) -> Callable[[], float]:
                path = address(user)
                return lambda: browser.open_on_phone(served.chromium, served.omnicrm, path, ready, user)

            runs = [opening(user) for user in ground.practices.values()]
            figure = compare(
                name,
                lambda: browser.open_on_phone(served.chromium, served.empty, "/", EMPTY_READY, None),
                opening(ground.practices[ground.middle]),
                target=1.6,
                pairs=openings,
                measure=clocked,
            )
            step = worst_step(runs, rounds=openings, measure=clocked, enough=1.1)
            figure.grow(step, limit=1.1, words="ten times the clients")
            figures.append(figure)
        figures[-1].memory_mb = served.memory() - idle
        figures[-1].extra["memory of"] = "the web process, all these pages opened, over idle"
    return figures


def weight(ground: Ground) -> list[Figure]:
    """JavaScript and CSS of every page, as transferred, against the empty page's."""
    user = ground.practices[ground.sizes[0]]
    with _both() as served:
        floor = browser.transferred(served.chromium, served.empty, "/", EMPTY_READY, None)
        pages = {
            path: browser.transferred(served.chromium, served.omnicrm, path, ".body", user) for path in addresses(user)
        }
    largest = max(pages, key=pages.__getitem__)
    figure = Figure("4 bytes of script and style, largest page", ratio=pages[largest] / floor, target=2, pairs=1)
    figure.extra = {"empty page": f"{floor:,}"} | {path: f"{size:,}" for path, size in sorted(pages.items())}
    return [figure]


def addresses(user: UUID) -> list[str]:
    """Of every page that a practitioner sees, a client's filled in."""
    from tests.pages_opened import opened

    routes = (route for route, steps in opened().items() if steps)
    return [route.replace("[client]", _client(user).rpartition("/")[2]) for route in routes]


@contextmanager
def _both() -> Iterator[Served]:
    with serving() as omnicrm, blank.serving() as empty, browser.chromium() as chromium:
        yield Served(chromium, omnicrm.url, empty, psutil.Process(omnicrm.process.pid))


@contextmanager
def _page(served: Served, url: str, path: str, ready: str, user: UUID | None) -> Iterator[Page]:
    context = browser.visitor(served.chromium, url, user, **browser.DESKTOP)
    page = context.new_page()
    page.goto(path)
    page.locator(ready).first.wait_for()
    try:
        yield page
    finally:
        context.close()


def _at(served: Served, user: UUID, name: str) -> object:
    """The page that the click is on, with enough on it to click at."""
    if "approve" in name:
        with transaction(user, actor="assistant") as db:
            practice.propose(db, 4 * CLICKS, first=int(ids.new().int % 10**12))
        return _page(served, served.omnicrm, "/approvals", ".pc", user)
    with transaction(user) as db:
        for number in range(5 * CLICKS if "tick" in name else 0):
            tasks.add(db, tasks.TaskForm(title=f"Number {number}", due_on=None))
    return _page(served, served.omnicrm, "/tasks", ".chips", user)


def _clicking(page: Page, selector: str, done: str, *, before: str = "") -> Callable[[], float]:
    return lambda: browser.click(page, selector, done, before=before)


_LEFT = ".pc:not(.gone) [data-act=approve]"


def _approve(page: Page, user: UUID) -> Callable[[], float]:
    def run() -> float:
        took = browser.click(page, _LEFT, "target.closest('.pc') === null || target.closest('.pc.gone') !== null")
        page.wait_for_timeout(600)  # the next card stands, and the server has answered
        return took

    return run


def _approve_said(page: Page, user: UUID) -> Callable[[], float]:
    def run() -> float:
        before = "const open = document.querySelectorAll('.ql li').length, first = document.querySelector('.ql li')"
        took = browser.click(page, _LEFT, "document.querySelector('.ql li') !== first", before=before)
        page.wait_for_timeout(600)
        return took

    return run


def _tick(page: Page, user: UUID) -> Callable[[], float]:
    page.locator(".chips .chip", has_text="Open").click()
    page.locator(".tk").first.wait_for()

    def run() -> float:
        took = browser.click(
            page, ".tk input.check", "document.querySelector('.tk input.check') !== target || target.checked"
        )
        page.wait_for_timeout(400)
        return took

    return run


def _tab(page: Page, user: UUID) -> Callable[[], float]:
    def run() -> float:
        took = browser.click(page, ".chips .chip[aria-pressed=false]", "target.getAttribute('aria-pressed') === 'true'")
        page.wait_for_timeout(200)
        return took

    return run


def _client(user: UUID) -> str:
    with transaction(user) as db:
        return f"/contacts/{db.scalar(select(col(Contact.id)).order_by(col(Contact.id)).limit(1))}"
