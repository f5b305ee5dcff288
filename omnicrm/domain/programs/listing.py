"""The list of programs: searched, paged, with how full each is and what comes next."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ScalarSelect, func, select, tuple_
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import practice
from omnicrm.domain.programs.editing import is_course
from omnicrm.domain.words import PROGRAMS
from omnicrm.models.programs import EnrollmentStatus, Program, ProgramEnrollment, ProgramStatus
from omnicrm.models.services import Service
from omnicrm.models.sessions import LIVE, Session

Status = Literal["draft", "active", "archived"]


class ProgramRow(BaseModel):
    """A line of the list. `detail` is `Course, 4 Nov to 9 Dec` or `5 sessions of Deep tissue massage`."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: str
    detail: str
    price: str
    people: str
    full: bool
    next: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str


class ProgramPage(BaseModel):
    """`next` goes into `after` for the following page; empty at the end."""

    model_config = ConfigDict(frozen=True)

    rows: list[ProgramRow]
    next: str


def listed(db: Db, *, status: Status = "active", query: str = "", after: str = "", limit: int = 50) -> ProgramPage:
    """Programs by name, the next page after the cursor `after`; `query` is a part of the name. Two statements.

    Raises Invalid for a broken cursor.
    """
    limit = max(1, min(limit, 200))
    statement = select(Program, col(Service.name), _people(), _next(clock.now())).outerjoin(
        Service, col(Service.id) == col(Program.service_id)
    )
    statement = statement.where(col(Program.status) == ProgramStatus(status))
    if words := query.strip():
        statement = statement.where(func.strpos(func.lower(Program.name), words.lower()) > 0)
    if after:
        statement = statement.where(tuple_(col(Program.name), col(Program.id)) > position(after))
    found = db.execute(statement.order_by(col(Program.name), col(Program.id)).limit(limit + 1)).all()
    viewer = practice.of(db).viewer()
    last = found[limit - 1][0] if len(found) > limit else None
    return ProgramPage(
        rows=[_row(viewer, *one) for one in found[:limit]], next=cursor(last.name, last.id) if last else ""
    )


def counts(db: Db) -> dict[str, int]:
    """How many there are of each status."""
    found: dict[str, int] = {
        status.value: number
        for status, number in db.execute(select(col(Program.status), func.count()).group_by(col(Program.status)))
    }
    return {status.value: found.get(status.value, 0) for status in ProgramStatus}


def dates(program: Program, viewer: Viewer) -> str:
    """`4 Nov to 9 Dec`, `from 4 Nov`; empty without."""
    if program.start_date is None:
        return ""
    if program.end_date is None:
        return f"from {viewer.short_date(program.start_date)}"
    return f"{viewer.short_date(program.start_date)} to {viewer.short_date(program.end_date)}"


def price(program: Program, viewer: Viewer) -> str:
    return viewer.money(Money(program.price, program.currency)) if program.price is not None else ""


def good_for(program: Program, service: str | None) -> str:
    """`5 sessions of Deep tissue massage`; empty without credits."""
    if not program.credits_per_enrollment:
        return ""
    number = counted(program.credits_per_enrollment, "session")
    return f"{number} of {service}" if service else number


def _row(viewer: Viewer, program: Program, service: str | None, people: int, following: datetime | None) -> ProgramRow:
    status = PROGRAMS[program.status]
    course = is_course(program)
    full = program.capacity is not None and people >= program.capacity
    return ProgramRow(
        id=str(program.id),
        name=program.name,
        kind="course" if course else "package",
        detail=(f"Course, {dates(program, viewer)}" if program.start_date else "Course")
        if course
        else f"Package of {good_for(program, service)}",
        price=price(program, viewer),
        people=f"{people} of {program.capacity}" if program.capacity else str(people),
        full=full,
        next=viewer.moment(following) if following else "",
        status=program.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
    )


def _people() -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            col(ProgramEnrollment.program_id) == col(Program.id),
            col(ProgramEnrollment.status) != EnrollmentStatus.CANCELLED,
        )
        .scalar_subquery()
    )


def _next(now: datetime) -> ScalarSelect[Any]:
    return (
        select(func.min(Session.scheduled_at))
        .where(
            col(Session.program_id) == col(Program.id),
            col(Session.scheduled_at) > now,
            col(Session.status).in_(LIVE),
        )
        .scalar_subquery()
    )


def position(after: str) -> tuple[str, UUID]:
    """Raises Invalid for a broken cursor."""
    try:
        name, key = json.loads(base64.urlsafe_b64decode(after.encode()))
        return str(name), UUID(key)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def cursor(name: str, key: UUID) -> str:
    """What `after` takes for the rows that follow."""
    return base64.urlsafe_b64encode(json.dumps([name, str(key)]).encode()).decode()
