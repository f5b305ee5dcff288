"""How commands speak: reports on stdout, for people or as one JSON object; what goes wrong is __main__'s to say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
User = Annotated[str, typer.Option("--user", metavar="EMAIL", help="Whose practice.")]


def report(figures: Mapping[str, Any], lines: Iterable[str], *, as_json: bool = False) -> None:
    """Print `figures` as JSON, or `lines` for a person. Dates, ids and amounts in `figures` become text."""
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, default=str))
        return
    for line in lines:
        typer.echo(line)


def say(line: str) -> None:
    """What is being done, while it is: on stderr, so that stdout stays the report."""
    typer.echo(line, err=True)
