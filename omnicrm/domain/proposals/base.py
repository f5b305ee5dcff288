"""What every proposal type is made of: a payload, the sentence, the fields, and what undoing needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, Protocol, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, OmniError
from omnicrm.core.show import Viewer, possessive
from omnicrm.domain.cases import Draft
from omnicrm.models.approvals import PendingApproval

UndoLog: TypeAlias = dict[str, Any]  # JSON: what was there before, what was made
Moment: TypeAlias = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]  # one form for comparing
Group: TypeAlias = Literal["sessions", "people", "money", "tasks", "replies"]
FieldKind: TypeAlias = Literal["text", "prose", "datetime", "date", "minutes", "money", "client", "service", "invoice"]
UNDO_DAYS = 30


class Payload(BaseModel):
    """`data_payload` of one type. Frozen, unknown fields refused; what does not validate is never stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    EDITABLE: ClassVar[tuple[str, ...]] = ()  # fields that a person may change before approving
    OPTIONAL: ClassVar[tuple[str, ...]] = ()  # fields that a person may leave out


class Unneeded(OmniError):
    """What the draft proposes is there already: nothing to put before anybody."""

    code = "unneeded"
    http_status = 200


@dataclass(frozen=True, slots=True)
class About:
    """Names and times of the rows that a proposal concerns, as they are now; empty where there is none."""

    contact: str = ""
    first_name: str = ""
    session_title: str = ""
    session_at: datetime | None = None
    session_minutes: int | None = None
    in_google: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A draft that fits the practice: what is stored of it."""

    payload: Payload
    dedupe_key: str
    contact_id: UUID | None = None
    session_id: UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the practitioner said besides yes."""

    allow_overlap: bool = False


class Field(BaseModel):
    """One line of a proposal. `value` as it is shown, `raw` as it is edited (ISO for times), `old` what it replaces.

    `slots` are the evidence slots that carry it; `why` says where an inferred value comes from.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    kind: FieldKind
    value: str
    raw: str = ""
    old: str = ""
    editable: bool = False
    can_leave_out: bool = False
    slots: tuple[str, ...] = ()
    why: str = "inferred"


class DifferenceRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    label: str
    before: str
    approved: str
    now: str
    differs: bool


class Choice(BaseModel):
    """One way to undo. `value` goes into `undo(choice=…)`."""

    model_config = ConfigDict(frozen=True)

    value: str
    label: str
    detail: str = ""


class Difference(BaseModel):
    """The row changed since the approval: before, as approved, now; and the ways to go on, the mildest first."""

    model_config = ConfigDict(frozen=True)

    title: str
    rows: list[DifferenceRow]
    choices: list[Choice]


class ChangedSince(Conflict):
    """Undoing asks first. `difference` says what changed; `override` names the argument that decides."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(f"{difference.title}. See the difference, and choose.", override="choice")
        self.difference = difference


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a draft comes from: the stored item, and what is known of its sender."""

    item_id: UUID
    kind: Literal["mail", "event"]
    provider: str
    thread_id: str
    sender: str
    sender_name: str
    occurred_at: datetime
    event: tuple[str, str, str | None] | None  # calendar id, event id, etag


class ProposalType(Protocol):
    """What a module of this package offers. `Any` is the module's own Payload."""

    TYPE: str
    GROUP: Group
    LABEL: str
    ICON: str
    NEEDS_CONTACT: bool
    Payload: Any

    def from_draft(self, db: Db, draft: Draft, origin: Origin, /) -> Resolved: ...
    def describe(self, payload: Any, about: About, viewer: Viewer, /) -> str: ...
    def done(self, payload: Any, about: About, viewer: Viewer, /) -> str: ...
    def consequence(self, payload: Any, about: About, /) -> str: ...
    def fields(self, payload: Any, about: About, viewer: Viewer, /) -> list[Field]: ...
    def execute(self, db: Db, approval: PendingApproval, payload: Any, options: Options, /) -> UndoLog: ...
    def difference(self, db: Db, log: UndoLog, viewer: Viewer, /) -> Difference | None: ...
    def undo(self, db: Db, approval: PendingApproval, log: UndoLog, choice: str, /) -> None: ...


def checked(model: type[Payload], data: dict[str, Any]) -> Any:
    """A payload of untrusted data. Raises Invalid with a sentence for each wrong field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fields = {
            str(problem["loc"][0]) if problem["loc"] else "payload": _sentence(problem) for problem in error.errors()
        }
        first = next(iter(fields))
        raise Invalid(f"{first.replace('_', ' ').capitalize()}: {fields[first]}", fields) from error


def moment(value: Any, viewer: Viewer) -> Any:
    """A time as a person writes it: without an offset it stands in the practitioner's zone. Raises Invalid."""
    if not isinstance(value, str):
        return value
    try:
        written = datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise Invalid(fields={"scheduled_at": "Write the time like 2026-11-27 10:00."}) from error
    if written.tzinfo is not None:
        return written
    return zones.at_wall(written.date(), written.time(), viewer.zone)


def local(at: datetime, viewer: Viewer) -> str:
    """A time for an edit field: `2026-11-27T10:00`, on the practitioner's clock."""
    return viewer.local(at).strftime("%Y-%m-%dT%H:%M")


def span(at: datetime, minutes: int | None, viewer: Viewer) -> str:
    """`Fri 27 Nov, 10:00 to 11:15`."""
    if not minutes:
        return viewer.moment(at)
    return f"{viewer.moment(at)} to {viewer.time(at + timedelta(minutes=minutes))}"


def on(at: datetime, viewer: Viewer) -> str:
    """For the middle of a sentence: `on Friday 27 November at 10:00`, `today at 16:15`."""
    words = viewer.long_moment(at)
    return words if words.startswith(("today", "tomorrow")) else f"on {words}"


def whose(about: About, title: str) -> str:
    """`Aino Korhonen’s aroma massage`; without a client the title alone."""
    title = about.session_title or title
    if not about.contact:
        return f"“{title}”" if title else "a session"
    return f"{possessive(about.contact)} {lowered(title) if title and title != about.contact else 'session'}"


def lowered(name: str) -> str:
    """A service’s name within a sentence: `aroma massage`, but `EMDR` and `Slow Flow` as they are."""
    first, *rest = name.split(" ")
    keeps = not first[:1].isupper() or first.isupper() or any(word[:1].isupper() for word in rest)
    return name if keeps else name[:1].lower() + name[1:]


def row(label: str, before: str, approved: str, now: str) -> DifferenceRow:
    return DifferenceRow(label=label, before=before, approved=approved, now=now, differs=now != approved)


def _sentence(problem: Any) -> str:
    words = {
        "missing": "Please fill this in.",
        "string_too_short": "Please fill this in.",
        "string_too_long": "Too long.",
        "greater_than": "Too small.",
        "greater_than_equal": "Too small.",
        "less_than": "Too large.",
        "less_than_equal": "Too large.",
        "extra_forbidden": "This proposal has no such field.",
        "int_parsing": "Write a whole number.",
        "decimal_parsing": "Write an amount like 120.00.",
        "timezone_aware": "Say in which zone.",
    }
    return words.get(problem["type"], str(problem["msg"]).removeprefix("Value error, ") + ".")
