"""What crosses the border with the outside, frozen: neither tables nor a provider's own shapes."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tokens(Wire):
    """An OAuth grant. `scopes` are those granted, not those asked for. Times in UTC."""

    access_token: str
    refresh_token: str | None
    expires_at: AwareDatetime | None
    scopes: tuple[str, ...]


class Identity(Wire):
    """Who signed in with Google: `sub` is the key, the address may change."""

    sub: str
    email: str
    email_verified: bool
    name: str | None = None


class RemoteMail(Wire):
    """A message as Gmail holds it: `raw` are the RFC 5322 bytes; ids are the mailbox's own."""

    id: str
    thread_id: str
    history_id: int
    labels: tuple[str, ...]
    internal_date: AwareDatetime
    raw: bytes


class MailPage(Wire):
    """One page of message ids (newest first). `next_page` None: the last."""

    ids: tuple[str, ...]
    next_page: str | None
    estimate: int | None = None


class FetchedMail(Wire):
    """What came of reading messages: each id is in one of the first four. `missing` are to be read again, at `retry_at`
    or soon, for the reason in `unavailable`; `failed` pairs an id with why it cannot be read."""

    mails: tuple[RemoteMail, ...]
    vanished: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    unavailable: str | None = None
    retry_at: AwareDatetime | None = None


class HistoryPage(Wire):
    """What changed since a history id: messages that appeared, vanished, or whose labels changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    relabelled: tuple[str, ...]
    next_page: str | None
    history_id: int


class RemoteCalendar(Wire):
    id: str
    summary: str
    time_zone: str | None
    primary: bool
    access_role: str


class CalendarEvent(Wire):
    """An event of Google Calendar v3, times resolved. All-day events have `start_date`/`end_date` (end exclusive)."""

    id: str
    calendar_id: str
    etag: str | None
    status: Literal["confirmed", "tentative", "cancelled"]
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    start_date: date | None = None
    end_date: date | None = None
    busy: bool = True
    summary: str = ""
    recurring_event_id: str | None = None
    original_start: AwareDatetime | None = None
    resource: dict[str, Any]


class EventPage(Wire):
    """`sync_token` stands on the last page only."""

    events: tuple[CalendarEvent, ...]
    quarantined: tuple[tuple[str, str], ...] = ()  # (event id or "?", why it could not be read)
    next_page: str | None
    sync_token: str | None


class EventWrite(Wire):
    """What a session asks of the calendar. `event_id` is made from the session's id, so that a repeat is harmless."""

    operation: Literal["upsert", "delete"]
    calendar_id: str
    event_id: str
    etag: str | None = None
    title: str = ""
    description: str = ""
    location: str = ""
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    time_zone: str = "UTC"
    session_id: str = ""


class EventReceipt(Wire):
    """What the calendar answered: the etag to keep; None after a deletion."""

    calendar_id: str
    event_id: str
    etag: str | None
