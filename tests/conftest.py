"""One embedded server a run, one database a worker, cut from a template that is made once for each state of the
migrations. A test gets practitioners of its own, so nothing needs cleaning up."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from _pytest.nodeid import coerce_node_id
from argon2 import PasswordHasher
from psycopg import sql

from omnicrm.core import clock as core_clock
from omnicrm.core import config, migrations, postgres
from omnicrm.core import db as core_db
from omnicrm.core.db import Db, transaction
from omnicrm.domain import passwords
from omnicrm.integrations import google as integration
from tests import factories
from tests.serving import Served, serving
from tests.stand_in import StandIn, stand_in

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = ("DATABASE_URL", "DATABASE_JOBS_URL", "DATABASE_OWNER_URL", "OMNICRM_SECRET_KEYS", "OMNICRM_PUBLIC_URL")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups of xdist 3.8 under pytest 9.2: it writes them into a name that pytest does not read any more."""
    for item in items:
        grouped = getattr(item, "_nodeid", item.nodeid)
        if grouped != item.nodeid:
            item._id = coerce_node_id(grouped)


def pytest_configure(config: pytest.Config) -> None:
    """Tests never touch the practice's own data folder, whatever the environment says."""
    _isolate(os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())), os.environ.get("PYTEST_XDIST_WORKER", "gw"))


def _isolate(run: str, worker: str) -> None:
    for name in OUTSIDE:
        os.environ.pop(name, None)
    config.Settings.model_config["env_file"] = None
    config.settings.cache_clear()
    os.environ.pop("OMNICRM_DATA_DIR", None)
    own = config.settings().data_dir
    os.environ["OMNICRM_DATA_DIR"] = str(own.with_name(f"{own.name}-tests"))
    os.environ.setdefault("OMNICRM_BUILD_DIR", str(own))  # the pages are the same for all
    os.environ["OMNICRM_DATABASE"] = f"t_{run[:12]}_{worker}"
    config.settings.cache_clear()
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)  # quick


@pytest.fixture(autouse=True)
def _starts_near_tomorrow() -> None:
    factories.begin_anew()


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The name of this worker's own database, migrated; `core.db` talks to it."""
    name = config.settings().omnicrm_database
    with _running_server():
        with _locked("template.lock"):
            postgres.create_database(name, template=template())
        yield name
        core_db.dispose()
        postgres.drop_database(name)


@pytest.fixture(scope="session")
def served(database: str) -> Iterator[Served]:
    """The whole application in processes of its own, without jobs, on this worker's database."""
    with serving() as server:
        yield server


@pytest.fixture
def maya(database: str) -> UUID:
    """A fresh practitioner, committed."""
    return factories.make_user(name="Maya Lindqvist", time_zone="Europe/Stockholm", currency="SEK")


@pytest.fixture
def natalie(database: str) -> UUID:
    """Another one."""
    return factories.make_user(name="Natalie Okafor", time_zone="America/New_York", currency="USD")


@pytest.fixture
def db(maya: UUID) -> Iterator[Db]:
    """Maya's open transaction, rolled back at the end."""
    with transaction(maya) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A Google of this test's own; connections go there, and waiting before another try takes no time."""
    with stand_in() as started:
        monkeypatch.setenv("GOOGLE_API_BASE", started.url)
        monkeypatch.setattr(integration, "pause", lambda seconds: None)
        config.settings.cache_clear()
        yield started
    monkeypatch.delenv("GOOGLE_API_BASE")
    config.settings.cache_clear()


class Clock:
    """The application's clock, in the test's hands."""

    def __init__(self, moment: datetime) -> None:
        self.move_to(moment)

    def move_to(self, moment: datetime) -> None:
        core_clock._fixed = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self.move_to(core_clock.now() + by)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Stands at Tuesday 10 March 2026, 08:00 UTC, until the test moves it."""
    before = core_clock._fixed
    yield Clock(datetime(2026, 3, 10, 8, tzinfo=UTC))
    core_clock._fixed = before


@contextmanager
def _running_server() -> Iterator[None]:
    """Shared by all who test here at the same time; the last one out stops it."""
    with _lock_file("users.lock") as users:
        if _alone(users):
            _sweep()
        fcntl.flock(users, fcntl.LOCK_SH)
        postgres.ensure()
        yield
        if _alone(users):
            postgres.stop()


def _alone(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep() -> None:
    """Drops what a run that was killed left behind."""
    with postgres.superuser() as admin:
        for (name,) in admin.execute("select datname from pg_database where datname like 't\\_%'").fetchall():
            postgres.drop_database(str(name))


def template() -> str:
    """A migrated database that others are cut from, made anew when the migrations change."""
    name = f"tpl_{_state_of_migrations()}"
    with postgres.superuser() as admin:
        made = {row[0] for row in admin.execute("select datname from pg_database where datname like 'tpl%'")}
        if name in made:
            return name
        for old in made:
            admin.execute(sql.SQL("alter database {} is_template false").format(sql.Identifier(str(old))))
            postgres.drop_database(str(old))
        postgres.create_database("tpl_new")
        migrations.upgrade(postgres.url("owner", "tpl_new"))
        admin.execute(sql.SQL("alter database tpl_new rename to {}").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("alter database {} is_template true allow_connections false").format(sql.Identifier(name))
        )
    return name


def _state_of_migrations() -> str:
    files = [ROOT / "omnicrm" / "core" / "ddl.py", *sorted((ROOT / "alembic").rglob("*.py"))]
    files += sorted((ROOT / "alembic").rglob("*.sql"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@contextmanager
def _locked(name: str) -> Iterator[None]:
    with _lock_file(name) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _lock_file(name: str) -> Iterator[int]:
    folder = config.settings().data_dir
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        yield file.fileno()
