"""Sign in with Google, and linking it, against the stand-in: PKCE, state and nonce hold, tampering is refused."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from sqlalchemy import text

from omnicrm.core import config, ids
from omnicrm.core.db import transaction
from omnicrm.domain import accounts, connections
from omnicrm.integrations import google_oauth
from tests.stand_in import stand_in
from tests.web import PASSWORD, client, cookie, person, registered

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def google(monkeypatch):
    with stand_in() as running:
        monkeypatch.setenv("GOOGLE_API_BASE", running.url)
        config.settings.cache_clear()
        yield running
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def email(google):
    """The address of a new Google account."""
    address = f"g-{ids.new()}@stillwater.example"
    httpx.post(f"{google.url}/sandbox/accounts", json={"email": address, "name": "Maya Lindqvist"}).raise_for_status()
    return address


def at_google(url, email, *, answer="allow", without=()):
    """What the person does on Google's page; gives the address that it sends the browser back to."""
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    granted = [scope for scope in asked["scope"].split() if scope not in without]
    form = {**asked, "account": email, "answer": answer, "granted": granted}
    reply = httpx.post(url.partition("?")[0], data=form, follow_redirects=False)
    assert reply.status_code in (302, 303), reply.text
    return reply.headers["location"]


def begun(browser, path="/auth/google?time_zone=Europe/Helsinki"):
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def back(browser, location, **changes):
    """Follow the way back, with the query changed."""
    parts = urlsplit(location)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()} | changes
    return browser.get(urlunsplit(("", "", parts.path, urlencode(query), "")))


def owner_of(browser):
    with transaction(None) as db:
        login = accounts.who_is(db, ids.token_hash(browser.cookies["omnicrm"]))
    return login.user_id if login else None


def test_a_new_person_gets_an_account_and_comes_back_to_it(google, email):
    first, second = client(), client()
    answer = back(first, at_google(begun(first), email))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in cookie(answer).lower()
    with transaction(owner_of(first)) as db:
        me = accounts.practitioner(db)
    assert (me.name, me.email, me.time_zone) == ("Maya Lindqvist", email, "Europe/Helsinki")
    back(second, at_google(begun(second), email))
    assert owner_of(second) == owner_of(first)


def test_an_address_that_a_password_guards_is_not_opened(google, email):
    registered(email=email)
    browser = client()
    answer = back(browser, at_google(begun(browser), email))
    assert answer.status_code == 409
    assert cookie(answer) is None


def test_pkce_state_and_nonce_go_along(google):
    asked = parse_qs(urlsplit(begun(client())).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 40
    assert len(asked["nonce"][0]) >= 40
    assert asked["redirect_uri"] == ["http://localhost/auth/google/callback"]


@pytest.mark.parametrize("changes", [{"state": "x" * 43}, {"state": ""}, {"code": "4/made-up"}, {"code": ""}])
def test_a_changed_answer_is_refused(google, email, changes):
    browser = client()
    answer = back(browser, at_google(begun(browser), email), **changes)
    assert answer.status_code == 403
    assert cookie(answer) is None
    assert "omnicrm" not in browser.cookies


def test_the_answer_to_another_browser_is_refused(google, email):
    attacker, victim = client(), client()
    location = at_google(begun(attacker), email)
    assert back(victim, location).status_code == 403  # it began nothing
    begun(victim)
    assert back(victim, location).status_code == 403  # it began something else
    assert "omnicrm" not in victim.cookies


def test_a_code_works_once(google, email):
    browser = client()
    start = begun(browser)
    sealed = browser.cookies["omnicrm-google"]
    location = at_google(start, email)
    assert back(browser, location).status_code == 303
    again = client()
    again.cookies.set("omnicrm-google", sealed)
    assert back(again, location).status_code == 403


def test_another_verifier_and_another_nonce_are_refused(google, email, monkeypatch):
    for fixed in ("code_verifier", "nonce"):
        browser = client()
        location = at_google(begun(browser), email)
        real = google_oauth.finish

        def changed(flow, answer, *, base=None, fixed=fixed, real=real):
            from dataclasses import replace

            return real(replace(flow, **{fixed: "y" * 64}), answer, base=base)

        monkeypatch.setattr(google_oauth, "finish", changed)
        assert back(browser, location).status_code == 403
        monkeypatch.undo()
        config.settings.cache_clear()
        monkeypatch.setenv("GOOGLE_API_BASE", google.url)


def test_a_changed_seal_is_refused(google, email):
    browser = client()
    location = at_google(begun(browser), email)
    sealed = browser.cookies["omnicrm-google"]
    browser.cookies.delete("omnicrm-google")
    browser.cookies.set("omnicrm-google", sealed[:-6] + "AAAAAA")
    assert back(browser, location).status_code == 403


def test_it_must_not_take_too_long(google, email, clock):
    browser = client()
    location = at_google(begun(browser), email)
    clock.advance(timedelta(minutes=11))
    assert back(browser, location).status_code == 403


def test_saying_no_is_told_in_words(google, email):
    browser = client()
    answer = back(browser, at_google(begun(browser), email, answer="deny"))
    assert answer.status_code == 403
    assert "not granted" in answer.text


@pytest.mark.parametrize(("what", "provider"), [("mail", "google_gmail"), ("calendar", "google_calendar")])
def test_mail_and_calendar_are_linked_each_by_itself(google, email, what, provider):
    browser, _ = registered()
    answer = back(browser, at_google(begun(browser, f"/connect/google?what={what}&next=/settings"), email))
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    with transaction(owner_of(browser)) as db:
        rows = connections.listed(db)
        stored = db.execute(text("select access_token, refresh_token from oauth_connections")).one()
    assert [(row.provider, row.account_email, row.sample) for row in rows] == [(provider, email, False)]
    assert all(value.startswith("v1.") for value in stored)


def test_a_box_that_was_unticked_links_nothing(google, email):
    browser, _ = registered()
    start = begun(browser, "/connect/google?what=mail")
    answer = back(browser, at_google(start, email, without=(google_oauth.GMAIL_READ,)))
    assert answer.status_code == 403
    assert "left out" in answer.text
    with transaction(owner_of(browser)) as db:
        assert connections.listed(db) == []


def test_linking_belongs_to_the_login_that_began_it(google, email):
    browser, typed = registered()
    location = at_google(begun(browser, "/connect/google?what=calendar"), email)
    browser.post("/auth/login", data={"email": typed["email"], "password": PASSWORD})  # another login
    assert back(browser, location).status_code == 401
    with transaction(owner_of(browser)) as db:
        assert connections.listed(db) == []


def test_linking_needs_a_login(google):
    assert client().get("/connect/google?what=mail").headers["location"].startswith("/login")


def test_without_a_client_google_is_not_offered():
    assert "/auth/google" not in client().get("/register").text
    answer = client().get("/auth/google")
    assert answer.status_code == 503
    assert "GOOGLE_CLIENT_ID" in answer.text


def test_with_a_client_google_is_offered(google):
    assert "/auth/google" in client().get("/register").text


@pytest.mark.outside(23)
def test_no_secret_is_logged(google, email, caplog):
    browser = client()
    location = at_google(begun(browser), email)
    back(browser, location)
    code = parse_qs(urlsplit(location).query)["code"][0]
    assert code not in caplog.text
    assert browser.cookies["omnicrm"] not in caplog.text
    assert person()["password"] not in caplog.text


def test_a_password_account_lets_google_in_from_its_settings(google, email):
    browser, _ = registered(email=email)
    answer = back(browser, at_google(begun(browser, "/auth/google"), email))
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/account")
    later = client()
    back(later, at_google(begun(later), email))
    assert owner_of(later) == owner_of(browser)


def test_a_google_account_opens_one_account_only(google, email):
    first = client()
    back(first, at_google(begun(first), email))
    second, _ = registered()
    answer = back(second, at_google(begun(second, "/auth/google"), email))
    assert answer.status_code == 409
    assert "another account" in answer.text


def test_a_sample_account_is_connected_again_where_it_lives(google, email, monkeypatch):
    from omnicrm.core.wire import Tokens
    from omnicrm.sandbox import builtin

    monkeypatch.setattr(builtin, "url", lambda: google.url)
    browser, _ = registered()
    with transaction(owner_of(browser)) as db:
        tokens = Tokens(access_token="a", refresh_token="r", expires_at=None, scopes=())
        connections.link(db, "google_calendar", email, tokens, sample=True)
    monkeypatch.delenv("GOOGLE_API_BASE")
    config.settings.cache_clear()
    back(browser, at_google(begun(browser, "/connect/google?what=calendar"), email))
    with transaction(owner_of(browser)) as db:
        assert [row.sample for row in connections.listed(db)] == [True]
