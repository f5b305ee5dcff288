"""Who stands in the book twice."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.domain import settings
from omnicrm.domain.contacts import normal
from omnicrm.domain.duplicates import likeness
from omnicrm.domain.duplicates.likeness import Pair
from omnicrm.models.contacts import Contact, ContactIdentifier

MOST = 100  # pairs that are shown
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


def found(db: Db, *, limit: int = MOST) -> list[DuplicateRow]:
    """The likeliest pairs of the whole book, without those that somebody called two people.

    Reads every client once, in a stream; the cost grows with their number, not with its square.
    """
    dismissed = {frozenset(pair) for pair in settings.of(db).two_people}
    scores: dict[frozenset[str], Pair[str]] = {}
    for pair in (*_sharing(db), *likeness.pairs(list(_entries(db)))):
        key = frozenset((pair.one, pair.other))
        known = scores.get(key)
        if known is not None:
            why = ", ".join(dict.fromkeys(f"{known.why}, {pair.why}".strip(", ").split(", ")))
            pair = Pair(pair.one, pair.other, known.score + pair.score, why)
        scores[key] = pair
    best = sorted((pair for key, pair in scores.items() if key not in dismissed), key=lambda pair: -pair.score)
    return _rows(db, best[:limit])


def two_people(db: Db, one: UUID, other: UUID) -> None:
    """Never ask about these two again."""
    pair = (str(min(one, other)), str(max(one, other)))
    kept = [known for known in settings.of(db).two_people if known != pair]
    settings.set(db, "two_people", [*kept, pair][-1_000:])


def _sharing(db: Db) -> Iterable[Pair[str]]:
    """Those who share an address or number and whose names fit: a couple that shares one is two people."""
    shared = (
        select(col(ContactIdentifier.kind), col(ContactIdentifier.value))
        .join(Contact, col(Contact.id) == col(ContactIdentifier.contact_id))
        .where(col(Contact.merged_into_id).is_(None), col(Contact.archived_at).is_(None))
        .group_by(col(ContactIdentifier.kind), col(ContactIdentifier.value))
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


def _entries(db: Db) -> Iterable[likeness.Entry[str]]:
    query = select(
        col(Contact.id),
        col(Contact.display_name),
        col(Contact.date_of_birth),
        col(Contact.address_street),
        col(Contact.address_city),
        col(Contact.address_postal_code),
    ).where(col(Contact.merged_into_id).is_(None), col(Contact.archived_at).is_(None))
    for key, name, born, *place in db.execute(query, execution_options={"yield_per": 2_000}):
        yield likeness.entry(str(key), name, born=born.isoformat() if born else "", place=place)


def _rows(db: Db, pairs: list[Pair[str]]) -> list[DuplicateRow]:
    keys = {UUID(key) for pair in pairs for key in (pair.one, pair.other)}
    people = {str(one.id): one for one in db.scalars(select(Contact).where(col(Contact.id).in_(keys)))}
    rows = []
    for pair in pairs:
        if pair.one in people and pair.other in people:
            one, other = sorted((people[pair.one], people[pair.other]), key=lambda contact: contact.created_at)
            rows.append(
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
    return rows


def _detail(contact: Contact) -> str:
    phone = normal.shown_phone(contact.phone) if contact.phone else ""
    return contact.email or phone or contact.address_city or "no mail, no phone"
