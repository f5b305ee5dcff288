"""omnicrm export: everything held on a practitioner, or on one client, as an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from omnicrm.cli import output, whose
from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid
from omnicrm.domain import everything


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    user: output.User,
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="Where the archive goes; it must not be there yet.")],
    contact: Annotated[str | None, typer.Option(metavar="ID", help="Only what is held on this client.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Everything that is held: JSON, CSV, vCard, a calendar and the files, without passwords, keys and tokens."""
    user_id = whose.user_id(user)
    contact_id = whose.row_id(contact, "contact") if contact is not None else None
    if out.exists():
        raise Invalid(f"{out} is there already. Name another file.")
    if not out.parent.is_dir():
        raise Invalid(f"There is no folder {out.parent}.")
    try:
        with transaction(user_id, reason="export") as db:
            report = everything.write(
                db, out, contact_id=contact_id, progress=lambda done, of, what: output.say(f"  {done}/{of} {what}")
            )
    except OSError as error:
        raise Invalid(f"{out} cannot be written: {error.strerror}.") from error
    rows = sum(report.counts.values())
    figures = {
        "file": str(out),
        "bytes": report.size,
        "rows": report.counts,
        "files": report.files,
        "files_missing": report.missing,
    }
    lines = [f"{number:>9,}  {table.replace('_', ' ')}" for table, number in report.counts.items() if number]
    lines += [f"{report.files:>9,}  files"]
    lines += [f"  {name} is missing: its bytes are not in the storage." for name in report.missing]
    lines.append(f"{out}: {rows:,} rows, {report.size / 1_000_000:.1f} MB. It holds what nobody else should read.")
    output.report(figures, lines, as_json=as_json)
