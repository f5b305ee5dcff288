"""What happened to a session, newest first, in words: from the history that the database keeps by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.models.activity import AuditEntry
from omnicrm.models.contacts import Contact
from omnicrm.models.sessions import SessionStatus

MOST = 40
_ACTORS = {"practitioner": "you", "google": "from Google", "assistant": "the assistant", "client": "the client"}
_PLAIN = {"location": "Place", "meeting_url": "Meeting link", "title": "Title", "capacity": "Places"}


class HistoryLine(BaseModel):
    """`by` is who did it; empty for what happens by itself."""

    model_config = ConfigDict(frozen=True)

    when: str
    words: str
    by: str


def history(db: Db, session_id: UUID) -> list[HistoryLine]:
    """The latest changes, at most MOST. An unknown session has none. Two statements."""
    entries = db.execute(
        select(
            col(AuditEntry.created_at),
            col(AuditEntry.actor),
            col(AuditEntry.action),
            col(AuditEntry.entity),
            col(AuditEntry.before),
            col(AuditEntry.after),
        )
        .where(col(AuditEntry.entity_id) == session_id, col(AuditEntry.entity).in_(("sessions", "session_attendees")))
        .order_by(col(AuditEntry.created_at).desc(), col(AuditEntry.id).desc())
        .limit(MOST)
    ).all()
    viewer = practice.of(db).viewer()
    names = _names(db, [value for *_, before, after in entries if (value := _who(before, after))])
    lines = []
    for at, actor, action, entity, before, after in entries:
        was, now = before or {}, after or {}
        said = (
            _of_place(action, names.get(_who(before, after), "Somebody"))
            if entity == "session_attendees"
            else _of_session(action, was, now, viewer)
        )
        lines += [HistoryLine(when=viewer.moment(at), words=words, by=_ACTORS.get(actor, "")) for words in said]
    return lines[:MOST]


def _of_session(action: str, was: dict[str, Any], now: dict[str, Any], viewer: Viewer) -> list[str]:
    if action == "insert":
        proposed = now.get("status") == SessionStatus.PENDING_AI_CONFIRMATION
        return [f"{'Proposed' if proposed else 'Booked'} for {_moment(now['scheduled_at'], viewer)}"]
    said = []
    if "scheduled_at" in now:
        said.append(f"Moved from {_moment(was['scheduled_at'], viewer)} to {_moment(now['scheduled_at'], viewer)}")
    if "duration_minutes" in now:
        said.append(f"Length {now['duration_minutes']} min, before {was.get('duration_minutes') or 'not set'}")
    if "status" in now:
        said += _of_status(was.get("status"), now)
    for field, label in _PLAIN.items():
        if field in now:
            said.append(f"{label}: {now[field] or 'none'}")
    return said


def _of_status(was: str | None, now: dict[str, Any]) -> list[str]:
    match now["status"]:
        case SessionStatus.CANCELLED:
            reason = f": {now['cancel_reason']}" if now.get("cancel_reason") else ""
            return [f"Cancelled{reason}" + (", counted as late" if now.get("late_cancel") else "")]
        case SessionStatus.COMPLETED:
            return ["Done"]
        case SessionStatus.NO_SHOW:
            return ["Marked as a no-show"]
        case SessionStatus.SYNCED_TO_GCAL if was == SessionStatus.SCHEDULED_IN_CRM:
            return ["Written to Google"]
    if was == SessionStatus.CANCELLED:
        return ["Booked again"]
    if was == SessionStatus.PENDING_AI_CONFIRMATION:
        return ["Approved"]
    if was in (SessionStatus.COMPLETED, SessionStatus.NO_SHOW):
        return ["Open again"]
    return []


def _of_place(action: str, name: str) -> list[str]:
    return {"insert": [f"{name} has a place"], "delete": [f"{name}: place taken back"]}.get(action, [])


def _who(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    return str((after or {}).get("contact_id") or (before or {}).get("contact_id") or "")


def _names(db: Db, keys: list[str]) -> dict[str, str]:
    wanted = {UUID(key) for key in keys}
    if not wanted:
        return {}
    found = db.execute(select(col(Contact.id), col(Contact.display_name)).where(col(Contact.id).in_(wanted)))
    return {str(key): name for key, name in found}


def _moment(text: str, viewer: Viewer) -> str:
    return viewer.moment(datetime.fromisoformat(text))
