"""The queue: rows, counts, and what a batch would do."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import Viewer
from omnicrm.domain import practice, proposals
from omnicrm.domain.approvals import about, learning
from omnicrm.domain.approvals.undoing import can_undo
from omnicrm.domain.words import APPROVALS, confidence
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.contacts import Contact
from omnicrm.models.inbox import SourceItem, SourceKind
from omnicrm.models.sessions import Session

Shelf = Literal["waiting", "later", "done"]
_MOST = 200
_REPLY = "reply.draft"
_Statement: TypeAlias = Select[PendingApproval, Contact, Session, SourceItem, Any]
_SHELVES: dict[str, tuple[ApprovalStatus, ...]] = {
    "waiting": (ApprovalStatus.PENDING, ApprovalStatus.EXECUTION_FAILED),
    "later": (ApprovalStatus.SNOOZED,),
    "done": (
        ApprovalStatus.APPROVED,
        ApprovalStatus.EXECUTED,
        ApprovalStatus.REJECTED,
        ApprovalStatus.UNDONE,
        ApprovalStatus.EXPIRED,
    ),
}


class ApprovalRow(BaseModel):
    """A line of the queue. `source` is where and when it came in, `decided` when it was decided (shelf “done”)."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    type: str
    group: str
    type_label: str
    icon: str
    sentence: str
    consequence: str
    band: str
    band_label: str
    bars: int
    band_tone: str
    source: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    error: str
    decided: str
    bundle_id: str
    can_undo: bool


class Counts(BaseModel):
    """What waits: in all, by group, and how much of it is clear. `badge` is the number on the icon.

    A reply that is drafted with something else counts among the replies, and in all with what it belongs to.
    """

    model_config = ConfigDict(frozen=True)

    all: int = 0
    sessions: int = 0
    people: int = 0
    money: int = 0
    tasks: int = 0
    replies: int = 0
    clear: int = 0
    failed: int = 0
    later: int = 0

    @property
    def badge(self) -> int:
        return self.all


class ApprovalPage(BaseModel):
    """`next` goes into `after`; empty at the end. `clear_ids` are those of this page that one tap may approve."""

    model_config = ConfigDict(frozen=True)

    rows: list[ApprovalRow]
    next: str
    clear_ids: list[str]
    clear_words: str


def listed(
    db: Db,
    *,
    shelf: Shelf = "waiting",
    group: str = "",
    after: str = "",
    limit: int = 50,
    folded: bool = False,
    opened: UUID | None = None,
) -> ApprovalPage:
    """The queue, what matters now first (what was done: newest decision first), a page at a time.

    A message counts from its arrival; an event from as long ago as it is away, so that one in three days stands with
    the mails of three days ago. `folded`: a reply stays within the card of its message (unless it is `opened`).
    Raises Invalid for an unknown shelf or group and for a broken cursor.
    """
    statement = _statement(shelf, group, after, max(1, min(limit, _MOST)) + 1)
    if folded and not group:
        statement = statement.where(or_(~_within_another(), col(PendingApproval.id) == opened))
    results = list(db.execute(statement))
    more, results = len(results) > limit, results[:limit]
    viewer = practice.of(db).viewer()
    sizes = _bundles(db, [result[0] for result in results])
    rows = [_row(viewer, sizes, *result[:4]) for result in results]
    clear = [row for row in rows if row.band == "clear" and row.status == "pending"]
    kinds = {row.type for row in clear}
    return ApprovalPage(
        rows=rows,
        next=_cursor(results[-1][4], results[-1][0].id) if more else "",
        clear_ids=[row.id for row in clear],
        clear_words=learning.clear_words(learning.records(db), kinds) if clear else "",
    )


def counts(db: Db) -> Counts:
    """In one statement."""
    waiting = (ApprovalStatus.PENDING, ApprovalStatus.EXECUTION_FAILED)
    rows = db.execute(
        select(
            col(PendingApproval.type),
            col(PendingApproval.status),
            func.count(),
            func.count().filter(col(PendingApproval.ai_confidence_score) >= 0.8),
            func.count().filter(_within_another()),
        )
        .where(col(PendingApproval.status).in_((*waiting, ApprovalStatus.SNOOZED)))
        .group_by(col(PendingApproval.type), col(PendingApproval.status))
    )
    totals = dict.fromkeys(Counts.model_fields, 0)
    for name, status, number, clear, within in rows:
        if status is ApprovalStatus.SNOOZED:
            totals["later"] += number
            continue
        totals["all"] += number - within
        totals[proposals.of(name).GROUP] += number
        if status is ApprovalStatus.PENDING:
            totals["clear"] += clear
        else:
            totals["failed"] += number
    return Counts(**totals)


def previewed(db: Db, approval_ids: Sequence[UUID]) -> list[ApprovalRow]:
    """What a batch would do, one row each, in the order of their making; those that do not wait any more left out."""
    query = _joined().where(
        col(PendingApproval.id).in_(list(approval_ids)[:_MOST]),
        col(PendingApproval.status) == ApprovalStatus.PENDING,
    )
    results = list(db.execute(query.order_by(col(PendingApproval.id))))
    viewer = practice.of(db).viewer()
    sizes = _bundles(db, [result[0] for result in results])
    return [_row(viewer, sizes, *result[:4]) for result in results]


def _came() -> ColumnElement[datetime]:
    """Where a proposal stands in the queue. It does not move while it waits."""
    made, at = col(PendingApproval.created_at), col(SourceItem.occurred_at)
    event = case((at > made, made - (at - made)), else_=at)
    return func.coalesce(case((col(SourceItem.kind) == SourceKind.MAIL, at), else_=event), made)


def _within_another() -> ColumnElement[bool]:
    """A reply, drafted with something that waits."""
    mate = aliased(PendingApproval)
    other = select(col(mate.id)).where(
        col(mate.bundle_id) == col(PendingApproval.bundle_id),
        col(mate.type) != _REPLY,
        col(mate.status).in_((ApprovalStatus.PENDING, ApprovalStatus.EXECUTION_FAILED, ApprovalStatus.SNOOZED)),
    )
    return and_(col(PendingApproval.type) == _REPLY, other.exists())


def _joined() -> _Statement:
    return (
        select(PendingApproval, Contact, Session, SourceItem, _came())
        .outerjoin(Contact, col(Contact.id) == col(PendingApproval.related_contact_id))
        .outerjoin(Session, col(Session.id) == col(PendingApproval.related_session_id))
        .outerjoin(SourceItem, col(SourceItem.id) == col(PendingApproval.source_item_id))
    )


def _statement(shelf: str, group: str, after: str, limit: int) -> _Statement:
    if shelf not in _SHELVES:
        raise Invalid("There is no such list.", {"shelf": f"One of {', '.join(_SHELVES)}."})
    if group and group not in proposals.GROUPS:
        raise Invalid("There is no such group.", {"group": f"One of {', '.join(proposals.GROUPS)}."})
    came = col(PendingApproval.resolved_at) if shelf == "done" else _came()
    query = _joined().where(col(PendingApproval.status).in_(_SHELVES[shelf]))
    if shelf == "done":
        query = query.with_only_columns(PendingApproval, Contact, Session, SourceItem, came).where(came.is_not(None))
    if group:
        names = [name for name, kind in proposals.TYPES.items() if kind.GROUP == group]
        query = query.where(col(PendingApproval.type).in_(names))
    if after:
        at, key = _position(after)
        query = query.where(or_(came < at, and_(came == at, col(PendingApproval.id) > key)))
    return query.order_by(came.desc(), col(PendingApproval.id)).limit(limit)


def _bundles(db: Db, found: Sequence[PendingApproval]) -> dict[UUID, int]:
    """How many still wait in each bundle."""
    ids = {one.bundle_id for one in found if one.bundle_id is not None}
    if not ids:
        return {}
    rows = db.execute(
        select(col(PendingApproval.bundle_id), func.count())
        .where(col(PendingApproval.bundle_id).in_(ids), col(PendingApproval.status) == ApprovalStatus.PENDING)
        .group_by(col(PendingApproval.bundle_id))
    )
    return {key: number for key, number in rows if key is not None}


def _row(
    viewer: Viewer,
    sizes: dict[UUID, int],
    approval: PendingApproval,
    contact: Contact | None,
    session: Session | None,
    source: SourceItem | None,
) -> ApprovalRow:
    kind, known = proposals.of(approval.type), about.made(contact, session)
    payload = about.payload(approval)
    happened = approval.status in (ApprovalStatus.APPROVED, ApprovalStatus.EXECUTED)
    sentence = kind.done(payload, known, viewer) if happened else kind.describe(payload, known, viewer)
    band, status = confidence(float(approval.ai_confidence_score or 0)), APPROVALS[approval.status]
    others = sizes.get(approval.bundle_id, 1) - 1 if approval.bundle_id is not None else 0
    return ApprovalRow(
        id=str(approval.id),
        version=approval.version,
        type=approval.type,
        group=kind.GROUP,
        type_label=kind.LABEL,
        icon=kind.ICON,
        sentence=sentence,
        consequence=kind.consequence(payload, known),
        band=band.band,
        band_label=band.label,
        bars=band.bars,
        band_tone=band.tone,
        source=_source(approval, source, viewer, others),
        status=approval.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
        error=approval.error or "",
        decided=_decided(approval, viewer),
        bundle_id=str(approval.bundle_id or ""),
        can_undo=can_undo(approval),
    )


def _source(approval: PendingApproval, source: SourceItem | None, viewer: Viewer, others: int) -> str:
    """`Mail, 8:51, with 2 more`."""
    what = "Calendar" if approval.source_trigger == "event" else "Mail"
    came = source.occurred_at if source is not None and source.kind == "mail" else approval.created_at
    return f"{what}, {viewer.since(came)}" + (f", with {others} more" if others > 0 else "")


def _decided(approval: PendingApproval, viewer: Viewer) -> str:
    at = approval.undone_at or approval.resolved_at
    if approval.status is ApprovalStatus.SNOOZED and approval.snoozed_until is not None:
        return f"comes back {viewer.moment(approval.snoozed_until)}"
    if at is None:
        return ""
    verb = {"rejected": "rejected", "undone": "taken back", "expired": "put away"}.get(approval.status, "approved")
    return f"{verb} {viewer.moment(at)}"


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(at), UUID(key)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def _cursor(at: datetime | None, key: UUID) -> str:
    written = (at or clock.now()).isoformat()
    return base64.urlsafe_b64encode(json.dumps([written, str(key)]).encode()).decode()
