"""The pictures of the README, from the real product: `python -m tests.browser.screenshots URL FOLDER`.

URL is a server that runs on the same data folder (`omnicrm serve --no-jobs`). The practice is made in a zone where it
is morning just now, so that the day still lies ahead.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, sync_playwright

from omnicrm.core import clock, ids
from omnicrm.core.db import Db, transaction
from omnicrm.core.wire import Tokens
from omnicrm.domain import activity, connections
from tests import factories
from tests.browser import stillwater
from tests.browser.conftest import DESKTOP, PHONE

MORNING = 9.5  # o'clock
ZONES = (
    "Pacific/Auckland",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/Helsinki",
    "UTC",
    "America/New_York",
    "Pacific/Honolulu",
)
SHOTS = (
    ("today", "/today", "Sessions today"),
    ("approvals", "/approvals", "dentist"),
    ("calendar", "/calendar", "Jonas Berg"),
    ("contact", "/contacts/{Aino}", "She sleeps better"),
    ("contacts", "/contacts", "Beatriz Almeida"),
    ("session", "/sessions/{Slow Flow}", "Slow Flow"),
    ("program", "/programs/{Package}", "Beatriz Almeida"),
    ("tasks", "/tasks", "Buy lavender oil"),
    ("insights", "/insights", "no-shows"),
    ("activity", "/activity", "Runs"),
)


def main(url: str, folder: Path) -> None:
    stillwater.ZONE = ZoneInfo(min(ZONES, key=_from_morning))
    practice = stillwater.make()
    token = ids.token()
    with transaction(practice.user_id) as db:
        factories.make_login_session(db, token_hash=ids.token_hash(token))
        _read(db)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for size, options in (("desktop", DESKTOP), ("phone", PHONE)):
            for scheme in ("light", "dark"):
                context = browser.new_context(base_url=url, color_scheme=scheme, reduced_motion="reduce", **options)
                context.add_cookies([{"name": "omnicrm", "value": token, "url": url}])
                page = context.new_page()
                known = {**practice.clients, **practice.sessions, **practice.programs}
                for name, address, words in SHOTS:
                    if scheme == "dark" and name not in ("today", "approvals"):
                        continue
                    page.goto(address.format_map({key: str(value) for key, value in known.items()}))
                    page.get_by_text(words).filter(visible=True).first.wait_for()
                    _shoot(page, folder / f"{name}-{size}{'-dark' if scheme == 'dark' else ''}.png")
                    if name == "approvals" and scheme == "light":
                        page.locator(".pc").first.get_by_role("button", name="New time").click()
                        page.locator(".ed").get_by_role("button", name="Later", exact=True).click()
                        page.get_by_text("10:15").first.wait_for()
                        _shoot(page, folder / f"edit-{size}.png")
                context.close()
        browser.close()


def _from_morning(zone: str) -> float:
    local = clock.now().astimezone(ZoneInfo(zone))
    return abs(local.hour + local.minute / 60 - MORNING)


def _read(db: Db) -> None:
    """A sample account that was read some minutes ago, as its jobs would have noted it."""
    grant = Tokens(access_token="a", refresh_token="r", expires_at=clock.now().astimezone(UTC), scopes=("mail",))
    for provider, kind, seen, changed, proposed in (
        ("google_gmail", "sync_mail", 15, 5, 2),
        ("google_calendar", "sync_calendar", 9, 1, 0),
    ):
        account = connections.link(db, provider, "maya@stillwater.example", grant, sample=True)
        run = activity.start(db, kind, connection_id=account.id)
        activity.progress(db, run, seen=seen, changed=changed, proposed=proposed)
        activity.finish(db, run)
        connections.keep_sync_state(db, account.id, {}, finished=True, next_sync_at=clock.now() + timedelta(minutes=6))


def _shoot(page: Page, path: Path) -> None:
    page.wait_for_timeout(600)
    page.screenshot(path=path)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
