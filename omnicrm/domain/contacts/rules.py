"""Rules that find clients: subject, verb, value, all of them or either of some; as data, in words, and as SQL.

A rule is data that a practitioner's form wrote, so nothing of it ever becomes SQL text: every value is a bound
parameter, and which comparison is made is chosen here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select
from sqlmodel import col

from omnicrm.domain.contacts import facts
from omnicrm.domain.words import CONSENTS, STAGES
from omnicrm.models.contacts import Consent, Contact, LifecycleStage
from omnicrm.models.groups import ContactGroup
from omnicrm.models.programs import EnrollmentStatus, ProgramEnrollment
from omnicrm.models.sessions import Session, SessionAttendee, SessionStatus

Subject = Literal[
    "last_session",
    "next_session",
    "sessions",
    "stage",
    "tag",
    "group",
    "program",
    "credits",
    "balance",
    "consent",
    "mail",
    "field",
]
Kind = Literal["days", "count", "amount", "stage", "tag", "group", "program", "consent", "field", "none"]
MOST_RULES = 20
MOST_LEFT_OUT = 500
_LONGEST = 3650  # days


class Verbs(BaseModel):
    """What can be said of a subject: its words, and for each verb its words and the kind of value."""

    model_config = ConfigDict(frozen=True)

    words: str
    verbs: dict[str, tuple[str, Kind]]


SUBJECTS: dict[str, Verbs] = {
    "last_session": Verbs(
        words="Last session",
        verbs={
            "older": ("is more than … days ago", "days"),
            "newer": ("is within … days", "days"),
            "never": ("never was", "none"),
        },
    ),
    "next_session": Verbs(
        words="Next session", verbs={"none": ("is not booked", "none"), "booked": ("is booked", "none")}
    ),
    "sessions": Verbs(
        words="Sessions so far",
        verbs={"at_least": ("are at least", "count"), "at_most": ("are at most", "count")},
    ),
    "stage": Verbs(words="Stage", verbs={"is": ("is", "stage"), "is_not": ("is not", "stage")}),
    "tag": Verbs(words="Tag", verbs={"has": ("is", "tag"), "has_not": ("is not", "tag")}),
    "group": Verbs(words="Group", verbs={"in": ("has them", "group"), "not_in": ("has them not", "group")}),
    "program": Verbs(
        words="Program",
        verbs={"enrolled": ("has them enrolled", "program"), "not_enrolled": ("has them not enrolled", "program")},
    ),
    "credits": Verbs(
        words="Credits left", verbs={"at_least": ("are at least", "count"), "at_most": ("are at most", "count")}
    ),
    "balance": Verbs(
        words="Balance", verbs={"owes": ("is open by more than", "amount"), "even": ("is settled", "none")}
    ),
    "consent": Verbs(
        words="Consent", verbs={"given": ("is given to", "consent"), "not_given": ("is not given to", "consent")}
    ),
    "mail": Verbs(words="Mail", verbs={"allowed": ("may be sent", "none"), "off": ("is switched off", "none")}),
    "field": Verbs(
        words="Own field",
        verbs={"has": ("contains", "field"), "empty": ("is empty", "field"), "filled": ("is filled", "field")},
    ),
}


class Test(BaseModel):
    """One comparison. `value` is text as a form gives it: a number, a word of a list, an id, or empty."""

    __test__ = False  # the name is a person's, not pytest's

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: Subject
    verb: Annotated[str, StringConstraints(max_length=20)]
    value: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""

    @property
    def kind(self) -> Kind:
        return SUBJECTS[self.subject].verbs[self.verb][1]

    @model_validator(mode="after")
    def _fits(self) -> Test:
        if self.verb not in SUBJECTS[self.subject].verbs:
            raise ValueError("That cannot be said of it.")
        _CHECKS[self.kind](self.value)
        return self


class Either(BaseModel):
    """At least one of these holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any: Annotated[tuple[Test, ...], Field(min_length=1, max_length=MOST_RULES)]


Part: TypeAlias = Test | Either


class Rule(BaseModel):
    """Who belongs: every part holds, and nobody who was left out by hand. As `groups.rule` keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    all: Annotated[tuple[Part, ...], Field(min_length=1, max_length=MOST_RULES)]
    left_out: Annotated[tuple[UUID, ...], Field(max_length=MOST_LEFT_OUT)] = ()


def condition(rule: Rule, *, now: datetime, currency: str) -> ColumnElement[bool]:
    """The rule as a condition on `contacts`, every value a bound parameter."""
    parts = [
        or_(*[_test(one, now, currency) for one in part.any])
        if isinstance(part, Either)
        else _test(part, now, currency)
        for part in rule.all
    ]
    if rule.left_out:
        parts.append(col(Contact.id).not_in(rule.left_out))
    return and_(*parts)


def fields(rule: Rule) -> tuple[Test, ...]:
    """Every comparison, those of an "either of" included."""
    return tuple(one for part in rule.all for one in (part.any if isinstance(part, Either) else (part,)))


def _test(test: Test, now: datetime, currency: str) -> ColumnElement[bool]:
    return _CONDITIONS[test.subject](test.verb, test.value, now, currency)


def _last_session(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    if verb == "never":
        return not_(_came(None, now))
    since = now - timedelta(days=int(value))
    return _came(since, now) if verb == "newer" else and_(_came(None, since), not_(_came(since, now)))


def _next_session(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    booked = _comes(now)
    return booked if verb == "booked" else not_(booked)


def _sessions(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    own = (
        select(func.count())
        .where(col(Session.contact_id) == col(Contact.id), col(Session.scheduled_at) < now, _been())
        .scalar_subquery()
    )
    classes = (
        select(func.count())
        .select_from(SessionAttendee)
        .join(Session, col(Session.id) == col(SessionAttendee.session_id))
        .where(*_placed(), col(Session.scheduled_at) < now, _been())
        .scalar_subquery()
    )
    number = own + classes
    return number >= int(value) if verb == "at_least" else number <= int(value)


def _stage(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    stage = LifecycleStage(value)
    return col(Contact.lifecycle_stage) == stage if verb == "is" else col(Contact.lifecycle_stage) != stage


def _tag(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    place = func.array_position(Contact.tags, value)
    return place.is_not(None) if verb == "has" else place.is_(None)


def _group(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    member = exists().where(col(ContactGroup.contact_id) == col(Contact.id), col(ContactGroup.group_id) == UUID(value))
    return member if verb == "in" else not_(member)


def _program(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    enrolled = exists().where(
        col(ProgramEnrollment.contact_id) == col(Contact.id),
        col(ProgramEnrollment.program_id) == UUID(value),
        col(ProgramEnrollment.status) != EnrollmentStatus.CANCELLED,
    )
    return enrolled if verb == "enrolled" else not_(enrolled)


def _credits(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    """Who never had credits has none left, and is "at most" nothing only where something was bought once."""
    left = facts.credits(Contact.id, now)
    return left >= int(value) if verb == "at_least" else left <= int(value)


def _balance(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    owed = func.coalesce(facts.owed(Contact.id, currency), Decimal(0))
    return owed > Decimal(value or "0") if verb == "owes" else owed <= 0


def _consent(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    given = exists().where(
        col(Consent.contact_id) == col(Contact.id), col(Consent.kind) == value, col(Consent.withdrawn_at).is_(None)
    )
    return given if verb == "given" else not_(given)


def _mail(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    return col(Contact.mail_allowed).is_(verb == "allowed")


def _field(verb: str, value: str, now: datetime, currency: str) -> ColumnElement[bool]:
    name, _, sought = value.partition("=")
    kept = func.coalesce(func.jsonb_extract_path_text(Contact.custom_fields, name.strip()), "")
    if verb == "has":
        return func.strpos(func.lower(kept), sought.strip().lower()) > 0 if sought.strip() else false()
    return kept == "" if verb == "empty" else kept != ""


def _been() -> ColumnElement[bool]:
    return col(Session.status).in_(facts.BEEN)


def _placed() -> tuple[ColumnElement[bool], ...]:
    """A place in a class that was not given back; a client's own session is not counted again."""
    return (
        col(SessionAttendee.contact_id) == col(Contact.id),
        col(SessionAttendee.attendance_status).not_in(facts.ABSENT),
        col(Session.contact_id).is_distinct_from(col(SessionAttendee.contact_id)),
    )


def _came(since: datetime | None, until: datetime) -> ColumnElement[bool]:
    """A session of theirs, or a class with them, from `since` (None: ever) until before `until`."""
    times = [col(Session.scheduled_at) < until, _been()]
    if since is not None:
        times.append(col(Session.scheduled_at) >= since)
    return _theirs(*times)


def _comes(now: datetime) -> ColumnElement[bool]:
    coming = col(Session.status).in_((SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL))
    return _theirs(col(Session.scheduled_at) >= now, coming)


def _theirs(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    own = exists().where(col(Session.contact_id) == col(Contact.id), *conditions)
    classes = exists().where(col(SessionAttendee.session_id) == col(Session.id), *_placed(), *conditions)
    return or_(own, classes)


_CONDITIONS: dict[str, Callable[[str, str, datetime, str], ColumnElement[bool]]] = {
    "last_session": _last_session,
    "next_session": _next_session,
    "sessions": _sessions,
    "stage": _stage,
    "tag": _tag,
    "group": _group,
    "program": _program,
    "credits": _credits,
    "balance": _balance,
    "consent": _consent,
    "mail": _mail,
    "field": _field,
}


def _number(least: int, most: int) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ValueError(f"A whole number from {least} to {most:,}")

    return check


def _amount(value: str) -> None:
    try:
        amount = Decimal(value or "0")
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount < Decimal("1e9")):
        raise ValueError("An amount such as 85 or 85.50")


def _one_of(words: dict[str, str]) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in words:
            raise ValueError("Choose one of the list")

    return check


def _id(value: str) -> None:
    try:
        UUID(value)
    except ValueError:
        raise ValueError("Choose one of the list") from None


def _written(value: str) -> None:
    if not value or "\0" in value:
        raise ValueError("Please fill this in")


_CHECKS: dict[str, Callable[[str], Any]] = {
    "days": _number(1, _LONGEST),
    "count": _number(0, 100_000),
    "amount": _amount,
    "stage": _one_of(STAGES),
    "tag": _written,
    "group": _id,
    "program": _id,
    "consent": _one_of(CONSENTS),
    "field": _written,
    "none": lambda value: None,
}
