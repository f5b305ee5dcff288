"""The shell's door: exit codes, one line for what is refused, nothing changed by wrong usage."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import psycopg
import pytest
import typer
from alembic.script import ScriptDirectory

from omnicrm import cli
from omnicrm.core import migrations
from tests.serving import ROOT, free_port


def omnicrm(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "omnicrm", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says why."""
    assert done.returncode == 1, done
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert done.stdout == ""
    return lines[0]


def test_help_names_the_commands() -> None:
    done = omnicrm("--help")
    assert done.returncode == 0
    for command in ("serve", "worker", "migrate", "database-url"):
        assert command in done.stdout


def test_every_command_is_in_the_module_that_its_first_word_loads() -> None:
    for name, command in typer.main.get_command(cli.build()).commands.items():  # type: ignore[attr-defined]  # a group
        alone = typer.main.get_command(cli.build(name)).commands  # type: ignore[attr-defined]  # as above
        assert len(alone) < 6
        assert alone[name].get_short_help_str() == command.get_short_help_str()


def test_a_command_loads_neither_alembic_nor_the_google_client_nor_the_pages() -> None:
    code = "import sys; from omnicrm import cli; cli.build(sys.argv[1]); print(*sys.modules)"
    for name in ("approvals", "serve", "user", "import"):
        done = subprocess.run([sys.executable, "-c", code, name], cwd=ROOT, capture_output=True, text=True, check=True)
        assert {"alembic", "googleapiclient", "reflex"}.isdisjoint(done.stdout.split())


def test_the_newest_migration_is_the_one_that_alembic_calls_head() -> None:
    assert migrations.head() == ScriptDirectory.from_config(migrations._config(None)).get_current_head()


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("serve", "--port", "x"), ("serve", "--port", "0"), ("database-url", "--role", "root")]
)
def test_wrong_usage_is_exit_2_and_one_line(arguments: tuple[str, ...]) -> None:
    done = omnicrm(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("role", ["app", "jobs", "owner"])
def test_the_database_url_opens_the_database_for_that_role(database: str, role: str) -> None:
    done = omnicrm("database-url", "--role", role)
    with psycopg.connect(done.stdout.strip()) as connection:
        assert connection.execute("select current_user, current_database()").fetchone() == (f"omnicrm_{role}", database)


def test_a_current_database_needs_no_migration(database: str) -> None:
    assert omnicrm("migrate", "--check").returncode == 0


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"Port {port} is in use" in refused(omnicrm("serve", "--port", port))


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"OMNICRM_PUBLIC_URL": "https://practice.example"}, "OMNICRM_SECRET_KEYS is missing"),
        ({"OMNICRM_SECRET_KEYS": "short"}, "at least 32 characters"),
        ({"TRUSTED_PROXY_HOPS": "many"}, "TRUSTED_PROXY_HOPS"),
        ({"DATABASE_URL": "mysql://a@b/c", "OMNICRM_SECRET_KEYS": "k" * 40}, "DATABASE_JOBS_URL is missing"),
    ],
)
def test_a_server_that_lacks_something_does_not_start(environment: dict[str, str], sentence: str) -> None:
    assert sentence in refused(omnicrm("serve", "--port", str(free_port()), **environment))


def test_several_processes_need_redis() -> None:
    assert "REDIS_URL" in refused(omnicrm("serve", "--workers", "2", "--port", str(free_port())))
