"""One proposal in full: its sentence, fields, the words it rests on, and what stands in the way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import outbox, practice, proposals, sessions
from omnicrm.domain.approvals import about, learning
from omnicrm.domain.approvals import words as source_words
from omnicrm.domain.approvals.deciding import sender_of
from omnicrm.domain.approvals.undoing import can_undo
from omnicrm.domain.approvals.words import Mark, Segment
from omnicrm.domain.proposals import Field, base, session_create, session_reschedule
from omnicrm.domain.words import APPROVALS, confidence
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.inbox import SourceItem


class FieldRow(BaseModel):
    """A field with its badges. `inferred` says where a value without a quote comes from; `old` what it replaces."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    kind: str
    value: str
    raw: str
    old: str
    badges: list[int]
    inferred: str
    editable: bool
    can_leave_out: bool
    note: str = ""
    note_tone: str = "quiet"


class Mate(BaseModel):
    """Another proposal of the same message."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    type_label: str
    icon: str
    sentence: str
    status: str


class Try(BaseModel):
    model_config = ConfigDict(frozen=True)

    what: str
    when: str


class ApprovalCard(BaseModel):
    """Everything that the page of a proposal shows. Times and amounts are written for the practitioner."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    type: str
    type_label: str
    icon: str
    group: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    sentence: str
    consequence: str
    band: str
    band_label: str
    bars: int
    band_tone: str
    accuracy: str
    fields: list[FieldRow]
    amended: str
    contact_id: str
    session_id: str
    free: str
    clashes: list[str]
    source_kind: str
    source_name: str
    source_email: str
    source_initials: str
    source_subject: list[Segment]
    source_when: str
    source: list[Segment]
    source_gone: bool
    excerpt: list[Segment]
    quotes: list[Segment]
    mates: list[Mate]
    reply: str
    reply_id: str
    error: str
    tries: list[Try]
    sender: str
    decided: str
    can_undo: bool
    can_retry: bool
    needs_contact_first: bool


def card(db: Db, approval_id: UUID) -> ApprovalCard:
    """Raises NotFound for an unknown proposal."""
    approval = db.get(PendingApproval, approval_id, populate_existing=True)
    if approval is None:
        raise NotFound("This proposal no longer exists.")
    kind, viewer = proposals.of(approval.type), practice.of(db).viewer()
    payload, known = about.payload(approval), about.of(db, approval)
    item = db.get(SourceItem, approval.source_item_id) if approval.source_item_id is not None else None
    marks = source_words.marks(approval.evidence)
    score = float(approval.ai_confidence_score or 0)
    band, status = confidence(score), APPROVALS[approval.status]
    free, clashes = _in_the_way(db, approval, payload)
    mates = _mates(db, approval, viewer)
    reply = next((mate for mate in mates if mate[0].type == "reply.draft"), None)
    happened = approval.status in (ApprovalStatus.APPROVED, ApprovalStatus.EXECUTED)
    return ApprovalCard(
        id=str(approval.id),
        version=approval.version,
        type=approval.type,
        type_label=kind.LABEL,
        icon=kind.ICON,
        group=kind.GROUP,
        status=approval.status,
        status_label=status.label,
        status_icon=status.icon,
        status_tone=status.tone,
        sentence=_ended((kind.done if happened else kind.describe)(payload, known, viewer)),
        consequence=kind.consequence(payload, known),
        band=band.band,
        band_label=band.label,
        bars=band.bars,
        band_tone=band.tone,
        accuracy=learning.words_for(learning.records(db), approval.type, score),
        fields=[_field(field, marks, free, clashes) for field in kind.fields(payload, known, viewer)],
        amended=_amended(approval, known, viewer),
        contact_id=str(approval.related_contact_id or ""),
        session_id=str(approval.related_session_id or ""),
        free=free,
        clashes=clashes,
        source_kind=approval.source_trigger or "",
        source_name=(item.sender_name or item.sender or "") if item else "",
        source_email=(item.sender or "") if item else "",
        source_initials=show.initials((item.sender_name or item.sender or "") if item else ""),
        source_subject=source_words.segments((item.subject or "") if item else "", marks, "subject"),
        source_when=viewer.moment(item.occurred_at)
        if item and item.kind == "mail"
        else viewer.moment(approval.created_at),
        source=source_words.segments((item.body_text or "") if item else "", marks),
        source_gone=item is None or (item.body_text is None and bool(approval.evidence)),
        excerpt=source_words.excerpt((item.body_text or "") if item else "", marks, around=45),
        quotes=[Segment(text=mark.quote, badge=mark.badge) for mark in marks],
        mates=[mate for mate, _ in mates],
        reply=show.excerpt(reply[1], 100) if reply else "",
        reply_id=reply[0].id if reply else "",
        error=approval.error or "",
        tries=_tries(db, approval, viewer),
        sender=sender_of(db, approval),
        decided=viewer.moment(approval.resolved_at) if approval.resolved_at else "",
        can_undo=can_undo(approval),
        can_retry=approval.status is ApprovalStatus.EXECUTION_FAILED,
        needs_contact_first=kind.NEEDS_CONTACT and approval.related_contact_id is None,
    )


def _ended(sentence: str) -> str:
    """With its full stop, where it does not trail off."""
    return sentence if sentence.endswith("…") else f"{sentence}."


def _field(field: Field, marks: list[Mark], free: str, clashes: list[str]) -> FieldRow:
    badges = [mark.badge for mark in marks if set(mark.slots) & set(field.slots)]
    timed = field.name == "scheduled_at"
    return FieldRow(
        **field.model_dump(exclude={"slots", "why"}),
        badges=badges,
        inferred="" if badges or not field.why else field.why if " " in field.why else "inferred",
        note=(clashes[0] if clashes else free) if timed else "",
        note_tone=("wait" if clashes else "ok") if timed and (clashes or free) else "quiet",
    )


def _in_the_way(db: Db, approval: PendingApproval, payload: object) -> tuple[str, list[str]]:
    """(“You are free”, what overlaps) for a proposal with a time that still waits."""
    if approval.status not in (ApprovalStatus.PENDING, ApprovalStatus.SNOOZED, ApprovalStatus.EXECUTION_FAILED):
        return "", []
    event = None
    if isinstance(payload, session_create.Payload):
        at, length = payload.scheduled_at, payload.duration_minutes
        event = payload.event[:2] if payload.event else None
    elif isinstance(payload, session_reschedule.Payload):
        at, length = payload.scheduled_at, payload.duration_minutes or payload.was_minutes or 60
    else:
        return "", []
    found = sessions.clashes(db, at, length, other_than=approval.related_session_id, event=event)
    return ("You are free", []) if not found else ("", [clash.sentence for clash in found])


def _mates(db: Db, approval: PendingApproval, viewer: Viewer) -> list[tuple[Mate, str]]:
    """The others of the bundle, with the words of a reply."""
    if approval.bundle_id is None:
        return []
    query = select(PendingApproval).where(
        col(PendingApproval.bundle_id) == approval.bundle_id, col(PendingApproval.id) != approval.id
    )
    found = []
    for mate in db.scalars(query.order_by(col(PendingApproval.id))):
        kind, payload = proposals.of(mate.type), about.payload(mate)
        row = Mate(
            id=str(mate.id),
            type=mate.type,
            type_label=kind.LABEL,
            icon=kind.ICON,
            sentence=kind.describe(payload, about.of(db, mate), viewer),
            status=mate.status,
        )
        found.append((row, str(getattr(payload, "body", ""))))
    return found


def _amended(approval: PendingApproval, known: base.About, viewer: Viewer) -> str:
    """`Changed by a later mail. Time: was Fri 13 March 10:30.`, where newer words amended it."""
    amended = (approval.decided_fields or {}).get("amended")
    if not amended:
        return ""
    what = "calendar event" if amended.get("by") == "event" else "mail"
    return " ".join([f"Changed by a later {what}.", *_differences(approval, amended.get("was") or {}, known, viewer)])


def _differences(approval: PendingApproval, was: dict[str, Any], known: base.About, viewer: Viewer) -> list[str]:
    """`Time: was Fri 13 March 10:30.` for each field that the words had otherwise before."""
    kind = proposals.of(approval.type)
    try:
        before = base.checked(kind.Payload, {**approval.data_payload, **was})
        after = base.checked(kind.Payload, approval.data_payload)
    except Invalid:
        return []  # of an older form
    now = {field.name: field.value for field in kind.fields(after, known, viewer)}
    return [
        f"{field.label}: was {field.value or 'not said'}."
        for field in kind.fields(before, known, viewer)
        if now.get(field.name) != field.value
    ]


def _tries(db: Db, approval: PendingApproval, viewer: Viewer) -> list[Try]:
    """What was tried of a failed one, in order."""
    if approval.status is not ApprovalStatus.EXECUTION_FAILED:
        return []
    tries = [Try(what="You approved it", when=viewer.time(approval.resolved_at or approval.created_at))]
    for message in outbox.of_approval(db, approval.id):
        if message.attempts:
            times = "once" if message.attempts == 1 else f"{message.attempts} times"
            tries.append(Try(what=f"Tried {times}: {message.last_error or ''}", when=viewer.time(message.updated_at)))
    tries.append(Try(what="Stopped. Now it is up to you", when=viewer.time(approval.updated_at)))
    return tries
