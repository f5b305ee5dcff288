"""omnicrm bundle: the built pages."""

from __future__ import annotations

from typing import Annotated

import typer

from omnicrm.cli import output
from omnicrm.core import bundle
from omnicrm.core.errors import Refused


def register(app: typer.Typer) -> None:
    app.command("bundle")(build)


def build(
    check: Annotated[bool, typer.Option("--check", help="Build nothing; fail if the pages are not built.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Build even if nothing changed.")] = False,
) -> None:
    """Build the pages of the present sources, unless they are built, and print their folder."""
    if check and bundle.current() is None:
        raise Refused("The pages of these sources are not built. Run `omnicrm bundle`.")
    typer.echo(bundle.ensure(output.say, again=again))
