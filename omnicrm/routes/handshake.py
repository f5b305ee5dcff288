"""The door of the sockets: refuses a handshake without a living login before any state exists for it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from omnicrm.core import db as database
from omnicrm.core import ids, web
from omnicrm.core.errors import OmniError
from omnicrm.domain import accounts

Asgi: TypeAlias = Any

EVENTS = "/_event"
SESSION_HEADER = b"x-session-ref"
PER_ADDRESS = 40  # open sockets
TOKEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SAFE = ("GET", "HEAD", "OPTIONS")
PROVIDERS = ("/webhooks/",)  # machines that prove themselves by a signature


class Handshake:
    """ASGI wrapper around the whole application, outermost.

    Sockets: our own Origin, a tab token of the right form, a living login, few from one address. The cookie is taken
    off and its hash put on as `x-session-ref`, so that the token itself never enters a state. Requests: unsafe methods
    only from our own pages; no long polling, no upload through the framework.
    """

    def __init__(self, app: Asgi) -> None:
        self.app = app
        self.open: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Asgi, send: Asgi) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http" and (refusal := _refusal(scope)):
            await _answer(send, *refusal)
        else:
            await self.app(scope, receive, send)

    async def _socket(self, scope: Any, receive: Asgi, send: Asgi) -> None:
        address = web.client_address(scope)
        reference = await self._reference(scope, address)
        if reference is None:
            await receive()
            await send({"type": "websocket.close", "code": 4403})  # before the accept: HTTP 403
            return
        kept = [(key, value) for key, value in scope["headers"] if key not in (b"cookie", SESSION_HEADER)]
        scope = {**scope, "headers": [*kept, (SESSION_HEADER, reference.encode())]}
        self.open[address] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.open[address] -= 1
            if not self.open[address]:
                del self.open[address]

    async def _reference(self, scope: Any, address: str) -> str | None:
        """The cookie's hash, or None where the handshake is refused."""
        tokens = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
        if not scope["path"].startswith(EVENTS) or len(tokens) != 1 or not TOKEN.fullmatch(tokens[0]):
            return None
        if not web.same_origin(scope) or self.open[address] >= PER_ADDRESS:
            return None
        token = web.session_token(scope)
        if token is None:
            return None
        reference = ids.token_hash(token)
        return reference if await asyncio.to_thread(_is_living, reference) else None


def _refusal(scope: Any) -> tuple[int, str] | None:
    path = scope["path"]
    if path.startswith((EVENTS, "/_upload")):
        return 404, "There is nothing here."
    if scope["method"] not in SAFE and not path.startswith(PROVIDERS) and not web.same_origin(scope):
        return 403, "This came from another site, so nothing was done. Open OmniCRM itself and try again."
    return None


def _is_living(reference: str) -> bool:
    try:
        with database.transaction(None) as db:
            return accounts.who_is(db, reference) is not None
    except OmniError:
        return False


async def _answer(send: Asgi, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
