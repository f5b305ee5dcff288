"""The shell's door: one file a command group. A module here that has `register(app)` is picked up by itself.

What a command needs is imported by its module alone, and a command line loads only the module of its first word: a
command that asks for one row must not wait for the Google client, and `serve` starts before its pages are compiled.
"""

from __future__ import annotations

import importlib
import pkgutil

import typer

# The first word of a command line -> its module, where that has another name.
MODULES = {
    "database-stop": "database",
    "database-url": "database",
    "import": "imports",
    "migrate": "database",
    "user": "users",
    "worker": "serve",
}


def build(first: str = "") -> typer.Typer:
    """The commands: all of them, or those of one module where `first`, the first word of a command line, is known.

    Groups (`user create`) add a sub-application, single commands decorate `app` itself.
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
    wanted = MODULES.get(first, first)
    for name in [wanted] if wanted in names else names:
        register = getattr(importlib.import_module(f"{__name__}.{name}"), "register", None)
        if register is not None:
            register(app)
    return app
