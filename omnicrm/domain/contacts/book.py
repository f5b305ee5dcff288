"""Adding, changing and putting away clients."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from sqlalchemy import delete, select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import practice
from omnicrm.domain.contacts import match, normal, silence
from omnicrm.models.contacts import Contact, ContactIdentifier

Stage = Literal["lead", "active", "paused", "former"]
Source = Literal[
    "manual",
    "csv_import",
    "vcard_import",
    "takeout",
    "gmail",
    "google_calendar",
    "google_contacts",
    "website_form",
    "referral",
]


def _nothing_for_empty(value: str | None) -> str | None:
    return value or None


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
OptionalLine = Annotated[Line | None, AfterValidator(_nothing_for_empty)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]


class ContactForm(BaseModel):
    """A client as a person types it. Empty text counts as nothing. Only fields that are set change something."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_name: Annotated[Line, Field(min_length=1)]
    last_name: OptionalLine = None
    email: OptionalLine = None
    phone: OptionalLine = None
    company: OptionalLine = None
    job_title: OptionalLine = None
    date_of_birth: date | None = None
    pronouns: OptionalLine = None
    website: OptionalLine = None
    address_street: OptionalLine = None
    address_city: OptionalLine = None
    address_state: OptionalLine = None
    address_postal_code: OptionalLine = None
    address_country: OptionalLine = None
    tags: tuple[Line, ...] = ()
    custom_fields: dict[Line, Line] = {}  # of fields that the practitioner defined; adds to what is there
    notes: Annotated[Prose | None, AfterValidator(_nothing_for_empty)] = None
    lifecycle_stage: Stage = "active"
    source: Source = "manual"
    referral_source: OptionalLine = None
    client_since: date | None = None
    calendar_name: OptionalLine = None
    preferred_channel: OptionalLine = None
    time_zone: OptionalLine = None
    ai_allowed: bool = True
    mail_allowed: bool = True

    @field_validator("date_of_birth", "client_since", mode="before")
    @classmethod
    def _no_date(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("date_of_birth")
    @classmethod
    def _born(cls, value: date | None) -> date | None:
        if value is not None and not (date(1900, 1, 1) <= value <= clock.now().date()):
            raise ValueError("That day is not possible")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError("Unknown time zone")
        return value

    @field_validator("tags", mode="before")
    @classmethod
    def _tags(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = value.split(",")
        return tuple(dict.fromkeys(tag.strip() for tag in value if tag.strip()))


class ContactChange(ContactForm):
    """The same with nothing required: what is not set stays."""

    first_name: Annotated[Line, Field(min_length=1)] = "-"


def add(db: Db, form: ContactForm) -> Contact:
    """Put a client into the book; the phone number becomes E.164. A shared address is allowed (couples, families).

    Raises Invalid for an address or number that cannot be one.
    """
    values = _normalised(db, form.model_dump())
    contact = Contact(**{**values, "tags": list(values["tags"])})
    db.add(contact)
    db.flush()
    return contact


def change(db: Db, contact_id: UUID, changes: ContactChange, *, version: int | None = None) -> Contact:
    """Change the fields that are set in `changes`. `version` is the one that the form was filled from.

    With `ai_allowed` off, what was kept of the client's words goes at once, and so does what waits.

    Raises NotFound, Invalid, and Conflict where somebody else changed the client meanwhile.
    """
    contact = locked(db, contact_id)
    if version is not None and contact.version != version:
        raise Conflict("Someone changed this client meanwhile. See both versions.", override="version")
    values = _normalised(db, changes.model_dump(include=changes.model_fields_set))
    falls_silent = contact.ai_allowed and values.get("ai_allowed") is False
    if "custom_fields" in values:
        values["custom_fields"] = {**contact.custom_fields, **values["custom_fields"]}
    for field, value in values.items():
        setattr(contact, field, list(value) if field == "tags" else value)
    db.flush()
    if falls_silent:
        silence.fall_silent(db, contact.id)
    return contact


def archive(db: Db, contact_id: UUID) -> Contact:
    """Take a client out of the lists; nothing of the history goes. Again: no change."""
    contact = locked(db, contact_id)
    if contact.archived_at is None:
        contact.archived_at = clock.now()
        db.flush()
    return contact


def unarchive(db: Db, contact_id: UUID) -> Contact:
    contact = locked(db, contact_id)
    contact.archived_at = None
    db.flush()
    return contact


def remove(db: Db, contact_id: UUID) -> None:
    """Take back the adding of a client, with whatever is only theirs. Not an erasure: the log keeps what was."""
    db.execute(delete(Contact).where(col(Contact.id) == contact_id))
    db.expire_all()


def get(db: Db, contact_id: UUID) -> Contact:
    """Raises NotFound for an unknown client and another practitioner's, alike."""
    contact = db.get(Contact, contact_id)
    if contact is None:
        raise NotFound("This client no longer exists.")
    return contact


def locked(db: Db, contact_id: UUID) -> Contact:
    """The row, held until the end of the transaction, as it is now. Raises NotFound."""
    contact = db.get(Contact, contact_id, with_for_update=True, populate_existing=True)
    if contact is None:
        raise NotFound("This client no longer exists.")
    return contact


def identifiers(db: Db, contact_id: UUID) -> list[ContactIdentifier]:
    """Everything that the client is known by, primary ones first."""
    query = select(ContactIdentifier).where(col(ContactIdentifier.contact_id) == contact_id)
    order = (col(ContactIdentifier.kind), col(ContactIdentifier.is_primary).desc(), col(ContactIdentifier.value))
    return list(db.scalars(query.order_by(*order)))


def add_identifier(db: Db, contact_id: UUID, value: str, *, label: str | None = None) -> ContactIdentifier:
    """Another address or number of the client; the one that is there already where it is known.

    Raises NotFound, Invalid.
    """
    contact = locked(db, contact_id)
    kind, cleaned = _identifier(db, value)
    for known in identifiers(db, contact.id):
        if (known.kind, known.value) == (kind, cleaned):
            return known
    new = ContactIdentifier(contact_id=contact.id, kind=kind, value=cleaned, label=label)  # type: ignore[arg-type]  # Word
    db.add(new)
    db.flush()
    return new


def remove_identifier(db: Db, contact_id: UUID, value: str) -> None:
    """Forget a further address or number. The primary one is changed with the client. Unknown: nothing happens."""
    kind, cleaned = _identifier(db, value)
    db.execute(
        delete(ContactIdentifier).where(
            col(ContactIdentifier.contact_id) == contact_id,
            col(ContactIdentifier.kind) == kind,
            col(ContactIdentifier.value) == cleaned,
            col(ContactIdentifier.is_primary).is_(False),
        )
    )


def checked(data: dict[str, Any], *, partial: bool = False) -> ContactForm:
    """A form from raw input (a web form, an import). Raises Invalid with a sentence for each wrong field."""
    model = ContactChange if partial else ContactForm
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(fields=_sentences(error)) from error


def same_name_and_address(db: Db, form: ContactForm) -> Contact | None:
    """Somebody in the book who seems to be the same person: one address or number, and a name that fits."""
    values = [value for value in (form.email, form.phone) if value]
    full_name = f"{form.first_name} {form.last_name or ''}"
    for contact in match.with_identifiers(db, values):
        if normal.same_person(contact.display_name, full_name):
            return contact
    return None


def _normalised(db: Db, values: dict[str, Any]) -> dict[str, Any]:
    if values.get("email"):
        normal.email(values["email"])
    if values.get("phone"):
        values["phone"] = normal.phone(values["phone"], practice.of(db).region)
    return values


def _identifier(db: Db, value: str) -> tuple[str, str]:
    if "@" in value:
        return "email", normal.email(value)
    return "phone", normal.phone(value, practice.of(db).region)


def _sentences(error: ValidationError) -> dict[str, str]:
    words = {
        "string_too_short": "Please fill this in.",
        "missing": "Please fill this in.",
        "string_too_long": "Too long.",
        "date_from_datetime_parsing": "Write the day like 1988-05-12.",
        "date_parsing": "Write the day like 1988-05-12.",
        "extra_forbidden": "Unknown field.",
    }
    found = {}
    for problem in error.errors():
        field = str(problem["loc"][0]) if problem["loc"] else "form"
        found[field] = words.get(problem["type"], problem["msg"].removeprefix("Value error, ") + ".")
    return found
