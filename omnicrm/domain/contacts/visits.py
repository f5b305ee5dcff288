"""Who was there last, in order: walked along the sessions, so that no page depends on how many clients there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, exists, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col

from omnicrm.domain.contacts import facts
from omnicrm.models.sessions import Session, SessionAttendee

Position = tuple[datetime, UUID, UUID]


def latest(now: datetime, *, after: Position | None, oldest_first: bool) -> Subquery:
    """(contact_id, at, session_id): the last session or class of every client who ever came, those after `after`."""
    own: Any = select(
        col(Session.contact_id).label("contact_id"), col(Session.scheduled_at).label("at"), col(Session.id).label("key")
    ).where(col(Session.contact_id).is_not(None), *_past(Session, now), not_(_later(Session, Session.contact_id, now)))
    classes: Any = (
        select(
            col(SessionAttendee.contact_id).label("contact_id"),
            col(Session.scheduled_at).label("at"),
            col(Session.id).label("key"),
        )
        .join(SessionAttendee, col(SessionAttendee.session_id) == col(Session.id))
        .where(
            col(SessionAttendee.attendance_status).not_in(facts.ABSENT),
            col(Session.contact_id).is_(None),
            *_past(Session, now),
            not_(_later(Session, SessionAttendee.contact_id, now)),
        )
    )
    if after is not None:
        own = own.where(_beyond(col(Session.contact_id), after, oldest_first))
        classes = classes.where(_beyond(col(SessionAttendee.contact_id), after, oldest_first))
    found: Subquery = union_all(own, classes).subquery("visits")
    return found


def in_order(visits: Subquery, *, oldest_first: bool) -> list[ColumnElement[Any]]:
    columns = (visits.c.at, visits.c.key, visits.c.contact_id)
    return [column.asc() if oldest_first else column.desc() for column in columns]


def _beyond(client: Any, after: Position, oldest_first: bool) -> ColumnElement[bool]:
    place = tuple_(col(Session.scheduled_at), col(Session.id), client)
    return place > after if oldest_first else place < after


def _past(session: Any, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(session.scheduled_at) < now, col(session.status).in_(facts.BEEN)


def _later(than: Any, client: Any, now: datetime) -> ColumnElement[bool]:
    """Whether the client came once more after that session."""
    other, place = aliased(Session), aliased(SessionAttendee)
    more = and_(*_past(other, now), tuple_(col(other.scheduled_at), col(other.id)) > tuple_(than.scheduled_at, than.id))
    alone = exists().where(col(other.contact_id) == col(client), more)
    held = aliased(Session)
    more = and_(*_past(held, now), tuple_(col(held.scheduled_at), col(held.id)) > tuple_(than.scheduled_at, than.id))
    together = exists().where(
        col(place.contact_id) == col(client),
        col(place.session_id) == col(held.id),
        col(place.attendance_status).not_in(facts.ABSENT),
        col(held.contact_id).is_(None),
        more,
    )
    return or_(alone, together)
