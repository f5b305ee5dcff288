"""A case: one incoming thing as one practitioner sees it at one moment, and the drafts made of it.

The border between the domain and whatever generates proposals: pure, frozen, without a database. `inbox.case_for`
makes a case, a generator answers with drafts, `approvals.propose` checks and stores them. The words are those of the
published case format, so that the same generator runs over folders of cases.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from omnicrm.core.money import Money

DraftType: TypeAlias = Literal[
    "contact.create",
    "contact.update",
    "session.create",
    "session.reschedule",
    "session.cancel",
    "task.create",
    "payment.record",
    "reply.draft",
]
SessionState: TypeAlias = Literal["scheduled", "completed", "cancelled"]
InvoiceState: TypeAlias = Literal["draft", "sent", "partial", "overdue", "paid"]


class Part(BaseModel):
    """Frozen; unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Part):
    """A mail address as written: `name` may be empty, `email` is not normalised."""

    name: str = ""
    email: str


class Practitioner(Part):
    """Whose practice it is. `timezone` is an IANA name, `currency` an ISO 4217 code, `locale` a BCP 47 tag."""

    name: str
    email: str
    timezone: str
    currency: str
    locale: str = "en"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class MailItem(Part):
    """A message as stored. All offsets count characters of `text` (or of `subject`, where a quote says so)."""

    subject: str = ""
    sender: Address | None = None
    reply_to: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    sent_at: AwareDatetime | None = None
    text: str = ""
    auto_submitted: bool = False
    bulk: bool = False
    no_reply: bool = False
    calendar_parts: tuple[str, ...] = ()  # iCalendar texts that came along
    direction: Literal["in", "out"] = "in"


class EventItem(Part):
    """A calendar event: the Google Calendar v3 resource, and `text` as `event_text` makes it of that."""

    resource: dict[str, Any]
    text: str = ""

    @model_validator(mode="before")
    @classmethod
    def _text_of_the_resource(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("text") and isinstance(data.get("resource"), dict):
            return {**data, "text": event_text(data["resource"])}
        return data


class Contact(Part):
    """A client in the book. `emails` and `phones` are all identifiers, the primary ones included."""

    first_name: str
    last_name: str = ""
    email: str | None = None
    phone: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    address: str | None = None
    company: str | None = None
    date_of_birth: date | None = None
    ref: str | None = None  # the row's id where there is a database

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Service(Part):
    """Something that can be booked. `duration_minutes` None: it varies."""

    name: str
    duration_minutes: int | None = None
    price: Decimal | None = None
    words: tuple[str, ...] = ()  # what the practitioner says that clients call it
    ref: str | None = None


class Session(Part):
    """An appointment. `contact_email` None: a class, or a client without an address (then `contact_ref` tells)."""

    ref: str
    contact_email: str | None = None
    contact_ref: str | None = None
    title: str = ""
    scheduled_at: AwareDatetime
    duration_minutes: int | None = None
    status: SessionState = "scheduled"
    google_event_id: str | None = None
    google_calendar_id: str | None = None

    @property
    def ends_at(self) -> datetime | None:
        if self.duration_minutes is None:
            return None
        return self.scheduled_at + timedelta(minutes=self.duration_minutes)


class Invoice(Part):
    """A bill. `total` is in `currency`, the client's own numbering in `number`."""

    ref: str
    contact_email: str | None = None
    contact_ref: str | None = None
    number: str
    total: Decimal
    currency: str
    status: InvoiceState = "sent"

    @property
    def money(self) -> Money:
        return Money(self.total, self.currency)


class Case(Part):
    """Everything a generator may look at. Exactly one of `mail` and `event` is set; `now` is the reading moment."""

    id: str
    practitioner: Practitioner
    now: AwareDatetime
    mail: MailItem | None = None
    event: EventItem | None = None
    contacts: tuple[Contact, ...] = ()
    services: tuple[Service, ...] = ()
    sessions: tuple[Session, ...] = ()
    invoices: tuple[Invoice, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> Case:
        if (self.mail is None) == (self.event is None):
            raise ValueError("a case is made of one mail or one event")
        return self

    @property
    def text(self) -> str:
        """What body quotes point into."""
        return self.mail.text if self.mail is not None else self.event.text if self.event is not None else ""

    @property
    def subject(self) -> str:
        return self.mail.subject if self.mail is not None else ""


class Quote(Part):
    """The words that a value rests on: `quote == field[start:end]`, counted in characters.

    `slot` None: they carry the proposal as a whole.
    """

    slot: str | None = None
    field: Literal["text", "subject"] = "text"
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    quote: str = Field(min_length=1)


class Draft(Part):
    """A proposal as a generator makes it. `slots` are JSON values under the names of the case format.

    `confidence` is a calibrated probability. `inferred` names the slots that no words carry; `group` marks drafts of
    one message that belong together.
    """

    type: DraftType
    slots: dict[str, JsonValue]
    confidence: float = Field(ge=0, le=1)
    evidence: tuple[Quote, ...] = ()
    inferred: tuple[str, ...] = ()
    group: str | None = None


def event_text(resource: dict[str, Any]) -> str:
    """What is stored (and quoted) of an event: summary, location, description, then one line for each attendee.

    Empty parts leave no line. Line ends are newlines.
    """
    parts = [str(resource.get(key) or "") for key in ("summary", "location", "description")]
    attendees = resource.get("attendees")
    for attendee in attendees if isinstance(attendees, list) else []:
        if isinstance(attendee, dict):
            name, email = str(attendee.get("displayName") or ""), str(attendee.get("email") or "")
            parts.append(f"{name} <{email}>" if name and email else name or email)
    lines = (part.replace("\r\n", "\n").replace("\r", "\n").strip() for part in parts)
    return "\n".join(line for line in lines if line)
