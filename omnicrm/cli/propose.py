"""`propose`: what the assistant would propose."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from omnicrm.cli import output
from omnicrm.core.errors import Refused


def register(app: typer.Typer) -> None:
    app.command("propose")(propose)


def propose(
    cases: Annotated[
        Path | None, typer.Option("--cases", help="A folder of cases: cases.jsonl, mail/, events/.", file_okay=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the answers go, one JSON line a case; else stdout.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="EMAIL", help="Make proposals from what has been synced.")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Make proposals from what has been synced (--user), or run the generator over a folder of cases (--cases)."""
    if (cases is None) == (user is None):
        raise typer.BadParameter("Name either --user or --cases.")
    if user is not None:
        _from_inbox(user, as_json)
    elif cases is not None:
        _from_cases(cases, out)


def _from_inbox(user: str, as_json: bool) -> None:
    from omnicrm.cli import whose
    from omnicrm.jobs import runner

    (run,) = runner.run_now("propose", whose.user_id(user))
    counts = {name: run.counts[name] for name in ("seen", "proposed", "skipped")}
    line = f"{counts['seen']} looked at, {counts['proposed']} proposals, {counts['skipped']} skipped"
    output.report(counts, [line], as_json=as_json)


def _from_cases(folder: Path, out: Path | None) -> None:
    lines = answers(folder)
    if out is None:
        for line in lines:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        return
    counts = {"cases": 0, "proposals": 0, "errors": 0}
    try:
        file = out.open("w", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{out} cannot be written: {error.strerror}.") from error
    with file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            counts["cases"] += 1
            counts["proposals"] += len(line.get("proposals", ()))
            counts["errors"] += "error" in line
    typer.echo(f"{counts['cases']} cases, {counts['proposals']} proposals, {counts['errors']} errors: {out}")


def answers(folder: Path) -> Iterator[dict[str, Any]]:
    """One answer a case, with the milliseconds of generating it; a broken case answers with "error"."""
    from omnicrm.assistant import case_files

    for case_id, row in case_files.lines(folder):
        if isinstance(row, str):
            yield {"id": case_id, "error": row}
            continue
        try:
            yield _answer(case_id, folder, row)
        except Exception as error:  # one broken case must not stop the others
            yield {"id": case_id, "error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}


def _answer(case_id: str, folder: Path, row: dict[str, Any]) -> dict[str, Any]:
    from omnicrm.assistant import case_files, generate

    case = case_files.case(folder, row)
    started = time.perf_counter()
    drafts = generate(case)
    elapsed = (time.perf_counter() - started) * 1000
    proposals = [
        {
            "type": draft.type,
            **draft.slots,
            "confidence": draft.confidence,
            "evidence": [quote.quote for quote in draft.evidence],
        }
        for draft in drafts
    ]
    return {"id": case_id, "proposals": proposals, "ms": round(elapsed, 2)}
