"""One client in one program, as their page shows it; and whose credits run low."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, or_, select
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.domain.contacts import facts
from omnicrm.domain.programs.editing import is_course
from omnicrm.domain.words import ENROLLMENTS
from omnicrm.models.contacts import Contact
from omnicrm.models.programs import CreditEntry, CreditReason, EnrollmentStatus, Program, ProgramEnrollment

LATELY = timedelta(days=45)  # a package that was used up longer ago is no news any more


class Membership(BaseModel):
    """`credits` is what can be used, `number` the balance of the ledger, `renew` a package with nothing left."""

    model_config = ConfigDict(frozen=True)

    contact_id: str
    who: str
    initials: str
    program_id: str
    program: str
    course: bool
    since: str
    credits: str
    credits_tone: str
    number: int
    bought: int
    percent: int
    until: str
    until_on: str
    renew: bool
    status: str
    status_label: str
    status_icon: str
    status_tone: str


def of_contact(db: Db, contact_id: UUID, *, limit: int = 20) -> list[Membership]:
    """Everything that a client is or was in: what goes on first, the newest first. One statement."""
    going_on = col(ProgramEnrollment.status).in_((EnrollmentStatus.ACTIVE, EnrollmentStatus.PAUSED))
    query = (
        _memberships()
        .where(col(ProgramEnrollment.contact_id) == contact_id)
        .order_by(going_on.desc(), col(ProgramEnrollment.enrollment_date).desc(), col(Program.id))
    )
    viewer = practice.of(db).viewer()
    return [_membership(viewer, *one) for one in db.execute(query.limit(limit))]


def enrolment(db: Db, program_id: UUID, contact_id: UUID) -> Membership:
    """Raises NotFound."""
    query = _memberships().where(
        col(ProgramEnrollment.contact_id) == contact_id, col(ProgramEnrollment.program_id) == program_id
    )
    found = db.execute(query).first()
    if found is None:
        raise NotFound("This client is not in this program.")
    return _membership(practice.of(db).viewer(), *found)


def running_low(db: Db, *, limit: int = 3) -> list[Membership]:
    """Packages whose last credit was used lately, with nothing bought since: whom to offer a renewal, the last use
    first. One statement.
    """
    used = (
        select(col(CreditEntry.contact_id), col(CreditEntry.program_id), func.max(CreditEntry.created_at).label("at"))
        .where(col(CreditEntry.created_at) > clock.now() - LATELY, col(CreditEntry.delta) < 0)
        .group_by(col(CreditEntry.contact_id), col(CreditEntry.program_id))
        .subquery()
    )
    query = (
        _memberships()
        .join(
            used,
            (used.c.contact_id == col(ProgramEnrollment.contact_id))
            & (used.c.program_id == col(ProgramEnrollment.program_id)),
        )
        .where(
            col(ProgramEnrollment.status) == EnrollmentStatus.ACTIVE,
            col(Program.start_date).is_(None),
            or_(col(ProgramEnrollment.expires_at).is_(None), col(ProgramEnrollment.expires_at) > clock.now()),
            col(Contact.archived_at).is_(None),
            _sum(None) <= 0,
        )
        .order_by(used.c.at.desc(), col(ProgramEnrollment.contact_id))
        .limit(limit)
    )
    viewer = practice.of(db).viewer()
    return [_membership(viewer, *one) for one in db.execute(query)]


def _memberships() -> Any:
    return (
        select(ProgramEnrollment, Program, Contact, _sum(None), _sum(CreditReason.PURCHASE))
        .join(Program, col(Program.id) == col(ProgramEnrollment.program_id))
        .join(Contact, col(Contact.id) == col(ProgramEnrollment.contact_id))
    )


def _sum(reason: CreditReason | None) -> Any:
    query = select(func.sum(CreditEntry.delta)).where(
        col(CreditEntry.contact_id) == col(ProgramEnrollment.contact_id),
        col(CreditEntry.program_id) == col(ProgramEnrollment.program_id),
    )
    if reason is not None:
        query = query.where(col(CreditEntry.reason) == reason)
    return query.correlate(ProgramEnrollment).scalar_subquery()


def _membership(
    viewer: Viewer,
    enrollment: ProgramEnrollment,
    program: Program,
    contact: Contact,
    left: int | None,
    bought: int | None,
) -> Membership:
    ends = enrollment.expires_at
    over = ends is not None and ends <= viewer.now
    usable = None if left is None else 0 if over else left
    words, tone = facts.credits_words(usable)
    status = ENROLLMENTS[enrollment.status]
    live = enrollment.status is EnrollmentStatus.ACTIVE
    return Membership(
        contact_id=str(contact.id),
        who=contact.display_name,
        initials=show.initials(contact.display_name),
        program_id=str(program.id),
        program=program.name,
        course=is_course(program),
        since=viewer.short_date(enrollment.enrollment_date or enrollment.created_at),
        credits=words if live or enrollment.status is EnrollmentStatus.PAUSED else "",
        credits_tone=tone,
        number=left or 0,
        bought=bought or 0,
        percent=_percent(left, bought),
        until=_until(ends, viewer, over=over) if left is not None else "",
        until_on=(viewer.local(ends - timedelta(minutes=1)).date().isoformat() if ends else ""),
        renew=live and not is_course(program) and usable is not None and usable <= 0,
        status=enrollment.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
    )


def _percent(left: int | None, bought: int | None) -> int:
    return max(0, min(100, round(100 * (bought - (left or 0)) / bought))) if bought else 0


def _until(ends: datetime | None, viewer: Viewer, *, over: bool) -> str:
    if ends is None:
        return ""
    last = viewer.short_date(ends - timedelta(minutes=1))
    return f"ran out {last}" if over else f"until {last}"
