"""Storing what comes in: once, however often it is read, and only as much as the practitioner allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import case, delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from omnicrm.core import clock, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound, Refused
from omnicrm.domain import contacts, settings
from omnicrm.domain.inbox.incoming import IncomingItem, Instance
from omnicrm.models.contacts import Contact
from omnicrm.models.inbox import Direction, Outcome, SourceItem, SourceKind

_INSTANCE = "instance"  # the label of a row that stands for one time of a series, and for nothing to be read


Verdict: TypeAlias = Literal["proposed", "nothing", "skipped", "failed"]


class Disallowed(Refused):
    """A switch of the practitioner forbids that anything is made of this item."""


class Stored(BaseModel):
    """What became of an item. `skipped` has the reason in words; `changed` items are looked at again."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    change: Literal["stored", "changed", "unchanged"]
    skipped: str = ""


def store(db: Db, item: IncomingItem) -> Stored:
    """Keep an item. The same again is `unchanged`; what changed is looked at anew.

    Of a client whose AI switch is off, and of an excluded sender, no word is kept: the item stands there with its
    reason, so that the practitioner sees why.
    """
    contact = _contact(db, item)
    reason = _not_allowed(db, item, contact)
    values = _values(item, contact, reason)
    row: Any = db.execute(_statement(item.connection_id is not None), {"id": ids.new(), **values}).one_or_none()
    if row is None:
        return Stored(id=_id_of(db, item), change="unchanged", skipped=reason)
    change: Literal["stored", "changed", "unchanged"] = "stored" if row.new else "changed"
    if change == "changed" and row.processed_at is not None and not reason:
        change = "unchanged"  # labels or an etag only
    return Stored(id=row.id, change=change, skipped=reason)


def known(db: Db, connection_id: UUID, external_ids: Sequence[str]) -> set[str]:
    """Which of these mails are stored already."""
    query = select(col(SourceItem.external_id)).where(
        col(SourceItem.connection_id) == connection_id,
        col(SourceItem.google_calendar_id).is_(None),
        col(SourceItem.external_id).in_(list(external_ids)),
    )
    return set(db.scalars(query))


def event(db: Db, connection_id: UUID, calendar_id: str, external_id: str) -> SourceItem | None:
    """The stored event, if there is one."""
    query = select(SourceItem).where(
        col(SourceItem.connection_id) == connection_id,
        col(SourceItem.google_calendar_id) == calendar_id,
        col(SourceItem.external_id) == external_id,
    )
    return db.scalars(query).first()


def events_of(db: Db, connection_id: UUID, calendar_id: str, *, since: datetime) -> set[str]:
    """The stored events of a calendar that are not over by `since` (or whose times are not known)."""
    query = select(col(SourceItem.external_id)).where(
        col(SourceItem.connection_id) == connection_id,
        col(SourceItem.google_calendar_id) == calendar_id,
        or_(col(SourceItem.ends_at).is_(None), col(SourceItem.ends_at) > since),
        col(SourceItem.labels) != [_INSTANCE],
    )
    return set(db.scalars(query))


def forget_calendar(db: Db, connection_id: UUID, calendar_id: str) -> int:
    """Drop what is kept of a calendar that is not read any more; how many events."""
    gone = db.scalars(
        delete(SourceItem)
        .where(col(SourceItem.connection_id) == connection_id, col(SourceItem.google_calendar_id) == calendar_id)
        .returning(col(SourceItem.id))
    ).all()
    return len(gone)


def keep_instances(db: Db, master: IncomingItem, instances: Sequence[Instance]) -> int:
    """The times that a recurring event takes, as busy rows of their own; how many were added or dropped.

    An instance that was moved or cancelled stands there itself, and stays.
    """
    plain = (
        col(SourceItem.connection_id) == master.connection_id,
        col(SourceItem.google_calendar_id) == master.google_calendar_id,
        col(SourceItem.thread_id) == master.external_id,
        col(SourceItem.labels) == [_INSTANCE],
    )
    held: dict[str, Any] = dict(
        db.execute(select(col(SourceItem.external_id), col(SourceItem.starts_at)).where(*plain)).all()
    )
    wanted = {one.id: one for one in instances}
    lost = [key for key, starts_at in held.items() if key not in wanted or wanted[key].starts_at != starts_at]
    if lost:
        db.execute(delete(SourceItem).where(*plain, col(SourceItem.external_id).in_(lost)))
    fresh = [one for key, one in wanted.items() if key not in held or key in lost]
    if fresh:
        db.execute(
            insert(SourceItem).on_conflict_do_nothing(
                index_elements=["user_id", "connection_id", "google_calendar_id", "external_id"],
                index_where=col(SourceItem.connection_id).is_not(None),
            ),
            [_instance_values(master, one) for one in fresh],
        )
    return len(lost) + len(fresh)


def masters(db: Db, connection_id: UUID) -> list[SourceItem]:
    """The recurring events of an account, as stored."""
    query = select(SourceItem).where(
        col(SourceItem.connection_id) == connection_id,
        col(SourceItem.kind) == SourceKind.EVENT,
        SourceItem.payload["resource"].has_key("recurrence"),
    )
    return list(db.scalars(query))


def waiting(db: Db, *, limit: int = 100) -> list[UUID]:
    """Items nothing has been made of yet, newest first."""
    query = select(col(SourceItem.id)).where(col(SourceItem.processed_at).is_(None))
    return list(db.scalars(query.order_by(col(SourceItem.occurred_at).desc(), col(SourceItem.id)).limit(limit)))


def mark(db: Db, item_id: UUID, outcome: Verdict, reason: str = "") -> None:
    """What was made of an item. Raises NotFound."""
    item = get(db, item_id)
    item.outcome, item.outcome_reason, item.processed_at = Outcome(outcome), reason or None, clock.now()
    db.flush()


def try_again(db: Db, item_id: UUID) -> None:
    """Have an item looked at once more by the next run. Raises NotFound."""
    item = get(db, item_id)
    item.outcome = item.outcome_reason = item.processed_at = None
    db.flush()


def again(db: Db, sender: str | None, *, since: datetime) -> int:
    """Have what came in since then (from that address) looked at once more; how many items.

    What stands in the queue already, or was decided, comes to the same proposal again and changes nothing.
    """
    wanted = [
        col(SourceItem.created_at) >= since,
        col(SourceItem.outcome).in_((Outcome.NOTHING, Outcome.PROPOSED)),
        col(SourceItem.body_purged_at).is_(None),
        col(SourceItem.labels) != [_INSTANCE],
    ]
    if sender:
        wanted.append(func.lower(SourceItem.sender) == sender.lower())
    found = db.scalars(
        update(SourceItem)
        .where(*wanted)
        .values(outcome=None, outcome_reason=None, processed_at=None)
        .returning(col(SourceItem.id))
    ).all()
    return len(found)


def get(db: Db, item_id: UUID) -> SourceItem:
    """Raises NotFound."""
    item = db.get(SourceItem, item_id)
    if item is None:
        raise NotFound("This mail or event is not here any more.")
    return item


def forget(db: Db, connection_id: UUID, external_ids: list[str], *, calendar_id: str | None = None) -> int:
    """Drop what vanished outside (a deleted mail); how many. Proposals made of it keep their quotes."""
    gone = db.scalars(
        delete(SourceItem)
        .where(
            col(SourceItem.connection_id) == connection_id,
            col(SourceItem.google_calendar_id).is_not_distinct_from(calendar_id),
            col(SourceItem.external_id).in_(external_ids),
        )
        .returning(col(SourceItem.id))
    ).all()
    return len(gone)


def purge(db: Db) -> int:
    """Drop the words of mails older than the practitioner keeps them; how many mails. Quotes of proposals stay."""
    before = clock.now() - timedelta(days=settings.of(db).mail_retention_days)
    purged = db.scalars(
        update(SourceItem)
        .where(
            col(SourceItem.kind) == SourceKind.MAIL,
            col(SourceItem.body_purged_at).is_(None),
            col(SourceItem.occurred_at) < before,
        )
        .values(body_text=None, body_purged_at=clock.now(), payload=func.jsonb_build_object())
        .returning(col(SourceItem.id))
    ).all()
    return len(purged)


def relink(db: Db, contact_id: UUID) -> int:
    """Give a client the stored items from their addresses that belong to nobody yet; how many."""
    known = [one.value for one in contacts.identifiers(db, contact_id) if one.kind == "email"]
    if not known:
        return 0
    linked = db.scalars(
        update(SourceItem)
        .where(col(SourceItem.contact_id).is_(None), col(SourceItem.sender).in_(known))
        .values(contact_id=contact_id)
        .returning(col(SourceItem.id))
    ).all()
    return len(linked)


def _contact(db: Db, item: IncomingItem) -> Contact | None:
    """The client on the other side: who wrote, or to whom the practitioner wrote; for an event a guest."""
    if item.kind == "mail" and item.direction == "in":
        return contacts.by_identifier(db, item.sender, name=item.sender_name) if item.sender else None
    for person in item.recipients[:10]:
        found = contacts.by_identifier(db, person.email, name=person.name)
        if found is not None:
            return found
    return None


def _not_allowed(db: Db, item: IncomingItem, contact: Contact | None) -> str:
    chosen = settings.of(db)
    if item.kind == "mail" and item.direction == "in" and item.sender and chosen.excludes(item.sender):
        return "You left this sender out."
    if contact is not None and not contact.ai_allowed:
        return f"Reading is switched off for {contact.display_name}."
    return ""


def _values(item: IncomingItem, contact: Contact | None, reason: str) -> dict[str, Any]:
    values = item.model_dump(exclude={"recipients", "labels", "payload"})
    values |= {
        "kind": SourceKind(item.kind),
        "direction": Direction(item.direction),
        "recipients": [] if reason else [person.model_dump() for person in item.recipients],
        "labels": list(item.labels),
        "payload": item.payload,
        "contact_id": contact.id if contact else None,
        "processed_at": None,
        "outcome": None,
        "outcome_reason": None,
        "body_purged_at": None,
    }
    if reason:
        values |= {
            "subject": None,
            "body_text": None,
            "payload": {},
            "processed_at": clock.now(),
            "outcome": Outcome.SKIPPED,
            "outcome_reason": reason,
        }
    return values


@lru_cache(maxsize=2)
def _statement(connected: bool) -> Any:
    """Insert, or update what differs. Built once: a sync runs it for every item."""
    table: Any = SourceItem.__table__  # type: ignore[attr-defined]  # sqlmodel does not say so
    statement = insert(table)
    new, held = statement.excluded, table.c
    key = ("kind", "provider", "external_id", "connection_id", "id", "user_id", "created_at", "updated_at")
    changes: dict[str, Any] = {column.name: new[column.name] for column in table.columns if column.name not in key}
    # new labels or a new etag on the same content do not have the item looked at again, nor purged words come back
    same = held.content_hash.is_not_distinct_from(new.content_hash)
    for name in ("processed_at", "outcome", "outcome_reason", "body_text", "body_purged_at", "payload"):
        changes[name] = case((same, held[name]), else_=new[name])
    target: dict[str, Any] = (
        {
            "index_elements": ["user_id", "connection_id", "google_calendar_id", "external_id"],
            "index_where": held.connection_id.is_not(None),
        }
        if connected
        else {
            "index_elements": ["user_id", "provider", "external_id"],
            "index_where": held.connection_id.is_(None),
        }
    )
    differs = or_(*(held[name].is_distinct_from(new[name]) for name in ("content_hash", "etag", "labels")))
    return statement.on_conflict_do_update(**target, set_=changes, where=differs).returning(
        held.id, literal_column("xmax = 0").label("new"), held.processed_at
    )


def _instance_values(master: IncomingItem, one: Instance) -> dict[str, Any]:
    return {
        "id": ids.new(),
        "kind": SourceKind.EVENT,
        "provider": master.provider,
        "external_id": one.id,
        "connection_id": master.connection_id,
        "thread_id": master.external_id,
        "google_calendar_id": master.google_calendar_id,
        "subject": master.subject,
        "labels": [_INSTANCE],
        "occurred_at": one.starts_at,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "busy": True,
        "processed_at": clock.now(),
        "outcome": Outcome.NOTHING,
        "outcome_reason": "One of a series.",
    }


def _id_of(db: Db, item: IncomingItem) -> UUID:
    query = select(col(SourceItem.id)).where(col(SourceItem.external_id) == item.external_id)
    if item.connection_id is None:
        query = query.where(col(SourceItem.connection_id).is_(None), col(SourceItem.provider) == item.provider)
    else:
        query = query.where(
            col(SourceItem.connection_id) == item.connection_id,
            col(SourceItem.google_calendar_id).is_not_distinct_from(item.google_calendar_id),
        )
    return db.scalars(query).one()
