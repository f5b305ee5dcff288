"""What every answer carries, whoever gives it: policy, caching, no foreign origins; and what is refused unseen."""

from __future__ import annotations

import logging
import re
import time
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from omnicrm.core import log, web
from omnicrm.routes import metrics

logger = logging.getLogger(__name__)

Asgi: TypeAlias = Any
Headers: TypeAlias = list[tuple[bytes, bytes]]

PROBES = ("/healthz", "/readyz", "/metrics")
UPLOADS = ("/files", "/import")  # these routes have limits of their own
LARGEST_BODY = 1_000_000  # bytes, elsewhere
TOO_LARGE = (413, "That is too large to be taken.")
LONGEST_PATH = 2_000
HOST = re.compile(r"(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.I)
PLAIN = (
    "This address is not encrypted. Open OmniCRM over https, or on this computer as http://localhost. Behind a TLS"
    " proxy, set OMNICRM_PUBLIC_URL to its https address, or TRUSTED_PROXY_HOPS to the number of proxies."
)
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.S)
_ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
_NOTHING = b"default-src 'none'; frame-ancestors 'none'"  # for what is no page
NOT_MODIFIED = 304
_WORKER = b"default-src 'self'"  # the service worker fetches pages and files, all of them ours
_HSTS = (b"strict-transport-security", b"max-age=63072000")


class Broken(Exception):
    """An answer that could not be given; its words are the reference under which the cause was logged."""


class Shield:
    """ASGI wrapper, outermost of all. `static` is the folder of the built pages."""

    def __init__(self, app: Asgi, static: Path) -> None:
        self.app = app
        self.pages = Pages(static)

    async def __call__(self, scope: Any, receive: Asgi, send: Asgi) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = _refusal(scope)
        if scope["type"] == "websocket":
            if refusal:
                await receive()
                await send({"type": "websocket.close", "code": 4403})
                return
            with metrics.socket():
                await self.app(scope, receive, send)
            return
        await self._answered(scope, receive, send, refusal)

    async def _answered(self, scope: Any, receive: Asgi, send: Asgi, refusal: tuple[int, str] | None) -> None:
        began = time.perf_counter()
        body = Body(scope, receive)
        status, complete = 0, False

        async def with_headers(message: Any) -> None:
            nonlocal status, complete
            if body.too_large and status != TOO_LARGE[0]:
                return  # what the application says of a body that was cut off is not the reason
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": self._headers(scope, status, message.get("headers", []))}
            await send(message)
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            if refusal := refusal or (TOO_LARGE if body.too_large else None):
                status = refusal[0]
                await _plain(with_headers, *refusal)
            else:
                await self.app(scope, body, with_headers)
        except Exception as error:
            # Starlette raises again what it has answered and our handler has logged; of the rest the server would log
            # every word, somebody's text among them.
            if not complete and (not body.too_large or status):
                raise Broken(log.bug(logger, error)) from None
        finally:
            if body.too_large and not status:
                status = TOO_LARGE[0]
                await _plain(with_headers, *TOO_LARGE)
            metrics.request(scope["method"], status or 500, time.perf_counter() - began)

    def _headers(self, scope: Any, status: int, given: Headers) -> Headers:
        kept = [(key.lower(), value) for key, value in given if not key.lower().startswith(b"access-control-")]
        names = {key for key, _ in kept}
        ours = [pair for pair in _ALWAYS if pair[0] not in names]
        if web.is_https(scope):
            ours.append(_HSTS)
        if b"cache-control" not in names:
            ours.append((b"cache-control", _caching(scope["path"])))
        # “Not modified” has no type, and its headers replace those that the browser kept with the page.
        if b"content-security-policy" not in names and status != NOT_MODIFIED:
            is_page = dict(kept).get(b"content-type", b"").startswith(b"text/html")
            other = _WORKER if scope["path"] == "/sw.js" else _NOTHING
            ours.append((b"content-security-policy", self.pages.policy(scope).encode() if is_page else other))
        return kept + ours


class Slashes:
    """ASGI wrapper: a page without its slash is answered as with it.

    The redirect that it saves would name the wrong scheme behind a TLS proxy.
    """

    def __init__(self, app: Asgi, static: Path) -> None:
        self.app = app
        self.folders = {f"/{file.parent.relative_to(static).as_posix()}" for file in static.rglob("*/index.html")}

    async def __call__(self, scope: Any, receive: Asgi, send: Asgi) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"] in self.folders:
            path = f"{scope['path']}/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


class Body:
    """What is received of a request, as long as it is small enough; past that it ends."""

    def __init__(self, scope: Any, receive: Asgi) -> None:
        self._receive = receive
        self._limit = None if scope["path"].startswith(UPLOADS) else LARGEST_BODY
        self._taken = 0
        said = web.header(scope, "content-length") or "0"
        self.too_large = self._limit is not None and said.isdigit() and int(said) > self._limit

    async def __call__(self) -> Any:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._limit is not None and self._taken > self._limit:
            self.too_large = True
            return {"type": "http.disconnect"}
        return message


class Pages:
    """The built pages, and which inline scripts each has."""

    def __init__(self, static: Path) -> None:
        self._scripts = {
            "/" + file.parent.relative_to(static).as_posix().strip("."): _hashes(file)
            for file in static.rglob("index.html")
        }
        self._elsewhere = _hashes(*(static / name for name in ("__spa-fallback.html", "404.html")))

    def policy(self, scope: Any) -> str:
        """The Content-Security-Policy of a page: our files and its own inline scripts, by their hashes."""
        scripts = self._scripts.get(scope["path"].rstrip("/") or "/", self._elsewhere)
        host = web.host(scope)
        sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
        return (
            f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline';"
            f" img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{sockets}; manifest-src 'self';"
            " worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )


def _hashes(*files: Path) -> str:
    scripts = [script for file in files if file.is_file() for script in _INLINE.findall(file.read_text())]
    return " ".join(sorted({f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts}))


def _refusal(scope: Any) -> tuple[int, str] | None:
    path = scope["path"]
    if "\0" in path or len(path) > LONGEST_PATH:
        return 404, "There is nothing here."
    if path in PROBES:
        return None
    if not HOST.fullmatch(web.header(scope, "host") or ""):
        return 400, "The request names no host."
    if not web.is_https(scope) and not web.is_loopback(scope):
        return 403, PLAIN
    return None


def _caching(path: str) -> bytes:
    if path.startswith("/assets/"):
        return b"public, max-age=31536000, immutable"  # names carry a hash of the content
    if path.startswith(("/fonts/", "/icons/")):
        return b"public, max-age=604800"
    return b"no-cache"


async def _plain(send: Asgi, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
