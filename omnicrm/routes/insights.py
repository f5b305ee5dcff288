"""The numbers of Insights as files."""

from __future__ import annotations

from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnicrm.core import clock
from omnicrm.core import db as database
from omnicrm.core.errors import Invalid, SignedOut
from omnicrm.domain import insights
from omnicrm.domain.accounts import Login
from omnicrm.routes import pages


async def figures(request: Request) -> Response:
    """CSV of `all` figures or of one, for the stretch that `range`, `first` and `last` name; 401 signed out, 404 for
    another figure, 422 for a stretch that is none."""
    login = await run_in_threadpool(pages.current_login, request)
    if login is None:
        raise SignedOut
    figure = request.path_params["figure"]
    asked = request.query_params
    body = await run_in_threadpool(_numbers, login, figure, asked.get("range"), asked.get("first"), asked.get("last"))
    name = f"insights-{figure}-{clock.now():%Y-%m-%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


routes = [Route("/export/insights/{figure}", figures)]


def _numbers(login: Login, figure: str, kind: str | None, first: str | None, last: str | None) -> str:
    if kind not in ("4w", "12w", "year", "custom", None):
        raise Invalid("There is no such stretch of time.", {"range": "One of 4w, 12w, year, custom."})
    with database.transaction(login.user_id) as db:
        stretch = insights.chosen(db, kind or "12w", _day(first, "first"), _day(last, "last"))
        return insights.written(insights.read(db, stretch), figure)


def _day(written: str | None, field: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise Invalid(fields={field: "Write a date such as 2026-03-04."}) from None
