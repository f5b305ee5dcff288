"""What the server-rendered pages share: templates, who is signed in, refusals in words, safe ways onward."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from omnicrm.core import clock, ids, web
from omnicrm.core import db as database
from omnicrm.core.errors import Invalid, OmniError, TooMany
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Browser, Login

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)


def render(template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> HTMLResponse:
    html = _environment().get_template(template).render(**values)
    return HTMLResponse(html, status_code=status, headers={**HEADERS, **(headers or {})})


def current_login(request: Request) -> Login | None:
    """The living login of the request's cookie. Raises Unavailable while the database is away."""
    token = web.session_token(request.scope)
    if token is None:
        return None
    with database.transaction(None) as db:
        return accounts.who_is(db, ids.token_hash(token))


def browser(request: Request) -> Browser:
    return Browser(
        user_agent=request.headers.get("user-agent", ""),
        address=web.client_address(request.scope),
    )


def wants_html(request: Request) -> bool:
    """A browser asks for a page; a script gets JSON."""
    return "text/html" in request.headers.get("accept", "")


def refused(request: Request, error: OmniError) -> Response:
    """An error as a page or as JSON, with its status and, where there is one, the moment to try again."""
    headers = dict(HEADERS)
    if isinstance(error, TooMany) and error.retry_at:
        headers["retry-after"] = str(max(1, round((error.retry_at - clock.now()).total_seconds())))
    if wants_html(request):
        return render("message.html", error.http_status, headers, title=_title(error), text=error.message)
    body: dict[str, Any] = {"error": error.code, "message": error.message}
    if isinstance(error, Invalid) and error.fields:
        body["fields"] = error.fields
    return JSONResponse(body, status_code=error.http_status, headers=headers)


def onward(path: str | None, instead: str = "/") -> str:
    """`path` where it stays on this site, else `instead`: what a link may not make of us is a way to another site."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\", "/auth/", "/signed-out")):
        return instead
    if any(ord(character) < 32 or character in "\\\x7f" for character in path) or len(path) > 500:
        return instead
    parts = urlsplit(path)
    return path if not parts.scheme and not parts.netloc else instead


def away(to: str) -> RedirectResponse:
    """303: after a form the browser goes on with GET."""
    return RedirectResponse(to, status_code=303, headers={"cache-control": "no-store"})


def _title(error: OmniError) -> str:
    return {
        404: "There is nothing here",
        429: "Too many tries",
        503: "Not just now",
    }.get(error.http_status, "That did not work")
