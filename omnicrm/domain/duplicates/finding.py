"""Who stands in the book twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.domain import search, settings
from omnicrm.domain.contacts import normal
from omnicrm.domain.duplicates import likeness
from omnicrm.domain.duplicates.likeness import Pair
from omnicrm.models.contacts import Contact, ContactIdentifier

MOST = 100  # pairs that are shown
_NEAR = 12  # names nearly like one, that it is compared with
_CROWD = 10  # an address that more people share is an office's


class DuplicateRow(BaseModel):
    """Two entries that may be one person, and what speaks for it."""

    model_config = ConfigDict(frozen=True)

    one: str
    other: str
    name: str
    initials: str
    detail: str
    other_name: str
    other_detail: str
    why: str


def everywhere(db: Db) -> list[Pair[str]]:
    """The likely pairs of the whole book, the likeliest first.

    Reads every client once, in a stream; the cost grows with their number, not with its square.
    """
    return _summed((*_sharing(db), *likeness.pairs(list(_entries(db)))))


def of_these(db: Db, keys: Sequence[UUID]) -> list[Pair[str]]:
    """The likely pairs that one of these clients is in: each is compared with those who share an address, a number, a
    birthday or nearly the name, and with nobody else."""
    mine = {one.key: one for one in _entries(db, keys)}
    near: dict[str, set[str]] = {key: set() for key in mine}
    for key, one in mine.items():
        near[key] |= {hit.id for hit in search.find(db, one.name, kinds=("contact",), limit=_NEAR)}
    for key, other in _of_birthdays(db, keys):
        near[key].add(other)
    others = {UUID(key) for found in near.values() for key in found}
    known = mine | {one.key: one for one in _entries(db, sorted(others))}
    found = list(_sharing(db, keys))
    for key, candidates in near.items():
        for other in candidates & known.keys() - {key}:
            score, why = likeness.compare(mine[key], known[other])
            if score >= likeness.ENOUGH:
                found.append(Pair(min(key, other), max(key, other), score, why))
    unique = {(pair.one, pair.other, pair.why): pair for pair in found}
    return _summed(unique.values())


def two_people(db: Db, one: UUID, other: UUID) -> None:
    """Never ask about these two again."""
    pair = (str(min(one, other)), str(max(one, other)))
    kept = [known for known in settings.of(db).two_people if known != pair]
    settings.set(db, "two_people", [*kept, pair][-1_000:])


def _summed(pairs: Iterable[Pair[str]]) -> list[Pair[str]]:
    """What speaks for a pair taken together, the likeliest first."""
    scores: dict[frozenset[str], Pair[str]] = {}
    for pair in pairs:
        key = frozenset((pair.one, pair.other))
        known = scores.get(key)
        if known is not None:
            why = ", ".join(dict.fromkeys(f"{known.why}, {pair.why}".strip(", ").split(", ")))
            pair = Pair(pair.one, pair.other, known.score + pair.score, why)
        scores[key] = pair
    return sorted(scores.values(), key=lambda pair: -pair.score)


def _of_birthdays(db: Db, keys: Sequence[UUID]) -> Iterable[tuple[str, str]]:
    """(one of these, somebody born on the same day)."""
    mine, other = aliased(Contact), aliased(Contact)
    query = (
        select(col(mine.id), col(other.id))
        .join(other, (col(other.date_of_birth) == col(mine.date_of_birth)) & (col(other.id) != col(mine.id)))
        .where(col(mine.id).in_(list(keys)), col(mine.date_of_birth).is_not(None))
        .limit(2_000)
    )
    return [(str(one), str(two)) for one, two in db.execute(query)]


def _sharing(db: Db, keys: Sequence[UUID] | None = None) -> Iterable[Pair[str]]:
    """Those who share an address or number and whose names fit: a couple that shares one is two people."""
    values = (
        select(col(ContactIdentifier.kind), col(ContactIdentifier.value))
        .join(Contact, col(Contact.id) == col(ContactIdentifier.contact_id))
        .where(col(Contact.merged_into_id).is_(None), col(Contact.archived_at).is_(None))
    )
    if keys is not None:
        own = select(col(ContactIdentifier.kind), col(ContactIdentifier.value)).where(
            col(ContactIdentifier.contact_id).in_(list(keys))
        )
        values = values.where(tuple_(col(ContactIdentifier.kind), col(ContactIdentifier.value)).in_(own))
    shared = (
        values.group_by(col(ContactIdentifier.kind), col(ContactIdentifier.value))
        .having(func.count().between(2, _CROWD))
        .limit(2_000)
        .subquery()
    )
    query = (
        select(shared.c.kind, shared.c.value, col(Contact.id), col(Contact.display_name))
        .join(ContactIdentifier, col(ContactIdentifier.contact_id) == col(Contact.id))
        .join(
            shared,
            (shared.c.kind == col(ContactIdentifier.kind)) & (shared.c.value == col(ContactIdentifier.value)),
        )
        .where(col(Contact.merged_into_id).is_(None), col(Contact.archived_at).is_(None))
        .order_by(shared.c.kind, shared.c.value, col(Contact.id))
    )
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for kind, value, key, name in db.execute(query):
        groups.setdefault((str(kind), value), []).append((str(key), name))
    for (kind, _), people in groups.items():
        for place, (one, name) in enumerate(people):
            for other, other_name in people[place + 1 :]:
                alike, _why = likeness.compare(likeness.entry(one, name), likeness.entry(other, other_name))
                if normal.same_person(name, other_name) or alike >= likeness.ENOUGH:
                    yield Pair(one, other, 6.0, "same mail" if kind == "email" else "same phone")


def _entries(db: Db, keys: Sequence[UUID] | None = None) -> Iterable[likeness.Entry[str]]:
    query = select(
        col(Contact.id),
        col(Contact.display_name),
        col(Contact.date_of_birth),
        col(Contact.address_street),
        col(Contact.address_city),
        col(Contact.address_postal_code),
    ).where(col(Contact.merged_into_id).is_(None), col(Contact.archived_at).is_(None))
    if keys is not None:
        query = query.where(col(Contact.id).in_(list(keys)))
    for key, name, born, *place in db.execute(query, execution_options={"yield_per": 2_000}):
        yield likeness.entry(str(key), name, born=born.isoformat() if born else "", place=place)


def rows(db: Db, pairs: list[Pair[str]]) -> list[DuplicateRow]:
    keys = {UUID(key) for pair in pairs for key in (pair.one, pair.other)}
    people = {str(one.id): one for one in db.scalars(select(Contact).where(col(Contact.id).in_(keys)))}
    listed = []
    for pair in pairs:
        if pair.one in people and pair.other in people:
            one, other = sorted((people[pair.one], people[pair.other]), key=lambda contact: contact.created_at)
            listed.append(
                DuplicateRow(
                    one=str(one.id),
                    other=str(other.id),
                    name=one.display_name,
                    initials=show.initials(one.display_name),
                    detail=_detail(one),
                    other_name=other.display_name,
                    other_detail=_detail(other),
                    why=pair.why,
                )
            )
    return listed


def _detail(contact: Contact) -> str:
    phone = normal.shown_phone(contact.phone) if contact.phone else ""
    return contact.email or phone or contact.address_city or "no mail, no phone"
