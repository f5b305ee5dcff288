"""What Gmail and Calendar share: where Google is, a client for one job, its quota, and its errors in our words."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from importlib import resources
from typing import Any, TypeVar

import google_auth_httplib2
import httplib2
import httpx
from google.auth import exceptions as auth_errors
from google.auth.credentials import Credentials
from googleapiclient.discovery import Resource, build_from_document
from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import HttpRequest

from omnicrm.core import clock, config
from omnicrm.core.errors import Conflict, NeedsReconnect, NotFound, OmniError, Refused, Unavailable
from omnicrm.core.wire import Tokens

T = TypeVar("T")

TRIES = 4
LONGEST_PAUSE = timedelta(seconds=20)  # beyond it the job stops and comes back, rather than hold a worker
_LIMITS = ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded")
_SCOPES = ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")

pause: Callable[[float], None] = time.sleep  # seconds; tests let it pass at once


class Gone(NotFound):
    """It was there and is not any more: a deleted event, a sync token or a history id that Google has let go."""

    code = "gone"


class Duplicate(Conflict):
    """The id that we chose is taken: our own earlier call went through."""

    code = "duplicate"


class Changed(Conflict):
    """The etag does not match: somebody changed it since we read it."""

    code = "changed"


class Limiter:
    """Spends quota units evenly: at most `per_minute`, with a burst of two seconds' worth. None: no limit."""

    def __init__(self, per_minute: int | None) -> None:
        self.per_second = per_minute / 60 if per_minute else None
        self.free_at = time.monotonic()

    def spend(self, units: int) -> None:
        if self.per_second is None:
            return
        now = time.monotonic()
        self.free_at = max(self.free_at, now - 2) + units / self.per_second
        if self.free_at > now:
            pause(self.free_at - now)


@dataclass
class Access:
    """One account for the length of one job: not shared between threads, since httplib2 cannot be.

    `renew` gives new tokens for those that have expired (and keeps them); it raises NeedsReconnect. `base` is a
    stand-in's address, None Google itself.
    """

    tokens: Tokens
    renew: Callable[[Tokens], Tokens]
    base: str | None = None
    limiter: Limiter = field(default_factory=lambda: Limiter(None))

    def http(self) -> google_auth_httplib2.AuthorizedHttp:
        if self.tokens.expires_at is not None and self.tokens.expires_at <= clock.now():
            self.tokens = self.renew(self.tokens)
        transport = httplib2.Http(
            timeout=config.settings().google_timeout_seconds,
            proxy_info=None if self.base else httplib2.proxy_info_from_environment,
        )
        transport.follow_redirects = False  # an API that redirects is somebody else's
        return google_auth_httplib2.AuthorizedHttp(_Bearer(self), transport)

    def service(self, name: str) -> Resource:
        """The client of "gmail.v1" or "calendar.v3", from the discovery document that comes with the library."""
        document = dict(_document(name))
        if self.base:
            document["rootUrl"] = f"{self.base.rstrip('/')}/"
        return build_from_document(document, http=self.http())


class _Bearer(Credentials):
    """An access's token as google-auth wants it. Google says when it has expired (401): no clock is asked twice."""

    def __init__(self, access: Access) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # google-auth has no types
        self.access = access
        self.token = access.tokens.access_token

    def refresh(self, request: Any) -> None:
        self.access.tokens = self.access.renew(self.access.tokens)
        self.token = self.access.tokens.access_token


def run(access: Access, request: HttpRequest, units: int = 1) -> Any:
    """Carry out one call; what passes by itself is tried again. Raises OmniErrors only."""
    return patiently(lambda: _once(access, request, units))


def patiently(work: Callable[[], T]) -> T:
    """Up to four tries with jittered, growing pauses, never before the moment that Google named.

    Raises what `work` raised last; Unavailable at once where the wait would be long.
    """
    for attempt in range(TRIES):
        try:
            return work()
        except Unavailable as error:
            if attempt == TRIES - 1 or not _waited(error, attempt):
                raise
    raise AssertionError("unreachable")


def translated(error: Exception) -> OmniError:
    """What a foreign exception means here. Anything unknown is raised again: it is a bug."""
    if isinstance(error, OmniError):
        return error
    if isinstance(error, HttpError):
        return answered(int(error.resp.status), error.content, error.resp.get("retry-after"))
    if isinstance(error, auth_errors.RefreshError):
        return NeedsReconnect("Google no longer lets us in. Connect the account again.")
    if isinstance(error, (OSError, httplib2.HttpLib2Error, httpx.TransportError, auth_errors.TransportError)):
        return Unavailable("Google cannot be reached just now. It is tried again by itself.")
    if isinstance(error, (ValueError, KeyError, BatchError)):  # cut or mangled JSON, or an answer without its parts
        return Unavailable("Google’s answer could not be read. It is tried again by itself.")
    raise error


def answered(status: int, content: bytes, retry_after: str | None = None) -> OmniError:
    """What an error answer of Google's APIs means. `retry_after` is the header as sent."""
    reason, message = _reason(content)
    if status == 429 or (status == 403 and reason in _LIMITS):
        return Unavailable("Google asks us to slow down. It goes on by itself.", _moment(retry_after))
    if status == 401:
        return NeedsReconnect("Google no longer lets us in. Connect the account again.")
    if status == 403 and reason in _SCOPES:
        return NeedsReconnect("Google does not allow this with what you granted. Connect the account again.")
    if status == 404:
        return NotFound("Google does not know this any more.")
    if status == 410 or reason == "fullSyncRequired" or "sync token" in message.lower():
        return Gone("Google has let go of this.")
    if status == 409:
        return Duplicate("Google has this already.")
    if status == 412:
        return Changed("It was changed in Google in the meantime.")
    if status >= 500 or status == 408:
        return Unavailable("Google has trouble just now. It is tried again by itself.", _moment(retry_after))
    return Refused(f"Google refused this: {message or f'error {status}'}")


def limiter(base: str | None) -> Limiter:
    """The installation's rate towards Google; none towards a stand-in."""
    return Limiter(None if base else config.settings().google_units_per_minute)


def _once(access: Access, request: HttpRequest, units: int) -> Any:
    access.limiter.spend(units)
    try:
        answer = request.execute(num_retries=0)
    except Exception as error:
        raise translated(error) from error
    return whole(answer)


def whole(answer: Any) -> Any:
    """The answer, if it is one: the library hands on JSON that was cut off as a string. Raises Unavailable."""
    if isinstance(answer, str) and answer:
        raise Unavailable("Google’s answer could not be read. It is tried again by itself.")
    return answer


def _waited(error: Unavailable, attempt: int) -> bool:
    """Pauses before the next try; False where it would be too long for a job to sit and wait."""
    seconds = config.settings().google_retry_seconds * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311  # jitter
    if error.retry_at is not None:
        named = (error.retry_at - clock.now()).total_seconds()
        if named > LONGEST_PAUSE.total_seconds():
            return False
        seconds = max(seconds, named)
    pause(seconds)
    return True


def _moment(retry_after: str | None) -> datetime | None:
    """Retry-After: seconds, or a date."""
    if retry_after is None:
        return None
    try:
        if retry_after.strip().isdigit():
            return clock.now() + timedelta(seconds=min(int(retry_after), 86_400))
        return parsedate_to_datetime(retry_after).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _reason(content: bytes) -> tuple[str, str]:
    """The first error's reason and the message; empty for a page of HTML."""
    try:
        error = json.loads(content)["error"]
        details = error.get("errors") or [{}]
        return str(details[0].get("reason", "")), str(error.get("message", ""))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "", ""


@lru_cache(maxsize=2)
def _document(name: str) -> dict[str, Any]:
    folder = resources.files("googleapiclient.discovery_cache") / "documents"
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found
