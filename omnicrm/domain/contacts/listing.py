"""The list of clients, a page at a time."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, func, select, tuple_
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import practice, search
from omnicrm.domain.contacts import facts, normal
from omnicrm.domain.practice import Practice
from omnicrm.domain.words import STAGES
from omnicrm.models.contacts import Contact, LifecycleStage
from omnicrm.models.groups import ContactGroup

_MOST = 200
_Statement: TypeAlias = Select[Contact, datetime, datetime, Any, int]


class ContactRow(BaseModel):
    """A line of the list. Empty text where there is nothing to say; `owed` with its currency sign."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    initials: str
    email: str
    phone: str
    detail: str
    stage: str
    stage_label: str
    tags: list[str]
    last: str
    next: str
    owed: str
    credits: str
    credits_tone: str
    archived: bool


class ContactPage(BaseModel):
    """`next` goes into `after` for the following page; empty at the end."""

    model_config = ConfigDict(frozen=True)

    rows: list[ContactRow]
    next: str


def listed(
    db: Db,
    query: str = "",
    *,
    group_id: UUID | None = None,
    tag: str = "",
    stage: str = "",
    archived: bool = False,
    after: str = "",
    limit: int = 50,
) -> ContactPage:
    """Clients by name, the next page after the cursor `after`; with a `query` the best hits instead, in one page.

    Raises Invalid for a broken cursor or an unknown stage.
    """
    found = _page_of_names(after, limit) if not query.strip() else None
    statement = _filtered(db, group_id=group_id, tag=tag, stage=stage, archived=archived)
    hits: list[UUID] = []
    if found is None:
        hits = [UUID(hit.id) for hit in search.find(db, query, kinds=("contact",), limit=min(limit, _MOST))]
        statement = statement.where(col(Contact.id).in_(hits))
    else:
        position, limit = found
        if position is not None:
            statement = statement.where(tuple_(col(Contact.display_name), col(Contact.id)) > position)
        statement = statement.order_by(col(Contact.display_name), col(Contact.id)).limit(limit + 1)
    who = practice.of(db)
    viewer = who.viewer()
    results = list(db.execute(statement))
    more = found is not None and len(results) > limit
    rows = [_row(who, viewer, *result) for result in results[:limit]]
    if found is None:
        place = {str(hit): position for position, hit in enumerate(hits)}
        rows.sort(key=lambda row: place[row.id])
    last = results[limit - 1][0] if more else None
    return ContactPage(rows=rows, next=_cursor(last) if last is not None else "")


def counts(db: Db) -> dict[str, int]:
    """How many (not archived) clients there are: all, and of each stage."""
    query = (
        select(col(Contact.lifecycle_stage), func.count())
        .where(col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None))
        .group_by(col(Contact.lifecycle_stage))
    )
    found = {str(stage): number for stage, number in db.execute(query)}
    return {"all": sum(found.values()), **{stage: found.get(stage, 0) for stage in STAGES}}


def _filtered(db: Db, *, group_id: UUID | None, tag: str, stage: str, archived: bool) -> _Statement:
    now = clock.now()
    statement = select(
        Contact,
        facts.last_session(Contact.id, now),
        facts.next_session(Contact.id, now),
        facts.owed(Contact.id, practice.of(db).currency),
        facts.credits(Contact.id, now),
    ).where(
        col(Contact.archived_at).is_not(None) if archived else col(Contact.archived_at).is_(None),
        col(Contact.merged_into_id).is_(None),
    )
    if group_id is not None:
        members = select(col(ContactGroup.contact_id)).where(col(ContactGroup.group_id) == group_id)
        statement = statement.where(col(Contact.id).in_(members))
    if tag:
        statement = statement.where(func.array_position(Contact.tags, tag).is_not(None))
    if stage:
        if stage not in STAGES:
            raise Invalid(f"There is no stage “{stage[:40]}”.", {"stage": "Unknown stage."})
        statement = statement.where(col(Contact.lifecycle_stage) == LifecycleStage(stage))
    return statement


def _row(
    who: Practice,
    viewer: Viewer,
    contact: Contact,
    last: datetime | None,
    following: datetime | None,
    owed: Decimal | None,
    left: int | None,
) -> ContactRow:
    words, tone = facts.credits_words(left)
    return ContactRow(
        id=str(contact.id),
        name=contact.display_name,
        initials=show.initials(contact.display_name),
        email=contact.email or "",
        phone=normal.shown_phone(contact.phone) if contact.phone else "",
        detail=contact.company or contact.email or (normal.shown_phone(contact.phone) if contact.phone else ""),
        stage=contact.lifecycle_stage,
        stage_label=STAGES[contact.lifecycle_stage],
        tags=list(contact.tags),
        last=viewer.short_date(last) if last else "",
        next=viewer.moment(following) if following else "",
        owed=viewer.money(Money(owed, who.currency)) if owed else "",
        credits=words,
        credits_tone=tone,
        archived=contact.archived_at is not None,
    )


def _page_of_names(after: str, limit: int) -> tuple[tuple[str, UUID] | None, int]:
    limit = max(1, min(limit, _MOST))
    if not after:
        return None, limit
    try:
        name, key = json.loads(base64.urlsafe_b64decode(after.encode()))
        return (str(name), UUID(key)), limit
    except ValueError as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def _cursor(contact: Contact) -> str:
    return base64.urlsafe_b64encode(json.dumps([contact.display_name, str(contact.id)]).encode()).decode()
