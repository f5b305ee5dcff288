"""PostgreSQL is away for five minutes (OMNICRM_SOAK_OUTAGE: so many seconds).

The server runs as an installation with a PostgreSQL of its own does, so nothing brings the database back by itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from omnicrm.core import bundle, config, ids
from tests.serving import ROOT, Served, serving

OUTAGE = float(os.environ.get("OMNICRM_SOAK_OUTAGE", "300"))  # seconds
USABLE = 30  # seconds after the database is back
PASSWORD = "lavender-and-cedar-7"

pytestmark = pytest.mark.soak


@pytest.fixture
def elsewhere() -> Iterator[dict[str, str]]:
    """The environment of a PostgreSQL of this test's own, migrated and running."""
    own = config.settings().data_dir
    folder = own.with_name(f"{own.name}-away")
    environment = os.environ | {"OMNICRM_DATA_DIR": str(folder), "OMNICRM_DATABASE": "omnicrm"}
    _omnicrm(environment, "migrate")
    try:
        yield environment
    finally:
        _stop(environment)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.outside(20)
def test_postgres_away_for_minutes_then_usable_without_a_restart(elsewhere: dict[str, str]) -> None:
    bundle.ensure()
    roles = {"DATABASE_URL": "app", "DATABASE_JOBS_URL": "jobs", "DATABASE_OWNER_URL": "owner"}
    urls = {name: _omnicrm(elsewhere, "database-url", "--role", role).strip() for name, role in roles.items()}
    email = f"maya-{ids.new()}@stillwater.example"
    _omnicrm(elsewhere, "user", "create", email, "--name", "Maya", "--time-zone", "Europe/Helsinki", "--password-stdin",
             given=PASSWORD)  # fmt: skip
    with serving(jobs=True, OMNICRM_DATABASE="omnicrm", OMNICRM_SECRET_KEYS="k" * 40, **urls) as server:
        assert _signs_in(server, email) == 303
        _stop(elsewhere)
        ends = time.monotonic() + OUTAGE
        while time.monotonic() < ends:
            assert server.get("/healthz").status_code == 200
            assert server.get("/readyz").status_code == 503
            answer = _signs_in(server, email)
            assert answer == 503, answer
            time.sleep(min(5.0, OUTAGE / 4))
        _omnicrm(elsewhere, "database-url")  # starts it
        began = time.monotonic()
        while server.get("/readyz").status_code != 200 or _signs_in(server, email) != 303:
            assert time.monotonic() - began < USABLE, server.log.read_text()[-2000:]
            time.sleep(0.5)
        assert server.process.poll() is None


def _signs_in(server: Served, email: str) -> int:
    origin = {"Origin": server.url}
    form = {"email": email, "password": PASSWORD}
    return httpx.post(f"{server.url}/auth/login", data=form, headers=origin, timeout=40).status_code


def _omnicrm(environment: dict[str, str], *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "omnicrm", *arguments],
        cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _stop(environment: dict[str, str]) -> None:
    code = "from omnicrm.core import postgres; postgres.stop()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
