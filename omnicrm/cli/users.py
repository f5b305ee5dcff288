"""omnicrm user create, list, delete."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from omnicrm.cli import output, whose
from omnicrm.cli.database import prepare
from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid, Refused
from omnicrm.domain import accounts


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Accounts.", no_args_is_help=True)
    group.command("create")(create)
    group.command("list")(list_)
    group.command("delete")(delete)
    app.add_typer(group, name="user")


def create(
    email: str,
    name: Annotated[str, typer.Option(help="As clients know the practitioner.")],
    time_zone: Annotated[str, typer.Option(help="An IANA name, such as Europe/Berlin.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin; without it one is made and shown.")
    ] = False,
    as_json: output.AsJson = False,
) -> None:
    """Create an account."""
    prepare()
    password = _from_stdin() if password_stdin else secrets.token_urlsafe(12)
    form = registration(email=email, name=name, time_zone=time_zone, password=password)
    with transaction(ids.new(), actor="system", reason="command line") as db:
        made = accounts.register(db, form)
    figures = {"id": str(made.id), "email": made.email}
    lines = [f"{made.email} can sign in."]
    if not password_stdin:
        figures["password"] = password
        lines.append(f"Password: {password}")
    output.report(figures, lines, as_json=as_json)


def list_(as_json: output.AsJson = False) -> None:
    """List the accounts."""
    prepare()
    with transaction(None, role="owner") as db:  # the only one who sees more than one practitioner
        rows = accounts.overview(db)
    output.report(
        {"users": [row.model_dump(mode="json") for row in rows]},
        [f"{row.email}  {row.name}  {row.time_zone}  since {row.created_at:%Y-%m-%d}" for row in rows]
        or ["No accounts yet. `omnicrm user create` makes one."],
        as_json=as_json,
    )


def delete(
    email: str,
    yes: Annotated[bool, typer.Option("--yes", help="Really: everything of this practice is erased.")] = False,
) -> None:
    """Delete an account and everything in it."""
    user_id = whose.user_id(email)
    if not yes:
        raise Refused(f"This erases the whole practice of {email} for good. Repeat with --yes to do it.")
    with transaction(user_id, actor="system", reason="command line") as db:
        accounts.erase(db)
    output.say(f"{email} and everything in it is gone.")


def registration(**typed: str) -> accounts.Registration:
    """What was typed, as a form. Raises Invalid."""
    try:
        return accounts.Registration(**typed)
    except ValidationError as error:
        raise Invalid(fields={str(one["loc"][0]): one["msg"] for one in error.errors()}) from None


def _from_stdin() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise Invalid("There is no password on stdin.")
    return password
