"""“Look around with sample data”: an account without a password, and a practice in it that the real jobs sync."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnicrm.core import db as database
from omnicrm.core import ids, web, zones
from omnicrm.core.errors import NotFound
from omnicrm.domain import accounts, limits
from omnicrm.domain.accounts import Registration
from omnicrm.domain.limits import Limit
from omnicrm.routes import auth, pages

SAMPLES = Limit("sample", 20, timedelta(hours=1))
HOME = "Europe/Helsinki"  # of the practice in the sample, where the visitor's own zone is not known

_furnish: Callable[[UUID], None] | None = None


def offer(furnish: Callable[[UUID], None]) -> None:
    """Where the application is put together: how an empty account becomes a sample practice."""
    global _furnish
    _furnish = furnish
    auth.offer_sample()


async def look_around(request: Request) -> Response:
    """303 into a sample practice of the visitor's own, signed in; 429 after too many."""
    form = await auth.read_form(request, "time_zone")
    token = await run_in_threadpool(_made, request, form["time_zone"])
    return auth.with_login(request, token, "/approvals")


routes = [Route("/auth/sample", look_around, methods=["POST"])]


def _made(request: Request, time_zone: str) -> str:
    """Raises NotFound where samples are not offered, Refused, TooMany, Unavailable."""
    if _furnish is None:
        raise NotFound("Sample data is not offered here.")
    auth.refuse_plain_http(request)
    with database.transaction(None, actor="system") as db:
        limits.count(db, SAMPLES, web.client_address(request.scope))
    form = Registration(
        name="Maya Lindqvist",
        email=f"maya.{secrets.token_hex(6)}@stillwater.example",
        time_zone=time_zone if time_zone in zones.names() else HOME,
    )
    with database.transaction(ids.new(), actor="system", reason="sample data") as db:
        me = accounts.register(db, form)
        accounts.name_practice(db, "Stillwater")
    try:
        _furnish(me.id)
    except BaseException:
        with database.transaction(me.id, actor="system", reason="no sample data") as db:
            accounts.delete(db, password=form.email)
        raise
    with database.transaction(me.id, reason="signed in") as db:
        token = accounts.open_login(db, pages.browser(request))
    auth.end_former(request)
    return token
