"""The outer door: no socket and no page without a living login, nothing unsafe from another site."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Any, TypeAlias
from urllib.parse import parse_qs, quote

from omnicrm.core import db as database
from omnicrm.core import ids, web
from omnicrm.core.errors import OmniError
from omnicrm.domain import accounts
from omnicrm.routes import is_ours

Asgi: TypeAlias = Any

EVENTS = "/_event"
LEAVING = "/signed-out"  # the page that leads from the application to the sign-in
SESSION_HEADER = b"x-session-ref"
PER_LOGIN = 40  # open sockets
PER_ADDRESS = 400  # several practitioners may share one
TOKEN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89a-f][0-9a-f]{3}-[0-9a-f]{12}"
)  # as Reflex makes them: not quite a UUID
SAFE = ("GET", "HEAD", "OPTIONS")
PROVIDERS = ("/webhooks/",)  # machines that prove themselves by a signature


class Handshake:
    """ASGI wrapper around the whole application, outermost.

    Sockets: our own Origin, a tab token of the right form, a living login, not too many of one login or address. The
    cookie is taken off and its hash put on as `x-session-ref`, so that the token itself never enters a state.
    Requests: unsafe methods only from our own pages; no long polling, no upload through the framework. Pages: who is
    not signed in is sent to the sign-in; our own routes and files decide for themselves.
    """

    def __init__(self, app: Asgi) -> None:
        self.app = app
        self.open: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Asgi, send: Asgi) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http" and (refusal := _refusal(scope)):
            await _answer(send, *refusal)
        elif scope["type"] == "http" and _is_page(scope) and not await asyncio.to_thread(_may_see, scope):
            await _answer(send, 303, "Please sign in.", to=f"/login?next={quote(_asked(scope), safe='')}")
        else:
            await self.app(scope, receive, send)

    async def _socket(self, scope: Any, receive: Asgi, send: Asgi) -> None:
        reference = _asked_with(scope)
        if reference is None:
            await _refuse(receive, send)
            return
        places = {web.client_address(scope): PER_ADDRESS, reference: PER_LOGIN}
        self.open.update(places.keys())  # before the first wait: those that come at the same moment count each other
        try:
            full = any(self.open[place] > most for place, most in places.items())
            if full or not await asyncio.to_thread(_is_living, reference):
                await _refuse(receive, send)
                return
            kept = [(key, value) for key, value in scope["headers"] if key not in (b"cookie", SESSION_HEADER)]
            await self.app({**scope, "headers": [*kept, (SESSION_HEADER, reference.encode())]}, receive, send)
        finally:
            self.open.subtract(places.keys())
            for place in places:
                if self.open[place] <= 0:
                    del self.open[place]


def _asked_with(scope: Any) -> str | None:
    """The cookie's hash, or None where the handshake is refused without asking the database."""
    tokens = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
    if not scope["path"].startswith(EVENTS) or len(tokens) != 1 or not TOKEN.fullmatch(tokens[0]):
        return None
    token = web.session_token(scope) if web.same_origin(scope) else None
    return ids.token_hash(token) if token else None


async def _refuse(receive: Asgi, send: Asgi) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4403})  # before the accept: HTTP 403


def _refusal(scope: Any) -> tuple[int, str] | None:
    path = scope["path"]
    if path.startswith((EVENTS, "/_upload")):
        return 404, "There is nothing here."
    if scope["method"] not in SAFE and not path.startswith(PROVIDERS) and not web.same_origin(scope):
        return 403, "This came from another site, so nothing was done. Open OmniCRM itself and try again."
    return None


def _is_page(scope: Any) -> bool:
    """A page of the application, rather than a file of it or a route of ours."""
    path = scope["path"]
    if scope["method"] not in ("GET", "HEAD") or path.rstrip("/") == LEAVING or "." in path.rpartition("/")[2]:
        return False
    return "text/html" in (web.header(scope, "accept") or "") and not is_ours(scope)


def _may_see(scope: Any) -> bool:
    """A page without a living login would only be an empty frame. While the database is away the frame may load."""
    token = web.session_token(scope)
    try:
        return token is not None and _known(ids.token_hash(token))
    except OmniError:
        return True


def _asked(scope: Any) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return scope["path"] + (f"?{query}" if query else "")


def _known(reference: str) -> bool:
    with database.transaction(None) as db:
        return accounts.who_is(db, reference) is not None


def _is_living(reference: str) -> bool:
    try:
        return _known(reference)
    except OmniError:
        return False


async def _answer(send: Asgi, status: int, text: str, to: str | None = None) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if to:
        headers.append((b"location", to.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
