"""omnicrm database-url, migrate, database-stop."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from sqlalchemy import make_url

from omnicrm.cli import output
from omnicrm.core import config, migrations, postgres
from omnicrm.core.errors import Refused


class Role(StrEnum):
    """Who connects."""

    APP = "app"
    JOBS = "jobs"
    OWNER = "owner"


def register(app: typer.Typer) -> None:
    app.command("database-url")(database_url)
    app.command("database-stop")(database_stop)
    app.command("migrate")(migrate)


def database_url(
    role: Annotated[Role, typer.Option(help="app serves, jobs works, owner migrates.")] = Role.APP,
) -> None:
    """Print the connection string of the database, for psql and other tools. Starts the embedded one if need be."""
    url = make_url(postgres.url(role.value)).set(drivername="postgresql")
    typer.echo(url.render_as_string(hide_password=False))


def database_stop() -> None:
    """Stop the embedded database for everybody who uses this data folder. The next command starts it again."""
    if not config.settings().embedded:
        raise Refused("DATABASE_URL is set: that server is not ours to stop.")
    postgres.stop()
    output.say("The database is stopped.")


def migrate(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if something is due.")] = False,
) -> None:
    """Bring the database to the schema of this version."""
    head = migrations.head()
    before = migrations.current(None if check else postgres.url("owner"))
    if before == head:
        output.say(f"The database is current ({head}).")
    elif check:
        raise Refused(f"The database is at {before or 'nothing'}, this version needs {head}. Run `omnicrm migrate`.")
    else:
        migrations.upgrade()
        output.say(f"The database went from {before or 'nothing'} to {head}.")


def prepare() -> None:
    """The embedded database is migrated; a configured one is its administrator's to migrate.

    Raises Refused for another schema, and for a serving role that row-level security does not bind.
    """
    postgres.ensure()
    if not config.settings().embedded:
        postgres.refuse_powerful_roles()
    if migrations.is_current():
        return
    if not config.settings().embedded:
        raise Refused("The database has another schema than this version needs. Run `omnicrm migrate` first.")
    output.say("Preparing the database…")
    migrations.upgrade()
