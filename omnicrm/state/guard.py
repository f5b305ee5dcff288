"""The person's door: what a handler may be given, and what becomes of what it raises. Who calls is gate.py's to say."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias, get_type_hints, overload

import reflex as rx
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from reflex_base.registry import RegistrationContext
from sqlalchemy.orm import Session as SqlSession

from omnicrm.core import db as database
from omnicrm.core import log
from omnicrm.core.errors import Invalid, OmniError, SignedOut
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Login, Practitioner
from omnicrm.state import inputs

logger = logging.getLogger(__name__)

Rule: TypeAlias = Literal["signed_in", "signed_out", "share_link"]
Handler: TypeAlias = Callable[..., Any]

_caller: ContextVar[Login | None] = ContextVar("omnicrm_caller", default=None)


@dataclass(frozen=True)
class Policy:
    """Who may call a handler, and what it takes from the client."""

    rule: Rule
    body: Handler
    shows_busy: bool = False

    @cached_property
    def hints(self) -> dict[str, Any]:
        """Resolved when first asked for, so that a handler may name a class further down its module."""
        return get_type_hints(self.body, include_extras=True)

    @cached_property
    def given(self) -> dict[str, type]:
        """What the guard itself hands over: the argument's name and its class."""
        ours = (SqlSession, Practitioner, Login)
        return {name: hint for name, hint in self.hints.items() if name != "return" and hint in ours}

    @cached_property
    def model(self) -> type[BaseModel]:
        """One strict model of what the client sends: the handler's other arguments, and nothing else."""
        fields: dict[str, Any] = {}
        for name, parameter in _arguments(self.body).items():
            if name in self.given:
                continue
            if name not in self.hints:
                raise TypeError(f"{self.body.__qualname__}: the argument “{name}” needs a type")
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (self.hints[name], default)
        name = f"{self.body.__qualname__}.input"
        return create_model(name, __config__=ConfigDict(extra="forbid", strict=True, protected_namespaces=()), **fields)

    def read(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The validated arguments. Raises NotFound for what is no id, Invalid for the rest."""
        try:
            inputs.refuse_odd_text(payload)
            read = self.model.model_validate_json(json.dumps(payload))
        except ValidationError as error:
            raise inputs.in_words(error) from None  # the cause would carry what was typed into the log
        except (TypeError, ValueError, RecursionError):
            raise Invalid("That could not be read. Nothing was changed.") from None
        return {name: getattr(read, name) for name in type(read).model_fields}


@overload
def signed_in(body: Handler) -> Handler: ...
@overload
def signed_in(*, busy: bool = False) -> Callable[[Handler], Handler]: ...
def signed_in(body: Handler | None = None, *, busy: bool = False) -> Any:
    """For a practitioner with a living login: the body runs in a thread, in one transaction of theirs.

    It may ask, by annotation, for `db: Db`, `me: Practitioner` and `login: Login`; every other argument comes from
    the client and is validated strictly by its type. With `busy=True` the page shows `busy` while it runs.
    """
    return _declared("signed_in", body, busy)


def signed_out(body: Handler) -> Handler:
    """For anyone, signed in or not: no transaction, no practitioner."""
    return _declared("signed_out", body, False)


def share_link(body: Handler) -> Handler:
    """For a guest with a share link. Guests get server-rendered pages, so the gate lets none of these run."""
    return _declared("share_link", body, False)


def policy_of(handler: Any) -> Policy | None:
    """The policy that an event handler, or its function, was declared with."""
    return getattr(getattr(handler, "fn", handler), "policy", None)


def handlers() -> list[tuple[str, Any]]:
    """Every registered handler, the framework's own included: (full event name, handler)."""
    return [(name, entry.handler) for name, entry in sorted(RegistrationContext.get().event_handlers.items())]


def caller() -> Login | None:
    """The login that the event under way was sent with."""
    return _caller.get()


def set_caller(login: Login | None) -> None:
    """For the gate: from here on, in this event, `login` is the caller."""
    _caller.set(login)


@contextmanager
def calling(login: Login | None) -> Iterator[None]:
    """Inside the block events come from `login`."""
    before = _caller.set(login)
    try:
        yield
    finally:
        _caller.reset(before)


def _declared(rule: Rule, body: Handler | None, busy: bool) -> Any:
    if body is None:
        return lambda body: _declared(rule, body, busy)
    if inspect.iscoroutinefunction(body) or inspect.isgeneratorfunction(body) or inspect.isasyncgenfunction(body):
        raise TypeError(f"{body.__qualname__}: handlers are plain functions; the guard runs them in a thread")
    policy = Policy(rule, body, busy)

    async def run(self: Any, *positional: Any, **payload: Any) -> Any:
        return await _guarded(policy, self, _by_name(body, positional, payload))

    async def run_and_show(self: Any, *positional: Any, **payload: Any) -> Any:
        self.busy = True
        yield
        try:
            following = await _guarded(policy, self, _by_name(body, positional, payload))
        finally:
            self.busy = False
        yield following

    wrapped: Any = run_and_show if busy else run
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(wrapped, name, getattr(body, name))
    wrapped.__signature__ = _shown(body)
    wrapped.policy = policy
    return wrapped


async def _guarded(policy: Policy, page: Any, payload: dict[str, Any]) -> Any:
    """Validate, run, and turn what was raised into what the page shows."""
    try:
        arguments = policy.read(payload)
        if policy.rule == "signed_out":
            following = await asyncio.to_thread(policy.body, page, **arguments)
        else:
            login = _caller.get()
            if login is None or policy.rule != "signed_in":
                raise SignedOut()
            following = await asyncio.to_thread(
                database.retrying, lambda: _in_transaction(policy, page, login, arguments)
            )
    except SignedOut:
        return rx.redirect("/signed-out", replace=True)
    except OmniError as error:
        page._show(error, policy.body.__name__, payload)
        return None
    except OverflowError:  # a date or number from the client that no calendar reaches
        page._fault("That is too far away. Nothing was changed.")
        return None
    except Exception as error:
        reference = log.bug(logger, error)
        page._fault(
            f"That did not work, and nothing was changed. If it happens again, give us this reference: {reference}"
        )
        return None
    page._went_well(cleared=any(isinstance(value, BaseModel) for value in arguments.values()))
    return following


def _in_transaction(policy: Policy, page: Any, login: Login, arguments: dict[str, Any]) -> Any:
    with database.transaction(login.user_id, actor="practitioner") as db:
        own: dict[str, Any] = {}
        for name, kind in policy.given.items():
            own[name] = db if kind is SqlSession else login if kind is Login else accounts.practitioner(db)
        return policy.body(page, **own, **arguments)


def _arguments(body: Handler) -> dict[str, inspect.Parameter]:
    parameters = dict(list(inspect.signature(body).parameters.items())[1:])  # without self
    for name, parameter in parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"{body.__qualname__}: “{name}” cannot be declared to the client")
    return parameters


def _shown(body: Handler) -> inspect.Signature:
    """What Reflex sees: self and the client's arguments, each of any type, else it converts before we validate."""
    given = {"Db", "Practitioner", "Login"}
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for parameter in _arguments(body).values():
        hint = parameter.annotation
        ours = hint in (SqlSession, Practitioner, Login) or str(hint).rpartition(".")[2] in given
        if not ours:
            parameters.append(parameter.replace(annotation=Any, kind=inspect.Parameter.POSITIONAL_OR_KEYWORD))
    parameters.sort(key=lambda parameter: parameter.default is not inspect.Parameter.empty)
    return inspect.Signature(parameters)


def _by_name(body: Handler, positional: tuple[Any, ...], payload: dict[str, Any]) -> dict[str, Any]:
    """Reflex sends arguments by name; a test or another handler may pass them in order."""
    names = list(_shown(body).parameters)[1:]
    return {**dict(zip(names, positional, strict=False)), **payload}
