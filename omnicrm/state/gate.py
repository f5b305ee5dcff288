"""Who calls: before every event of every kind, found from the handshake's cookie; what is not allowed is denied."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import reflex as rx
from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError
from reflex.event import Event
from reflex.middleware import Middleware
from reflex.state import FrontendEventExceptionState, OnLoadInternalState, State, StateUpdate
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from omnicrm.core import db as database
from omnicrm.core import log
from omnicrm.core.errors import SignedOut, Unavailable
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Login
from omnicrm.state import guard, push, sockets
from omnicrm.state.base import PageState

logger = logging.getLogger(__name__)


def install(app: rx.App) -> None:
    """Put the gate, the socket rules and the pushes into the application. Called once, where it is put together."""
    app.add_middleware(Gate(), index=0)
    app.backend_exception_handler = bug
    sockets.harden(app)
    app.register_lifespan_task(push.listen)


def bug(exception: Exception) -> None:
    """For what escapes the handlers' own guard: logged under a reference, without payloads."""
    log.bug(logger, exception)


class Ownership(rx.State):
    """Whose state this is. A state outlives the sign-out in its tab, and must not be shown to the next login."""

    _login: str = ""


class _Framework(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Nothing(_Framework):
    pass


class _Hydrate(_Framework):
    """Client storage is not used here: `vars` may only be empty."""

    vars: dict[str, str] | None = Field(default=None, max_length=0)
    hashes: list[str] | None = Field(default=None, max_length=1000)


class _Flag(_Framework):
    value: StrictBool


class _Exception(_Framework):
    info: str = Field(max_length=20_000)
    component_stack: str = Field(max_length=50_000)


def framework_events() -> dict[str, type[BaseModel]]:
    """The framework's own handlers that pages need, each with what it may be given; all others are refused."""
    return {
        format_event_handler(state.event_handlers[name]): model
        for state, name, model in (
            (State, "hydrate", _Nothing),
            (State, "hydrate_and_load", _Hydrate),
            (OnLoadInternalState, "on_load_internal", _Nothing),
            (OnLoadInternalState, "set_is_hydrated", _Flag),
            (FrontendEventExceptionState, "handle_frontend_exception", _Exception),
        )
    }


class Gate(Middleware):
    """Nothing runs without a living login, a state of its own and a declared policy."""

    def __init__(self) -> None:
        self.framework = framework_events()

    async def preprocess(self, app: rx.App, state: Any, event: Event) -> StateUpdate | None:
        """None lets the event run; an update is sent instead of it. Asks the database each time: revoked is revoked."""
        guard.set_caller(None)
        try:
            login = await asyncio.to_thread(_who_is, sockets.reference_of(EventContext.get().router_data))
        except SignedOut:
            return _to_sign_in()
        except Unavailable as error:
            if event.name in self.framework:  # the page does not ask for its own start a second time
                _again(app, event)
            return _banner(error.message)
        if not self._may_run(event):
            logger.warning("Refused %s: no policy, or odd arguments", event.name)
            return StateUpdate()
        await _make_own(state, login)
        guard.set_caller(login)
        return None

    def _may_run(self, event: Event) -> bool:
        if (model := self.framework.get(event.name)) is not None:
            try:
                clean = model.model_validate(event.payload).model_dump(exclude_unset=True)
            except ValidationError:
                return False
            event.payload.clear()
            event.payload.update(clean)
            return True
        entry = RegistrationContext.get().event_handlers.get(event.name)
        policy = guard.policy_of(entry.handler) if entry else None
        return policy is not None and policy.rule != "share_link"


def _who_is(reference: str) -> Login:
    """Raises SignedOut, Unavailable."""
    if not reference:
        raise SignedOut()
    with database.transaction(None) as db:
        login = accounts.who_is(db, reference)
    if login is None:
        raise SignedOut()
    if accounts.is_unseen(login):
        with database.transaction(login.user_id, actor="system") as db:
            accounts.seen(db, login)
    sockets.remember(reference, login)
    return login


async def _make_own(state: Any, login: Login) -> None:
    owner = await state.get_state(Ownership)
    if owner._login == str(login.id):
        return
    if owner._login:
        root = state._get_root_state()
        for known in RegistrationContext.get().base_states.values():  # with Redis not all of them are loaded
            await root.get_state(known)
        root.reset()
    owner._login = str(login.id)


def _to_sign_in() -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(rx.redirect("/signed-out", replace=True)))


def _banner(text: str) -> StateUpdate:
    """Written by hand: whose state this is could not be found out, so nothing of it is sent."""
    return StateUpdate(delta={PageState.get_full_name(): {"banner" + FIELD_MARKER: text}})


def _again(app: rx.App, event: Event, after: float = 2.0) -> None:
    """Let a page start once the database is back, as long as its socket stands."""
    context = EventContext.get()
    token, router_data, payload = context.token, dict(context.router_data), dict(event.payload)

    async def retry() -> None:
        await asyncio.sleep(after)
        if token in app.event_namespace.token_to_sid:
            await app.event_processor.enqueue(token, Event(name=event.name, router_data=router_data, payload=payload))

    sockets.keep(asyncio.create_task(retry()))
