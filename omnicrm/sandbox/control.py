"""/sandbox/…: what tests and the sample practice tell the stand-in to be, to hold and to do wrong."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from omnicrm.sandbox import oauth
from omnicrm.sandbox.answers import Problem
from omnicrm.sandbox.calendar import Calendar
from omnicrm.sandbox.faults import Fault
from omnicrm.sandbox.store import Account, Settings, Store


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MailIn(_Input):
    raw: str  # base64url, as Gmail writes it
    labels: list[str] = ["INBOX", "UNREAD", "CATEGORY_PERSONAL"]


class CalendarIn(_Input):
    id: str
    summary: str
    time_zone: str = "UTC"
    access_role: str = "owner"
    events: list[dict[str, Any]] = []


class AccountIn(_Input):
    """`calendars` with id "primary" go into the account's own. `fresh`: what the account held before is forgotten."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    name: str | None = None
    time_zone: str = "UTC"
    mail: list[MailIn] = []
    calendars: list[CalendarIn] = []
    fresh: bool = False


class GrantIn(_Input):
    email: str
    scopes: list[str]
    client_id: str = "sandbox"


class SettingsIn(_Input):
    quota_per_minute: int | None = Field(default=None, ge=1)
    rotate_refresh_tokens: bool | None = None
    access_token_seconds: int | None = Field(default=None, ge=1)
    largest_page: int = Field(default=2500, ge=1, le=2500)
    client_secret: str | None = None


def _door(handler: Callable[[Request, Store], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        store: Store = request.app.state.store
        try:
            answer = await handler(request, store)
        except Problem as problem:
            return problem.response("gmail")
        except (ValidationError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 422)
        if request.method != "GET":
            store.save()
        return JSONResponse(answer)

    return serve


@_door
async def health(request: Request, store: Store) -> Any:
    return {"sandbox": "omnicrm", "accounts": list(store.accounts)}


@_door
async def accounts(request: Request, store: Store) -> Any:
    """GET lists; POST adds mail and events to an account, making it where needed; DELETE forgets everything."""
    if request.method == "DELETE":
        store.accounts.clear()
        store.grants.clear()
        return {}
    if request.method == "POST":
        load(store, AccountIn.model_validate(await request.json()))
    return {email: _counts(account) for email, account in store.accounts.items()}


@_door
async def grants(request: Request, store: Store) -> Any:
    """POST gives tokens without a browser; DELETE ?email= is the person taking access away."""
    if request.method == "DELETE":
        oauth.forget(store, request.query_params.get("email", ""))
        return {}
    asked = GrantIn.model_validate(await request.json())
    if asked.email not in store.accounts:
        raise ValueError(f"no account {asked.email}")
    grant = store.grant(asked.email, asked.client_id, asked.scopes)
    access_token, seconds = store.access_token(grant)
    return {
        "access_token": access_token,
        "refresh_token": grant.refresh_token,
        "expires_in": seconds,
        "scope": " ".join(grant.scopes),
        "sub": store.accounts[asked.email].sub,
    }


@_door
async def faults(request: Request, store: Store) -> Any:
    if request.method == "DELETE":
        store.faults.clear()
    elif request.method == "POST":
        body = await request.json()
        store.faults += [Fault.model_validate(one) for one in (body if isinstance(body, list) else [body])]
    return [fault.model_dump() for fault in store.faults]


@_door
async def log(request: Request, store: Store) -> Any:
    """?after=N: the calls after number N, oldest first."""
    if request.method == "DELETE":
        store.log.clear()
        store.peak_in_flight = store.units_total = 0
    after = int(request.query_params.get("after", 0))
    return {
        "requests": [entry for entry in store.log if entry["n"] > after],
        "in_flight": store.in_flight,
        "peak_in_flight": store.peak_in_flight,
        "units": store.units_total,
    }


@_door
async def settings(request: Request, store: Store) -> Any:
    if request.method == "POST":
        asked = SettingsIn.model_validate(await request.json())
        store.settings = replace(store.settings, **asked.model_dump(exclude_unset=True))
    return asdict(store.settings)


@_door
async def forget(request: Request, store: Store) -> Any:
    """POST {"email", "history": true, "calendars": ["primary"]}: history ids and sync tokens issued so far die."""
    body = await request.json()
    account = _account(store, body.get("email"))
    if body.get("history"):
        account.mailbox.forget_history()
    for identity in body.get("calendars", []):
        calendar = account.calendar(identity)
        if calendar is not None:
            calendar.forget_changes()
    return _counts(account)


@_door
async def remove_calendar(request: Request, store: Store) -> Any:
    """The person deletes a calendar, or unsubscribes."""
    account = _account(store, request.path_params["email"])
    account.calendars.pop(request.path_params["calendar"], None)
    return _counts(account)


@_door
async def remove_mail(request: Request, store: Store) -> Any:
    """The person deletes a message for good."""
    account = _account(store, request.path_params["email"])
    account.mailbox.remove(request.path_params["id"])
    return _counts(account)


def load(store: Store, content: AccountIn) -> Account:
    """Adds mail and events. Raises Problem for an event that Google would refuse."""
    if content.fresh:
        store.accounts.pop(content.email, None)
        oauth.forget(store, content.email)
    account = store.account(content.email, content.name, content.time_zone)
    for mail in content.mail:
        account.mailbox.deliver(base64.urlsafe_b64decode(mail.raw + "=" * (-len(mail.raw) % 4)), mail.labels)
    for given in content.calendars:
        calendar = account.calendar(given.id)
        if calendar is None:
            calendar = Calendar(given.id, account.email, given.summary, given.time_zone)
            calendar.access_role = given.access_role
            account.calendars[given.id] = calendar
        for event in given.events:
            if "recurringEventId" in event:
                calendar.change_event(event["id"], event, whole=False)
            else:
                calendar.insert(event)
    return account


def routes() -> list[Route]:
    every = ["GET", "POST", "DELETE"]
    return [
        Route("/sandbox/health", health),
        Route("/sandbox/accounts", accounts, methods=every),
        Route("/sandbox/accounts/{email}/mail/{id}", remove_mail, methods=["DELETE"]),
        Route("/sandbox/accounts/{email}/calendars/{calendar}", remove_calendar, methods=["DELETE"]),
        Route("/sandbox/grants", grants, methods=["POST", "DELETE"]),
        Route("/sandbox/faults", faults, methods=every),
        Route("/sandbox/log", log, methods=["GET", "DELETE"]),
        Route("/sandbox/settings", settings, methods=["GET", "POST"]),
        Route("/sandbox/forget", forget, methods=["POST"]),
    ]


def _account(store: Store, email: Any) -> Account:
    if email not in store.accounts:
        raise ValueError(f"no account {email}")
    return store.accounts[email]


def _counts(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "messages": len(account.mailbox.messages),
        "history_id": account.mailbox.history_id,
        "calendars": {key: len(calendar.events) for key, calendar in account.calendars.items()},
    }


__all__ = ["AccountIn", "CalendarIn", "MailIn", "Settings", "load", "routes"]
