"""Tags describe: how often each is used, and its colour."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.domain.groups import COLORS
from omnicrm.models.contacts import Contact
from omnicrm.models.groups import TagColor

_MOST = 200


class TagRow(BaseModel):
    """`count` is of clients in the lists; `color` one of `groups.COLORS`."""

    model_config = ConfigDict(frozen=True)

    name: str
    color: str
    count: int


def listed(db: Db) -> list[TagRow]:
    """The tags that are in use, the most used first, at most 200."""
    worn = (
        select(func.unnest(Contact.tags).label("tag"))
        .where(col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None))
        .subquery()
    )
    count = func.count().label("count")
    query = (
        select(worn.c.tag, count, func.max(TagColor.color))
        .outerjoin(TagColor, col(TagColor.tag) == worn.c.tag)
        .group_by(worn.c.tag)
        .order_by(count.desc(), worn.c.tag)
        .limit(_MOST)
    )
    return [TagRow(name=tag, color=color or "gray", count=number) for tag, number, color in db.execute(query)]


def paint(db: Db, tag: str, color: str) -> None:
    """Give a tag its colour. Raises Invalid for a colour that there is not."""
    if color not in COLORS:
        raise Invalid(fields={"color": "Choose one of the list."})
    statement = insert(TagColor).values(tag=tag[:60], color=color)
    db.execute(statement.on_conflict_do_update(index_elements=["user_id", "tag"], set_={"color": color}))
