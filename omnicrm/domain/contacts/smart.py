"""Smart groups: whose members are found by a rule each time that somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.domain import groups, practice
from omnicrm.domain.contacts import rules
from omnicrm.domain.contacts.rules import MOST_LEFT_OUT, Rule
from omnicrm.domain.groups import GroupRow
from omnicrm.models.contacts import Contact
from omnicrm.models.groups import Group
from omnicrm.models.programs import Program

_MOST_OPTIONS = 200


class Option(BaseModel):
    """Something that a rule can name: its id and its words."""

    model_config = ConfigDict(frozen=True)

    value: str
    words: str


class Person(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    name: str


def add(db: Db, name: str, *, color: str | None, rule: Rule) -> Group:
    """A new smart group. Raises Invalid for an empty or taken name, and for a rule that names what is not there."""
    group = groups.add(db, name, color=color)
    group.rule = _stored(db, rule)
    db.flush()
    return group


def rule_of(group: Group) -> Rule:
    """Raises Refused for a group whose people are chosen by hand, Invalid for a rule that this version cannot read."""
    if group.rule is None:
        raise Refused("The people of this group are chosen by hand; it has no rules.")
    try:
        return Rule.model_validate(group.rule)
    except ValidationError:
        raise Invalid(f"The rules of “{group.name}” cannot be read. Write them again.") from None


def change(db: Db, group_id: UUID, rule: Rule, *, version: int | None = None) -> Group:
    """Other rules. `version` is that of the group when the form was filled.

    Raises NotFound, Refused for a group without rules, Invalid, and Conflict where it was changed meanwhile.
    """
    group = _locked(db, group_id)
    if version is not None and group.version != version:
        raise Conflict("The rules were changed meanwhile. Nothing was overwritten: load the page again.")
    if group.rule is None:
        raise Refused("The people of this group are chosen by hand; it has no rules.")
    group.rule = _stored(db, rule)
    db.flush()
    return group


def leave_out(db: Db, group_id: UUID, contact_id: UUID) -> None:
    """Keep one client out whatever the rules say. Again: no change. Raises NotFound, Refused, Invalid past 500."""
    group = _locked(db, group_id)
    rule = rule_of(group)
    if db.get(Contact, contact_id) is None:
        raise NotFound("This client no longer exists.")
    if contact_id not in rule.left_out:
        if len(rule.left_out) >= MOST_LEFT_OUT:
            raise Invalid(f"{MOST_LEFT_OUT} people are left out already. Write a rule instead.")
        group.rule = rule.model_copy(update={"left_out": (*rule.left_out, contact_id)}).model_dump(mode="json")
        db.flush()


def let_in(db: Db, group_id: UUID, contact_id: UUID) -> None:
    """Whoever was left out belongs again where the rules say so. Raises NotFound, Refused."""
    group = _locked(db, group_id)
    rule = rule_of(group)
    kept = tuple(key for key in rule.left_out if key != contact_id)
    group.rule = rule.model_copy(update={"left_out": kept}).model_dump(mode="json")
    db.flush()


def left_out(db: Db, rule: Rule) -> list[Person]:
    """Who was left out by hand, by name."""
    query = select(col(Contact.id), col(Contact.display_name)).where(col(Contact.id).in_(rule.left_out))
    return [Person(id=str(key), name=name) for key, name in db.execute(query.order_by(col(Contact.display_name)))]


def condition(db: Db, rule: Rule, *, now: datetime | None = None) -> ColumnElement[bool]:
    """The rule as a condition on `contacts`, at this moment and in the practice's currency."""
    return rules.condition(rule, now=now or clock.now(), currency=practice.of(db).currency)


def count(db: Db, rule: Rule) -> int:
    """How many clients of the lists belong now."""
    return int(db.scalar(_counted(condition(db, rule))) or 0)


def members(db: Db, rule: Rule, *, most: int) -> list[UUID]:
    """Who belongs now, at most so many, in the order of their ids."""
    query = select(col(Contact.id)).where(*_in_the_lists(), condition(db, rule))
    return list(db.scalars(query.order_by(col(Contact.id)).limit(most)))


def listed(db: Db) -> list[GroupRow]:
    """All groups, those by rule with how many belong now: three statements, however many groups there are."""
    rows = groups.listed(db)
    now = clock.now()
    ruled = db.execute(select(col(Group.id), col(Group.rule)).where(col(Group.rule).is_not(None)))
    readable = [(key, rule) for key, stored in ruled if (rule := _readable(stored)) is not None]
    queries = [
        select(literal(str(key)).label("id"), _counted(condition(db, rule, now=now)).scalar_subquery().label("number"))
        for key, rule in readable
    ]
    found = {str(key): int(number) for key, number in db.execute(union_all(*queries))} if queries else {}
    return [row.model_copy(update={"count": found[row.id]}) if row.id in found else row for row in rows]


def programs(db: Db) -> list[Option]:
    """The programs that a rule can name, the newest first."""
    query = select(col(Program.id), col(Program.name)).order_by(col(Program.created_at).desc()).limit(_MOST_OPTIONS)
    return [Option(value=str(key), words=name) for key, name in db.execute(query)]


def _counted(condition: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(Contact).where(*_in_the_lists(), condition)


def _in_the_lists() -> tuple[ColumnElement[bool], ...]:
    return col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None)


def _readable(stored: dict[str, Any] | None) -> Rule | None:
    """None for no rule, and for one that cannot be read."""
    try:
        return Rule.model_validate(stored) if stored is not None else None
    except ValidationError:
        return None


def _locked(db: Db, group_id: UUID) -> Group:
    group = db.get(Group, group_id, with_for_update=True, populate_existing=True)
    if group is None:
        raise NotFound("This group no longer exists.")
    return group


def _stored(db: Db, rule: Rule) -> dict[str, Any]:
    """As it is kept. What it names must be there, and a group that it names must be one of people chosen by hand."""
    named = _named(rule, "group")
    plain = set(db.scalars(select(col(Group.id)).where(col(Group.id).in_(named), col(Group.rule).is_(None))))
    if plain != set(named):
        raise Invalid("A rule can name groups of people that you chose, no other smart group.", {"value": "Not this."})
    sought = _named(rule, "program")
    if set(db.scalars(select(col(Program.id)).where(col(Program.id).in_(sought)))) != set(sought):
        raise Invalid("A program of the rules is not there any more.", {"value": "Choose one of the list."})
    return rule.model_dump(mode="json")


def _named(rule: Rule, kind: str) -> Sequence[UUID]:
    return [UUID(test.value) for test in rules.fields(rule) if test.kind == kind]
