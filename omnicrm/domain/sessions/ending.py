"""How a session ends: done, missed, called off; and each taken back."""

from __future__ import annotations

from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Refused
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import credits, practice
from omnicrm.domain.contacts import facts
from omnicrm.domain.sessions import google
from omnicrm.domain.sessions.booking import OPEN, flushed, get, locked, refuse_clashes
from omnicrm.domain.sessions.policy import is_late
from omnicrm.models.contacts import Contact
from omnicrm.models.services import Service
from omnicrm.models.sessions import CancelledBy, Session, SessionStatus

By: TypeAlias = Literal["practitioner", "client", "google"]
_OVER = (SessionStatus.COMPLETED, SessionStatus.NO_SHOW)


class Cancellation(BaseModel):
    """What calling a session off now would mean: whether it counts as late, and why, in a sentence."""

    model_config = ConfigDict(frozen=True)

    late: bool
    sentence: str


def cancellation(db: Db, session_id: UUID, by: By) -> Cancellation:
    """Before it is done: the service's window, the fee, the credit. Raises NotFound."""
    session = get(db, session_id)
    service = db.get(Service, session.service_id) if session.service_id is not None else None
    contact = db.get(Contact, session.contact_id) if session.contact_id is not None else None
    viewer = practice.of(db).viewer()
    who = contact.first_name if contact else "anybody"
    window = service.cancellation_window_hours if service else None
    if by == "practitioner":
        return Cancellation(late=False, sentence=f"You call it off, so nothing is counted against {who}.")
    if service is None or window is None:
        return Cancellation(late=False, sentence="There is no rule about late cancelling here, so nothing is counted.")
    late = is_late(db, session)
    if not late:
        return Cancellation(late=False, sentence=f"In time: more than {window} h before. Nothing is counted.")
    sentence = f"Late: {_distance(session, viewer)}, and {service.name} asks for {window} h. It counts as late"
    left = db.scalar(select(facts.credits(session.contact_id, viewer.now))) if contact else None
    if left:
        sentence += ", and uses one credit"
    if service.late_cancel_fee:
        sentence += f". The fee for it is {viewer.money(Money(service.late_cancel_fee, service.currency))}"
    return Cancellation(late=True, sentence=f"{sentence}.")


def cancel(
    db: Db,
    session_id: UUID,
    *,
    by: By = "practitioner",
    reason: str = "",
    late: bool | None = None,
    approval_id: UUID | None = None,
    write: bool = True,
) -> Session:
    """Call a session off; its event goes, credits follow. A client's cancellation within the service's window counts
    as late, unless `late` says otherwise.

    `write` False: Google knows already. Raises NotFound, and Refused where it is over or cancelled.
    """
    session = locked(db, session_id)
    if session.status not in OPEN:
        raise Refused("This session is not booked any more.")
    session.late_cancel = (by != "practitioner" and is_late(db, session)) if late is None else late
    session.status, session.cancelled_at = SessionStatus.CANCELLED, clock.now()
    session.cancelled_by, session.cancel_reason = CancelledBy(by), reason.strip()[:500] or None
    db.flush()
    credits.settle_session(db, session)
    if write:
        google.ask(db, session, approval_id=approval_id)
    return session


def uncancel(db: Db, session_id: UUID, *, allow_overlap: bool = False, approval_id: UUID | None = None) -> Session:
    """Take a cancellation back; the event is written again.

    Raises NotFound, Refused where it is not cancelled, Conflict (override `allow_overlap`) where the time is taken.
    """
    session = locked(db, session_id)
    if session.status is not SessionStatus.CANCELLED:
        raise Refused("This session is not cancelled.")
    if not allow_overlap and not session.overlap_allowed:
        refuse_clashes(db, session.scheduled_at, session.duration_minutes, other_than=session.id, with_google=False)
    session.status, session.cancelled_at, session.cancelled_by = SessionStatus.SCHEDULED_IN_CRM, None, None
    session.cancel_reason, session.late_cancel = None, False
    session.overlap_allowed = session.overlap_allowed or allow_overlap
    flushed(db)
    credits.settle_session(db, session)
    google.ask(db, session, approval_id=approval_id)
    return session


def close(db: Db, session_id: UUID, *, came: bool = True) -> Session:
    """Say how it went: done, or a no-show. Can be said again, the last word counts. Raises NotFound, Refused."""
    session = locked(db, session_id)
    if session.status in (SessionStatus.CANCELLED, SessionStatus.PENDING_AI_CONFIRMATION):
        raise Refused("Only a booked session can be finished.")
    session.status = SessionStatus.COMPLETED if came else SessionStatus.NO_SHOW
    db.flush()
    credits.settle_session(db, session)
    return session


def reopen(db: Db, session_id: UUID) -> Session:
    """Take back that it is over: it is booked again. Of a class the attendance stays as it was marked.

    Raises NotFound, Refused where it is not over, Conflict where its time was taken meanwhile.
    """
    session = locked(db, session_id)
    if session.status not in _OVER:
        raise Refused("This session is not finished.")
    session.status = SessionStatus.SYNCED_TO_GCAL if session.google_etag else SessionStatus.SCHEDULED_IN_CRM
    flushed(db)
    credits.settle_session(db, session)
    return session


def _distance(session: Session, viewer: Viewer) -> str:
    if session.scheduled_at <= viewer.now:
        return "it has begun"
    return f"{viewer.distance(session.scheduled_at).removeprefix('in ')} before"
