"""Who a sender is: by address or number only, and by name too where several clients share one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.domain import practice
from omnicrm.domain.contacts import normal
from omnicrm.models.contacts import Contact, ContactIdentifier


def with_identifier(db: Db, value: str) -> list[Contact]:
    """All clients who are known by this address or number, archived ones last. An empty value matches nobody."""
    return with_identifiers(db, [value])


def with_identifiers(db: Db, values: Iterable[str]) -> list[Contact]:
    """The same for several values at once, in one statement; each client once."""
    region = practice.of(db).region
    wanted = {found for value in values if (found := normal.identifier(value, region)) is not None}
    if not wanted:
        return []
    # Looked up first, on its own: right after a large import the planner knows nothing of the new rows, takes one for
    # the whole book, and would compare every client with every address.
    known = (
        select(col(ContactIdentifier.contact_id))
        .where(tuple_(col(ContactIdentifier.kind), col(ContactIdentifier.value)).in_(sorted(wanted)))
        .cte("known")
        .prefix_with("materialized")
    )
    people = db.scalars(
        select(Contact)
        .where(col(Contact.id).in_(select(known.c.contact_id)), col(Contact.merged_into_id).is_(None))
        .order_by(col(Contact.archived_at).is_not(None), col(Contact.id))
    )
    return list(people)


def by_identifier(db: Db, value: str, *, name: str = "") -> Contact | None:
    """The one client known by `value`; where several share it, the one called `name`.

    None for nobody, and where the name does not decide: then somebody has to ask.
    """
    return choose(with_identifier(db, value), name)


def choose(candidates: list[Contact], name: str) -> Contact | None:
    """The one among clients with the same address that `name` means."""
    if len(candidates) == 1:
        return candidates[0]
    if not name.strip():
        return None
    for alike in (_equal, normal.same_person):
        named = [contact for contact in candidates if alike(contact.display_name, name)]
        if len(named) == 1:
            return named[0]
    return None


def called(db: Db, name: str) -> list[Contact]:
    """Everybody of that whole name, as it is written in the book."""
    query = select(Contact).where(
        col(Contact.display_name) == name.strip(),
        col(Contact.archived_at).is_(None),
        col(Contact.merged_into_id).is_(None),
    )
    return list(db.scalars(query.order_by(col(Contact.id)).limit(10)))


def is_known(db: Db, value: str, *, other_than: UUID | None = None) -> bool:
    """Whether any (other) client has this address or number."""
    return any(contact.id != other_than for contact in with_identifier(db, value))


def _equal(one: str, other: str) -> bool:
    return normal.name(one) == normal.name(other)
