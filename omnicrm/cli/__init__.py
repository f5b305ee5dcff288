"""The shell's door: one file a command group. A module here that has `register(app)` is picked up by itself."""

from __future__ import annotations

import importlib
import pkgutil

import typer


def build(first: str = "") -> typer.Typer:
    """All commands. Groups (`user create`) add a sub-application, single commands decorate `app` itself.

    Where `first`, the first word of the command line, is a module's name, only that module is loaded: it starts sooner.
    """
    app = typer.Typer(
        name="omnicrm",
        help="OmniCRM: reads a practitioner's mail and calendar, prepares every record, and asks.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def _commands() -> None:
        """OmniCRM: reads a practitioner's mail and calendar, prepares every record, and asks."""

    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    for name in [first] if first in names else names:
        register = getattr(importlib.import_module(f"{__name__}.{name}"), "register", None)
        if register is not None:
            register(app)
    return app
