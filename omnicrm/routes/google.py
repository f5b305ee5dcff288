"""Google at the door: sign in with it, and link mail or calendar. What was begun is kept sealed in the browser."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnicrm.core import clock, config, crypto, ids, web, zones
from omnicrm.core import db as database
from omnicrm.core.config import Misconfigured
from omnicrm.core.crypto import KeyLost
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, OmniError, Refused, SignedOut, Unavailable
from omnicrm.core.wire import Identity, Tokens
from omnicrm.domain import accounts, connections
from omnicrm.domain.accounts import Login, Registration
from omnicrm.integrations import google_oauth
from omnicrm.integrations.google_oauth import Begun
from omnicrm.routes import auth, pages
from omnicrm.sandbox import builtin

CALLBACK = "/auth/google/callback"
LASTS = timedelta(minutes=10)
CONTEXT = "cookie.google_flow"


class Flow(BaseModel):
    """A way to Google and back that is under way, with the browser's own place to go on to."""

    begun: dict[str, str]
    next: str
    time_zone: str
    login_id: UUID | None  # linking belongs to the login that began it
    sample: bool  # with the sample practice's stand-in, rather than with Google
    ends_at: AwareDatetime

    def as_begun(self) -> Begun:
        return Begun(**self.begun)  # type: ignore[arg-type]  # `purpose` was one of the words when it was sealed


async def sign_in(request: Request) -> Response:
    """To Google and back: for a login or a new account, or (signed in) so that Google opens this account too."""
    auth.refuse_plain_http(request)
    return await run_in_threadpool(_set_out, request, "sign_in", await run_in_threadpool(pages.current_login, request))


async def connect(request: Request) -> Response:
    """Link mail (`?what=mail`) or calendar (`?what=calendar`) of a Google account: each is asked for by itself."""
    login = await run_in_threadpool(pages.current_login, request)
    if login is None:
        return pages.away("/login?next=/settings/google")
    what = request.query_params.get("what", "calendar")
    if what not in ("mail", "calendar"):
        raise Refused("Mail or calendar can be connected: start again from the settings.")
    return await run_in_threadpool(_set_out, request, "mail" if what == "mail" else "calendar", login)


async def callback(request: Request) -> Response:
    """Back from Google: 303 to where it was begun, with the reason as a page where it did not work."""
    try:
        answer = await run_in_threadpool(_arrive, request)
    except OmniError as error:
        answer = pages.refused(request, error)
    answer.delete_cookie(_cookie(request), path="/", secure=web.is_https(request.scope), httponly=True, samesite="lax")
    return answer


routes = [
    Route("/auth/google", sign_in),
    Route(CALLBACK, callback),
    Route("/connect/google", connect),
]


def _set_out(request: Request, purpose: Literal["sign_in", "mail", "calendar"], login: Login | None) -> Response:
    sample = login is not None and purpose != "sign_in" and _is_sample(login)
    instead = "/settings/google" if purpose != "sign_in" else "/settings/account" if login else "/"
    try:
        begun = google_oauth.begin(purpose, web.base_url(request.scope) + CALLBACK, base=_base(sample))
    except Misconfigured as error:
        raise Unavailable(error.message) from None
    flow = Flow(
        begun={name: value for name, value in asdict(begun).items() if name != "url"} | {"url": ""},
        next=pages.onward(request.query_params.get("next"), instead),
        time_zone=request.query_params.get("time_zone", "")[:64],
        login_id=login.id if login else None,
        sample=sample,
        ends_at=clock.now() + LASTS,
    )
    answer = pages.away(begun.url)
    answer.set_cookie(
        _cookie(request),
        crypto.encrypt(flow.model_dump_json(), context=CONTEXT),
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=web.is_https(request.scope),
        httponly=True,
        samesite="lax",
    )
    return answer


def _arrive(request: Request) -> Response:
    """Raises Refused, Conflict, SignedOut, Unavailable."""
    flow = _flow(request)
    login = pages.current_login(request)
    if flow.login_id is not None and (login is None or login.id != flow.login_id):
        raise SignedOut("You were signed out meanwhile. Sign in and connect again.")
    answer = dict(request.query_params)
    tokens, identity = google_oauth.finish(flow.as_begun(), answer, base=_base(flow.sample))
    if login is None or flow.login_id is None:
        return auth.with_login(request, _signed_in(request, identity, flow), flow.next)
    with database.transaction(login.user_id, reason=f"connected Google: {flow.begun['purpose']}") as db:
        if flow.begun["purpose"] == "sign_in":
            accounts.link_google(db, identity.sub, identity.email)
        else:
            _link(db, flow, tokens, identity)
    return pages.away(flow.next)


def _flow(request: Request) -> Flow:
    """What this browser began. Raises Refused where it began nothing, or too long ago."""
    again = Refused("This sign-in was not begun in this browser, or too long ago. Please start again.")
    try:
        sealed = request.cookies[_cookie(request)]
        flow = Flow.model_validate(json.loads(crypto.decrypt(sealed, context=CONTEXT)))
    except (KeyError, KeyLost, ValueError, ValidationError):
        raise again from None
    if flow.ends_at <= clock.now():
        raise again
    return flow


def _signed_in(request: Request, identity: Identity, flow: Flow) -> str:
    """The token of a new login. Google's `sub` decides whose; an address alone opens nothing that a password guards."""
    auth.refuse_plain_http(request)
    with database.transaction(None) as db:
        user_id = accounts.by_google(db, identity.sub)
        taken = user_id is None and accounts.by_email(db, identity.email) is not None
    if taken:
        raise Conflict(
            "There is an account with this address already. Sign in with its password, then add Google in the settings."
        )
    if user_id is None and not (identity.email and identity.email_verified):
        raise Refused("Google has not verified your mail address. Verify it there, or register with a password.")
    with database.transaction(user_id or ids.new(), reason="signed in with Google") as db:
        if user_id is None:
            name = identity.name or identity.email.partition("@")[0]
            form = Registration(name=name, email=identity.email, time_zone=_zone(flow.time_zone))
            accounts.register(db, form)
            accounts.link_google(db, identity.sub, identity.email)
        token = accounts.open_login(db, pages.browser(request))
    auth.end_former(request)
    return token


def _link(db: Db, flow: Flow, tokens: Tokens, identity: Identity) -> None:
    provider = "google_gmail" if flow.begun["purpose"] == "mail" else "google_calendar"
    connections.link(db, provider, identity.email, tokens, external_account_id=identity.sub, sample=flow.sample)


def _is_sample(login: Login) -> bool:
    """Whether the accounts linked so far are of the sample: then it is connected again where it lives."""
    with database.transaction(login.user_id) as db:
        linked = [row.sample for row in connections.listed(db) if row.provider.startswith("google")]
    return bool(linked) and all(linked)


def _zone(name: str) -> str:
    return name if name in zones.names() else "UTC"


def _base(sample: bool) -> str | None:
    return builtin.url() if sample else config.settings().google_api_base


def _cookie(request: Request) -> str:
    return f"{'__Host-' if web.is_https(request.scope) else ''}omnicrm-google"
