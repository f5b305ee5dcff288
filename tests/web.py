"""The machines' and guests' door without a server: the routes behind the outer door, and a client that is a browser."""

from __future__ import annotations

from typing import Any

from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from omnicrm import routes
from omnicrm.core import ids
from omnicrm.routes.handshake import Handshake

PASSWORD = "a boat in the reeds"


def client(
    base_url: str = "http://localhost", *, html: bool = True, address: str | None = None, **headers: str
) -> TestClient:
    """A fresh browser (`html`) or script before the application; what no route answers is a page of the application.

    Each comes from an address of its own, unless said otherwise, so that tests do not share their tries.
    """
    app = routes.app()
    app.routes.append(Mount("", PlainTextResponse("a page")))
    accept = {"accept": "text/html"} if html else {"accept": "*/*"}
    return TestClient(
        Handshake(app),
        base_url,
        follow_redirects=False,
        headers={**accept, **headers},
        client=(address or str(ids.new()), 50_000),
    )


def person(**changes: str) -> dict[str, str]:
    """The fields of a registration."""
    fields = {"name": "Maya Lindqvist", "email": f"maya-{ids.new()}@stillwater.example", "time_zone": "Europe/Helsinki"}
    return {**fields, "password": PASSWORD, **changes}


def registered(**changes: str) -> tuple[TestClient, dict[str, str]]:
    """A browser with a new account signed in, and what was typed."""
    browser, typed = client(), person(**changes)
    answer = browser.post("/auth/register", data=typed)
    assert answer.status_code == 303, answer.text
    return browser, typed


def cookie(answer: Any, name: str = "omnicrm") -> str | None:
    """The Set-Cookie line of a name."""
    lines = [value for key, value in answer.headers.multi_items() if key == "set-cookie"]
    return next((line for line in lines if line.startswith(f"{name}=")), None)
