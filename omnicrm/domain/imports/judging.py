"""What would become of each person of a file: new, known, or perhaps known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.domain.contacts import normal
from omnicrm.domain.duplicates.names import NameIndex
from omnicrm.domain.imports.people import Person
from omnicrm.models.contacts import Contact, ContactIdentifier

Kind: TypeAlias = Literal["new", "same", "perhaps"]


@dataclass(slots=True)
class Known:
    """Somebody in the book, or (`id` None, `row` set) of an earlier row of the same file."""

    name: str
    id: UUID | None = None
    row: int = 0
    born: date | None = None
    before: bool = True  # in the book before this import
    values: dict[str, Any] | None = None  # of a row that is about to be written: a later one fills it in

    @property
    def words(self) -> str:
        return self.name if self.id is not None else f"row {self.row}, {self.name}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` says what speaks for it: “same mail, another name”. `me`: what later rows know of this one."""

    person: Person
    kind: Kind
    known: Known | None = None
    why: str = ""
    me: Known | None = None


@dataclass
class Judge:
    """Judges chunk by chunk, with a fixed number of statements each.

    `since`: what is in the book from this moment on came with the import itself, and is matched by address, number or
    (of people who have neither) name, never by a name that is alike. A rehearsal writes nothing, so `remembers` keeps
    the rows judged before in mind instead: about 200 bytes each.
    """

    since: datetime
    remembers: bool = False
    _book: NameIndex | None = None
    _of_file: dict[int, list[Known]] = field(default_factory=dict)
    _names_of_file: dict[int, Known] = field(default_factory=dict)

    def judge(self, db: Db, chunk: Sequence[Person]) -> list[Verdict]:
        """A verdict for each person, in their order."""
        if not self.remembers:
            self._of_file.clear()
            self._names_of_file.clear()
        reached = self._reached(db, chunk)
        called = self._called(db, chunk)
        return [self._one(db, person, reached, called) for person in chunk]

    def _one(
        self, db: Db, person: Person, reached: dict[tuple[str, str], list[Known]], called: dict[str, list[Known]]
    ) -> Verdict:
        hits: dict[int, tuple[Known, str]] = {}
        for kind, value, _ in person.identifiers:
            for known in (*reached.get((kind, value), ()), *self._of_file.get(hash((kind, value)), ())):
                hits.setdefault(id(known) if known.id is None else known.id.int, (known, kind))
        verdict = _by_hits(person, list(hits.values())) or self._by_name(db, person, called)
        return verdict if verdict.kind == "same" else replace(verdict, me=self._remember(person))

    def _by_name(self, db: Db, person: Person, called: dict[str, list[Known]]) -> Verdict:
        born = person.form.date_of_birth
        earlier = self._names_of_file.get(hash(person.name))
        if earlier is not None and not person.identifiers and not _differ(earlier.born, born):
            return Verdict(person, "same", earlier, "same name")
        for known in called.get(person.name, ()):
            if (not person.identifiers and not _differ(known.born, born)) or (born and known.born == born):
                return Verdict(person, "same", known, "same name")
        for known in (one for one in called.get(person.name, ()) if one.before):
            return Verdict(
                person, "perhaps", known, "same name, other birthday" if born and known.born else "same name"
            )
        for key in self._index(db).alike(person.name):
            contact = db.get(Contact, key)
            if contact is not None:
                known = Known(contact.display_name, contact.id, born=contact.date_of_birth)
                return Verdict(person, "perhaps", known, "a name much like it")
        return Verdict(person, "new")

    def _remember(self, person: Person) -> Known:
        known = Known(person.name, row=person.number, born=person.form.date_of_birth, before=False)
        for kind, value, _ in person.identifiers:
            self._of_file.setdefault(hash((kind, value)), []).append(known)
        self._names_of_file.setdefault(hash(person.name), known)
        return known

    def _reached(self, db: Db, chunk: Sequence[Person]) -> dict[tuple[str, str], list[Known]]:
        found: dict[tuple[str, str], list[Known]] = {}
        for kind in ("email", "phone"):
            values = list({value for person in chunk for of, value, _ in person.identifiers if of == kind})
            if not values:
                continue
            query = (
                select(
                    col(ContactIdentifier.value),
                    col(Contact.id),
                    col(Contact.display_name),
                    col(Contact.date_of_birth),
                    col(Contact.created_at),
                )
                .join(Contact, col(Contact.id) == col(ContactIdentifier.contact_id))
                .where(
                    col(ContactIdentifier.kind) == kind,
                    col(ContactIdentifier.value) == _any(values),
                    col(Contact.merged_into_id).is_(None),
                )
                .order_by(col(Contact.archived_at).is_not(None), col(Contact.id))
            )
            for value, key, name, born, created_at in db.execute(query):
                known = Known(name, key, born=born, before=created_at < self.since)
                found.setdefault((kind, value), []).append(known)
        return found

    def _called(self, db: Db, chunk: Sequence[Person]) -> dict[str, list[Known]]:
        names = list({person.name for person in chunk})
        query = select(
            col(Contact.id), col(Contact.display_name), col(Contact.date_of_birth), col(Contact.created_at)
        ).where(
            col(Contact.display_name) == _any(names),
            col(Contact.archived_at).is_(None),
            col(Contact.merged_into_id).is_(None),
        )
        found: dict[str, list[Known]] = {}
        for key, name, born, created_at in db.execute(query.order_by(col(Contact.id))):
            found.setdefault(name, []).append(Known(name, key, born=born, before=created_at < self.since))
        return found

    def _index(self, db: Db) -> NameIndex:
        """The names of the book as it was before: read once, in a stream."""
        if self._book is None:
            query = select(col(Contact.id), col(Contact.display_name)).where(
                col(Contact.created_at) < self.since,
                col(Contact.archived_at).is_(None),
                col(Contact.merged_into_id).is_(None),
            )
            rows = db.execute(query, execution_options={"yield_per": 2000})
            self._book = NameIndex((key, name) for key, name in rows)
        return self._book


def _by_hits(person: Person, hits: list[tuple[Known, str]]) -> Verdict | None:
    """By those who have the person's address or number: the one of that name, else somebody has to say."""
    if not hits:
        return None
    plain, born = normal.name(person.name), person.form.date_of_birth
    exact = [hit for hit in hits if normal.name(hit[0].name) == plain]
    for known, kind in exact or [hit for hit in hits if normal.same_person(hit[0].name, person.name)]:
        why = "same mail" if kind == "email" else "same phone"
        if _differ(known.born, born):
            return Verdict(person, "perhaps", known, f"{why}, other birthday")
        return Verdict(person, "same", known, why)
    in_book = [hit for hit in hits if hit[0].before]
    if not in_book:
        return None  # a couple that shares an address, both of them in the file
    known, kind = in_book[0]
    return Verdict(person, "perhaps", known, f"same {'mail' if kind == 'email' else 'phone'}, another name")


def _any(values: list[str]) -> Any:
    return any_(literal(values, ARRAY(TEXT)))


def _differ(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one != other
