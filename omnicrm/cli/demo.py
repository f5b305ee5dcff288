"""omnicrm demo: a sample practice."""

from __future__ import annotations

import secrets
from typing import Annotated
from uuid import UUID

import typer

from omnicrm.cli import output, users, whose
from omnicrm.cli.database import prepare
from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.domain import accounts

_EMAIL = "maya@stillwater.example"


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    user: Annotated[
        str | None, typer.Option("--user", metavar="EMAIL", help="An empty account; else one is made.")
    ] = None,
    contacts: Annotated[int, typer.Option(min=6, max=1_000_000, help="How many clients.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed on the same day makes the same practice.")] = 1,
    long_history: Annotated[int, typer.Option(min=0, max=100_000, help="Notes more for one client.")] = 0,
    as_json: output.AsJson = False,
) -> None:
    """Make a sample practice: clients, sessions, notes, invoices, and a sample Google account to be read."""
    from omnicrm.jobs import sample  # the Google client is slow to import, and only this command needs it

    password = None
    if user is None:
        user, password, user_id = _new_account()
    else:
        user_id = whose.user_id(user)
    sample.furnish(
        user_id,
        contacts=contacts,
        seed=seed,
        long_history=long_history,
        progress=lambda what, done: output.say(f"  {what}: {done:,}"),
    )
    figures = {"email": user, "contacts": contacts, "seed": seed} | ({"password": password} if password else {})
    lines = [f"The sample practice of {user} stands, with {contacts:,} clients.", f"Next: omnicrm sync --user {user}"]
    output.report(figures, lines[:1] + ([f"Password: {password}"] if password else []) + lines[1:], as_json=as_json)


def _new_account() -> tuple[str, str, UUID]:
    prepare()
    with transaction(None) as db:
        taken = accounts.by_email(db, _EMAIL) is not None
    email = f"maya.{secrets.token_hex(3)}@stillwater.example" if taken else _EMAIL
    password = secrets.token_urlsafe(12)
    form = users.registration(email=email, name="Maya Lindqvist", time_zone="Europe/Helsinki", password=password)
    with transaction(ids.new(), actor="system", reason="sample data") as db:
        made = accounts.register(db, form)
        accounts.name_practice(db, "Stillwater")
    return email, password, made.id
