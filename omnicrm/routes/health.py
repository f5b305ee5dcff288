"""For whoever watches over an installation: does it live, is it ready, how much does it do."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from functools import lru_cache

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from omnicrm.core import config, migrations, web
from omnicrm.core.errors import OmniError

_FRESH = {"cache-control": "no-store"}


async def alive(request: Request) -> Response:
    """200 while the process lives; asks nothing of the database."""
    return PlainTextResponse("alive\n", headers=_FRESH)


async def ready(request: Request) -> Response:
    """200 when the database answers and has this version's schema, else 503 with the reason."""
    reason = await asyncio.to_thread(_unready)
    return PlainTextResponse(f"{reason or 'ready'}\n", status_code=503 if reason else 200, headers=_FRESH)


async def figures(request: Request) -> Response:
    """Prometheus text, for this machine or for who has the token."""
    if not _may_read(request):
        return PlainTextResponse("Figures are for this machine, or with METRICS_TOKEN as a bearer.\n", status_code=403)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST, headers=_FRESH)


routes = [
    Route("/healthz", alive),
    Route("/readyz", ready),
    Route("/metrics", figures),
]


def _unready() -> str | None:
    try:
        if migrations.current() != _head():
            return "The database has another schema than this version needs. Run `omnicrm migrate`."
    except OmniError as error:
        return error.message
    return None


@lru_cache(maxsize=1)
def _head() -> str:
    return migrations.head()


def _may_read(request: Request) -> bool:
    token = config.settings().metrics_token
    given = request.headers.get("authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    if any(request.headers.get(name) for name in ("x-forwarded-for", "forwarded", "x-real-ip")):
        return False  # a proxy on this machine asks for somebody else
    try:
        return ipaddress.ip_address(web.client_address(request.scope)).is_loopback
    except ValueError:
        return False
