"""Changes of the calendar by hand that Google refused for good: told, to be tried again or left."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.domain import outbox, practice
from omnicrm.domain.sessions import google
from omnicrm.models.sessions import Session


class UnwrittenRow(BaseModel):
    """`what` is the session as it is now, `reason` what Google said of the last try."""

    model_config = ConfigDict(frozen=True)

    id: str
    what: str
    when: str
    reason: str


def unwritten(db: Db) -> list[UnwrittenRow]:
    """The newest first, at most 20. What a proposal asked for is told there, not here."""
    messages = outbox.stuck(db, google.WRITE)
    subjects = {UUID(message.payload["subject"]) for message in messages}
    query = select(Session).where(col(Session.id).in_(subjects))
    known = {str(session.id): session for session in db.scalars(query)} if subjects else {}
    viewer = practice.of(db).viewer()
    rows = []
    for message in messages:
        session = known.get(message.payload["subject"])
        gone = "A session that is taken back"
        rows.append(
            UnwrittenRow(
                id=str(message.id),
                what=f"{session.title}, {viewer.moment(session.scheduled_at)}" if session else gone,
                when=viewer.moment(message.updated_at),
                reason=message.last_error or "Google refused it.",
            )
        )
    return rows


def write_again(db: Db, message_id: UUID) -> None:
    """Another round of tries, with the session as it is then. Raises NotFound."""
    outbox.retry(db, message_id)


def leave_unwritten(db: Db, message_id: UUID) -> None:
    """It stays as it is here, and Google as it is there. Raises NotFound."""
    outbox.leave(db, message_id)
