"""omnicrm doctor: every line, the remedy of what is wrong, and no secret."""

from __future__ import annotations

import json

from tests.contract.test_command_line import omnicrm

NAMES = ["database", "migrations", "keys", "google", "storage"]


def test_a_sound_installation_is_exit_0(database: str) -> None:
    done = omnicrm("doctor", "--json")
    assert done.returncode == 0, done
    told = json.loads(done.stdout)
    assert told["ok"] is True
    assert [check["name"] for check in told["checks"]] == NAMES


def test_a_short_key_is_exit_1_with_its_remedy_and_is_not_printed(database: str) -> None:
    done = omnicrm("doctor", OMNICRM_SECRET_KEYS="hunter2")
    assert done.returncode == 1
    (keys,) = [line for line in done.stdout.splitlines() if line.startswith("keys")]
    assert "WRONG" in keys
    assert "Set OMNICRM_SECRET_KEYS" in keys
    assert "hunter2" not in done.stdout + done.stderr


def test_an_absent_database_is_told_and_its_password_is_not() -> None:
    away = "postgresql://omnicrm_app:hunter2@127.0.0.1:1/omnicrm"
    done = omnicrm("doctor", DATABASE_URL=away, DATABASE_JOBS_URL=away, OMNICRM_SECRET_KEYS="k" * 40)
    assert done.returncode == 1
    assert [line.split()[:2] for line in done.stdout.splitlines()[:3]] == [
        ["database", "WRONG"],
        ["migrations", "WRONG"],
        ["keys", "ok"],
    ]
    assert "hunter2" not in done.stdout + done.stderr
    assert "k" * 40 not in done.stdout + done.stderr


def test_half_a_google_client_is_wrong(database: str) -> None:
    done = omnicrm("doctor", GOOGLE_CLIENT_ID="someone", GOOGLE_CLIENT_SECRET="", GOOGLE_API_BASE="")
    assert done.returncode == 1
    assert "GOOGLE_CLIENT_SECRET" in done.stdout
