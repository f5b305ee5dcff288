"""Sign-in, sign-up and sign-out: plain forms that work without script, and from a script."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnicrm.core import db as database
from omnicrm.core import ids, web, zones
from omnicrm.core.errors import Conflict, Invalid, OmniError, Refused, SignedOut
from omnicrm.domain import accounts, limits, passwords
from omnicrm.domain.accounts import Registration
from omnicrm.integrations import google_oauth
from omnicrm.routes import pages

LARGEST_FORM = 16 * 1024  # bytes

_sample_is_offered = False


def offer_sample() -> None:
    """Show “Look around with sample data” from here on."""
    global _sample_is_offered
    _sample_is_offered = True


async def sign_in_page(request: Request) -> Response:
    if await run_in_threadpool(pages.current_login, request):
        return pages.away(pages.onward(request.query_params.get("next")))
    if not await run_in_threadpool(_anyone):
        return pages.away("/register")
    return _sign_in(request, next=request.query_params.get("next", ""))


async def sign_in(request: Request) -> Response:
    """303 with the cookie, 401 for the wrong words, 422 for missing ones, 429 after too many."""
    form = await read_form(request, "email", "password", "next")
    try:
        token = await run_in_threadpool(_admitted, request, form["email"], form["password"])
    except OmniError as error:
        return _with_form(request, error, _sign_in, email=form["email"], next=form["next"])
    return with_login(request, token, form["next"])


async def register_page(request: Request) -> Response:
    if await run_in_threadpool(pages.current_login, request):
        return pages.away("/")
    return _register(request)


async def register(request: Request) -> Response:
    """303 with the cookie, 409 where the address has an account, 422 with the fields, 429 after too many."""
    form = await read_form(request, "name", "email", "password", "time_zone")
    try:
        token = await run_in_threadpool(_registered, request, form)
    except OmniError as error:
        typed = {name: form[name] for name in ("name", "email", "time_zone")}
        return _with_form(request, error, _register, **typed)
    return with_login(request, token, "/")


async def sign_out(request: Request) -> Response:
    """303 to the sign-in, signed in or not. Open pages of the login close at once; drafts on this device are erased."""
    if login := await run_in_threadpool(pages.current_login, request):
        await run_in_threadpool(_ended, login)
    answer = pages.away("/login")
    answer.delete_cookie(
        web.cookie_name(request.scope), secure=web.is_https(request.scope), httponly=True, samesite="lax", path="/"
    )
    answer.headers["clear-site-data"] = '"storage"'
    return answer


def with_login(request: Request, token: str, onward: str | None) -> Response:
    """The way on, with the cookie of a new login."""
    answer = pages.away(pages.onward(onward))
    answer.set_cookie(
        web.cookie_name(request.scope),
        token,
        max_age=int(accounts.LOGIN_LASTS.total_seconds()),
        secure=web.is_https(request.scope),
        httponly=True,
        samesite="lax",
        path="/",
    )
    return answer


def refuse_plain_http(request: Request) -> None:
    """Raises Refused where a password or cookie would cross a network in the clear."""
    if not web.is_https(request.scope) and not web.is_loopback(request.scope):
        raise Refused(
            "This address is not encrypted, so signing in is switched off here. Open OmniCRM over https, or on this"
            " computer as http://localhost. Behind a TLS proxy, set OMNICRM_PUBLIC_URL to its https address."
        )


routes = [
    Route("/login", sign_in_page),
    Route("/register", register_page),
    Route("/auth/login", sign_in, methods=["POST"]),
    Route("/auth/register", register, methods=["POST"]),
    Route("/auth/logout", sign_out, methods=["POST"]),
]


def _admitted(request: Request, email: str, password: str) -> str:
    """Raises Refused, Invalid, TooMany, SignedOut (with the tries that are left)."""
    refuse_plain_http(request)
    if missing := {
        name: "Please fill this in." for name, value in (("email", email), ("password", password)) if not value
    }:
        raise Invalid(fields=missing)
    address = web.client_address(request.scope)
    with database.transaction(None, actor="system") as db:
        left = accounts.count_try(db, email, address)
    with database.transaction(None) as db:
        user_id = accounts.by_email(db, email)
    try:
        with database.transaction(user_id, reason="signed in") as db:
            token = accounts.sign_in(db, password, pages.browser(request))
    except SignedOut as error:
        raise SignedOut(f"{error.message} {_left(left)}") from None
    with database.transaction(None, actor="system") as db:
        accounts.forget_tries(db, email, address)
    end_former(request)
    return token


def _registered(request: Request, form: dict[str, str]) -> str:
    refuse_plain_http(request)
    with database.transaction(None, actor="system") as db:
        limits.count(db, accounts.REGISTRATIONS, web.client_address(request.scope))
    try:
        registration = Registration(**form)
    except ValidationError as error:
        wrong = {str(detail["loc"][0]): _field_words(detail["type"]) for detail in error.errors(include_input=False)}
        raise Invalid(fields=wrong) from None
    with database.transaction(ids.new(), reason="registered") as db:
        accounts.register(db, registration)
        token = accounts.open_login(db, pages.browser(request))
    end_former(request)
    return token


def end_former(request: Request) -> None:
    """Who signs in on top of a login leaves it: two for one browser would outlive the sign-out."""
    if former := pages.current_login(request):
        _ended(former)


def _ended(login: accounts.Login) -> None:
    with database.transaction(login.user_id, reason="signed out") as db:
        accounts.sign_out(db, login.id)


def _anyone() -> bool:
    with database.transaction(None) as db:
        return accounts.anyone(db)


async def read_form(request: Request, *names: str) -> dict[str, str]:
    """The named fields, as text; missing ones are empty. Raises Invalid for what is no form, or a huge one."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Invalid("Send the fields of the form (application/x-www-form-urlencoded).")
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > LARGEST_FORM:
        raise Invalid("This is longer than the form allows.")
    form = await request.form(max_files=0, max_fields=20, max_part_size=LARGEST_FORM)
    read = {name: form.get(name) for name in names}
    fields = {name: value if isinstance(value, str) else "" for name, value in read.items()}
    if any("\0" in value for value in fields.values()):
        raise Invalid("This holds a character that cannot be kept.")
    return fields


def _with_form(request: Request, error: OmniError, page: Any, **typed: str) -> Response:
    """The form again, with what was typed (never the password) and the reason; JSON for a script."""
    if not pages.wants_html(request) or not isinstance(error, Invalid | SignedOut | Conflict):
        return pages.refused(request, error)
    fields = error.fields if isinstance(error, Invalid) else {}
    return page(request, status=error.http_status, error="" if fields else error.message, fields=fields, **typed)


def _sign_in(
    request: Request, status: int = 200, error: str = "", fields: dict[str, str] | None = None, **typed: str
) -> Response:
    values = {"email": "", "next": "", **typed}
    values["next"] = pages.onward(values["next"], "")
    return pages.render("sign_in.html", status, error=error, fields=fields or {}, ways=_ways(), **values)


def _register(
    request: Request, status: int = 200, error: str = "", fields: dict[str, str] | None = None, **typed: str
) -> Response:
    values = {"name": "", "email": "", "time_zone": "", **typed}
    return pages.render(
        "register.html",
        status,
        error=error,
        fields=fields or {},
        zones=_zones(),
        shortest=passwords.SHORTEST,
        ways=_ways(),
        **values,
    )


def _ways() -> dict[str, bool]:
    """What is offered beside the password: only what works in this installation."""
    return {"google": google_oauth.configured(), "sample": _sample_is_offered}


def _zones() -> list[str]:
    """Zones of places; the aliases of old are understood, but not offered."""
    regions = (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    return ["UTC", *sorted(name for name in zones.names() if name.partition("/")[0] in regions)]


def _left(tries: int) -> str:
    if tries <= 0:
        return "That was the last try for now: wait 15 minutes."
    return f"{tries} {'try is' if tries == 1 else 'tries are'} left, then wait 15 minutes."


def _field_words(kind: str) -> str:
    return "This is too long." if kind == "string_too_long" else "Please fill this in."
