"""The names and times that a proposal’s sentence speaks of, as they are now."""

from __future__ import annotations

from typing import Any

from omnicrm.core.db import Db
from omnicrm.domain import proposals
from omnicrm.domain.proposals.base import About, Payload, checked
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.contacts import Contact
from omnicrm.models.sessions import Session


def of(db: Db, approval: PendingApproval) -> About:
    """Reads the client and the session of one proposal."""
    contact = db.get(Contact, approval.related_contact_id) if approval.related_contact_id is not None else None
    session = db.get(Session, approval.related_session_id) if approval.related_session_id is not None else None
    return made(contact, session)


def made(contact: Contact | None, session: Session | None) -> About:
    return About(
        contact=contact.display_name if contact else "",
        first_name=contact.first_name if contact else "",
        session_title=session.title if session else "",
        session_at=session.scheduled_at if session else None,
        session_minutes=session.duration_minutes if session else None,
        in_google=session is not None and session.google_calendar_event_id is not None,
    )


def payload(approval: PendingApproval) -> Payload:
    """As it was decided, else as it was proposed."""
    model = proposals.of(approval.type).Payload
    stored: Any = checked(model, approval.edited_payload or approval.data_payload)
    found: Payload = stored
    return found
