"""An import is taken back: what it made goes, what it filled is emptied, what was changed or used since stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import any_, delete, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as SqlUuid
from sqlmodel import SQLModel, col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Refused
from omnicrm.domain.imports import batches
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.contacts import Contact, ContactIdentifier
from omnicrm.models.imports import ImportBatch, ImportStatus
from omnicrm.models.inbox import SourceItem

# What points at a client without anybody having used the client.
_NO_USE = frozenset(("contact_identifiers", "source_items", "pending_approvals", "duplicate_pairs"))


@dataclass
class Reverted:
    """`kept`: (name, why) of what was changed or used since, and stays."""

    removed: int = 0
    put_back: int = 0
    items: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)

    def merge(self, other: Reverted) -> None:
        self.removed += other.removed
        self.put_back += other.put_back
        self.items += other.items
        self.kept += other.kept


def waiting(batch: ImportBatch, size: int) -> Iterator[tuple[str, list[Any]]]:
    """What an import made, in pieces of `size` that are taken back one transaction each: fields first, people last.

    Raises Refused where it runs, was taken back, or is older than 30 days.
    """
    if batch.status == ImportStatus.REVERTED:
        raise Refused("This import was taken back already.")
    if not batches.revertable(batch):
        raise Refused("This import cannot be taken back: it still runs, or it is older than 30 days.")
    log = batch.revert_log or {}
    for kind in ("filled", "contact_identifiers", "source_items", "contacts"):
        entries = list(reversed(log.get(kind, [])))
        for start in range(0, len(entries), size):
            yield kind, entries[start : start + size]


def take_back(db: Db, batch: ImportBatch, kind: str, entries: Sequence[Any]) -> Reverted:
    """One piece of `waiting`. What is gone already is passed over, so that a revert that was cut short goes on."""
    if kind == "filled":
        own = set((batch.revert_log or {}).get("contacts", []))
        return _empty(db, [entry for entry in entries if entry[0] not in own])
    keys = [UUID(key) for key in entries]
    if kind == "source_items":
        return _forget_items(db, keys)
    if kind == "contact_identifiers":
        found = db.execute(
            delete(ContactIdentifier)
            .where(col(ContactIdentifier.id) == _any(keys), col(ContactIdentifier.is_primary).is_(False))
            .returning(col(ContactIdentifier.id))
        )
        return Reverted(put_back=len(list(found)))
    return _remove(db, batch, keys)


def mark_reverted(db: Db, batch_id: UUID) -> None:
    batch = batches.get(db, batch_id, lock=True)
    batch.status = ImportStatus.REVERTED
    batch.reverted_at = clock.now()
    db.flush()


def _empty(db: Db, entries: Sequence[Any]) -> Reverted:
    """Put back what stood in a field before, unless somebody wrote something else into it since."""
    done = Reverted()
    keys = sorted({UUID(entry[0]) for entry in entries})
    query = select(Contact).where(col(Contact.id) == _any(keys)).order_by(col(Contact.id)).with_for_update()
    people = {str(contact.id): contact for contact in db.scalars(query.execution_options(populate_existing=True))}
    for key, name, before, after in entries:
        contact = people.get(key)
        if contact is None:
            continue
        now = getattr(contact, name)
        if name == "tags":
            contact.tags = [tag for tag in now if tag not in after]
        elif name == "custom_fields":
            contact.custom_fields = {own: value for own, value in now.items() if after.get(own) != value}
        elif _text(now) == after:
            setattr(contact, name, before)
        elif now != before:
            done.kept.append((contact.display_name, f"The {name.replace('_', ' ')} was changed since."))
            continue
        done.put_back += 1
    db.flush()
    return done


def _remove(db: Db, batch: ImportBatch, keys: list[UUID]) -> Reverted:
    done = Reverted()
    query = select(Contact).where(col(Contact.id) == _any(keys)).order_by(col(Contact.id)).with_for_update()
    people = list(db.scalars(query.execution_options(populate_existing=True)))
    used = _used(db, batch, [contact.id for contact in people])
    ours = {UUID(entry[0]) for entry in (batch.revert_log or {}).get("filled", [])}
    going = []
    for contact in people:
        if contact.id in used:
            done.kept.append((contact.display_name, f"Has {used[contact.id]} since."))
        elif contact.updated_at > batch.updated_at if contact.id in ours else contact.version > 1:
            done.kept.append((contact.display_name, "Was changed since."))
        else:
            going.append(contact.id)
    if going:
        db.execute(delete(Contact).where(col(Contact.id) == _any(going)))
        db.expire_all()
    done.removed = len(going)
    return done


def _used(db: Db, batch: ImportBatch, keys: list[UUID]) -> dict[UUID, str]:
    """Who has anything of their own by now, and what: “sessions”."""
    found: dict[UUID, str] = {}
    if not keys:
        return found
    for table, column in _pointing_at_contacts():
        for (key,) in db.execute(select(column).where(column == _any(keys)).distinct()):
            found.setdefault(key, table.replace("_", " "))
    later = select(col(ContactIdentifier.contact_id)).where(
        col(ContactIdentifier.contact_id) == _any(keys), col(ContactIdentifier.created_at) > batch.updated_at
    )
    for key in db.scalars(later):
        found.setdefault(key, "another address or number")
    return found


def _pointing_at_contacts() -> Iterable[tuple[str, Any]]:
    for name, table in sorted(SQLModel.metadata.tables.items()):
        if name in _NO_USE:
            continue
        for key in table.foreign_key_constraints:
            if key.referred_table.name == "contacts":
                yield name, next(column for column in key.columns if column.name != "user_id")


def _forget_items(db: Db, keys: list[UUID]) -> Reverted:
    """Mails and events; those that something was approved from stay, proposals that wait go with theirs."""
    done = Reverted()
    decided = (ApprovalStatus.PENDING, ApprovalStatus.SNOOZED, ApprovalStatus.REJECTED, ApprovalStatus.EXPIRED)
    used = list(
        db.scalars(
            select(col(PendingApproval.source_item_id)).where(
                col(PendingApproval.source_item_id) == _any(keys), col(PendingApproval.status).not_in(decided)
            )
        )
    )
    for name, key in db.execute(
        select(col(SourceItem.subject), col(SourceItem.id)).where(
            col(SourceItem.id) == _any([key for key in used if key])
        )
    ):
        done.kept.append((name or str(key), "Something was approved from it."))
    going = [key for key in keys if key not in used]
    open_ones = (ApprovalStatus.PENDING, ApprovalStatus.SNOOZED)
    db.execute(
        delete(PendingApproval).where(
            col(PendingApproval.source_item_id) == _any(going), col(PendingApproval.status).in_(open_ones)
        )
    )
    gone = db.execute(delete(SourceItem).where(col(SourceItem.id) == _any(going)).returning(col(SourceItem.id)))
    done.items = len(list(gone))
    return done


def _any(keys: list[UUID]) -> Any:
    return any_(literal(keys, ARRAY(SqlUuid(as_uuid=True))))


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value
