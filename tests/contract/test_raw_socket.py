"""What a client gets that leaves the pages away and speaks to the socket."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest
import socketio
from sqlalchemy import text

from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.domain import accounts
from omnicrm.state import gate, guard
from tests import factories
from tests.doors import import_all
from tests.sockets import Raw, deltas, redirects
from tests.web import PASSWORD

import_all()
from omnicrm.state.contacts import ContactsState  # noqa: E402  # after all states are known
from omnicrm.state.settings import AccountState  # noqa: E402  # after the pages are loaded

HYDRATE = next(name for name in gate.framework_events() if name.endswith("hydrate_and_load"))
ROOT_STATE = HYDRATE.rpartition(".")[0]
CANARY = "kanarienvogel"


def named(state: Any, handler: str) -> str:
    return f"{state.get_full_name()}.{handler}"


LOAD = named(AccountState, "load")


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


async def refused(server: Any, **how: Any) -> bool:
    raw = Raw(server.url, **how)
    try:
        async with raw:
            return False
    except socketio.exceptions.ConnectionError:
        return True
    finally:
        if raw.client.eio.http is not None:  # the library leaves it open after a refusal
            await raw.client.eio.http.close()


def shows(frames: list[Any], state: Any, var: str) -> Any:
    return deltas(frames).get(state.get_full_name(), {}).get(f"{var}_rx_state_")


def owner(cookie: str) -> uuid.UUID:
    with transaction(None) as db:
        login = accounts.who_is(db, ids.token_hash(cookie))
    assert login is not None
    return login.user_id


@pytest.mark.parametrize("cookie", [None, "", "x" * 43, "a" * 5000, "' or true --", "../../secret"])
@pytest.mark.outside(1, 4)
def test_without_a_living_login_there_is_no_socket(server, cookie):
    async def work() -> None:
        assert await refused(server, cookie=cookie)

    run(work)


@pytest.mark.outside(4)
def test_a_hash_that_a_client_sends_itself_is_worth_nothing(server):
    cookie, _ = server.register()

    async def work() -> None:
        assert await refused(server, **{"x-session-ref": ids.token_hash(cookie)})
        mine, _ = server.register()
        async with Raw(server.url, cookie=mine, **{"x-session-ref": ids.token_hash(cookie)}) as raw:
            assert shows(await raw.ask(LOAD, until=AccountState.get_full_name()), AccountState, "email") != ""
            assert ids.token_hash(cookie) not in raw.text

    run(work)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost",
        "http://localhost:1",
        "http://localhost.evil.example",
        "http://127.0.0.1",
        "file://",
    ],
)
@pytest.mark.outside(6)
def test_another_sites_page_gets_no_socket(server, origin):
    cookie, _ = server.register()

    async def work() -> None:
        assert await refused(server, cookie=cookie, Origin=origin)
        async with Raw(server.url, cookie=cookie, Origin=server.url):
            pass

    run(work)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "../../etc/passwd",
        "A" * 5000,
        "",
        "17d3be8b-ed26-48cd-9bb6-d3c6961565b7_x",
        "348f553c-e865-11f1-8dea-02fc00000001",
    ],
)
@pytest.mark.outside(22)
def test_a_malformed_tab_token_gets_no_socket(server, token):
    cookie, _ = server.register()

    async def work() -> None:
        raw = Raw(server.url, cookie=cookie)
        raw.token = token
        try:
            async with raw:
                pytest.fail("it connected")
        except socketio.exceptions.ConnectionError:
            pass

    run(work)


@pytest.mark.outside(6)
def test_no_cross_origin_answer_carries_credentials(server):
    cookie, _ = server.register()
    headers = {"origin": "https://evil.example", "cookie": f"omnicrm={cookie}"}
    for answer in (
        httpx.get(f"{server.url}/login", headers=headers),
        httpx.post(f"{server.url}/auth/logout", headers=headers),
        httpx.options(f"{server.url}/auth/login", headers={**headers, "access-control-request-method": "POST"}),
        httpx.get(f"{server.url}/ping", headers=headers),
    ):
        assert "access-control-allow-credentials" not in answer.headers, answer.request.url
        assert answer.headers.get("access-control-allow-origin") in (None, "")


@pytest.mark.outside(1)
def test_every_handler_answers_a_dead_login_with_the_sign_in_only(server):
    """The socket stands, the login does not: nothing runs, whatever is called."""
    cookie, _ = server.register()
    user_id = owner(cookie)
    names = [name for name, _ in guard.handlers() if name not in gate.framework_events()]

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as raw:
            with transaction(user_id) as db:  # without a word to the server, as if its listening were broken
                db.execute(text("update login_sessions set expires_at = now() - interval '1 minute'"))
                before = db.execute(text("select count(*), max(updated_at) from users")).one()
            for name in [*names, *gate.framework_events()]:
                await raw.send(name, {"vars": {}} if name == HYDRATE else {})
            while not redirects(raw.frames):  # `run` ends what waits in vain
                await asyncio.sleep(0.05)
            while await raw.answer(1):
                pass  # until it is quiet
            frames = [*raw.frames]
            assert set(redirects(frames)) == {"/signed-out"}
            assert deltas(frames) == {}
            with transaction(user_id) as db:
                assert db.execute(text("select count(*), max(updated_at) from users")).one() == before

    run(work)


@pytest.mark.outside(2, 4)
def test_a_stolen_tab_token_opens_nothing_of_its_owner(server):
    theirs, email = server.register()
    mine, _ = server.register()
    with transaction(owner(theirs)) as db:
        factories.make_contact(db, first_name=CANARY)

    async def work() -> None:
        async with Raw(server.url, cookie=theirs) as victim:
            await victim.ask(HYDRATE, {"vars": {}})
            assert shows(await victim.ask(LOAD, until=AccountState.get_full_name()), AccountState, "email") == email
            await victim.ask(named(ContactsState, "load"))
            assert CANARY in victim.text
            async with Raw(server.url, cookie=mine, token=victim.token) as thief:
                await thief.ask(HYDRATE, {"vars": {}})
                await thief.ask(LOAD)
                assert thief.tokens, "it was given a tab of its own"
                assert email not in thief.text
                assert CANARY not in thief.text
            assert not victim.closed.is_set()
            frames = await victim.ask(HYDRATE, {"vars": {}})
            assert CANARY in str(frames), "the victim's page is as it was"
        async with Raw(server.url, cookie=mine, token=victim.token) as thief:  # and when its owner has gone
            await thief.ask(HYDRATE, {"vars": {}})
            assert email not in thief.text
            assert CANARY not in thief.text

    run(work)


def test_ones_own_second_socket_takes_over_with_everything(server):
    cookie, email = server.register()

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as first:
            await first.ask(LOAD)
            async with Raw(server.url, cookie=cookie, token=first.token) as second:
                frames = await second.ask(HYDRATE, {"vars": {}})
                assert shows(frames, AccountState, "email") == email
                assert second.tokens == []
                await asyncio.wait_for(first.closed.wait(), 5)

    run(work)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (f"{ROOT_STATE}.setvar", {"var_name": "is_hydrated", "value": False}),
        (named(AccountState, "setvar"), {"var_name": "email", "value": "evil@evil.example"}),
        (named(gate.Ownership, "setvar"), {"var_name": "_login", "value": "x"}),
        (
            f"{ROOT_STATE}.reflex___state____update_vars_internal_state.update_vars_internal",
            {"vars": {f"{AccountState.get_full_name()}.email": "evil@evil.example"}},
        ),
        (HYDRATE, {"vars": {f"{AccountState.get_full_name()}.email": "evil@evil.example", "user_id": "x"}}),
        (HYDRATE, {"vars": {}, "user_id": "x", "is_admin": True}),
        (f"{ROOT_STATE}.set_is_hydrated", {"value": False}),
        (named(AccountState, "set_email"), {"value": "evil@evil.example"}),
        (named(AccountState, "_read"), {}),
        (named(AccountState, "say"), {"text": "evil@evil.example"}),
        (named(AccountState, "reset"), {}),
        ("_redirect", {"path": "https://evil.example"}),
        ("nobody.nothing", {}),
    ],
)
@pytest.mark.outside(5)
def test_vars_and_identity_are_set_by_nobody_outside(server, name, payload):
    cookie, email = server.register()

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as raw:
            await raw.ask(LOAD)
            await raw.ask(name, payload, within=0.7)
            frames = await raw.ask(HYDRATE, {"vars": {}})
            assert shows(frames, AccountState, "email") == email
            assert "evil" not in raw.text
            assert shows(await raw.ask(LOAD, until=AccountState.get_full_name()), AccountState, "logins")

    run(work)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        7,
        [],
        {},
        {"name": 7},
        {"name": LOAD, "payload": "x"},
        {"name": LOAD, "payload": [1]},
        {"name": LOAD, "router_data": "x"},
        {"name": LOAD, "payload": {}, "router_data": {"pathname": 7, "query": {"a": {"b": 1}}}},
        {
            "name": LOAD,
            "payload": {},
            "router_data": {"pathname": "/", "asPath": "/", "query": {"x": ["y"]}},
            "token": "x",
        },
        {"name": "x" * 10_000, "payload": {}},
        {"name": LOAD, "payload": {"a": "b" * 100_000}},
        {"name": LOAD, "payload": {"\0": "\0"}},
        {"name": LOAD, "payload": {"db": "x", "me": {}, "login": {"user_id": str(uuid.uuid4())}}},
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.outside(22)
def test_odd_frames_do_no_harm(server, data):
    cookie, email = server.register()

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as raw:
            await raw.emit(data)
            await raw.answer(0.5)
            assert shows(await raw.ask(LOAD, until=AccountState.get_full_name()), AccountState, "email") == email

    run(work)
    assert "Traceback" not in server.log


@pytest.mark.outside(22)
def test_a_huge_frame_closes_the_socket(server):
    cookie, _ = server.register()

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as raw:
            await raw.send(LOAD, {"a": "b" * 1_000_000})
            await asyncio.wait_for(raw.closed.wait(), 10)

    run(work)


@pytest.mark.outside(7)
def test_signing_out_closes_every_tab_at_once(server):
    cookie, email = server.register()
    elsewhere = server.sign_in(email)

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as one, Raw(server.url, cookie=cookie) as two:
            async with Raw(server.url, cookie=elsewhere) as other:
                for raw in (one, two, other):
                    await raw.ask(LOAD)
                await asyncio.to_thread(
                    httpx.post, f"{server.url}/auth/logout", cookies={"omnicrm": cookie}, timeout=60
                )
                for raw in (one, two):
                    await asyncio.wait_for(raw.closed.wait(), 30)
                    assert redirects(raw.frames) == ["/signed-out"]
                assert shows(await other.ask(LOAD, until=AccountState.get_full_name()), AccountState, "email") == email
        assert await refused(server, cookie=cookie)

    run(work)


@pytest.mark.outside(7)
def test_another_password_closes_the_other_logins(server):
    cookie, email = server.register()
    elsewhere = server.sign_in(email)

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as here, Raw(server.url, cookie=elsewhere) as there:
            await there.ask(LOAD)
            form = {"old": PASSWORD, "new": "seven herons at dusk"}
            await here.ask(named(AccountState, "change_password"), {"form": form}, until="Password changed")
            await asyncio.wait_for(there.closed.wait(), 5)
            assert shows(await here.ask(LOAD, until=AccountState.get_full_name()), AccountState, "email") == email
            assert "seven herons" not in here.text
            assert PASSWORD not in here.text
        assert await refused(server, cookie=elsewhere)

    run(work)


@pytest.mark.outside(7)
def test_a_revoked_login_is_closed(server):
    cookie, email = server.register()
    elsewhere = server.sign_in(email)

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as here, Raw(server.url, cookie=elsewhere) as there:
            await there.ask(LOAD)
            with transaction(None) as db:
                login = accounts.who_is(db, ids.token_hash(elsewhere))
            await here.ask(named(AccountState, "end"), {"other": str(login.id)})
            await asyncio.wait_for(there.closed.wait(), 5)

    run(work)


@pytest.mark.outside(7)
def test_deleting_the_account_closes_everything(server):
    cookie, email = server.register()
    elsewhere = server.sign_in(email)

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as here, Raw(server.url, cookie=elsewhere) as there:
            await there.ask(LOAD)
            wrong = {"form": {"password": "wrong"}}
            await here.ask(named(AccountState, "delete"), wrong, until="not your password")
            await here.send(named(AccountState, "delete"), {"form": {"password": PASSWORD}})
            for raw in (here, there):
                await asyncio.wait_for(raw.closed.wait(), 30)
                assert "/signed-out" in redirects(raw.frames)

    run(work)
    answer = httpx.post(f"{server.url}/auth/login", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 401


def test_what_changed_elsewhere_reaches_open_pages_of_this_practitioner_only(server):
    from omnicrm.core import signals

    cookie, _ = server.register()
    other, _ = server.register()

    async def work() -> None:
        async with Raw(server.url, cookie=cookie) as mine, Raw(server.url, cookie=other) as theirs:
            await mine.ask(LOAD)
            await theirs.ask(LOAD)
            quiet = len(theirs.frames)
            with transaction(owner(cookie)) as db:
                signals.changed(db)
            assert "version_rx_state_" in str(await mine.answer())
            assert len(theirs.frames) == quiet

    run(work)


@pytest.mark.outside(22)
def test_the_sockets_of_one_login_are_limited(server):
    from omnicrm.routes.handshake import PER_LOGIN

    cookie, _ = server.register()

    async def work() -> None:
        raws = [Raw(server.url, cookie=cookie) for _ in range(PER_LOGIN + 5)]
        results = await asyncio.gather(*(raw.__aenter__() for raw in raws), return_exceptions=True)
        opened = [raw for raw, result in zip(raws, results, strict=True) if not isinstance(result, Exception)]
        assert len(opened) == PER_LOGIN
        for raw in opened:
            await raw.__aexit__()
        for raw in raws:
            if raw.client.eio.http is not None:
                await raw.client.eio.http.close()
        await asyncio.sleep(0.5)
        async with Raw(server.url, cookie=cookie) as again:
            assert await again.ask(LOAD)

    run(work)


@pytest.mark.outside(23)
def test_planted_secrets_are_in_no_log(server):
    cookie, _ = server.register()

    async def work() -> None:
        async with Raw(server.url, cookie=cookie, **{"x-planted": "planted-header"}) as raw:
            await raw.ask(LOAD, {"planted": "planted-payload"})
            await raw.ask("nobody.planted-name", {"a": "planted-payload"}, within=0.5)
            await raw.ask(
                named(AccountState, "change_password"), {"form": {"old": "planted-old", "new": "planted-new-1"}}
            )
            await raw.emit("planted-text")
            await raw.answer(0.3)
            httpx.post(f"{server.url}/auth/login", data={"email": "planted@x.example", "password": "planted-password"})
            assert cookie not in raw.text

    run(work)
    assert "planted" not in server.log
    assert cookie not in server.log
