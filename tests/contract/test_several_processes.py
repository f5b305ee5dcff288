"""`serve --workers 2` with Redis: one practice, whichever process answers; jobs once; nothing private left behind.

Needs a redis-server (`apt-get install redis-server`), which `.ci/run` installs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import redis
from sqlalchemy import select

from omnicrm.core import ids, signals
from omnicrm.core.db import transaction
from omnicrm.domain import accounts, inbox, settings
from omnicrm.domain.accounts import Browser, Registration
from omnicrm.models.activity import JobRun
from omnicrm.state import gate
from tests import factories
from tests.doors import import_all
from tests.serving import ROOT, Served, free_port, serving
from tests.sockets import Raw, deltas, redirects
from tests.web import PASSWORD

import_all()
from omnicrm.state.contacts import ContactsState  # noqa: E402  # after all states are known
from omnicrm.state.settings import AccountState  # noqa: E402  # after all states are known
from omnicrm.state.tasks import TasksState  # noqa: E402  # after all states are known

CANARY = "kanarienvogel"
HYDRATE = next(name for name in gate.framework_events() if name.endswith("hydrate_and_load"))


class OwnRedis:
    """A Redis of these tests' own, on a socket that nobody else has; it can be killed and comes back empty."""

    def __init__(self, program: str, path: Path) -> None:
        self.url = f"unix://{path}"
        self._command = [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture(scope="module")
def own_redis() -> Iterator[OwnRedis]:
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("REQUIRE_REDIS"):
            raise AssertionError("REQUIRE_REDIS is set, and there is no redis-server. apt-get install redis-server")
        pytest.skip("No redis-server on this machine: apt-get install redis-server")
    with tempfile.TemporaryDirectory() as folder:
        server = OwnRedis(program, Path(folder) / "redis.sock")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def redis_url(own_redis: OwnRedis) -> str:
    return own_redis.url


@pytest.fixture(scope="module")
def several(database: str, redis_url: str) -> Iterator[Served]:
    with serving(workers=2, jobs=True, REDIS_URL=redis_url) as server:
        yield server


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 90))


def named(state: Any, handler: str) -> str:
    return f"{state.get_full_name()}.{handler}"


def shows(frames: list[Any], state: Any, var: str) -> Any:
    return deltas(frames).get(state.get_full_name(), {}).get(f"{var}_rx_state_")


def registered() -> tuple[str, str, uuid.UUID]:
    """A login: its cookie's token, the address, and whose it is."""
    email = f"maya-{ids.new()}@stillwater.example"
    form = Registration(name="Maya", email=email, password=PASSWORD, time_zone="Europe/Helsinki")
    with transaction(ids.new()) as db:
        me = accounts.register(db, form)
        return accounts.open_login(db, Browser()), email, me.id


def other_login(user_id: uuid.UUID) -> str:
    with transaction(user_id) as db:
        return accounts.open_login(db, Browser())


def test_two_processes_serve_and_both_know_a_login(several: Served) -> None:
    served = psutil.Process(several.process.pid).children(recursive=True)
    assert sum("omnicrm.core.server" in one.cmdline() or "spawn_main" in " ".join(one.cmdline()) for one in served) >= 2
    origin = {"Origin": several.url}
    email = f"maya-{ids.new()}@stillwater.example"
    form = {"email": email, "password": PASSWORD, "name": "Maya", "time_zone": "Europe/Helsinki"}
    made = httpx.post(f"{several.url}/auth/register", data=form, headers=origin, timeout=30)
    assert made.status_code == 303
    for _ in range(12):  # a new connection each time: either process may take it
        page = httpx.get(f"{several.url}/", headers={"accept": "text/html", "cookie": made.headers["set-cookie"]})
        assert page.status_code == 200


def test_a_tab_that_comes_back_to_the_other_process_finds_its_state(several: Served) -> None:
    cookie, _, user_id = registered()
    with transaction(user_id) as db:
        factories.make_contact(db, first_name=CANARY)

    async def work() -> None:
        async with Raw(several.url, cookie=cookie) as first:
            await first.ask(HYDRATE, {"vars": {}}, until="_rx_state_")
            await first.ask(named(ContactsState, "load"), until=CANARY)
            token = first.token
        for _ in range(8):
            async with Raw(several.url, cookie=cookie, token=token) as again:
                await again.ask(HYDRATE, {"vars": {}}, until=CANARY)
                assert again.tokens == []

    run(work)


def test_ones_own_second_socket_takes_over_wherever_it_lands(several: Served) -> None:
    cookie, email, _ = registered()

    async def work() -> None:
        for _ in range(6):
            async with Raw(several.url, cookie=cookie) as first:
                await first.ask(named(AccountState, "load"), until=email)
                async with Raw(several.url, cookie=cookie, token=first.token) as second:
                    await second.ask(HYDRATE, {"vars": {}}, until=email)
                    assert second.tokens == []
                    await asyncio.wait_for(first.closed.wait(), 10)
                    await second.ask(named(AccountState, "load"))
                    assert not second.closed.is_set()

    run(work)


@pytest.mark.outside(4)
def test_a_stolen_tab_token_opens_nothing(several: Served) -> None:
    theirs, _, user_id = registered()
    mine, _, _ = registered()
    with transaction(user_id) as db:
        factories.make_contact(db, first_name=CANARY)

    async def work() -> None:
        async with Raw(several.url, cookie=theirs) as victim:
            await victim.ask(named(ContactsState, "load"), until=CANARY)
            for _ in range(4):
                async with Raw(several.url, cookie=mine, token=victim.token) as thief:
                    await thief.ask(HYDRATE, {"vars": {}}, until="_rx_state_")
                    assert thief.tokens
                    assert CANARY not in thief.text
            assert not victim.closed.is_set()
            await victim.ask(HYDRATE, {"vars": {}}, until=CANARY)
            token = victim.token
        async with Raw(several.url, cookie=mine, token=token) as thief:  # and when its owner has gone
            await thief.ask(HYDRATE, {"vars": {}}, until="_rx_state_")
            assert CANARY not in thief.text

    run(work)


@pytest.mark.outside(7)
def test_signing_out_and_news_reach_the_tabs_of_every_process(several: Served) -> None:
    cookie, _, user_id = registered()
    elsewhere = other_login(user_id)

    async def work() -> None:
        here = [Raw(several.url, cookie=cookie) for _ in range(6)]
        there = Raw(several.url, cookie=elsewhere)
        for one in (*here, there):
            await one.__aenter__()
            await one.ask(named(AccountState, "load"), until="email_rx_state_")
        before = {id(one): len(one.frames) for one in (*here, there)}
        with transaction(user_id) as db:
            signals.changed(db)
        for one in (*here, there):
            while "version_rx_state_" not in str(one.frames[before[id(one)] :]):
                await one.answer()
        origin = {"Origin": several.url, "Cookie": f"omnicrm={cookie}"}
        await asyncio.to_thread(httpx.post, f"{several.url}/auth/logout", headers=origin, timeout=30)
        for one in here:
            await asyncio.wait_for(one.closed.wait(), 30)
            assert redirects(one.frames) == ["/signed-out"]
        await asyncio.sleep(1)
        assert not there.closed.is_set(), "the other login is not thrown out with them"
        await there.ask(named(AccountState, "load"))
        assert "signed-out" not in there.text
        await there.__aexit__()

    run(work)


def test_each_piece_of_work_runs_once(several: Served) -> None:
    """Both processes look for work every two seconds; a mail is proposed from once."""
    _, _, user_id = registered()
    with transaction(user_id) as db:
        settings.of(db)
        factories.make_source_item(db)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with transaction(user_id) as db:
            if not inbox.waiting(db, limit=1):
                break
        time.sleep(0.5)
    time.sleep(3)  # another look of both
    with transaction(user_id) as db:
        runs = db.scalars(select(JobRun)).all()
    assert [run.kind for run in runs if run.kind == "propose"] == ["propose"]


@pytest.mark.outside(23)
def test_what_lies_in_redis_holds_no_secret(several: Served, redis_url: str) -> None:
    cookie, email, user_id = registered()
    with transaction(user_id) as db:
        factories.make_contact(db)

    async def work() -> None:
        async with Raw(several.url, cookie=cookie) as page:
            await page.ask(named(AccountState, "load"), until=email)
            form = {"old": PASSWORD, "new": "seven herons at dusk"}
            await page.ask(named(AccountState, "change_password"), {"form": form}, until="Password changed")
            await page.ask(named(TasksState, "load"))

    run(work)
    with redis.Redis.from_url(redis_url) as client:
        stored = b"".join(
            value for key in client.keys("*") if client.type(key) == b"string" for value in [client.get(key) or b""]
        )
        keys = b"".join(client.keys("*"))
        expiries = {client.ttl(key) for key in client.keys("*")}
    assert email.encode() in stored  # it was looked into
    for secret in (cookie, PASSWORD, "seven herons at dusk"):
        assert secret.encode() not in stored + keys
    assert all(0 <= one <= 900 for one in expiries), expiries
    said = several.log.read_text()  # with what its jobs stumble over in rows of other tests
    assert not [secret for secret in (cookie, PASSWORD, "seven herons at dusk", CANARY) if secret in said]


def test_a_redis_that_was_emptied_loses_no_page(several: Served, redis_url: str) -> None:
    cookie, email, _ = registered()

    async def work() -> None:
        async with Raw(several.url, cookie=cookie) as page:
            await page.ask(named(AccountState, "load"), until=email)
            with redis.Redis.from_url(redis_url) as client:
                client.flushall()
            await page.ask(named(AccountState, "load"), until=email)
            assert not page.closed.is_set()

    run(work)


def test_a_redis_that_is_killed_and_comes_back_needs_no_restart(several: Served, own_redis: OwnRedis) -> None:
    cookie, email, _ = registered()

    async def work() -> None:
        async with Raw(several.url, cookie=cookie) as page:
            await page.ask(named(AccountState, "load"), until=email)
            own_redis.kill()
            try:
                async with httpx.AsyncClient() as web:
                    assert (await web.get(f"{several.url}/healthz")).status_code == 200
                    assert (await web.get(f"{several.url}/login", timeout=20)).status_code == 200
                await page.ask(named(AccountState, "load"))  # while there is none: whatever the answer, nothing dies
            finally:
                own_redis.start()
        async with Raw(several.url, cookie=cookie) as again:
            await again.ask(named(AccountState, "load"), until=email)

    run(work)


def test_without_a_redis_that_answers_it_does_not_start(database: str) -> None:
    for url, says in (
        ("redis://127.0.0.1:1/0", "does not answer"),
        ("nonsense", "not a Redis address"),
        ("", "set REDIS_URL"),
    ):
        done = _start(url)
        assert done.returncode == 1
        assert says in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def _start(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "omnicrm", "serve", "--workers", "2", "--port", str(free_port())],
        cwd=ROOT, env=os.environ | {"REDIS_URL": url}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
