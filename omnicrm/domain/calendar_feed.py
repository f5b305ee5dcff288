"""The practitioner's sessions as a calendar that other programs subscribe to: one secret address, made and revoked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, or_, select, text
from sqlmodel import col

from omnicrm.core import clock, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound
from omnicrm.domain import limits, practice, sessions, settings
from omnicrm.domain.limits import Limit
from omnicrm.formats.ics import writing
from omnicrm.models.contacts import Contact
from omnicrm.models.resources import ShareLink, ShareLinkKind
from omnicrm.models.services import Service
from omnicrm.models.sessions import Session, SessionStatus

BEFORE, AHEAD = timedelta(days=90), timedelta(days=730)
MOST = 5000  # sessions
AGAIN = timedelta(minutes=30)  # how often a subscriber is asked to look
BY_ADDRESS = Limit("feed-address", 300, timedelta(minutes=15))
BY_LINK = Limit("feed", 60, timedelta(minutes=15))
_GONE = "There is no calendar at this address."
_NOTED = timedelta(hours=1)  # readings closer together are not written down one by one
_SHOWN = (
    SessionStatus.SCHEDULED_IN_CRM,
    SessionStatus.SYNCED_TO_GCAL,
    SessionStatus.COMPLETED,
    SessionStatus.NO_SHOW,
)


class Feed(BaseModel):
    """The living link, without its token, which nobody can see again. `read` is empty until a program came."""

    model_config = ConfigDict(frozen=True)

    id: str
    since: str
    read: str


def current(db: Db) -> Feed | None:
    link = db.scalars(select(ShareLink).where(_living())).first()
    if link is None:
        return None
    viewer = practice.of(db).viewer()
    read = viewer.distance(link.last_opened_at) if link.last_opened_at else ""
    return Feed(id=str(link.id), since=viewer.short_date(link.created_at or viewer.now), read=read)


def make(db: Db) -> str:
    """A new token, to be shown once; the one before stops working."""
    for link in db.scalars(select(ShareLink).where(_living()).with_for_update()):
        link.revoked_at = clock.now()
    token = ids.token()
    db.add(ShareLink(kind=ShareLinkKind.CALENDAR_FEED, token_hash=ids.token_hash(token)))
    db.flush()
    return token


def revoke(db: Db) -> UUID:
    """Turn the feed off, at once; gives the link for `restore`. Raises NotFound where it is off."""
    link = db.scalars(select(ShareLink).where(_living()).with_for_update()).first()
    if link is None:
        raise NotFound("The calendar feed is off already.")
    link.revoked_at = clock.now()
    db.flush()
    return link.id


def restore(db: Db, link_id: UUID) -> None:
    """Take `revoke` back: the same address works again. Raises NotFound, Conflict where a newer one was made."""
    link = db.get(ShareLink, link_id, with_for_update=True)
    if link is None or link.kind is not ShareLinkKind.CALENDAR_FEED:
        raise NotFound("This link no longer exists.")
    if db.scalar(select(col(ShareLink.id)).where(_living())) not in (None, link.id):
        raise Conflict("There is a newer link. Only one works at a time.")
    link.revoked_at = None
    db.flush()


def owner(db: Db, token: str, address: str) -> tuple[UUID, UUID]:
    """Whose link this may be, before a practitioner is known: (practitioner, link).

    `address` is where the request comes from. Raises NotFound, and TooMany for one that asks too often.
    """
    limits.count(db, BY_ADDRESS, address)
    found = db.execute(text("select id, user_id from find_share_link(:hash)"), {"hash": ids.token_hash(token)}).first()
    if found is None:
        raise NotFound(_GONE)
    limits.count(db, BY_LINK, str(found.id))
    return found.user_id, found.id


def written(db: Db, link_id: UUID) -> str:
    """The calendar (RFC 5545): what is booked and what was, from 90 days ago, with the titles that Google is shown.

    Cancelled sessions and proposals are not in it. A constant number of statements. Raises NotFound for a link that is
    revoked, expired or of another kind, all alike.
    """
    link = db.scalars(select(ShareLink).where(col(ShareLink.id) == link_id, _living())).first()
    if link is None:
        raise NotFound(_GONE)
    if link.last_opened_at is None or clock.now() - link.last_opened_at >= _NOTED:
        link.last_opened_at, link.open_count = clock.now(), link.open_count + 1
    who, discreet = practice.of(db), settings.of(db).google_event_title == "busy"
    now = clock.now()
    query = (
        select(Session, Contact, Service)  # all three: the titles are then made from what is read here
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .outerjoin(Service, col(Service.id) == col(Session.service_id))
        .where(
            col(Session.scheduled_at) >= now - BEFORE,
            col(Session.scheduled_at) < now + AHEAD,
            col(Session.status).in_(_SHOWN),
        )
        .order_by(col(Session.scheduled_at), col(Session.id))
        .limit(MOST)
    )
    events = [
        writing.FeedEvent(
            uid=f"{session.id}@omnicrm",
            title=sessions.event_title(db, session),
            starts_at=session.scheduled_at,
            ends_at=sessions.ends_at(session),
            changed_at=session.updated_at or now,
            sequence=session.version - 1,
            location="" if discreet else session.location or "",
        )
        for session, _, _ in db.execute(query).all()
    ]
    return writing.write(who.business_name or "Sessions", events, again=AGAIN)


def _living() -> ColumnElement[bool]:
    return (
        (col(ShareLink.kind) == ShareLinkKind.CALENDAR_FEED)
        & col(ShareLink.revoked_at).is_(None)
        & or_(col(ShareLink.expires_at).is_(None), col(ShareLink.expires_at) > clock.now())
    )
