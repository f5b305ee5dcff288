"""sync, propose and the stand-in from the shell: figures, reasons, exit codes."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from omnicrm.__main__ import run
from omnicrm.core.db import transaction
from omnicrm.domain import practice
from tests.stand_in import StandIn


def email_of(user_id: UUID) -> str:
    with transaction(user_id) as db:
        return practice.of(db).email


def test_sync_and_propose_report_what_they_did(maya: UUID, google: StandIn, capsys: pytest.CaptureFixture[str]):
    google.mail("Could I book a session for 5 March at 10:30? It would be my first.", subject="First visit")
    google.connect(maya)
    assert run(["sync", "--user", email_of(maya), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["sync_mail"] == {"seen": 1, "changed": 1, "skipped": 0}
    assert run(["propose", "--user", email_of(maya)]) == 0
    assert "1 looked at, 3 proposals, 0 skipped" in capsys.readouterr().out
    assert run(["sync", "--user", email_of(maya), "--full"]) == 0
    assert "Mail: 1 seen, 0 changed" in capsys.readouterr().out


def test_without_an_account_or_a_connection_it_says_what_to_do(
    maya: UUID, google: StandIn, capsys: pytest.CaptureFixture[str]
):
    assert run(["sync", "--user", email_of(maya)]) == 1
    assert "No Google account is connected" in capsys.readouterr().err
    assert run(["sync", "--user", "nobody@nowhere.example"]) == 1
    assert run(["propose"]) == 2


def test_withdrawn_access_is_one_clear_line(maya: UUID, google: StandIn, capsys: pytest.CaptureFixture[str]):
    google.connect(maya)
    google.store.grants.clear()
    assert run(["sync", "--user", email_of(maya)]) == 1
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1
    assert "Connect the account again" in error[0]


def test_the_stand_in_does_not_take_a_port_that_is_taken(google: StandIn, capsys: pytest.CaptureFixture[str]):
    port = google.url.rpartition(":")[2]
    assert run(["sandbox", "--port", port]) == 1
    assert "is in use" in capsys.readouterr().err
