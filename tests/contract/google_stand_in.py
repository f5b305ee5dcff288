"""A sandbox for a test, and access to it as the jobs have it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from omnicrm import sandbox
from omnicrm.core import clock
from omnicrm.core.wire import Tokens
from omnicrm.integrations import google, google_oauth
from omnicrm.sandbox.store import Store

MAYA = "maya@stillwater.example"
SCOPES = (*google_oauth.SCOPES["mail"], *google_oauth.SCOPES["calendar"])


@contextmanager
def stand_in(store: Store | None = None) -> Iterator[sandbox.Running]:
    running = sandbox.start(store)
    try:
        yield running
    finally:
        running.stop()


def granted(running: sandbox.Running, email: str = MAYA, scopes: tuple[str, ...] = SCOPES) -> Tokens:
    """A grant of `email`, as the consent page would give it."""
    grant = running.store.grant(email, "omnicrm", list(scopes))
    token, seconds = running.store.access_token(grant)
    return Tokens(
        access_token=token,
        refresh_token=grant.refresh_token,
        expires_at=clock.now() + timedelta(seconds=seconds),
        scopes=tuple(grant.scopes),
    )


def access(running: sandbox.Running, tokens: Tokens | None = None) -> google.Access:
    tokens = tokens or granted(running)
    return google.Access(tokens, lambda: google_oauth.refresh(tokens, base=running.url), base=running.url)
