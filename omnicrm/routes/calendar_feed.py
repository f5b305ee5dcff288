"""`GET /calendar/{token}.ics`: the practitioner's sessions for any calendar program, without a login."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnicrm.core import db as database
from omnicrm.core import web
from omnicrm.domain import calendar_feed

_HEADERS = {
    "cache-control": "no-store",
    "content-disposition": 'inline; filename="sessions.ics"',
    "x-robots-tag": "noindex",
}


async def feed(request: Request) -> Response:
    """200 with the calendar, 404 for what is unknown, revoked or expired alike, 429 for one that asks too often."""
    address = web.client_address(request.scope)
    calendar = await run_in_threadpool(_written, request.path_params["token"], address)
    return Response(calendar, media_type="text/calendar; charset=utf-8", headers=_HEADERS)


routes = [Route("/calendar/{token}.ics", feed)]


def _written(token: str, address: str) -> str:
    with database.transaction(None) as db:
        user_id, link_id = calendar_feed.owner(db, token, address)
    with database.transaction(user_id, actor="system") as db:
        return calendar_feed.written(db, link_id)
