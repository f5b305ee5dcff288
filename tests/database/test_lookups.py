"""What is answered before a practitioner is known: by hash or exact key, ids alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.models.accounts import UserIdentity
from omnicrm.models.connections import ConnectionStatus, Provider
from tests.factories import (
    make_approval,
    make_connection,
    make_login_session,
    make_outbox_message,
    make_share_link,
    make_source_item,
    make_user,
)

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
EARLIER = NOW - timedelta(minutes=1)


def test_a_login_is_found_by_its_address_whatever_the_case(database: str) -> None:
    user_id = make_user(email=f"Maya-{ids.new()}@Stillwater.example", password_hash="hash")
    with transaction(user_id) as db:
        email = db.execute(text("select email from users")).scalar_one()
    assert _ask("select * from find_login(:value)", value=f" {email.upper()}") == [(user_id, "hash")]
    assert _ask("select * from find_login(:value)", value="nobody@stillwater.example") == []
    assert _ask("select * from find_login(:value)", value="%") == []


def test_a_login_session_is_found_by_its_hash_until_it_is_revoked(maya: UUID) -> None:
    with transaction(maya) as db:
        login = make_login_session(db)
    found = _ask("select id, user_id from find_login_session(:value)", value=login.token_hash)
    assert found == [(login.id, maya)]
    with transaction(maya) as db:
        db.execute(text("update login_sessions set revoked_at = now()"))
    assert _ask("select * from find_login_session(:value)", value=login.token_hash) == []


def test_an_identity_is_found_by_its_subject(maya: UUID) -> None:
    subject = str(ids.new())
    with transaction(maya) as db:
        db.add(UserIdentity(provider="google", subject=subject))
    assert _ask("select find_identity('google', :value)", value=subject) == [(maya,)]
    assert _ask("select find_identity('other', :value)", value=subject) == [(None,)]


def test_a_share_link_is_found_by_its_hash(maya: UUID) -> None:
    with transaction(maya) as db:
        link = make_share_link(db)
    assert _ask("select * from find_share_link(:value)", value=link.token_hash) == [(link.id, maya)]
    assert _ask("select * from find_share_link(:value)", value="") == []


def test_a_webhook_is_recorded_once_and_its_owner_found(maya: UUID, natalie: UUID) -> None:
    account, event = f"acct_{ids.new()}", f"evt_{ids.new()}"
    with transaction(maya) as db:
        make_connection(db, provider=Provider.STRIPE, external_account_id=account)
    assert _ask("select webhook_owner(:value)", value=account) == [(maya,)]
    record = "select record_webhook(:id, 'stripe', :event, 'charge.succeeded', '{}', null)"
    event_id = ids.new()
    assert _ask(record, commit=True, id=event_id, event=event) == [(True,)]
    assert _ask(record, commit=True, id=ids.new(), event=event) == [(False,)]
    assert _ask("select adopt_webhook(:id, :owner)", commit=True, id=event_id, owner=maya) == [(True,)]
    assert _ask("select adopt_webhook(:id, :owner)", commit=True, id=event_id, owner=natalie) == [(False,)]
    with transaction(maya) as db:
        assert db.execute(text("select external_id from webhook_events")).scalars().all() == [event]
    with transaction(natalie) as db:
        assert db.execute(text("select count(*) from webhook_events")).scalar() == 0


def test_the_app_is_not_told_what_is_due(database: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        _ask("select * from due_work('sync_mail', now())")


def test_connections_are_due_when_they_are_active_and_their_time_has_come(maya: UUID) -> None:
    with transaction(maya) as db:
        at_once = make_connection(db, account_email="a@x.example")
        due = make_connection(db, account_email="b@x.example", next_sync_at=EARLIER)
        make_connection(db, account_email="c@x.example", next_sync_at=SOON)
        make_connection(db, account_email="d@x.example", status=ConnectionStatus.NEEDS_RECONNECT)
        calendar = make_connection(db, provider=Provider.GOOGLE_CALENDAR)
    assert _due("sync_mail", maya) == {at_once.id, due.id}
    assert _due("sync_calendar", maya) == {calendar.id}


def test_messages_are_due_until_they_are_claimed_or_when_the_claim_ran_out(maya: UUID) -> None:
    with transaction(maya) as db:
        waiting = make_outbox_message(db, not_before=EARLIER)
        abandoned = make_outbox_message(db, not_before=EARLIER, status="claimed", claimed_until=EARLIER)
        make_outbox_message(db, not_before=EARLIER, status="claimed", claimed_until=SOON)
        make_outbox_message(db, not_before=SOON)
        make_outbox_message(db, not_before=EARLIER, status="delivered")
    assert _due("outbox", maya) == {waiting.id, abandoned.id}


def test_items_and_approvals_are_due(maya: UUID, natalie: UUID) -> None:
    with transaction(maya) as db:
        make_source_item(db)
        make_source_item(db)
        woken = make_approval(db, status="snoozed", snoozed_until=EARLIER)
        make_approval(db, status="snoozed", snoozed_until=SOON)
        expired = make_approval(db, expires_at=EARLIER)
    with transaction(natalie) as db:
        make_source_item(db, processed_at=NOW)
    assert _due("propose", maya) == {None}
    assert _due("propose", natalie) == set()
    assert _due("snooze", maya) == {woken.id}
    assert _due("expire", maya) == {expired.id}
    assert _due("housekeeping", natalie) == {None}


def test_an_unknown_kind_of_work_is_an_error(database: str) -> None:
    with pytest.raises(DBAPIError, match="unknown kind of work"):
        _due("mischief", ids.new())


def test_attempts_are_counted_within_their_window(database: str) -> None:
    key = str(ids.new())
    count = "select count_attempt(:key, 60, :moment)"
    counted = [_ask(count, commit=True, key=key, moment=NOW + timedelta(seconds=s))[0][0] for s in (0, 10, 59, 60, 61)]
    assert counted == [1, 2, 3, 1, 2]
    _ask("select forget_attempts(:key)", commit=True, key=key)
    assert _ask(count, key=key, moment=NOW) == [(1,)]


def _ask(statement: str, *, commit: bool = False, **values: Any) -> list[Any]:
    with transaction(None) as db:
        rows = [tuple(row) for row in db.execute(text(statement), values)]
        if not commit:
            db.rollback()
    return rows


def _due(kind: str, user_id: UUID) -> set[UUID | None]:
    with transaction(None, role="jobs") as db:
        rows = db.execute(
            text("select user_id, id from due_work(:kind, :moment, 10000)"), {"kind": kind, "moment": NOW}
        )
        return {row.id for row in rows if row.user_id == user_id}
