"""omnicrm import: contacts, mail and calendars from files, and taking an import back."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from omnicrm.cli import output, whose
from omnicrm.core import zones
from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid
from omnicrm.domain import practice
from omnicrm.domain.contacts import own_fields
from omnicrm.domain.imports import Look, Plan
from omnicrm.domain.imports.people import OWN
from omnicrm.formats import csv_contacts

if TYPE_CHECKING:
    from omnicrm.jobs.takeout import Report

_SHOWN = 50


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Bring in what was kept elsewhere.", no_args_is_help=True)
    group.command("contacts")(contacts)
    group.command("takeout")(takeout)
    group.command("revert")(revert)
    app.add_typer(group, name="import")


def contacts(
    file: Annotated[Path, typer.Argument(help="CSV (Google, Outlook, any) or vCard 2.1, 3.0, 4.0.")],
    user: output.User,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--map", metavar="FILE", help='JSON: {"columns": {"Vorname": "first_name", …}, "day_first": true}.'
        ),
    ] = None,
    perhaps: Annotated[
        str, typer.Option(metavar="WHAT", help="With rows that may be somebody in the book: new, same or leave_out.")
    ] = "new",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and tell, write nothing.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Bring contacts in: what is known is filled in where it is empty; the same file twice makes nothing new."""
    from omnicrm.jobs import contacts_import as job

    if perhaps not in ("new", "same", "leave_out"):
        raise Invalid("--perhaps is new, same or leave_out.")
    user_id = whose.user_id(user)
    with transaction(user_id) as db:
        looked = job.look(file, days_first=not practice.of(db).locale.endswith("US"))
        own = {f"{OWN}{field.name}" for field in own_fields.listed(db)}
    plan = _plan(looked, mapping, perhaps, own)
    work = job.rehearse if dry_run else job.run
    report = work(user_id, looked, plan, progress=lambda rows: output.say(f"  {rows:,} rows"))
    figures = {
        "batch_id": report.batch_id,
        "counts": dict(report.counts),
        "columns": dict(zip(looked.sheet.headers, plan.targets, strict=True)) if looked.sheet else {},
        "perhaps": [
            {
                "row": verdict.person.number,
                "name": verdict.person.name,
                "like": verdict.known.words if verdict.known else "",
                "why": verdict.why,
            }
            for verdict in report.perhaps
        ],
        "reasons": [{"item": item, "reason": reason} for item, reason in report.reasons],
        "resumed_at": report.resumed_at,
    }
    lines = [f"{number:>8,}  {what}" for what, number in sorted(report.counts.items())]
    lines += [
        f"  row {verdict.person.number}: {verdict.person.name} is perhaps {verdict.known.words} ({verdict.why})"
        for verdict in report.perhaps[:_SHOWN]
        if verdict.known
    ]
    lines += _reasons(report.reasons)
    lines.append(
        f"Import {report.batch_id}. Taken back with: omnicrm import revert {report.batch_id} --user {user}"
        if report.batch_id
        else "Nothing was written."
    )
    output.report(figures, lines, as_json=as_json)


def revert(
    batch_id: Annotated[str, typer.Argument(metavar="BATCH_ID", help="As the import said it.")],
    user: output.User,
    as_json: output.AsJson = False,
) -> None:
    """Take an import back whole: what it made goes, what it filled is emptied, what was changed or used since stays."""
    from omnicrm.jobs import contacts_import as job

    user_id = whose.user_id(user)
    done = job.revert(
        user_id, whose.row_id(batch_id, "import"), progress=lambda number: output.say(f"  {number:,} taken back")
    )
    figures = {
        "removed": done.removed,
        "put_back": done.put_back,
        "items": done.items,
        "kept": [{"name": name, "why": why} for name, why in done.kept],
    }
    lines = [
        f"{done.removed:>8,}  contacts removed",
        f"{done.put_back:>8,}  fields and addresses put back",
        f"{done.items:>8,}  mails and events removed",
        f"{len(done.kept):>8,}  kept",
    ]
    output.report(figures, lines + [f"  {name}: {why}" for name, why in done.kept[:_SHOWN]], as_json=as_json)


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


def _plan(looked: Look, mapping: Path | None, perhaps: str, own: set[str]) -> Plan:
    """Raises Invalid for a mapping that does not fit the file. `own` are the targets of the practitioner’s fields."""
    if looked.sheet is None or looked.guess is None:
        return Plan(perhaps=perhaps)  # type: ignore[arg-type]  # checked above
    targets, days_first = looked.guess.targets, looked.guess.day_first
    if mapping is not None:
        try:
            given = json.loads(mapping.read_text("utf-8"))
            columns, days_first = dict(given["columns"]), bool(given.get("day_first", days_first))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Invalid('The mapping is not JSON like {"columns": {"Vorname": "first_name"}}.') from error
        for header, target in columns.items():
            if header not in looked.sheet.headers:
                raise Invalid(f"There is no column “{str(header)[:60]}” in the file.")
            if target not in csv_contacts.TARGETS and target not in own:
                raise Invalid(f"“{str(target)[:60]}” is nothing that a column can become.")
        targets = tuple(columns.get(header, "") for header in looked.sheet.headers)
    return Plan(targets, days_first, perhaps)  # type: ignore[arg-type]  # checked above


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
    lines += _reasons(report.reasons)
    if report.batch_id is None:
        return [*lines, "Nothing was written."]
    return [*lines, f"{proposed:,} proposals wait. This import is {report.batch_id}."]


def _reasons(reasons: list[tuple[str, str]]) -> list[str]:
    lines = [f"  {item}: {reason}" for item, reason in reasons[:_SHOWN]]
    if len(reasons) > _SHOWN:
        lines.append(f"  and {len(reasons) - _SHOWN} more; --json tells them all.")
    return lines
