"""Connections of the pool that died while nobody used them (a restarted server) are replaced unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from omnicrm.core import db as database
from omnicrm.core import postgres
from omnicrm.core.db import engine, transaction


@pytest.fixture
def dead_pool(database: str, maya: UUID) -> UUID:
    """Three free connections of the application's, all of them ended by the server."""

    def held(_: int) -> int:
        with transaction(maya) as db:
            return int(db.scalar(text("select pg_backend_pid() from pg_sleep(0.2)")))

    with ThreadPoolExecutor(3) as threads:
        free = list(threads.map(held, range(3)))
    with postgres.superuser() as admin:
        assert admin.execute("select every(pg_terminate_backend(p, 5000)) from unnest(%s::int[]) p", (free,)).fetchone()
    return maya


def test_a_transaction_finds_a_living_one_at_once(dead_pool: UUID):
    for _ in range(4):
        with transaction(dead_pool) as db:
            assert db.scalar(text("select count(*) from users")) == 1


def test_one_that_was_free_for_long_is_asked_first(dead_pool: UUID, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "QUIET", 0.0)
    with engine().connect() as connection:
        assert connection.scalar(text("select 1")) == 1
