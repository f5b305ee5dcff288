"""A connection's way to Google (or to its stand-in): access with tokens that renew themselves, and what a failure means
for the connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from omnicrm.core import clock, config, crypto
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import NeedsReconnect, NotFound, Refused, Unavailable
from omnicrm.core.wire import Tokens
from omnicrm.domain import connections
from omnicrm.integrations import google, google_oauth
from omnicrm.jobs.runner import Run, Stopped
from omnicrm.sandbox import builtin

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


def base(is_sandbox: bool) -> str | None:
    """Where a connection's Google is: the built-in sandbox, a configured stand-in, or (None) Google itself."""
    return builtin.url() if is_sandbox else config.settings().google_api_base


def access(user_id: UUID, connection_id: UUID) -> google.Access:
    """Raises NotFound, and NeedsReconnect where the tokens cannot be read any more."""
    with transaction(user_id, actor="system", role="jobs") as db:
        where = base(connections.get(db, connection_id).is_sandbox)
        try:
            tokens = connections.tokens(db, connection_id)
        except crypto.KeyLost as error:
            raise NeedsReconnect(error.message) from error

    def renew(stale: Tokens) -> Tokens:
        return _renewed(user_id, connection_id, stale, where)

    return google.Access(tokens, renew, where, google.limiter(where))


@contextmanager
def trouble(run: Run) -> Iterator[None]:
    """What goes wrong inside is booked on the run's connection, and raised again.

    Access withdrawn: the connection stops, and the practitioner is told once. Anything else: the next sync comes later,
    at the moment that Google named, or after a growing wait.
    """
    try:
        yield
    except NeedsReconnect as error:
        with run.transaction() as db:
            connections.needs_reconnect(db, _target(run), error.message)
        raise
    except Stopped:
        raise
    except Exception as error:
        _postpone(run, error)
        raise


def still_connected(db: Db, connection_id: UUID) -> None:
    """Raises Refused where the account was disconnected or paused while we read: nothing more is stored."""
    try:
        if connections.get(db, connection_id).status == "active":
            return
    except NotFound:
        pass
    raise Refused("This account is not connected any more.")


def _postpone(run: Run, error: Exception) -> None:
    with run.transaction() as db:
        try:
            state = connections.sync_state(db, _target(run))
        except NotFound:
            return  # disconnected meanwhile: nothing is left to come back to
        failures = int(state.get("failures", 0)) + 1
        again = clock.now() + min(_FIRST_WAIT * 2 ** (failures - 1), _LONGEST_WAIT)
        if isinstance(error, Unavailable) and error.retry_at is not None:
            again = error.retry_at
        message = getattr(error, "message", "Something went wrong on our side. It is tried again by itself.")
        state["failures"] = failures
        connections.keep_sync_state(db, _target(run), state, next_sync_at=again, error=message)


def _renewed(user_id: UUID, connection_id: UUID, stale: Tokens, where: str | None) -> Tokens:
    """New tokens, kept at once. Two jobs of one connection may want them at the same moment, and a rotated refresh
    token works only once: what the other one got is used."""
    before = _stored(user_id, connection_id)
    if before.access_token != stale.access_token:
        return before
    try:
        renewed = google_oauth.refresh(before, base=where)
    except NeedsReconnect:
        after = _stored(user_id, connection_id)
        if after.refresh_token == before.refresh_token:
            raise
        return after
    with transaction(user_id, actor="system", role="jobs") as db:
        connections.keep_tokens(db, connection_id, renewed)
    return renewed


def _stored(user_id: UUID, connection_id: UUID) -> Tokens:
    with transaction(user_id, actor="system", role="jobs") as db:
        return connections.tokens(db, connection_id)


def _target(run: Run) -> UUID:
    if run.target is None:
        raise ValueError("this work has no connection")
    return run.target
