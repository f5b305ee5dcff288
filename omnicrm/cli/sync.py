"""`sync`: read Google now."""

from __future__ import annotations

from typing import Annotated

import typer

from omnicrm.cli import output, whose
from omnicrm.core import db as database
from omnicrm.core.errors import OmniError, Refused
from omnicrm.domain import connections

SYNCS = ("sync_mail", "sync_calendar")


def register(app: typer.Typer) -> None:
    app.command("sync")(sync)


def sync(
    user: output.User,
    full: Annotated[bool, typer.Option("--full", help="Everything within the limits, not only what changed.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Read mail and calendar from Google now, and wait until it is done."""
    from omnicrm.jobs import runner

    user_id = whose.user_id(user)
    with database.transaction(user_id) as db:
        linked = connections.of(db, "google_gmail", "google_calendar", status=None)
    if not linked:
        raise Refused("No Google account is connected. Connect one in the settings, or try the sample data.")
    figures: dict[str, dict[str, int]] = {}
    problem: OmniError | None = None
    for kind in SYNCS:
        try:
            runs = runner.run_now(kind, user_id, full=full)
        except OmniError as error:
            problem = problem or error
            continue
        figures[kind] = {name: sum(run.counts[name] for run in runs) for name in ("seen", "changed", "skipped")}
    lines = [
        f"{'Mail' if kind == 'sync_mail' else 'Calendar'}: {one['seen']} seen, {one['changed']} changed, "
        f"{one['skipped']} skipped"
        for kind, one in figures.items()
    ]
    output.report(figures, lines, as_json=as_json)
    if problem is not None:
        raise problem
