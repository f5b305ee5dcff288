"""The application, and how it is served: on loopback only, in this process or for itself."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from omnicrm.core.errors import Unavailable
from omnicrm.sandbox import batch, control, gcal, gmail, oauth
from omnicrm.sandbox.gate import Gate
from omnicrm.sandbox.store import Store

HOST = "127.0.0.1"


def app(store: Store) -> Starlette:
    """The whole stand-in over `store`. Answers loopback callers only."""
    made = Starlette(
        routes=[*oauth.routes(), *gmail.routes(), *gcal.routes(), *batch.routes(), *control.routes()],
        middleware=[Middleware(_LoopbackOnly), Middleware(Gate, store=store)],
        exception_handlers={404: _unknown, 405: _unknown},
    )
    made.state.store = store
    return made


def serve(port: int, store: Store | None = None) -> None:
    """Serves until the process is told to stop. Raises Unavailable where the port is taken."""
    listener = _listen(port)
    uvicorn.Server(_config(store or Store())).run(sockets=[listener])


@dataclass
class Running:
    """A sandbox in a thread of this process."""

    url: str
    store: Store
    server: uvicorn.Server
    thread: threading.Thread

    def stop(self) -> None:
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(timeout=5)
        self.store.save()


def start(store: Store | None = None, port: int = 0) -> Running:
    """Serves from a thread; returns when it answers."""
    listener = _listen(port)
    store = store or Store()
    server = uvicorn.Server(_config(store))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="sandbox")
    thread.start()
    for _ in range(500):
        if server.started:
            return Running(f"http://{HOST}:{listener.getsockname()[1]}", store, server, thread)
        time.sleep(0.01)
    raise Unavailable("The sandbox did not start within five seconds.")


def _config(store: Store) -> uvicorn.Config:
    return uvicorn.Config(
        app(store), log_level="warning", access_log=False, timeout_graceful_shutdown=1, lifespan="off"
    )


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, for TCP_NODELAY
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise Unavailable(f"Port {port} is in use. Choose another with --port.") from error
    return listener


class _LoopbackOnly:
    """A second lock beside the bound address, against a proxy put in front and pages that rebind their name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_loopback(scope):
            await JSONResponse({"error": "The sandbox answers this machine only."}, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    host = dict(scope["headers"]).get(b"host", b"localhost").decode("latin-1").rsplit(":", 1)[0]
    try:
        near = client is None or client[0] == "testclient" or ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        near = False
    return near and host in ("127.0.0.1", "localhost", "[::1]", "testserver")


async def _unknown(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": {"code": 404, "message": "Not Found", "errors": []}}, 404)
