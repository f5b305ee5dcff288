"""A Chromium for measuring: signed-in pages, a slow phone, and what a click or an opening takes until it is painted."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from omnicrm.core import web
from omnicrm.core.db import transaction
from omnicrm.domain import accounts

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PATIENCE = 60_000  # ms
SLOWDOWN = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}

# Clicks, waits until `done` holds in the document, then until that is painted: the frame after the change has begun
# and the message behind it has come. Milliseconds by the page's own clock.
_CLICK = """
() => new Promise((resolve, reject) => {
  const target = [...document.querySelectorAll(%(selector)r)].find((el) => el.getClientRects().length);
  if (!target) { reject(new Error("nothing to click: " + %(selector)r)); return; }
  %(before)s;
  const done = () => %(done)s;
  let seen = false;
  const begin = performance.now();
  const look = () => {
    if (seen || !done()) return;
    seen = true;
    watcher.disconnect();
    requestAnimationFrame(() => {
      const behind = new MessageChannel();
      behind.port1.onmessage = () => resolve(performance.now() - begin);
      behind.port2.postMessage(0);
    });
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  setTimeout(() => reject(new Error("nothing happened: " + %(selector)r)), 20000);
  target.click();
  look();
})
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises SystemExit where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        raise SystemExit(
            "There is no Chromium on this machine, and these benchmarks need one: apt-get install chromium"
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def visitor(browser: Browser, url: str, user: UUID | None, **options: Any) -> BrowserContext:
    """A browser that has never been there; signed in as `user` (None: nobody)."""
    context = browser.new_context(base_url=url, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    if user is not None:
        with transaction(user) as db:
            token = accounts.open_login(db, accounts.Browser())
        context.add_cookies([{"name": web.PLAIN_COOKIE, "value": token, "url": url}])
    return context


def click(page: Page, selector: str, done: str, *, before: str = "") -> float:
    """Milliseconds from the click to its painted effect. `done` is JavaScript that knows `target` and `before`."""
    page.bring_to_front()
    return float(page.evaluate(_CLICK % {"selector": selector, "done": done, "before": before}))


def open_on_phone(browser: Browser, url: str, path: str, ready: str, user: UUID | None) -> float:
    """Milliseconds from the address to `ready` on the screen, on a slow phone that has nothing cached."""
    context = visitor(browser, url, user, **PHONE)
    try:
        page = context.new_page()
        device = context.new_cdp_session(page)
        device.send("Network.enable")
        device.send("Network.emulateNetworkConditions", NETWORK)
        device.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        began = time.perf_counter()
        page.goto(path, wait_until="commit")
        page.locator(ready).first.wait_for()
        return (time.perf_counter() - began) * 1000
    finally:
        context.close()


def transferred(browser: Browser, url: str, path: str, ready: str, user: UUID | None) -> int:
    """Bytes of script and style, compressed, that the first opening of a page takes, idle moments after it included."""
    context = visitor(browser, url, user, service_workers="block", **PHONE)
    try:
        page = context.new_page()
        device = context.new_cdp_session(page)
        device.send("Network.enable")
        kinds: dict[str, str] = {}
        sizes: dict[str, float] = {}
        device.on("Network.responseReceived", lambda seen: kinds.__setitem__(seen["requestId"], seen["type"]))
        device.on(
            "Network.loadingFinished", lambda seen: sizes.__setitem__(seen["requestId"], seen["encodedDataLength"])
        )
        page.goto(path)
        page.locator(ready).first.wait_for()
        page.wait_for_timeout(1000)
        return int(sum(size for key, size in sizes.items() if kinds.get(key) in ("Script", "Stylesheet")))
    finally:
        context.close()
