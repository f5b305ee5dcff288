"""Strangers at the sockets, odd tokens, 1 MB frames (the short form is in `make test`); and 100,000 clients.

OMNICRM_SOAK_SOCKETS and OMNICRM_SOAK_CONTACTS make the long forms shorter.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import psutil
import pytest
from sqlalchemy import func, select

from bench import practice
from omnicrm.core import config, ids
from omnicrm.core.db import transaction
from omnicrm.domain import contacts
from omnicrm.models.contacts import Contact
from omnicrm.state.shell import ShellState
from tests import factories
from tests.serving import Served
from tests.sockets import Raw

SOCKETS = int(os.environ.get("OMNICRM_SOAK_SOCKETS", "10000"))
CONTACTS = int(os.environ.get("OMNICRM_SOAK_CONTACTS", "100000"))
AT_ONCE = 50
EVENTS = 100  # of the practitioner, before, meanwhile and after
ODD = ("x", "../../etc/passwd", "A" * 5_000, "", "\x00", "' or true --", str(uuid.uuid4()).upper())

LONG = pytest.param(SOCKETS, marks=[pytest.mark.soak], id="long")


@pytest.mark.outside(22)
@pytest.mark.parametrize("sockets", [pytest.param(400, id="short"), LONG])
def test_strangers_cost_nothing_that_stays(served: Served, maya: UUID, sockets: int) -> None:
    cookie = ids.token()
    with transaction(maya) as db:
        factories.make_login_session(db, token_hash=ids.token_hash(cookie))
    refresh = f"{ShellState.get_full_name()}.refresh"

    async def everything() -> tuple[float, float, float, list[int]]:
        async with Raw(served.url, cookie=cookie) as page:
            await _p95(page, refresh)
            quiet, memory = await _p95(page, refresh), _memory(served)
            crowd = asyncio.create_task(_strangers(served, sockets))
            meanwhile = await _p95(page, refresh)
            answers = await crowd
            await _large_frames(served, cookie)
            return quiet, max(meanwhile, await _p95(page, refresh)), _memory(served) - memory, answers

    files = _files()
    quiet, loud, grown, answers = asyncio.run(everything())
    assert len(answers) == sockets
    assert set(answers) <= {400, 403, 414}, set(answers)
    assert grown < 50, f"{grown:.0f} MB more after {sockets} strangers"
    assert sockets < SOCKETS or loud <= max(2 * quiet, 250), f"p95 {quiet:.1f} ms alone, {loud:.1f} ms with the crowd"
    assert _files() <= files + 5


@pytest.mark.soak
def test_a_hundred_thousand_clients_fill_and_are_listed(database: str) -> None:
    before = psutil.Process().memory_info().rss
    began = time.monotonic()
    user_id = practice.make(CONTACTS)
    took = time.monotonic() - began
    assert took < 1_800, f"{took:.0f} s"
    assert psutil.Process().memory_info().rss - before < 600 * 2**20
    with transaction(user_id) as db:
        assert db.scalar(select(func.count()).select_from(Contact)) == CONTACTS
        first = contacts.listed(db)
        following = contacts.listed(db, after=first.next)
        assert len(first.rows) == len(following.rows) == 50


async def _strangers(served: Served, sockets: int) -> list[int]:
    """The status of every handshake: all without a cookie or with a made-up one, some with an odd token."""
    gate = asyncio.Semaphore(AT_ONCE)
    host, _, port = served.host.partition(":")

    async def knock(number: int) -> int:
        token = ODD[number // 3 % len(ODD)] if number % 3 == 0 else str(uuid.uuid4())
        cookie = f"Cookie: omnicrm={ids.token()}\r\n" if number % 2 else ""
        async with gate:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                f"GET /_event/?EIO=4&transport=websocket&token={quote(token)} HTTP/1.1\r\nHost: {served.host}\r\n"
                f"Origin: {served.url}\r\n{cookie}Upgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            try:
                return int((await asyncio.wait_for(reader.readline(), 30)).split()[1])
            finally:
                writer.close()

    return list(await asyncio.gather(*(knock(number) for number in range(sockets))))


async def _large_frames(served: Served, cookie: str) -> None:
    """A frame of 1 MB ends its own socket, and nothing else."""
    for _ in range(20):
        async with Raw(served.url, cookie=cookie) as page:
            await page.send("x" * 1_000_000)
            await asyncio.wait_for(page.closed.wait(), 10)


async def _p95(page: Raw, handler: str) -> float:
    """Milliseconds of one event of the practitioner, until its answer."""
    took = []
    for _ in range(EVENTS):
        before = len(page.frames)
        began = time.perf_counter()
        await page.send(handler)
        while len(page.frames) == before:
            await asyncio.sleep(0.001)
            assert time.perf_counter() - began < 30, "no answer"
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)[int(0.95 * len(took))]


def _memory(served: Served) -> float:
    process = psutil.Process(served.process.pid)
    return float(max(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 2**20)


def _files() -> int:
    """Files in the data folder, the database's own aside."""
    folder = config.settings().data_dir
    return sum(1 for path in Path(folder).rglob("*") if "postgres" not in str(path.relative_to(folder)))
