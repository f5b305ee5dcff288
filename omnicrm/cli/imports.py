"""omnicrm import takeout: mail, calendars and address books from files."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from omnicrm.cli import output, whose
from omnicrm.core import zones
from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid
from omnicrm.domain import practice
from omnicrm.jobs.takeout import Report

_SHOWN = 50


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Bring in what was kept elsewhere.", no_args_is_help=True)
    group.command("takeout")(takeout)
    app.add_typer(group, name="import")


def takeout(
    path: Annotated[Path, typer.Argument(help="A Google Takeout archive or folder, or a single file of it.")],
    user: output.User,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Leave out what is older, such as 2026-01-31.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and tell, write nothing.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Read .mbox, .eml, .ics and .vcf like a sync, and make proposals of what is new."""
    from omnicrm.jobs import runner
    from omnicrm.jobs import takeout as job

    user_id = whose.user_id(user)
    report = job.read(
        user_id,
        path,
        since=_since(user_id, since),
        dry_run=dry_run,
        progress=lambda seen: output.say(f"  {seen:,} items"),
    )
    proposed = 0 if dry_run else sum(run.counts["proposed"] for run in runner.run_now("propose", user_id))
    figures = {
        "batch_id": report.batch_id,
        "counts": report.counts,
        "proposed": proposed,
        "reasons": [{"item": item, "reason": reason} for item, reason in report.reasons],
    }
    output.report(figures, _lines(report, proposed), as_json=as_json)


def _since(user_id: UUID, typed: str | None) -> datetime | None:
    if typed is None:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Invalid(f"“{typed[:40]}” is not a date. Write it like 2026-01-31.") from None
    with transaction(user_id) as db:
        return zones.at_wall(day, time(0), practice.of(db).zone)


def _lines(report: Report, proposed: int) -> list[str]:
    lines = [f"{number:>8,}  {what}" for what, number in sorted(report.counts.items())]
    lines += [f"  {item}: {reason}" for item, reason in report.reasons[:_SHOWN]]
    if len(report.reasons) > _SHOWN:
        lines.append(f"  and {len(report.reasons) - _SHOWN} more; --json tells them all.")
    if report.batch_id is None:
        return [*lines, "Nothing was written."]
    return [*lines, f"{proposed:,} proposals wait. This import is {report.batch_id}."]
