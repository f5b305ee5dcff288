"""The sandbox as a test has it: an account to fill, connections to it, faults to order, a log to read."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from omnicrm import sandbox
from omnicrm.core import clock
from omnicrm.core.db import transaction
from omnicrm.core.wire import Tokens
from omnicrm.domain import connections
from omnicrm.integrations import google, google_oauth
from omnicrm.sandbox import control
from omnicrm.sandbox.calendar import Calendar
from omnicrm.sandbox.faults import Fault
from omnicrm.sandbox.mailbox import Mailbox, Message

MAYA = "maya@stillwater.example"
SCOPES = (*google_oauth.SCOPES["mail"], *google_oauth.SCOPES["calendar"])


class StandIn:
    """One account, `MAYA`, in a running sandbox."""

    def __init__(self, running: sandbox.Running) -> None:
        self.running = running
        self.url, self.store = running.url, running.store
        self.account = self.store.account(MAYA, "Maya Lindqvist", "Europe/Stockholm")

    @property
    def mailbox(self) -> Mailbox:
        return self.account.mailbox

    @property
    def calendar(self) -> Calendar:
        return self.account.calendars[MAYA]

    def load(self, content: control.AccountIn) -> None:
        self.account = control.load(self.store, content)

    def mail(
        self,
        text: str = "Can I book a massage for Friday at 10:30?",
        *,
        sender: str = "Jo Park <jo@park.example>",
        subject: str = "Booking",
        at: datetime | None = None,
        labels: Sequence[str] = ("INBOX", "CATEGORY_PERSONAL"),
        **headers: str,
    ) -> Message:
        """A mail arrives."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = sender, MAYA, subject
        letter["Date"] = format_datetime(at or clock.now())
        letter["Message-ID"] = f"<{len(self.mailbox.messages)}@park.example>"
        for name, value in headers.items():
            letter[name.replace("_", "-")] = value
        letter.set_content(text)
        return self.mailbox.deliver(letter.as_bytes(), labels)

    def event(self, summary: str, at: datetime, minutes: int = 60, **more: Any) -> dict[str, Any]:
        """An event is made in Google."""
        return self.calendar.insert({"summary": summary, **times(at, minutes), **more})

    def fault(self, kind: str, match: str = ".", **more: Any) -> None:
        self.store.faults.append(Fault(kind=kind, match=match, **more))

    def grant(self, scopes: Sequence[str] = SCOPES) -> Tokens:
        """As the consent page would give it."""
        grant = self.store.grant(MAYA, "omnicrm", list(scopes))
        token, seconds = self.store.access_token(grant)
        expires_at = clock.now() + timedelta(seconds=seconds)
        return Tokens(
            access_token=token, refresh_token=grant.refresh_token, expires_at=expires_at, scopes=tuple(grant.scopes)
        )

    def access(self, tokens: Tokens | None = None) -> google.Access:
        tokens = tokens or self.grant()
        return google.Access(tokens, lambda stale: google_oauth.refresh(stale, base=self.url), base=self.url)

    def connect(self, user_id: UUID, *providers: str) -> list[UUID]:
        """The practitioner connects the account (mail and calendar, unless named)."""
        with transaction(user_id) as db:
            linked = [
                connections.link(db, one, MAYA, self.grant(), external_account_id=self.account.sub, sample=False)
                for one in (providers or ("google_gmail", "google_calendar"))
            ]
        return [connection.id for connection in linked]

    def calls(self, part: str = "") -> list[dict[str, Any]]:
        """Requests whose "METHOD path" contains `part`, oldest first."""
        return [entry for entry in self.store.log if part in f"{entry['method']} {entry['path']}"]


@contextmanager
def stand_in() -> Iterator[StandIn]:
    running = sandbox.start()
    try:
        yield StandIn(running)
    finally:
        running.stop()


def times(at: datetime, minutes: int = 60, zone: str = "Europe/Stockholm") -> dict[str, Any]:
    """Start and end of an Event resource."""
    ends = at + timedelta(minutes=minutes)
    return {
        "start": {"dateTime": at.isoformat(), "timeZone": zone},
        "end": {"dateTime": ends.isoformat(), "timeZone": zone},
    }


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
