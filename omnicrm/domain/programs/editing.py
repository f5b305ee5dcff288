"""A program as it is written down: what it is called, when, for how much, for how many."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.core.money import Money
from omnicrm.domain import practice, services
from omnicrm.models.programs import EnrollmentStatus, Program, ProgramEnrollment, ProgramStatus

Kind = Literal["course", "package"]
Status = Literal["draft", "active", "archived"]


class ProgramForm(BaseModel):
    """A course has dates, a package has credits that pay for sessions of its service (of any, without one).

    `price` is in the practitioner's currency; credits hold for `valid_days` from the purchase (None: without end).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""
    price: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=3)
    capacity: int | None = Field(default=None, ge=1, le=10_000)
    start_date: date | None = None
    end_date: date | None = None
    total_sessions: int | None = Field(default=None, ge=1, le=1000)
    credits_per_enrollment: int | None = Field(default=None, ge=1, le=1000)
    service_id: UUID | None = None
    valid_days: int | None = Field(default=None, ge=1, le=3650)
    no_show_uses_credit: bool = True
    late_cancel_uses_credit: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError("The last day comes after the first.")
        return self

    def check(self) -> None:
        """Raises Invalid for what a course or a package cannot be without."""
        if self.kind == "course" and self.start_date is None:
            raise Invalid(fields={"start_date": "A course has a first day."})
        if self.kind == "package" and self.credits_per_enrollment is None:
            raise Invalid(fields={"credits_per_enrollment": "Say how many sessions the package is good for."})


class ProgramTyped(BaseModel):
    """One program as its form shows it: numbers as one types them, empty where nothing is set."""

    model_config = ConfigDict(frozen=True)

    id: str = ""
    version: int = 0
    kind: str = "course"
    name: str = ""
    description: str = ""
    price: str = ""
    capacity: str = ""
    start_date: str = ""
    end_date: str = ""
    total_sessions: str = ""
    credits_per_enrollment: str = ""
    service_id: str = ""
    valid_days: str = ""
    no_show_uses_credit: bool = True
    late_cancel_uses_credit: bool = True


def add(db: Db, form: ProgramForm, *, status: Status = "active") -> Program:
    """Raises NotFound for an unknown service, Invalid for what is missing."""
    program = Program(name=form.name, status=ProgramStatus(status))
    _fill(db, program, form)
    db.add(program)
    db.flush()
    return program


def change(db: Db, program_id: UUID, form: ProgramForm, *, version: int | None = None) -> Program:
    """Who is enrolled keeps the credits that they bought. Raises NotFound, Invalid, and Conflict where it was changed
    meanwhile, or is to have fewer places than are taken.
    """
    program = locked(db, program_id)
    if version is not None and program.version != version:
        raise Conflict("Someone changed this program meanwhile. See both versions.", override="version")
    _fill(db, program, form)
    if program.capacity is not None and (taken := places_taken(db, program)) > program.capacity:
        raise Invalid(fields={"capacity": f"{taken} are enrolled already."})
    db.flush()
    return program


def set_status(db: Db, program_id: UUID, status: Status) -> str:
    """Open it, put it away, or back into the drafts; credits that were bought stay good. Gives what it was before.

    Raises NotFound.
    """
    program = locked(db, program_id)
    before, program.status = program.status, ProgramStatus(status)
    db.flush()
    return before.value


def remove(db: Db, program_id: UUID) -> None:
    """Delete a program that nobody was ever enrolled in; its sessions stay. Gone already: nothing happens.

    Raises Refused where somebody was: it can be archived.
    """
    program = db.get(Program, program_id, with_for_update=True, populate_existing=True)
    if program is None:
        return
    if db.scalar(select(func.count()).where(col(ProgramEnrollment.program_id) == program_id)):
        raise Refused("People were enrolled in this program. Archive it instead.")
    db.delete(program)
    db.flush()


def get(db: Db, program_id: UUID) -> Program:
    """Raises NotFound."""
    program = db.get(Program, program_id)
    if program is None:
        raise NotFound("This program no longer exists.")
    return program


def locked(db: Db, program_id: UUID) -> Program:
    """The row, held until the end of the transaction: two who take the last place are one after the other.

    Raises NotFound.
    """
    program = db.get(Program, program_id, with_for_update=True, populate_existing=True)
    if program is None:
        raise NotFound("This program no longer exists.")
    return program


def typed(db: Db, program_id: UUID) -> ProgramTyped:
    """Raises NotFound."""
    program = get(db, program_id)
    words = {name: _typed(getattr(program, name)) for name in ProgramTyped.model_fields if name not in _APART}
    return ProgramTyped(
        id=str(program.id),
        version=program.version,
        kind="course" if is_course(program) else "package",
        no_show_uses_credit=program.no_show_uses_credit,
        late_cancel_uses_credit=program.late_cancel_uses_credit,
        **words,
    )


def is_course(program: Program) -> bool:
    """It has dates, or at least no credits."""
    return program.start_date is not None or program.credits_per_enrollment is None


def places_taken(db: Db, program: Program) -> int:
    """Who holds a place: in a course also those who finished it."""
    holding = [EnrollmentStatus.ACTIVE, EnrollmentStatus.PAUSED]
    if is_course(program):
        holding.append(EnrollmentStatus.COMPLETED)
    query = select(func.count()).where(
        col(ProgramEnrollment.program_id) == program.id, col(ProgramEnrollment.status).in_(holding)
    )
    return db.scalar(query) or 0


_APART = {"id", "version", "kind", "no_show_uses_credit", "late_cancel_uses_credit"}


def _fill(db: Db, program: Program, form: ProgramForm) -> None:
    form.check()
    for field, value in form.model_dump(exclude={"kind", "price", "description", "service_id"}).items():
        setattr(program, field, value)
    if form.kind == "package":
        program.start_date = program.end_date = program.total_sessions = None
    program.description = form.description or None
    program.service_id = services.get(db, form.service_id).id if form.service_id is not None else None
    program.price = _rounded(db, program, form.price)


def _rounded(db: Db, program: Program, amount: Decimal | None) -> Decimal | None:
    if amount is None:
        return None
    money = Money(amount, program.currency or practice.of(db).currency).rounded()
    if money.amount != amount:
        raise Invalid(fields={"price": f"{money.currency} has no smaller parts than that."})
    return money.amount


def _typed(value: object) -> str:
    if isinstance(value, Decimal):
        digits = f"{value.normalize():f}"
        return f"{value:.2f}" if len(digits.partition(".")[2]) == 1 else digits
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
