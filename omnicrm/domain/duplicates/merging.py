"""Two entries become one, field by field, and can be parted again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table as SqlTable
from sqlalchemy import and_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col

from omnicrm.core import clock, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound, Refused
from omnicrm.domain.contacts import locked
from omnicrm.models.contacts import Contact, ContactIdentifier, ContactMerge

LASTS = timedelta(days=30)
# What one of two has; the others (tags, notes, addresses, numbers, history) are kept of both.
FIELDS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "company",
    "job_title",
    "date_of_birth",
    "pronouns",
    "website",
    "address_street",
    "address_city",
    "address_state",
    "address_postal_code",
    "address_country",
    "referral_source",
    "client_since",
    "calendar_name",
    "preferred_channel",
    "time_zone",
    "health_notes",
)
_STAY = frozenset(
    ("contacts", "merge_log", "credit_entries", "contact_identifiers", "duplicate_pairs")
)  # told below, or moved with theirs


def merge(db: Db, keep: UUID, other: UUID, *, take: Iterable[str] = ()) -> ContactMerge:
    """`other` becomes part of `keep`: all its history moves over. The fields in `take` come from `other`, and so does
    what `keep` lacks; tags, notes, addresses and numbers are kept of both. Can be parted for 30 days.

    Raises NotFound, Invalid for one and the same, Refused where it is merged already or both are in one program.
    """
    if keep == other:
        raise Invalid("That is one and the same client.")
    people = {key: locked(db, key) for key in sorted((keep, other))}
    kept, merged = people[keep], people[other]
    if kept.merged_into_id is not None or merged.merged_into_id is not None:
        raise Refused("One of the two is part of another client already.")
    before = _fields(kept, merged, set(take))
    moved = {"contact_identifiers": _move_identifiers(db, kept, merged)}
    for table, column in pointing_at_contacts():
        if rows := _move(db, table, column, merged.id, kept.id):
            moved[table.name] = rows
    for name, (_, becomes) in before.items():
        setattr(kept, name, _typed(name, becomes))
    db.flush()
    _keep_former(db, kept, before)
    merged.merged_into_id = kept.id
    log = ContactMerge(kept_contact_id=kept.id, merged_contact_id=merged.id, before=before, moved=moved)
    db.add(log)
    db.flush()
    db.expire_all()
    return log


def unmerge(db: Db, merge_id: UUID) -> Contact:
    """Part them again: what came over goes back, fields that nobody changed since are as before. What was added or
    changed on the one client since stays there.

    Raises NotFound, and Refused after 30 days or where it was parted already.
    """
    log = db.get(ContactMerge, merge_id, with_for_update=True, populate_existing=True)
    if log is None:
        raise NotFound("This merge is not here any more.")
    if log.unmerged_at is not None:
        raise Refused("They are two already.")
    if clock.now() - log.created_at > LASTS:
        raise Refused("A merge can be taken apart for 30 days.")
    people = {key: locked(db, key) for key in sorted((log.kept_contact_id, log.merged_contact_id))}
    kept, merged = people[log.kept_contact_id], people[log.merged_contact_id]
    _give_back_identifiers(db, log, kept, merged)
    for name, (was, became) in log.before.items():
        now = getattr(kept, name)
        if name == "tags":
            kept.tags = [tag for tag in now if tag in was or tag not in became]
        elif _plain(now) == became:
            setattr(kept, name, _typed(name, was))
    db.flush()
    tables = {table.name: (table, column) for table, column in pointing_at_contacts()}
    for name, rows in log.moved.items():
        if name in tables:
            table, column = tables[name]
            for row in rows:
                _move_row(db, table, column, row, kept.id, merged.id)
    merged.merged_into_id = None
    log.unmerged_at = clock.now()
    db.flush()
    db.expire_all()
    return merged


def newest(db: Db, contact_id: UUID) -> ContactMerge | None:
    """The last merge into a client that can still be parted."""
    query = select(ContactMerge).where(
        col(ContactMerge.kept_contact_id) == contact_id,
        col(ContactMerge.unmerged_at).is_(None),
        col(ContactMerge.created_at) > clock.now() - LASTS,
    )
    return db.scalars(query.order_by(col(ContactMerge.created_at).desc()).limit(1)).first()


def pointing_at_contacts() -> Iterator[tuple[SqlTable, Any]]:
    """(table, its column) of everything that belongs to a client and moves with one."""
    for name, table in sorted(SQLModel.metadata.tables.items()):
        if name not in _STAY:
            for key in table.foreign_key_constraints:
                if key.referred_table.name == "contacts":
                    yield table, next(column for column in key.columns if column.name != "user_id")


def _fields(kept: Contact, merged: Contact, take: set[str]) -> dict[str, list[Any]]:
    """Field → [as it was, as it becomes]."""
    if unknown := take - set(FIELDS):
        raise Invalid(f"“{sorted(unknown)[0][:40]}” is not chosen from one of the two.")
    changes: dict[str, list[Any]] = {}
    for name in FIELDS:
        mine, theirs = getattr(kept, name), getattr(merged, name)
        if name == "last_name" and "first_name" in take:
            changes[name] = [_plain(mine), _plain(theirs)]
        elif theirs and mine != theirs and (name in take or not mine):
            changes[name] = [_plain(mine), _plain(theirs)]
    tags = list(dict.fromkeys([*kept.tags, *merged.tags]))
    if tags != kept.tags:
        changes["tags"] = [list(kept.tags), tags]
    if merged.notes and merged.notes not in (kept.notes or ""):
        changes["notes"] = [kept.notes, "\n\n".join(part for part in (kept.notes, merged.notes) if part)]
    for name in ("ai_allowed", "mail_allowed"):  # the stricter word counts
        if getattr(kept, name) and not getattr(merged, name):
            changes[name] = [True, False]
    return changes


def _move(db: Db, table: SqlTable, column: Any, of: UUID, to: UUID) -> list[dict[str, str]]:
    """The keys of the rows that moved; what both have (a group, a place in a class) stays where it is."""
    others = [part for part in table.primary_key.columns if part.name != column.name]
    rows = [
        {part.name: str(value) for part, value in zip(others, found, strict=True)}
        for found in db.execute(select(*others).where(column == of))
    ]
    if not rows:
        return []
    try:
        with db.begin_nested():
            db.execute(update(table).where(column == of).values({column.name: to}))
        return rows
    except IntegrityError:
        if table.name == "program_enrollments":
            raise Refused(
                "Both are in the same program, each with credits. Take one of them out of it first."
            ) from None
    return [row for row in rows if _move_row(db, table, column, row, of, to)]


def _move_row(db: Db, table: SqlTable, column: Any, row: dict[str, str], of: UUID, to: UUID) -> bool:
    keys = [table.c[name] == UUID(value) for name, value in row.items()]
    try:
        with db.begin_nested():
            db.execute(update(table).where(and_(column == of, *keys)).values({column.name: to}))
    except IntegrityError:
        return False
    return True


def _move_identifiers(db: Db, kept: Contact, merged: Contact) -> list[dict[str, Any]]:
    """Addresses and numbers of the other become further ones of the kept client; one that both have stays."""
    query = select(ContactIdentifier).where(col(ContactIdentifier.contact_id).in_((kept.id, merged.id)))
    all_of = list(db.scalars(query.order_by(col(ContactIdentifier.id))))
    known = {(one.kind, one.value) for one in all_of if one.contact_id == kept.id}
    moved, keys = [], []
    for one in all_of:
        if one.contact_id == merged.id and (one.kind, one.value) not in known:
            moved.append({"id": str(one.id), "kind": one.kind.value, "value": one.value, "is_primary": one.is_primary})
            keys.append(one.id)
    table = ContactIdentifier.__table__  # type: ignore[attr-defined]  # SQLModel’s tables have it
    db.execute(update(table).where(table.c.id.in_(keys)).values(contact_id=kept.id, is_primary=False))
    return moved


def _keep_former(db: Db, kept: Contact, before: dict[str, list[Any]]) -> None:
    """An address or number that gave way to the other's is still known: mail from it is still theirs."""
    for kind in ("email", "phone"):
        former = str(before.get(kind, [None])[0] or "").strip().lower()
        if former:
            _add(db, kept.id, kind, former, "former")


def _give_back_identifiers(db: Db, log: ContactMerge, kept: Contact, merged: Contact) -> None:
    """Before the fields are put back. One that the kept client goes by since stays there too."""
    table = ContactIdentifier.__table__  # type: ignore[attr-defined]  # as above
    for row in log.moved.get("contact_identifiers", []):
        kind = row["kind"]
        replaced = kind in log.before and _plain(getattr(kept, kind)) == log.before[kind][1]
        mine = (table.c.id == UUID(row["id"])) & (table.c.contact_id == kept.id)
        if not replaced:
            mine = mine & table.c.is_primary.is_(False)
        gone = db.execute(
            update(table).where(mine).values(contact_id=merged.id, is_primary=row["is_primary"]).returning(table.c.id)
        )
        if gone.first() is None:
            _add(db, merged.id, kind, row["value"], None)
    db.expire_all()


def _add(db: Db, contact_id: UUID, kind: str, value: str, label: str | None) -> None:
    table = ContactIdentifier.__table__  # type: ignore[attr-defined]  # as above
    new = {"id": ids.new(), "contact_id": contact_id, "kind": kind, "value": value, "label": label}
    db.execute(insert(table).values(**new, is_primary=False).on_conflict_do_nothing())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _typed(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if value and name in ("date_of_birth", "client_since") else value
