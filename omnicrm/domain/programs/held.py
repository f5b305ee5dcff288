"""The sessions of a program, as columns and counts need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.models.sessions import AttendanceStatus, Session, SessionStatus

COLUMNS = 8  # sessions that the table of a course has room for
MOST = 200  # sessions of a program that are looked at
CAME = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


@dataclass(frozen=True)
class Held:
    """A session of the program, cancelled ones left out."""

    id: UUID
    at: datetime
    status: SessionStatus
    contact_id: UUID | None


def of_program(db: Db, program_id: UUID) -> list[Held]:
    query = (
        select(col(Session.id), col(Session.scheduled_at), col(Session.status), col(Session.contact_id))
        .where(
            col(Session.program_id) == program_id,
            col(Session.status).not_in((SessionStatus.CANCELLED, SessionStatus.PENDING_AI_CONFIRMATION)),
        )
        .order_by(col(Session.scheduled_at), col(Session.id))
        .limit(MOST)
    )
    return [Held(*one) for one in db.execute(query)]


def window(held: list[Held], now: datetime) -> list[Held]:
    """The sessions that the table shows: the next one among them."""
    past = sum(one.at <= now for one in held)
    first = max(0, min(past - COLUMNS // 2, len(held) - COLUMNS))
    return held[first : first + COLUMNS]
