"""Accounts and logins, as the database sees them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from omnicrm.core import ids
from omnicrm.core.clock import now
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound, SignedOut, TooMany
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Browser, Registration
from omnicrm.models.accounts import LoginSession, User

PASSWORD = "a boat in the reeds"
PHONE = Browser(user_agent="Mozilla/5.0 (iPhone)", address="203.0.113.7")

pytestmark = pytest.mark.usefixtures("database")


def registration(**changes):
    address = f"maya-{ids.new()}@stillwater.example"
    return Registration(
        **{"name": "Maya", "email": address, "time_zone": "Europe/Helsinki", "password": PASSWORD, **changes}
    )


def registered(**changes):
    form = registration(**changes)
    with transaction(ids.new()) as db:
        return accounts.register(db, form)


def login_of(token):
    with transaction(None) as db:
        return accounts.who_is(db, ids.token_hash(token))


def signed_in(user_id, password=PASSWORD):
    with transaction(user_id) as db:
        return accounts.sign_in(db, password, PHONE)


def test_a_new_account_follows_the_customs_of_its_country():
    maya = registered()
    assert (maya.currency, maya.week_start, maya.locale) == ("EUR", 0, "en_FI")
    natalie = registered(time_zone="America/New_York")
    assert (natalie.currency, natalie.week_start, natalie.locale) == ("USD", 6, "en_US")
    assert registered(time_zone="UTC").currency == "USD"


def test_an_address_has_one_account_whatever_its_case():
    maya = registered()
    with pytest.raises(Conflict, match="already"):
        registered(email=maya.email.upper())


def test_every_wrong_field_is_named():
    with pytest.raises(Invalid) as refused:
        registered(email="maya at home", time_zone="Mars/Olympus", password="1234567890")
    assert set(refused.value.fields) == {"email", "time_zone", "password"}


def test_the_password_itself_is_nowhere():
    maya = registered()
    with transaction(maya.id) as db:
        user = db.execute(select(User)).scalar_one()
        history = db.execute(text("select string_agg(coalesce(after::text, ''), '') from audit_log")).scalar()
    assert PASSWORD not in user.password_hash
    assert user.password_hash not in history
    assert PASSWORD not in history


def test_the_token_is_stored_as_a_hash_only():
    maya = registered()
    token = signed_in(maya.id)
    assert login_of(token).user_id == maya.id
    with transaction(maya.id) as db:
        row = db.execute(select(LoginSession)).scalar_one()
        assert token not in (row.token_hash, row.user_agent, row.ip_address)
        assert (row.user_agent, row.ip_address) == (PHONE.user_agent, PHONE.address)


@pytest.mark.parametrize("password", ["a boat in the reed", "", "x" * 5000])
def test_a_wrong_password_opens_nothing(password):
    with pytest.raises(SignedOut):
        signed_in(registered().id, password)


def test_nobody_signs_in_where_there_is_no_account():
    with transaction(None) as db:
        assert accounts.by_email(db, "nobody@nowhere.example") is None
    with pytest.raises(SignedOut):
        signed_in(None)


def test_an_account_without_a_password_is_not_opened_by_one():
    maya = registered(password=None)
    with pytest.raises(SignedOut):
        signed_in(maya.id, "")


def test_a_login_ends_after_its_time(clock):
    token = signed_in(registered().id)
    clock.advance(accounts.LOGIN_LASTS - timedelta(seconds=1))
    assert login_of(token) is not None
    clock.advance(timedelta(seconds=2))
    assert login_of(token) is None


def test_signing_out_ends_this_login_and_no_other():
    maya = registered()
    here, there = signed_in(maya.id), signed_in(maya.id)
    with transaction(maya.id) as db:
        accounts.sign_out(db, login_of(here).id)
    assert login_of(here) is None
    assert login_of(there) is not None


def test_another_practitioners_login_is_not_found():
    maya, natalie = registered(), registered()
    login = login_of(signed_in(natalie.id))
    with transaction(maya.id) as db, pytest.raises(NotFound):
        accounts.sign_out(db, login.id)
    with transaction(maya.id) as db:
        assert accounts.sign_out_others(db, None) == 0
    assert accounts.Login.model_validate(login)


def test_the_list_of_logins_begins_with_this_one(clock):
    maya = registered()
    here = signed_in(maya.id)
    clock.advance(timedelta(minutes=1))
    there = signed_in(maya.id)
    with transaction(maya.id) as db:
        rows = accounts.logins(db, login_of(here).id)
    assert [row.is_this for row in rows] == [True, False]
    assert rows[1].id == login_of(there).id


def test_another_password_ends_the_other_logins():
    maya = registered()
    here, there = signed_in(maya.id), signed_in(maya.id)
    with transaction(maya.id) as db:
        assert accounts.change_password(db, login_of(here), old=PASSWORD, new="seven herons at dusk") == 1
    assert login_of(here) is not None
    assert login_of(there) is None
    with pytest.raises(SignedOut):
        signed_in(maya.id)
    assert signed_in(maya.id, "seven herons at dusk")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", "seven herons at dusk", "old"), (PASSWORD, "short", "new"), (PASSWORD, "", "new")],
)
def test_a_password_that_will_not_do_changes_nothing(old, new, field):
    maya = registered()
    here, there = signed_in(maya.id), signed_in(maya.id)
    with transaction(maya.id) as db, pytest.raises(Invalid) as refused:
        accounts.change_password(db, login_of(here), old=old, new=new)
    assert list(refused.value.fields) == [field]
    assert login_of(there) is not None
    assert signed_in(maya.id)


def test_deleting_needs_the_password_and_takes_everything():
    maya = registered()
    token = signed_in(maya.id)
    with transaction(maya.id) as db, pytest.raises(Invalid):
        accounts.delete(db, password="wrong")
    assert login_of(token) is not None
    with transaction(maya.id) as db:
        accounts.delete(db, password=PASSWORD)
    assert login_of(token) is None
    with transaction(None) as db:
        assert accounts.by_email(db, maya.email) is None
    registered(email=maya.email)  # the address is free again


def test_an_account_without_a_password_is_deleted_by_its_address():
    maya = registered(password=None)
    with transaction(maya.id) as db, pytest.raises(Invalid):
        accounts.delete(db, password="yes")
    with transaction(maya.id) as db:
        accounts.delete(db, password=maya.email.upper())


def test_a_google_identity_opens_one_account():
    maya, natalie = registered(), registered()
    subject = str(ids.new())
    with transaction(maya.id) as db:
        accounts.link_google(db, subject, maya.email)
        accounts.link_google(db, subject, maya.email)  # once more is the same
    with transaction(None) as db:
        assert accounts.by_google(db, subject) == maya.id
    with transaction(natalie.id) as db, pytest.raises(Conflict):
        accounts.link_google(db, subject, natalie.email)
    with transaction(maya.id) as db, pytest.raises(Conflict):
        accounts.link_google(db, str(ids.new()), maya.email)


def test_tries_run_out_and_come_back(clock):
    email, address = f"{ids.new()}@stillwater.example", f"192.0.2.{ids.new()}"
    left = []
    for _ in range(accounts.BY_PAIR.attempts):
        with transaction(None) as db:
            left.append(accounts.count_try(db, email, address))
    assert left == [5, 4, 3, 2, 1, 0]
    clock.advance(timedelta(minutes=5))
    with transaction(None) as db, pytest.raises(TooMany, match="Wait 10 minutes") as refused:
        accounts.count_try(db, email.upper(), address)
    assert refused.value.retry_at == now() + timedelta(minutes=10)
    clock.advance(timedelta(minutes=10, seconds=1))
    with transaction(None) as db:
        assert accounts.count_try(db, email, address) == 5


def test_a_good_sign_in_starts_the_count_anew(clock):
    email, address = f"{ids.new()}@stillwater.example", f"192.0.2.{ids.new()}"
    for _ in range(5):
        with transaction(None) as db:
            accounts.count_try(db, email, address)
    with transaction(None) as db:
        accounts.forget_tries(db, email, address)
    with transaction(None) as db:
        assert accounts.count_try(db, email, address) == 5


def test_many_addresses_do_not_make_many_tries(clock):
    email = f"{ids.new()}@stillwater.example"
    for number in range(accounts.BY_EMAIL.attempts):
        with transaction(None) as db:
            accounts.count_try(db, email, f"198.51.100.{number}-{email}")
    with transaction(None) as db, pytest.raises(TooMany):
        accounts.count_try(db, email, f"198.51.100.200-{email}")


def test_the_first_visit_knows_whether_anybody_is_here():
    registered()
    with transaction(None) as db:
        assert accounts.anyone(db)
