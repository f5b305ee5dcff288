"""The sample practice: a book here, a mailbox and a calendar in the built-in stand-in, and the real jobs in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import httpx

from omnicrm.core import clock
from omnicrm.core import db as database
from omnicrm.core.errors import Unavailable
from omnicrm.core.wire import Tokens
from omnicrm.domain import connections, demo, practice
from omnicrm.domain.demo import founding
from omnicrm.integrations import google_oauth
from omnicrm.sandbox import builtin, sample

CLIENTS = 24
SCOPES = {
    "google_gmail": google_oauth.SCOPES["mail"],
    "google_calendar": google_oauth.SCOPES["calendar"],
}
Progress = Callable[[str, int], None]


def furnish(
    user_id: UUID,
    *,
    contacts: int = CLIENTS,
    seed: int = 1,
    long_history: int = 0,
    progress: Progress = lambda what, done: None,
) -> None:
    """Make an empty account a sample practice, with its Google account connected and due to be read.

    Reproducible for a seed and a day. The first 24 clients are those of the mailbox; the others only have a past.
    Raises Conflict where the account has contacts, Unavailable where the stand-in does not start.
    """
    with database.transaction(user_id) as db:
        demo.require_empty(db)
        me = practice.of(db)
    made = sample.practice(
        clock.now(),
        time_zone=str(me.zone),
        email=me.email,
        name=me.name or "Maya Lindqvist",
        seed=seed,
        people=min(contacts, CLIENTS),
    )
    grants = _load(made)
    with database.transaction(user_id, actor="system", reason="sample data") as db:
        demo.require_empty(db)
        founding.found(db, _book(made))
        if contacts > CLIENTS:
            demo.fill(
                db,
                contacts=contacts - CLIENTS,
                seed=seed,
                long_history=long_history,
                days_ahead=-30,
                progress=progress,
            )
        for provider, (tokens, subject) in grants.items():
            connections.link(db, provider, made.email, tokens, external_account_id=subject, sample=True)


def _load(made: sample.Practice) -> dict[str, tuple[Tokens, str]]:
    """The Google side into the stand-in; a grant for each of the two connections."""
    try:
        with httpx.Client(base_url=builtin.url(), timeout=30, trust_env=False) as client:
            client.post("/sandbox/accounts", json=made.account().model_dump()).raise_for_status()
            return {provider: _grant(client, made.email, scopes) for provider, scopes in SCOPES.items()}
    except httpx.HTTPError as error:
        raise Unavailable("The sample Google account does not answer. Try again in a moment.") from error


def _grant(client: httpx.Client, email: str, scopes: tuple[str, ...]) -> tuple[Tokens, str]:
    answer = client.post("/sandbox/grants", json={"email": email, "scopes": list(scopes), "client_id": "omnicrm"})
    body = answer.raise_for_status().json()
    tokens = Tokens(
        access_token=body["access_token"],
        refresh_token=body["refresh_token"],
        expires_at=clock.now() + timedelta(seconds=body["expires_in"] - 60),
        scopes=tuple(body["scope"].split()),
    )
    return tokens, body["sub"]


def _book(made: sample.Practice) -> founding.Book:
    return founding.Book(
        calendar_id=made.email,
        clients=[
            founding.Client(person.first_name, person.last_name, person.email, person.phone) for person in made.people
        ],
        offers=[
            founding.Offer(service.name, service.duration_minutes, Decimal(service.price)) for service in made.services
        ],
        appointments=[
            founding.Appointment(booked.person.email, booked.service.name, booked.scheduled_at, booked.event_id)
            for booked in made.sessions
        ],
        bills=[
            founding.Bill(bill.number, bill.person.email, Decimal(bill.total), bill.currency) for bill in made.invoices
        ],
    )
