"""`sandbox`: the loopback stand-in for Google."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from omnicrm.cli import output
from omnicrm.core import clock


def register(app: typer.Typer) -> None:
    app.command("sandbox")(sandbox)


def sandbox(
    port: Annotated[int, typer.Option(help="Port to listen on, loopback only.", min=1, max=65535)] = 3900,
    folder: Annotated[Path | None, typer.Option(help="Where its state is kept; without one, in memory.")] = None,
    sample: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Fill this account with a sample mailbox and calendar.")
    ] = None,
    mails: Annotated[int, typer.Option(help="How many mails the sample has.", min=0, max=200_000)] = 40,
    events: Annotated[int, typer.Option(help="How many events the sample has.", min=0, max=100_000)] = 30,
    seed: Annotated[int, typer.Option(help="The same seed makes the same sample.")] = 1,
) -> None:
    """Serve a stand-in for Google: OAuth 2.0, Gmail v1, Calendar v3, with faults on demand under /sandbox/.

    Point an installation at it with GOOGLE_API_BASE=http://127.0.0.1:PORT.
    """
    from omnicrm.sandbox import Store, control, serve
    from omnicrm.sandbox.sample import practice

    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    store = Store(folder)
    if sample is not None:
        content = practice(clock.now(), email=sample, seed=seed, mails=mails, events=events)
        control.load(store, content.account())
        store.save()
    output.say(f"The stand-in for Google is at http://127.0.0.1:{port} (Ctrl-C ends it)")
    serve(port, store)
