"""A mail or an event as it came in, before it is stored. Pure."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from omnicrm.core import clock
from omnicrm.core.wire import CalendarEvent
from omnicrm.domain import cases
from omnicrm.formats.mail import ParsedMail

_EVENT_FACTS = (
    "status",
    "summary",
    "description",
    "location",
    "start",
    "end",
    "attendees",
    "recurrence",
    "transparency",
    "visibility",
    "eventType",
    "recurringEventId",
    "originalStartTime",
)


class Person(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str = ""
    email: str
    kind: Literal["to", "cc"] = "to"


class IncomingItem(BaseModel):
    """A mail or an event, as a sync or an import found it. `connection_id` None: from a Takeout file.

    `payload` holds what else a case needs: for an event its resource, for a mail its flags and ids.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["mail", "event"]
    provider: str
    external_id: str
    connection_id: UUID | None = None
    thread_id: str | None = None
    occurred_at: AwareDatetime
    sender: str = ""
    sender_name: str = ""
    recipients: tuple[Person, ...] = ()
    subject: str = ""
    body_text: str = ""
    labels: tuple[str, ...] = ()
    payload: dict[str, Any] = {}
    content_hash: str
    direction: Literal["in", "out"] = "in"
    google_calendar_id: str | None = None
    etag: str | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    busy: bool = False


class Instance(BaseModel):
    """One time at which a recurring event happens, under the id that Google gives it."""

    model_config = ConfigDict(frozen=True)

    id: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime


def mail_item(
    mail: ParsedMail,
    *,
    provider: str,
    external_id: str,
    own_addresses: tuple[str, ...],
    connection_id: UUID | None = None,
    thread_id: str | None = None,
    labels: tuple[str, ...] = (),
    received_at: datetime | None = None,
) -> IncomingItem:
    """A parsed message. It is the practitioner's own where it was sent from one of `own_addresses`.

    Without a date in its header, `received_at` counts, else now. Without a thread of Gmail's, the first message that
    it answers names the thread.
    """
    sender = mail.sender.email.lower() if mail.sender else ""
    thread = thread_id or next(iter(mail.references), "") or mail.in_reply_to or mail.message_id or external_id
    return IncomingItem(
        kind="mail",
        provider=provider,
        external_id=external_id,
        connection_id=connection_id,
        thread_id=thread,
        occurred_at=mail.date or received_at or clock.now(),
        sender=sender,
        sender_name=mail.sender.name if mail.sender else "",
        recipients=tuple(
            Person(name=one.name, email=one.email, kind=kind)  # type: ignore[arg-type]  # a literal of the loop
            for kind, people in (("to", mail.to), ("cc", mail.cc))
            for one in people[:100]
        ),
        subject=mail.subject,
        body_text=mail.text,
        labels=labels,
        payload={
            "message_id": mail.message_id,
            "date": mail.date.isoformat() if mail.date else None,  # with the sender's own offset
            "in_reply_to": mail.in_reply_to,
            "references": list(mail.references)[-20:],
            "reply_to": {"name": mail.reply_to.name, "email": mail.reply_to.email} if mail.reply_to else None,
            "sender_written": mail.sender.email if mail.sender else "",
            "auto_submitted": mail.auto_submitted,
            "bulk": mail.bulk,
            "no_reply": mail.no_reply,
            "calendar_parts": [part.decode("utf-8", "replace").replace("\x00", "") for part in mail.calendar_parts[:3]],
            "attachments": [{"name": one.name, "type": one.media_type, "size": one.size} for one in mail.attachments],
            "problems": list(mail.problems),
        },
        content_hash=mail.content_hash,
        direction="out" if sender and sender in {address.lower() for address in own_addresses} else "in",
    )


def event_item(event: CalendarEvent, *, provider: str, connection_id: UUID | None = None) -> IncomingItem:
    """An event. All-day events have no hours and are not busy for single sessions unless Google says so."""
    facts = {key: event.resource.get(key) for key in _EVENT_FACTS}
    organiser = event.resource.get("organizer") or {}
    created = event.starts_at or clock.now()
    return IncomingItem(
        kind="event",
        provider=provider,
        external_id=event.id,
        connection_id=connection_id,
        thread_id=event.recurring_event_id,
        occurred_at=created,
        sender=str(organiser.get("email") or "").lower(),
        sender_name=str(organiser.get("displayName") or ""),
        recipients=tuple(
            Person(name=str(one.get("displayName") or ""), email=str(one["email"]))
            for one in (event.resource.get("attendees") or [])[:100]
            if isinstance(one, dict) and one.get("email")
        ),
        subject=event.summary,
        body_text=cases.event_text(event.resource),
        payload={"resource": event.resource},
        content_hash=hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest(),
        google_calendar_id=event.calendar_id,
        etag=event.etag,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        busy=event.busy and event.status != "cancelled" and event.starts_at is not None,
    )
