"""The application, put together: pages, routes, jobs, and what stands around them. Nowhere else are they joined."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import reflex as rx

from omnicrm import jobs, pages, routes
from omnicrm.components import theme
from omnicrm.core import bundle, config, postgres
from omnicrm.core.errors import OmniError
from omnicrm.jobs import duplicates, exporting, uploads
from omnicrm.routes import samples
from omnicrm.routes.handshake import Handshake
from omnicrm.routes.shield import Shield, Slashes
from omnicrm.state import duplicates as looking
from omnicrm.state import exports, gate
from omnicrm.state import imports as importing

logger = logging.getLogger(__name__)

NO_JOBS = "OMNICRM_NO_JOBS"  # set by `serve --no-jobs` for the processes that it starts
WATCH = 5.0  # seconds between two looks at the embedded database


def server() -> Any:
    """The ASGI application that `omnicrm serve` runs: everything behind one port.

    Ends the process where the pages were built for another shape of the state: they would show no data.
    """
    folder = Path(os.environ["REFLEX_WEB_WORKDIR"])
    inner = app()
    if bundle.state_schema(folder) != rx.State._to_frontend_schema():
        sys.exit("omnicrm: The pages were built from other sources. Run `omnicrm bundle --again`, then start again.")
    static = folder / "build" / "client"
    return Shield(Handshake(Slashes(inner, static)), static)


def _import_all(package: Any) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)


async def _keep_database() -> None:
    """The embedded server is brought back when something killed it: the pools reconnect by themselves."""
    while config.settings().embedded:
        await asyncio.sleep(WATCH)
        try:
            await asyncio.to_thread(postgres.ensure)
        except OmniError as error:
            logger.warning("%s", error.message)


async def _work() -> None:
    """The scheduled jobs, as long as the server runs; a stop waits until they have reached a safe place."""
    from omnicrm.jobs import runner

    await asyncio.to_thread(runner.start)
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.shield(asyncio.to_thread(runner.stop))


def _furnish(user_id: UUID) -> None:
    from omnicrm.jobs import sample

    sample.furnish(user_id)


_import_all(pages)
app = rx.App(
    stylesheets=theme.STYLESHEETS,
    head_components=theme.head(),
    html_lang="en",
    toaster=None,  # Reflex' toasts need script from the server, which the policy forbids; ours are in ui.jsx
    api_transformer=[routes.app()],
)
app.app_wraps.pop((5, "Overlay"), None)  # its connection toast: layout.py says it in our words
gate.install(app)
app.register_lifespan_task(_keep_database)
if os.environ.get(NO_JOBS) != "1":
    _import_all(jobs)
    app.register_lifespan_task(_work)
samples.offer(_furnish)
importing.offer(uploads)
exports.offer(exporting)
looking.offer(duplicates)
