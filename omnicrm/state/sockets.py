"""The sockets of open pages: whose each is, what it may send, and how it is closed."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import reflex as rx
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from reflex.event import Event
from reflex.state import StateUpdate
from reflex.utils.token_manager import LocalTokenManager, RedisTokenManager, SocketRecord
from reflex_base.registry import RegistrationContext

from omnicrm.domain.accounts import Login

logger = logging.getLogger(__name__)

SESSION_HEADER = "x-session-ref"  # set by the ASGI wrapper, the SHA-256 of the cookie; what a client sends is stripped
REMEMBERED = 20_000
PENDING = 200  # events of one page that may wait

_logins: OrderedDict[str, Login] = OrderedDict()  # of the living sockets, to find theirs when something changes
_tasks: set[asyncio.Task[Any]] = set()


class _Route(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    pathname: str = Field(default="/", max_length=2000)
    asPath: str = Field(default="/", max_length=8000)
    query: dict[str, str | list[str]] = Field(default_factory=dict, max_length=100)


class _Sent(BaseModel):
    """One event as it comes off the socket."""

    model_config = ConfigDict(strict=True, extra="ignore")

    name: str = Field(max_length=300)
    payload: dict[str, Any] = Field(default_factory=dict)
    router_data: _Route = Field(default_factory=_Route)


class OwnSockets(LocalTokenManager):
    """One socket a tab; a tab's token works for the login that made it, and for nobody else.

    A phone that changes networks comes back while its old socket is still thought alive: Reflex would hand it a new
    token and an empty state, so the newcomer takes over instead. Another login with the same token (stolen, or the
    next person on a shared device) gets a token and a state of its own, and the first notices nothing.
    """

    def __init__(self, app: rx.App) -> None:
        super().__init__()
        self.app = app
        self.owners: OrderedDict[str, str] = OrderedDict()

    async def link_token_to_sid(self, token: str, sid: str) -> str | None:
        reference = reference_of_socket(self.app, sid)
        if self.owners.get(token, reference) != reference:
            fresh = str(uuid.uuid4())
            self._link(fresh, sid, reference)
            return fresh
        old = self.token_to_socket.get(token)
        self._link(token, sid, reference)
        if old is not None and old.sid != sid:
            self.sid_to_token.pop(old.sid, None)
            await self.app.sio.disconnect(old.sid, namespace=self.app.event_namespace.namespace)
        return None

    async def disconnect_token(self, token: str, sid: str) -> None:
        self.sid_to_token.pop(sid, None)
        record = self.token_to_socket.get(token)
        if record is not None and record.sid == sid:
            self.token_to_socket.pop(token, None)

    def _link(self, token: str, sid: str, reference: str) -> None:
        self.token_to_socket[token] = SocketRecord(instance_id=self.instance_id, sid=sid)
        self.sid_to_token[sid] = token
        self.owners[token] = reference
        self.owners.move_to_end(token)
        while len(self.owners) > REMEMBERED:
            self.owners.popitem(last=False)


class SharedSockets(RedisTokenManager):
    """The same for several web processes: whose a tab is stands in Redis, beside the socket that it has now."""

    def __init__(self, app: rx.App, redis: Redis) -> None:
        super().__init__(redis)
        self.app = app

    async def link_token_to_sid(self, token: str, sid: str) -> str | None:
        reference = reference_of_socket(self.app, sid)
        self._ensure_socket_record_task()
        try:
            given = token if await self._belongs(token, reference) else str(uuid.uuid4())
            await self._belongs(given, reference)
        except RedisError:
            raise ConnectionRefusedError("Open pages cannot be shared just now.") from None
        old = self.token_to_socket.get(given)
        record = self.token_to_socket[given] = SocketRecord(instance_id=self.instance_id, sid=sid)
        self.sid_to_token[sid] = given
        await self._store_socket_record(given, record)  # a process that has the former socket hears of it
        await self._let_go(old, record)
        return None if given == token else given

    async def _fetch_socket_record(self, token: str) -> SocketRecord | None:
        old = self.token_to_socket.get(token)
        record = await super()._fetch_socket_record(token)
        await self._let_go(old, record)
        return record

    async def _belongs(self, token: str, reference: str) -> bool:
        """Whether a tab is this login's; a tab that nobody has becomes it."""
        key = f"omnicrm_tab_of_{token}"
        await self.redis.set(key, reference, ex=self.token_expiration, nx=True)
        owner = await self.redis.getex(key, ex=self.token_expiration)
        return owner is None or bool(owner.decode() == reference)

    async def _let_go(self, old: SocketRecord | None, new: SocketRecord | None) -> None:
        """Close a socket of this process whose tab has another one now."""
        if old is None or new is None or old.sid == new.sid or old.instance_id != self.instance_id:
            return
        self.sid_to_token.pop(old.sid, None)
        await self.app.sio.disconnect(old.sid, namespace=self.app.event_namespace.namespace)


def harden(app: rx.App) -> None:
    """Install our own keeping of sockets, and let through only events that are well formed and known."""
    namespace = app.event_namespace
    shared = namespace._token_manager
    namespace._token_manager = (
        SharedSockets(app, shared.redis) if isinstance(shared, RedisTokenManager) else OwnSockets(app)
    )
    receive = namespace.on_event

    async def on_event(sid: str, data: Any = None) -> None:
        try:
            sent = _Sent.model_validate(data)
        except ValidationError:
            logger.warning("Dropped a malformed event")  # Reflex would log it whole, with what was typed
            return
        if sent.name not in RegistrationContext.get().event_handlers:
            logger.warning("Dropped an event of an unknown name")
            return
        waiting = app.event_processor._token_queues.get(namespace.sid_to_token.get(sid, ""), ())
        if len(waiting) > PENDING:
            await app.sio.disconnect(sid, namespace=namespace.namespace)
            return
        await receive(sid, sent.model_dump(exclude_unset=True))

    namespace.on_event = on_event


def reference_of(router_data: dict[str, Any]) -> str:
    """The cookie's hash that the socket of an event came with; empty where there is none."""
    return str(router_data.get("headers", {}).get(SESSION_HEADER, ""))


def reference_of_socket(app: rx.App, sid: str) -> str:
    environ = app.sio.get_environ(sid, app.event_namespace.namespace) or {}
    for name, value in environ.get("asgi.scope", {}).get("headers", []):
        if name == SESSION_HEADER.encode():
            return str(value.decode("latin-1"))
    return ""


def remember(reference: str, login: Login) -> None:
    _logins[reference] = login
    while len(_logins) > REMEMBERED:
        _logins.popitem(last=False)


def open_pages(app: rx.App) -> Iterable[tuple[str, str, str, Login | None]]:
    """(token, socket, reference, login) of every page that is open here; the login once it has sent an event.

    With Redis the sockets of other processes are remembered too: theirs to look after.
    """
    for sid, token in list(app.event_namespace.sid_to_token.items()):
        if reference := reference_of_socket(app, sid):
            yield token, sid, reference, _logins.get(reference)


async def close(app: rx.App, token: str, sid: str, reference: str) -> None:
    """Send the page to the sign-in first: a bare disconnect would leave its data on the screen."""
    _logins.pop(reference, None)
    away = StateUpdate(events=Event.from_event_type(rx.redirect("/signed-out", replace=True)))
    await app.event_namespace.emit_update(away, token)
    await app.sio.disconnect(sid, namespace=app.event_namespace.namespace)


def keep(task: asyncio.Task[Any]) -> None:
    """Hold on to a task until it ends: the loop itself does not."""
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
