"""Gmail into the inbox: the window, then changes; limits, interruptions, bad items, and nothing written twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from omnicrm.core import clock as the_clock
from omnicrm.core.db import transaction
from omnicrm.core.errors import NeedsReconnect, Unavailable
from omnicrm.domain import activity, connections, settings
from omnicrm.integrations import google_oauth
from omnicrm.jobs import runner, sync_mail
from omnicrm.models.activity import JobRun
from omnicrm.models.inbox import SourceItem
from tests.factories import make_contact
from tests.stand_in import StandIn


def synced(user_id: UUID, **options: bool) -> None:
    runner.run_now("sync_mail", user_id, **options)


def due(user_id: UUID) -> list[UUID | None]:
    """Other tests' practitioners live in this database too."""
    return [target for owner, target in runner.due("sync_mail") if owner == user_id]


def items(user_id: UUID) -> list[SourceItem]:
    with transaction(user_id) as db:
        return list(db.scalars(select(SourceItem).order_by(col(SourceItem.occurred_at).desc())))


def versions(user_id: UUID) -> list[tuple[str, str]]:
    """Which row versions there are: another one for each row written anew, changed or not."""
    with transaction(user_id) as db:
        rows = db.execute(text("select id::text, xmin::text from source_items order by id"))
        rows = [*rows, *db.execute(text("select id::text, xmin::text from contacts order by id"))]
        return [(row[0], row[1]) for row in rows] + [
            (
                "history",
                str(
                    db.scalar(
                        text("select count(*) from audit_log where entity not in ('job_runs', 'oauth_connections')")
                    )
                ),
            )
        ]


def test_a_mailbox_is_read_newest_first_within_the_window(maya: UUID, google: StandIn):
    now = the_clock.now()
    for days in (40, 20, 2, 10):
        google.mail(f"{days} days ago", at=now - timedelta(days=days))
    google.mail("Sale!", labels=["INBOX", "CATEGORY_PROMOTIONS"])
    google.mail("Spam", labels=["SPAM"])
    google.connect(maya, "google_gmail")
    synced(maya)
    assert [item.body_text.strip() for item in items(maya)] == ["2 days ago", "10 days ago", "20 days ago"]


def test_new_mail_comes_by_history_and_nothing_is_fetched_twice(maya: UUID, google: StandIn):
    google.mail("first")
    google.connect(maya, "google_gmail")
    synced(maya)
    before = len(google.calls("GET /gmail/v1/users/me/messages/"))
    second = google.mail("second")
    synced(maya)
    fetched = google.calls("GET /gmail/v1/users/me/messages/")[before:]
    assert [call["path"].rpartition("/")[2] for call in fetched] == [second.id]
    assert len(items(maya)) == 2


def test_ten_syncs_of_unchanged_mail_write_nothing(maya: UUID, google: StandIn):
    google.mail("one")
    google.connect(maya, "google_gmail")
    synced(maya)
    before = versions(maya)
    for _ in range(10):
        synced(maya)
    synced(maya, full=True)
    assert versions(maya) == before


def test_what_the_practitioner_sent_goes_out(maya: UUID, google: StandIn):
    google.mail("Could you do Friday?", sender="Maya <maya@stillwater.example>", labels=["SENT"])
    google.mail("From an alias", sender="Maya <studio@other.example>", labels=["SENT"])
    google.connect(maya, "google_gmail")
    synced(maya)
    assert [item.direction for item in items(maya)] == ["out", "out"]


def test_of_a_client_with_the_assistant_off_and_of_an_excluded_sender_no_word_is_kept(maya: UUID, google: StandIn):
    with transaction(maya) as db:
        make_contact(db, email="private@park.example", ai_allowed=False)
        settings.set(db, "excluded_senders", ["@lawyer.example"])
    google.mail("secret words", sender="Private <private@park.example>")
    google.mail("legal words", sender="Them <office@lawyer.example>")
    google.connect(maya, "google_gmail")
    synced(maya)
    stored = items(maya)
    assert [item.body_text for item in stored] == [None, None]
    assert all(item.outcome == "skipped" and item.outcome_reason for item in stored)


@pytest.mark.outside(25)
def test_a_mail_that_cannot_be_read_is_left_out_alone(maya: UUID, google: StandIn):
    google.mail("good")
    google.mailbox.deliver(b"\x00\x01 no mail at all", ["INBOX"])
    google.connect(maya, "google_gmail")
    synced(maya)
    stored = {item.outcome: item.body_text for item in items(maya)}
    assert stored == {None: "good\n", "failed": ""} or stored == {None: "good", "failed": ""}
    with transaction(maya) as db:
        assert [row.reason != "" for row in activity.skipped(db)] == [True]


def test_a_mail_moved_to_the_bin_or_deleted_is_forgotten(maya: UUID, google: StandIn):
    binned, deleted = google.mail("binned"), google.mail("deleted")
    google.connect(maya, "google_gmail")
    synced(maya)
    google.mailbox.relabel(binned.id, add=["TRASH"], remove=["INBOX"])
    google.mailbox.remove(deleted.id)
    synced(maya)
    assert items(maya) == []


def test_forgotten_history_means_the_window_again(maya: UUID, google: StandIn):
    google.mail("old")
    google.connect(maya, "google_gmail")
    synced(maya)
    google.mail("new")
    google.mailbox.forget_history()
    synced(maya)
    assert sorted(item.body_text.strip() for item in items(maya)) == ["new", "old"]


@pytest.mark.outside(16)
def test_a_limit_in_the_middle_waits_and_goes_on_without_a_gap(maya: UUID, google: StandIn, clock):
    """429 with Retry-After, then 403, at 40 % of a full sync."""
    for number in range(100):
        google.mail(f"mail {number}", at=the_clock.now() - timedelta(minutes=number))
    google.connect(maya, "google_gmail")
    google.fault("429", "GET /gmail/v1/users/me/messages/", skip=40, times=60, retry_after=120)
    with pytest.raises(Unavailable) as limited:
        synced(maya)
    assert 115 < (limited.value.retry_at - the_clock.now()).total_seconds() <= 120
    assert len(items(maya)) == 40
    assert due(maya) == []
    google.store.faults.clear()
    google.fault("403", "GET /gmail/v1/users/me/messages/", times=500, retry_after=60)
    clock.advance(timedelta(seconds=121))
    assert [runner.run_one("sync_mail", maya, one) for one in due(maya)] == [True]
    assert len(items(maya)) == 40
    google.store.faults.clear()
    clock.advance(timedelta(seconds=121))
    assert [runner.run_one("sync_mail", maya, one) for one in due(maya)] == [True]
    assert sorted(item.body_text.strip() for item in items(maya)) == sorted(f"mail {n}" for n in range(100))
    assert google.store.peak_in_flight <= 4
    with transaction(maya) as db:
        runs = db.scalars(select(JobRun).order_by(col(JobRun.started_at))).all()
    assert [run.status for run in runs] == ["failed", "failed", "succeeded"]
    assert runs[0].next_retry_at is not None


def test_single_bad_parts_of_a_batch_fail_singly(maya: UUID, google: StandIn):
    mails = [google.mail(f"mail {number}") for number in range(5)]
    google.connect(maya, "google_gmail")
    google.fault("500", f"messages/{mails[2].id}")
    google.fault("404", f"messages/{mails[3].id}")
    synced(maya)
    assert sorted(item.external_id for item in items(maya)) == sorted(mail.id for mail in mails if mail is not mails[3])


@pytest.mark.parametrize("kind", ["truncated", "html", "503", "unknown_fields", "reorder", "empty_page"])
@pytest.mark.outside(25)
def test_a_bad_answer_costs_no_mail(maya: UUID, google: StandIn, kind: str):
    google.mail("one")
    google.mail("two")
    google.connect(maya, "google_gmail")
    google.fault(kind, "messages")
    synced(maya)
    google.mail("three")
    google.mailbox.forget_history()  # what an empty page hid is found by reading the window again
    synced(maya)
    assert len(items(maya)) == 3


@pytest.mark.outside(21)
def test_withdrawn_access_stops_the_connection_and_is_told_once(maya: UUID, google: StandIn):
    google.mail("before")
    google.connect(maya, "google_gmail")
    synced(maya)
    google.store.grants.clear()
    google.mail("meanwhile")
    with pytest.raises(NeedsReconnect):
        synced(maya)
    with transaction(maya) as db:
        assert "Connect again" in connections.banner(db)
        (connection,) = connections.of(db, "google_gmail", status="needs_reconnect")
        assert connections.needs_reconnect(db, connection.id, "again") is False
    assert due(maya) == []
    google.connect(maya, "google_gmail")
    synced(maya)
    assert sorted(item.body_text.strip() for item in items(maya)) == ["before", "meanwhile"]
    with transaction(maya) as db:
        assert connections.banner(db) == ""


def test_a_rotated_refresh_token_is_kept(maya: UUID, google: StandIn):
    google.store.settings.rotate_refresh_tokens = True
    google.mail("one")
    google.connect(maya, "google_gmail")
    for _ in range(3):
        google.store.access_tokens.clear()
        synced(maya)
    assert len(items(maya)) == 1


def test_an_account_that_is_disconnected_while_it_is_read_gets_nothing_more(
    maya: UUID, google: StandIn, monkeypatch: pytest.MonkeyPatch
):
    google.mail("one")
    (connection_id,) = google.connect(maya, "google_gmail")
    fetch = sync_mail.Gmail.fetch

    def disconnecting(self, ids):
        fetched = fetch(self, ids)
        with transaction(maya) as db:
            connections.disconnect(db, connection_id)
        return fetched

    monkeypatch.setattr(sync_mail.Gmail, "fetch", disconnecting)
    assert runner.run_one("sync_mail", maya, connection_id) is True
    assert items(maya) == []
    assert due(maya) == []


def test_scopes_that_were_not_granted_are_said(maya: UUID, google: StandIn):
    with transaction(maya) as db:
        connections.link(db, "google_gmail", "x@stillwater.example", google.grant(google_oauth.SIGN_IN), sample=False)
    with pytest.raises(NeedsReconnect, match="does not let us read"):
        synced(maya)
