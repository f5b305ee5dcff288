"""The list of clients, a page at a time."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import groups, practice, search
from omnicrm.domain.contacts import facts, normal, smart, visits
from omnicrm.domain.contacts.rules import Rule
from omnicrm.domain.practice import Practice
from omnicrm.domain.words import STAGES
from omnicrm.models.contacts import Contact, LifecycleStage
from omnicrm.models.groups import ContactGroup

Sessions = Literal["", "coming", "unbooked", "away", "never"]
Owing = Literal["", "owes", "low"]
Sort = Literal["name", "-name", "newest", "seen", "away"]

AWAY = timedelta(days=60)
LOW = 2  # credits
_MOST = 200
_SORTS: dict[str, tuple[Any, bool]] = {  # column, whether it goes down
    "name": (Contact.display_name, False),
    "-name": (Contact.display_name, True),
    "newest": (Contact.created_at, True),
}
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
    sessions: Sessions = "",
    owing: Owing = "",
    rule: Rule | None = None,
    archived: bool = False,
    sort: Sort = "name",
    after: str = "",
    limit: int = 50,
) -> ContactPage:
    """Clients in the order of `sort`, the next page after the cursor `after`; with a `query` its best hits, one page.

    `sessions`: coming, unbooked (none to come), away (the last one over 60 days ago, none to come), never. `owing`:
    owes (an invoice is open), low (at most two credits left). A smart group's members are those of its rule; `rule`
    narrows further. The orders `seen` and `away` (last session first, or longest ago first) show only who ever came.
    Raises Invalid for a broken cursor or an unknown stage, NotFound for an unknown group.
    """
    searched = bool(query.strip())
    limit = max(1, min(limit, _MOST))
    statement = _filtered(
        db, group_id=group_id, tag=tag, stage=stage, sessions=sessions, owing=owing, archived=archived
    )
    if rule is not None:
        statement = statement.where(smart.condition(db, rule))
    hits: list[UUID] = []
    if searched:
        hits = [UUID(hit.id) for hit in search.find(db, query, kinds=("contact",), limit=limit)]
        statement = statement.where(col(Contact.id).in_(hits))
    elif sort in ("seen", "away"):
        statement = _by_visit(statement, sort, after).limit(limit + 1)
    else:
        statement = _paged(statement, sort, after).limit(limit + 1)
    who = practice.of(db)
    viewer = who.viewer()
    results = list(db.execute(statement))
    more = not searched and len(results) > limit
    rows = [_row(who, viewer, *result[:5]) for result in results[:limit]]
    if searched:
        place = {str(hit): position for position, hit in enumerate(hits)}
        rows.sort(key=lambda row: place[row.id])
    return ContactPage(rows=rows, next=_cursor(results[limit - 1], sort) if more else "")


def counts(db: Db) -> dict[str, int]:
    """How many (not archived) clients there are: all, and of each stage."""
    query = (
        select(col(Contact.lifecycle_stage), func.count())
        .where(col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None))
        .group_by(col(Contact.lifecycle_stage))
    )
    found = {str(stage): number for stage, number in db.execute(query)}
    return {"all": sum(found.values()), **{stage: found.get(stage, 0) for stage in STAGES}}


def _filtered(
    db: Db,
    *,
    group_id: UUID | None,
    tag: str,
    stage: str,
    sessions: Sessions,
    owing: Owing,
    archived: bool,
) -> _Statement:
    now = clock.now()
    last, following = facts.last_session(Contact.id, now), facts.next_session(Contact.id, now)
    owed, left = facts.owed(Contact.id, practice.of(db).currency), facts.credits(Contact.id, now)
    statement = select(Contact, last, following, owed, left).where(
        col(Contact.archived_at).is_not(None) if archived else col(Contact.archived_at).is_(None),
        col(Contact.merged_into_id).is_(None),
    )
    if group_id is not None:
        statement = statement.where(of_group(db, group_id))
    if tag:
        statement = statement.where(func.array_position(Contact.tags, tag).is_not(None))
    if stage:
        if stage not in STAGES:
            raise Invalid(f"There is no stage “{stage[:40]}”.", {"stage": "Unknown stage."})
        statement = statement.where(col(Contact.lifecycle_stage) == LifecycleStage(stage))
    match sessions:
        case "coming":
            statement = statement.where(following.is_not(None))
        case "unbooked":
            statement = statement.where(following.is_(None))
        case "away":
            statement = statement.where(last < now - AWAY, following.is_(None))
        case "never":
            statement = statement.where(last.is_(None), following.is_(None))
    match owing:
        case "owes":
            statement = statement.where(owed > 0)
        case "low":
            statement = statement.where(left <= LOW)
    return statement


def of_group(db: Db, group_id: UUID) -> ColumnElement[bool]:
    """Who is in a group, by hand or by its rules, as a condition on `contacts`. Raises NotFound."""
    group = groups.get(db, group_id)
    if group.rule is not None:
        return smart.condition(db, smart.rule_of(group))
    return col(Contact.id).in_(select(col(ContactGroup.contact_id)).where(col(ContactGroup.group_id) == group_id))


def _paged(statement: _Statement, sort: Sort, after: str) -> _Statement:
    """In order, after the cursor; the id decides between equals."""
    column, down = _SORTS[sort]
    if after:
        position = _position(after, sort)
        pair = tuple_(col(column), col(Contact.id))
        statement = statement.where(pair < position if down else pair > position)
    if down:
        return statement.order_by(col(column).desc(), col(Contact.id).desc())
    return statement.order_by(col(column), col(Contact.id))


def _by_visit(statement: _Statement, sort: Sort, after: str) -> Any:
    oldest = sort == "away"
    last = visits.latest(clock.now(), after=_visit(after, sort) if after else None, oldest_first=oldest)
    walked = statement.add_columns(last.c.at, last.c.key).join(last, last.c.contact_id == col(Contact.id))
    return walked.order_by(*visits.in_order(last, oldest_first=oldest))


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


def _position(after: str, sort: Sort) -> tuple[str | datetime, UUID]:
    try:
        kind, value, key = json.loads(base64.urlsafe_b64decode(after.encode()))
        if kind != sort:
            raise ValueError("a cursor of another order")
        return (datetime.fromisoformat(value) if sort == "newest" else str(value)), UUID(key)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def _visit(after: str, sort: Sort) -> visits.Position:
    try:
        kind, at, session, contact = json.loads(base64.urlsafe_b64decode(after.encode()))
        if kind != sort:
            raise ValueError("a cursor of another order")
        return datetime.fromisoformat(at), UUID(session), UUID(contact)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def _cursor(result: Any, sort: Sort) -> str:
    contact: Contact = result[0]
    if sort in ("seen", "away"):
        parts = [sort, result[5].isoformat(), str(result[6]), str(contact.id)]
    else:
        value = contact.created_at.isoformat() if sort == "newest" else contact.display_name
        parts = [sort, value, str(contact.id)]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
