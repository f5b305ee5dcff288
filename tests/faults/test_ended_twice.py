"""A stop comes as more than one signal: the terminal and `make` tell the whole process group, each process its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from uuid import UUID

import httpx

from omnicrm.core.db import transaction
from omnicrm.domain import accounts
from tests.conftest import ROOT
from tests.faults.processes import until
from tests.serving import free_port, serving
from tests.sockets import Raw

APPLICATION = "tests.faults.ending:application"
# A signal every 200 µs finds the main thread at every place of waiting and clearing.
WAITING = """
import signal, time
from omnicrm.core.server import Interrupt

interrupt = Interrupt()
signal.signal(signal.SIGALRM, lambda *_: interrupt.set())
signal.setitimer(signal.ITIMER_REAL, 1e-3, 2e-4)
ends = time.monotonic() + 2
while time.monotonic() < ends:
    interrupt.wait()
    interrupt.clear()
signal.setitimer(signal.ITIMER_REAL, 0)
"""
LISTENING = """
import asyncio, os, signal
from omnicrm.core.server import listen_once

async def main():
    listen_once(asyncio.get_running_loop())
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.1)

asyncio.run(main())
"""


def test_the_main_process_never_waits_for_itself():
    assert subprocess.run([sys.executable, "-c", WAITING], cwd=ROOT, timeout=30, check=False).returncode == 0


def test_a_worker_that_is_told_again_is_told_nothing_new():
    assert subprocess.run([sys.executable, "-c", LISTENING], cwd=ROOT, timeout=30, check=False).returncode == 0


def test_a_hail_of_signals_ends_a_server_at_once():
    for _ in range(5):
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "omnicrm.core.server", APPLICATION, "127.0.0.1", str(port), "1", "9"],
            cwd=ROOT,
            start_new_session=True,
        )
        until(lambda port=port: _answers(f"http://127.0.0.1:{port}/"))
        for _ in range(200):
            if not _told(process.pid):
                break
        process.wait(5)  # less than a worker is given before it is killed


def test_with_open_pages_and_under_load_the_whole_group_ends(maya: UUID):
    with transaction(maya) as db:
        cookie = accounts.open_login(db, accounts.Browser())
    with serving(jobs=True) as server:
        stopped = threading.Event()
        crowd = [threading.Thread(target=_ask, args=(f"{server.url}/login", stopped)) for _ in range(4)]
        for one in crowd:
            one.start()
        try:
            asyncio.run(_end_while_a_page_is_open(server.url, server.process, cookie))
        finally:
            stopped.set()
            for one in crowd:
                one.join()
    assert server.process.returncode == 0


async def _end_while_a_page_is_open(url: str, process: subprocess.Popen[bytes], cookie: str) -> None:
    async with Raw(url, cookie=cookie) as page:
        await page.ask("reflex___state____state.hydrate", until="delta")
        _told(process.pid)
        _told(process.pid)
        await asyncio.to_thread(process.wait, 100)  # ten times the promise: the machine is shared


def _told(group: int) -> bool:
    try:
        os.killpg(group, signal.SIGTERM)
    except (ProcessLookupError, PermissionError):  # all of it is gone
        return False
    return True


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def _ask(url: str, stopped: threading.Event) -> None:
    with httpx.Client(trust_env=False) as client:
        while not stopped.is_set():
            try:
                client.get(url)
            except httpx.TransportError:
                stopped.wait(0.05)
