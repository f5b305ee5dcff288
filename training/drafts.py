"""What a synthetic case is made of, while it is made."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from omnicrm.domain.cases import Address, Contact, Invoice, Practitioner, Service, Session
from training import phrases


@dataclass
class Draft:
    """What a scenario collects while its words are made."""

    rng: random.Random
    zone: str
    currency: str
    base: date
    sent: datetime
    services: list[Service]
    client: Contact
    practitioner: Practitioner
    known: bool = True
    sessions: list[Session] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    expect: list[dict[str, object]] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    quote: str = ""
    subject: str = ""
    words: dict[str, str] = field(default_factory=dict)
    named: bool = False

    @property
    def email(self) -> str:
        return str(self.client.email)


def someone(rng: random.Random) -> Contact:
    first, last = rng.choice(phrases.FIRST), rng.choice(phrases.LAST)
    return Contact(first_name=first, last_name=last, email=f"{first}{rng.randint(1, 99)}@other.example".lower())


def session(draft: Draft, ahead: int | None = None, minute: int | None = None) -> Session:
    """A session of the client to come, added to the case."""
    rng = draft.rng
    day = draft.base + timedelta(days=ahead if ahead is not None else rng.randint(1, 7))
    minute = minute if minute is not None else rng.choice(range(9, 19)) * 60 + rng.choice((0, 0, 30))
    service = rng.choice(draft.services)
    at = phrases.Moment("", day, minute).at(ZoneInfo(draft.zone))
    made = Session(ref=f"s{len(draft.sessions) + 1}", contact_email=draft.email, title=service.name, scheduled_at=at, duration_minutes=service.duration_minutes)  # fmt: skip
    draft.sessions.append(made)
    return made


def old_words(draft: Draft, made: Session) -> str:
    """Some way to speak of a session that exists."""
    rng = draft.rng
    local = made.scheduled_at.astimezone(ZoneInfo(draft.zone))
    day = phrases.day_words(rng, local.date(), draft.base, draft.zone)
    hour = phrases.hour_words(rng, local.hour * 60 + local.minute)
    return rng.choice([day, day, day, day, f"{day} at {hour}", f"{day} {hour}" if not hour.isdigit() else day])
