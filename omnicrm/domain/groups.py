"""Groups of contacts: join, leave, count."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Uuid, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound, Refused
from omnicrm.models.contacts import Contact
from omnicrm.models.groups import ContactGroup, Group

LEADS = "Leads"
COLORS = ("gray", "jade", "amber", "sky", "tomato")


class GroupRow(BaseModel):
    """Of a `smart` one the people are found by rules, and only `contacts.smart.listed` knows their `count`."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    color: str
    count: int
    smart: bool = False


def listed(db: Db) -> list[GroupRow]:
    """All groups with how many (not archived) clients are in each, in the practitioner's order."""
    members = (
        select(col(ContactGroup.group_id).label("group_id"), func.count().label("count"))
        .join(Contact, col(Contact.id) == col(ContactGroup.contact_id))
        .where(col(Contact.archived_at).is_(None))
        .group_by(col(ContactGroup.group_id))
        .subquery()
    )
    rows = db.execute(
        select(Group, func.coalesce(members.c.count, 0))
        .outerjoin(members, members.c.group_id == Group.id)
        .order_by(col(Group.position), col(Group.name))
    )
    return [_row(group, number) for group, number in rows]


def add(db: Db, name: str, *, color: str | None = None) -> Group:
    """A new group. Raises Invalid for an empty name or one that exists."""
    name = name.strip()[:100]
    if not name:
        raise Invalid(fields={"name": "Please give the group a name."})
    if db.scalar(select(col(Group.id)).where(col(Group.name) == name)) is not None:
        raise Invalid(fields={"name": "There is a group of that name already."})
    group = Group(name=name, color=color)
    db.add(group)
    db.flush()
    return group


def change(db: Db, group_id: UUID, *, name: str, color: str) -> Group:
    """Another name or colour. Raises NotFound, Invalid for an empty name or one that another group has."""
    group = db.get(Group, group_id, with_for_update=True)
    if group is None:
        raise NotFound("This group no longer exists.")
    name = name.strip()[:100]
    if not name:
        raise Invalid(fields={"name": "Please give the group a name."})
    if color not in COLORS:
        raise Invalid(fields={"color": "Choose one of the list."})
    taken = select(col(Group.id)).where(col(Group.name) == name, col(Group.id) != group_id)
    if db.scalar(taken) is not None:
        raise Invalid(fields={"name": "There is a group of that name already."})
    group.name, group.color = name, color
    db.flush()
    return group


def remove(db: Db, group_id: UUID) -> None:
    """The group goes, its clients stay. Gone already: nothing happens."""
    db.execute(delete(Group).where(col(Group.id) == group_id))
    db.expire_all()


def named(db: Db, name: str, *, color: str | None = None) -> Group:
    """The group called `name`, made where there is none; two at once make one."""
    db.execute(insert(Group).values(name=name, color=color).on_conflict_do_nothing(index_elements=["user_id", "name"]))
    return db.scalars(select(Group).where(col(Group.name) == name)).one()


def get(db: Db, group_id: UUID) -> Group:
    """Raises NotFound."""
    group = db.get(Group, group_id)
    if group is None:
        raise NotFound("This group no longer exists.")
    return group


def size(db: Db, group_id: UUID) -> int:
    """How many (not archived) clients are in it by hand."""
    query = (
        select(func.count())
        .select_from(ContactGroup)
        .join(Contact, col(Contact.id) == col(ContactGroup.contact_id))
        .where(col(ContactGroup.group_id) == group_id, col(Contact.archived_at).is_(None))
    )
    return db.scalar(query) or 0


def join(db: Db, group_id: UUID, contact_id: UUID) -> bool:
    """False where the client is in it already. Raises NotFound for an unknown group or client, Refused for a smart
    group."""
    _of_people(db, group_id)
    if db.get(Contact, contact_id) is None:
        raise NotFound("This client no longer exists.")
    added = db.execute(
        insert(ContactGroup)
        .values(contact_id=contact_id, group_id=group_id)
        .on_conflict_do_nothing()
        .returning(col(ContactGroup.contact_id))
    )
    return added.first() is not None


def join_many(db: Db, group_id: UUID, contact_ids: Sequence[UUID]) -> list[UUID]:
    """Those who were not in it before. Unknown clients are left out. Raises NotFound for an unknown group, Refused for
    a smart one."""
    _of_people(db, group_id)
    known = select(col(Contact.id), literal(group_id, Uuid)).where(col(Contact.id).in_(list(contact_ids)))
    added = (
        insert(ContactGroup)
        .from_select(["contact_id", "group_id"], known)
        .on_conflict_do_nothing()
        .returning(col(ContactGroup.contact_id))
    )
    return list(db.scalars(added))


def leave_many(db: Db, group_id: UUID, contact_ids: Sequence[UUID]) -> None:
    """The clients stay, their memberships go."""
    db.execute(
        delete(ContactGroup).where(
            col(ContactGroup.group_id) == group_id, col(ContactGroup.contact_id).in_(list(contact_ids))
        )
    )


def leave(db: Db, group_id: UUID, contact_id: UUID) -> None:
    """The client stays, the membership goes. Not in it: nothing happens."""
    db.execute(
        delete(ContactGroup).where(col(ContactGroup.group_id) == group_id, col(ContactGroup.contact_id) == contact_id)
    )


def of_contact(db: Db, contact_id: UUID) -> list[Group]:
    query = select(Group).join(ContactGroup, col(ContactGroup.group_id) == col(Group.id))
    return list(db.scalars(query.where(col(ContactGroup.contact_id) == contact_id).order_by(col(Group.name))))


def _of_people(db: Db, group_id: UUID) -> None:
    if get(db, group_id).rule is not None:
        raise Refused("The members of a smart group are found by its rules. Change the rules, or choose another group.")


def _row(group: Group, number: int) -> GroupRow:
    return GroupRow(
        id=str(group.id),
        name=group.name,
        color=group.color or "gray",
        count=number,
        smart=group.rule is not None,
    )
