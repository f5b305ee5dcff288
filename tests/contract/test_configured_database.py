"""An installation with a PostgreSQL of its own, set up as docs/operators.md says: migrated, served, signed in to.

The server is a second one from the same wheels; to the application it is a stranger's.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest

from omnicrm.core import bundle, ids, migrations, pgserver
from tests.contract.test_command_line import omnicrm, refused
from tests.serving import ROOT, free_port, serving

PASSWORD = "lavender-and-cedar-7"
ROLES = {"DATABASE_URL": "omnicrm_app", "DATABASE_JOBS_URL": "omnicrm_jobs", "DATABASE_OWNER_URL": "omnicrm_owner"}
Environment = dict[str, str]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[pgserver.Server]:
    """A running server with nothing in it but what the administrator made from the page for operators."""
    folder = Path(tempfile.mkdtemp(prefix="omnicrm-elsewhere-"))
    server = pgserver.at(folder)
    try:
        with server.locked():
            server.ensure()
        _administrate(server)
        yield server
    finally:
        with server.locked():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def configured(elsewhere: pgserver.Server) -> Iterator[Environment]:
    """The environment of the installation; its data folder holds no database."""
    folder = Path(tempfile.mkdtemp(prefix="omnicrm-configured-"))
    host = quote(str(elsewhere.socket_folder), safe="")
    try:
        yield {
            **{name: f"postgresql://{role}:secret@/omnicrm?host={host}" for name, role in ROLES.items()},
            "OMNICRM_SECRET_KEYS": "k" * 40,
            "OMNICRM_DATA_DIR": str(folder),
            "OMNICRM_DATABASE": "omnicrm",
        }
        assert not (folder / "postgres").exists(), "an embedded server was made beside the configured one"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def migrated(configured: Environment) -> Environment:
    assert "nothing" in refused(omnicrm("migrate", "--check", **configured))
    assert "omnicrm migrate" in refused(_serve(configured))
    done = omnicrm("migrate", **configured)
    assert done.returncode == 0, done.stderr
    return configured


def test_it_is_migrated_once_and_told(migrated: Environment) -> None:
    assert omnicrm("migrate", "--check", **migrated).returncode == 0
    assert f"current ({migrations.head()})" in omnicrm("migrate", **migrated).stderr


def test_it_serves_is_ready_and_lets_people_in(migrated: Environment) -> None:
    bundle.ensure()
    email = f"maya-{ids.new()}@stillwater.example"
    with serving(jobs=True, **migrated) as server:
        assert server.get("/readyz").text == "ready\n"
        origin = {"Origin": server.url}
        form = {"email": email, "password": PASSWORD, "name": "Maya", "time_zone": "Europe/Helsinki"}
        assert httpx.post(f"{server.url}/auth/register", data=form, headers=origin, timeout=60).status_code == 303
        login = httpx.post(f"{server.url}/auth/login", data=form, headers=origin, timeout=60)
        assert login.status_code == 303
        page = {"cookie": login.headers["set-cookie"].split(";")[0], "accept": "text/html"}
        assert server.get("/", **page).status_code == 200
    assert "Traceback" not in server.said
    assert PASSWORD not in server.said
    assert email in omnicrm("user", "list", **migrated).stdout


def test_its_addresses_are_printed_and_it_is_not_ours_to_stop(migrated: Environment) -> None:
    for option, name in (("app", "DATABASE_URL"), ("jobs", "DATABASE_JOBS_URL"), ("owner", "DATABASE_OWNER_URL")):
        printed = omnicrm("database-url", "--role", option, **migrated).stdout.strip()
        with psycopg.connect(printed) as connection:
            assert connection.execute("select current_user").fetchone() == (ROLES[name],)
    assert "not ours to stop" in refused(omnicrm("database-stop", **migrated))


@pytest.mark.parametrize(
    ("missing", "command", "says"),
    [
        ({"OMNICRM_SECRET_KEYS": ""}, "serve", "OMNICRM_SECRET_KEYS is missing"),
        ({"OMNICRM_SECRET_KEYS": "short"}, "serve", "at least 32 characters"),
        ({"OMNICRM_SECRET_KEYS": ""}, "worker", "OMNICRM_SECRET_KEYS is missing"),
        ({"DATABASE_JOBS_URL": ""}, "serve", "DATABASE_JOBS_URL is missing"),
        ({"DATABASE_JOBS_URL": ""}, "worker", "DATABASE_JOBS_URL is missing"),
        ({"DATABASE_OWNER_URL": ""}, "migrate", "DATABASE_OWNER_URL is missing"),
        ({"DATABASE_URL": "mysql://x/y"}, "serve", "not a PostgreSQL address"),
        ({"DATABASE_URL": "nonsense"}, "serve", "not a database address"),
        ({"TRUSTED_PROXY_HOPS": "many"}, "serve", "TRUSTED_PROXY_HOPS"),
    ],
)
def test_what_is_missing_stops_the_start_in_one_line(
    migrated: Environment, missing: Environment, command: str, says: str
) -> None:
    done = _serve({**migrated, **missing}) if command == "serve" else omnicrm(command, **{**migrated, **missing})
    said = refused(done)
    assert says in said
    assert "secret@" not in said


def test_an_https_address_alone_is_production_too(migrated: Environment, tmp_path: Path) -> None:
    embedded = {name: "" for name in ROLES} | {"OMNICRM_DATA_DIR": str(tmp_path), "OMNICRM_DATABASE": "omnicrm"}
    said = refused(_serve(embedded | {"OMNICRM_SECRET_KEYS": "", "OMNICRM_PUBLIC_URL": "https://practice.example"}))
    assert "OMNICRM_SECRET_KEYS is missing" in said


@pytest.mark.outside(3)
@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_JOBS_URL"])
def test_a_role_that_row_level_security_does_not_bind_serves_nobody(
    migrated: Environment, elsewhere: pgserver.Server, name: str
) -> None:
    powerful = f"powerful_{name.lower()}"
    with elsewhere.connect() as admin:
        admin.execute(f"create role {powerful} login bypassrls")
        admin.execute(f"grant connect on database omnicrm to {powerful}")
    changed = migrated[name].replace(ROLES[name], powerful)
    said = refused(_serve({**migrated, name: changed}))
    assert name in said
    assert "BYPASSRLS" in said


def _administrate(server: pgserver.Server) -> None:
    """What stands in the page for operators, word for word."""
    page = (ROOT / "docs" / "operators.md").read_text()
    found = re.search(r"```sql\n(.*?)```", page, re.S)
    assert found
    before, _, inside = found.group(1).partition("\\c omnicrm\n")
    for database, statements in (("postgres", before), ("omnicrm", inside)):
        with server.connect(database) as admin:
            for statement in filter(None, (one.strip() for one in statements.split(";"))):
                admin.execute(statement.replace("…", "secret"))  # type: ignore[call-overload]  # from our own page


def _serve(environment: Environment) -> subprocess.CompletedProcess[str]:
    return omnicrm("serve", "--port", str(free_port()), **environment)
