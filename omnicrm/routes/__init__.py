"""The door of machines and guests: plain HTTP, server-rendered."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from omnicrm.core import log
from omnicrm.core.errors import OmniError

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def all_routes() -> tuple[BaseRoute, ...]:
    """The `routes` of every module here, in the order of their names."""
    found: list[BaseRoute] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found += getattr(importlib.import_module(f"{__name__}.{module.name}"), "routes", [])
    return tuple(found)


def app() -> Starlette:
    """The routes as an application of their own; what none of them answers goes on to whatever is mounted into it."""
    return Starlette(routes=list(all_routes()), exception_handlers={OmniError: _in_words, Exception: _with_reference})


def is_ours(scope: Any) -> bool:
    """Whether one of these routes answers a path, whatever the method."""
    return any(route.matches(scope)[0] is not Match.NONE for route in all_routes())


async def _in_words(request: Request, error: Exception) -> Response:
    from omnicrm.routes.pages import refused  # it belongs to one of the modules that are gathered above

    assert isinstance(error, OmniError)  # noqa: S101  # registered for these only
    return refused(request, error)


async def _with_reference(request: Request, error: Exception) -> Response:
    reference = log.bug(logger, error)
    words = f"That did not work. If it happens again, give us this reference: {reference}"
    return await _in_words(request, OmniError(words))
