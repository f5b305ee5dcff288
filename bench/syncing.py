"""10: a first sync of N mails and N/2 events, against parsing those mails and copying the same items; then a second."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import psutil

from bench.ground import Ground
from bench.harness import Figure, compare, worst_step
from omnicrm.core import clock, config, ids
from omnicrm.core.db import transaction
from omnicrm.core.wire import Tokens
from omnicrm.domain import connections
from omnicrm.integrations import google_oauth
from omnicrm.jobs import runner
from omnicrm.models.accounts import User
from tests.serving import free_port

MAILS, PAIRS = 1_000, 7
QUICK_MAILS, QUICK_PAIRS = 60, 2
_SCOPES = {"google_gmail": google_oauth.SCOPES["mail"], "google_calendar": google_oauth.SCOPES["calendar"]}
_WORDS = ("Could we move my session to another day? I am travelling until Sunday and would rather come on Tuesday.\n"
          "My left knee is much better since last time, thank you for the exercises.\n") * 12  # fmt: skip
_VERSIONS = (
    "select coalesce(sum(hashtext(xmin::text || ctid::text)::bigint), 0), count(*) from {table} where user_id = %s"
)
_numbers = count(1)


@dataclass
class Stand:
    """The stand-in for Google in a process of its own, as far away as Google's CPU is."""

    url: str
    client: httpx.Client = field(repr=False)

    def account(self, mails: list[bytes], events: list[dict[str, Any]]) -> str:
        """A new account that holds these; its address."""
        address = f"maya.{next(_numbers)}@stillwater.example"
        held = [
            {"raw": base64.urlsafe_b64encode(raw).decode(), "labels": ["INBOX", "CATEGORY_PERSONAL"]} for raw in mails
        ]
        calendar = {"id": "primary", "summary": "Maya", "time_zone": "Europe/Helsinki", "events": events}
        body = {"email": address, "time_zone": "Europe/Helsinki", "mail": held, "calendars": [calendar]}
        self.client.post("/sandbox/accounts", json=body).raise_for_status()
        return address

    def connect(self, user: UUID, address: str) -> None:
        with transaction(user) as db:
            for provider, scopes in _SCOPES.items():
                asked = {"email": address, "scopes": list(scopes), "client_id": "omnicrm"}
                given = self.client.post("/sandbox/grants", json=asked).raise_for_status().json()
                tokens = Tokens(
                    access_token=given["access_token"],
                    refresh_token=given["refresh_token"],
                    expires_at=clock.now() + timedelta(seconds=given["expires_in"]),
                    scopes=tuple(given["scope"].split()),
                )
                connections.link(db, provider, address, tokens, external_account_id=given["sub"], sample=False)


def sync(ground: Ground) -> list[Figure]:
    """Quota is the stand-in's (none), so this is what our side costs: fetching, reading, storing."""
    number, pairs = (QUICK_MAILS, QUICK_PAIRS) if ground.quick else (MAILS, PAIRS)
    mails, events = letters(number), appointments(number // 2)
    with _stand_in() as stand, ground.bare() as bare:
        bare.execute("create schema if not exists bench")
        bare.execute(
            "create table if not exists bench.items"
            " (id uuid primary key, kind text, subject text, sender text, sent_at text, body text)"
        )
        shared = stand.account(mails, events)

        def floor() -> None:
            rows = [_read(raw) for raw in mails] + [
                ("event", one["summary"], "", "", json.dumps(one)) for one in events
            ]
            copy = "copy bench.items (id, kind, subject, sender, sent_at, body) from stdin"
            with bare.cursor() as cursor, cursor.copy(copy) as into:
                for row in rows:
                    into.write_row((ids.new(), *row))

        def product() -> None:
            user = _practitioner()
            stand.connect(user, shared)
            _sync(user)

        first = compare(
            f"10 first sync, {number:,} mails and {number // 2:,} events", floor, product, target=8, pairs=pairs
        )
        ten = stand.account(letters(number * 10), appointments(number * 5))
        took, user = _timed(stand, ten)
        second = _again(bare, user, took)
        first.grow(took / 10 / (first.product_ms or 1), limit=1.2, words="a mail, ten times the mails (one run)")
        crowded = Figure("10 sync into a full book", growth_target=1.3)
        books = [_into(stand, user, mails[: number // 4]) for user in ground.practices.values()]
        crowded.grow(worst_step(books, rounds=3), limit=1.3, words="ten times the clients")
        first.memory_mb, first.memory_target_mb = _memory(stand, ten), 100
        return [first, second, crowded]


def once(url: str, address: str) -> float:
    """Sync a new practitioner with that account; MB that it adds to this process at its peak. For `_memory`."""
    user = _practitioner()
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        Stand(url, client).connect(user, address)
    runner.load()
    before = psutil.Process().memory_info().rss / 2**20
    _sync(user)
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before)


def letters(number: int) -> list[bytes]:
    """Mails as people write them: about 2 kB of text with an HTML alternative, over the last four weeks."""
    return [_letter(place, number) for place in range(number)]


def appointments(number: int) -> list[dict[str, Any]]:
    """Events from today on, an hour each."""
    begin = clock.now().replace(minute=0, second=0, microsecond=0)
    return [
        {
            "summary": f"Appointment {place}",
            "start": {"dateTime": (begin + timedelta(hours=place)).isoformat(), "timeZone": "Europe/Helsinki"},
            "end": {
                "dateTime": (begin + timedelta(hours=place, minutes=50)).isoformat(),
                "timeZone": "Europe/Helsinki",
            },
        }
        for place in range(number)
    ]


def _letter(place: int, of: int) -> bytes:
    sent = clock.now() - timedelta(days=28) * ((place + 1) / (of + 1))
    letter = EmailMessage()
    letter["From"] = f"Client {place} <client.{place}@mail.example>"
    letter["To"] = "Maya Lindqvist <maya@stillwater.example>"
    letter["Subject"] = f"Another day? ({place})"
    letter["Date"] = format_datetime(sent)
    letter["Message-ID"] = f"<{place}.{of}@mail.example>"
    letter.set_content(f"Dear Maya,\n\n{_WORDS}\nClient {place}\n")
    letter.add_alternative(f"<html><body><p>Dear Maya,</p><p>{_WORDS}</p><p>Client {place}</p></body></html>", "html")
    return letter.as_bytes()


def _read(raw: bytes) -> tuple[str, str, str, str, str]:
    """What the standard library's own parser makes of a mail."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    text = body.get_content() if body is not None else ""
    return "mail", str(message["Subject"]), str(message["From"]), str(message["Date"]), text


def _sync(user: UUID) -> None:
    runner.run_now("sync_mail", user)
    runner.run_now("sync_calendar", user)


def _again(bare: Any, user: UUID, first: float) -> Figure:
    """After the large first sync (of `first` milliseconds) nothing has changed: nothing may be written."""
    before = _versions(bare, user)
    began = time.perf_counter()
    _sync(user)
    took = (time.perf_counter() - began) * 1000
    written = sum(was != now for was, now in zip(before, _versions(bare, user), strict=True))
    figure = Figure("10 second sync, nothing new, by the first", floor_ms=first, product_ms=took, target=0.02, pairs=1)
    figure.ratio = float("inf") if written else took / first
    figure.extra["tables written"] = written
    return figure


def _versions(bare: Any, user: UUID) -> list[Any]:
    tables = ("source_items", "contacts", "sessions", "pending_approvals")
    return [bare.execute(_VERSIONS.format(table=table), (user,)).fetchone() for table in tables]


def _into(stand: Stand, user: UUID, mails: list[bytes]) -> Any:
    """A sync of the same few mails into a practice that exists, from an account of their own each time."""

    def run() -> None:
        with transaction(user) as db:
            for connection in connections.of(db):
                connections.disconnect(db, connection.id)
        stand.connect(user, stand.account(mails, []))
        runner.run_now("sync_mail", user)

    return run


def _timed(stand: Stand, address: str) -> tuple[float, UUID]:
    user = _practitioner()
    stand.connect(user, address)
    began = time.perf_counter()
    _sync(user)
    return (time.perf_counter() - began) * 1000, user


def _practitioner() -> UUID:
    user = User(email=f"sync-{ids.new()}@stillwater.example", name="Maya Lindqvist", time_zone="Europe/Helsinki")
    with transaction(user.id, actor="system") as db:
        db.add(user)
    return user.id


@contextmanager
def _stand_in() -> Iterator[Stand]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "omnicrm", "sandbox", "--port", str(port)],
        cwd=config.project_root(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    before = config.settings()
    try:
        with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
            _wait(client, process)
            _point_at(url)
            yield Stand(url, client)
    finally:
        _point_at(before.google_api_base)
        process.terminate()
        process.wait(10)


def _point_at(url: str | None) -> None:
    os.environ.pop("GOOGLE_API_BASE", None)
    if url:
        os.environ["GOOGLE_API_BASE"] = url
    config.settings.cache_clear()


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/sandbox/health").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("The stand-in for Google does not start.")


def _memory(stand: Stand, address: str) -> float:
    """What a sync of ten times the mails adds to a process of its own."""
    code = f"from bench import syncing; print(syncing.once({stand.url!r}, {address!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=config.project_root(), capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])
