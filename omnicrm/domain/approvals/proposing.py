"""From drafts to proposals: checked against the stored words, made once, amended by what comes later."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from omnicrm.core import clock, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, OmniError
from omnicrm.domain import inbox, meanings, practice, proposals
from omnicrm.domain.approvals import about, learning, rules
from omnicrm.domain.cases import Draft
from omnicrm.domain.proposals import Origin, base, session_create
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.inbox import SourceItem, SourceKind
from omnicrm.models.sessions import Session, SessionStatus

LEAST_CONFIDENCE = 0.4
_OPEN = (ApprovalStatus.PENDING, ApprovalStatus.SNOOZED)
_UNIQUE = "23505"
_CARRIED_OUT = (ApprovalStatus.APPROVED, ApprovalStatus.EXECUTED)

Outcome = Literal["new", "amended", "unchanged", "hidden", "left_out", "unneeded"]


class Proposed(BaseModel):
    """What became of a draft. `note` says why nothing was made of it, or what changed."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    approval_id: UUID | None = None
    note: str = ""


def propose_all(db: Db, item_id: UUID, drafts: Sequence[Draft]) -> list[Proposed]:
    """All drafts of one item; those of one group become a bundle, the new client first.

    A draft that cannot be (a vanished session, a quote that is not in the words) is left out with its reason; the
    others stand.
    """
    ordered = sorted(drafts, key=lambda draft: draft.type != "contact.create")
    sizes: dict[str, int] = {}
    for draft in ordered:
        if draft.group is not None:
            sizes[draft.group] = sizes.get(draft.group, 0) + 1
    bundles = {group: ids.new() for group, size in sizes.items() if size > 1}
    results = []
    for draft in ordered:
        try:
            with db.begin_nested():
                results.append(propose(db, draft, item_id, bundle_id=bundles.get(draft.group or "")))
        except OmniError as error:
            results.append(Proposed(outcome="left_out", note=error.message))
    return results


def propose(db: Db, draft: Draft, item_id: UUID, *, bundle_id: UUID | None = None) -> Proposed:
    """Put a draft before the practitioner.

    Under 0.4 it is not shown. A pending proposal of the same thing is amended by newer words, not doubled; one that was
    carried out already gets a proposal of the change. Raises NotFound for an unknown item or row, Invalid for a broken
    payload and for evidence that does not stand in the stored words.
    """
    if draft.confidence < LEAST_CONFIDENCE:
        return Proposed(outcome="hidden", note="Too unsure to be shown.")
    item = inbox.get(db, item_id)
    evidence = _verified(draft, item)
    kind, origin = proposals.of(draft.type), _origin(item)
    if (rule := rules.stopping(db, draft.type, origin.sender)) is not None:
        return Proposed(outcome="left_out", note=rules.sentence(rule.match))
    try:
        resolved = kind.from_draft(db, draft, origin)
    except base.Unneeded as unneeded:
        return Proposed(outcome="unneeded", note=unneeded.message)
    before = _before(db, draft.type, resolved, item)
    if before is None:
        return _new(db, draft, resolved, item, evidence, bundle_id)
    if before.source_item_id != item.id and _is_older(db, item, before):
        return Proposed(outcome="unchanged", approval_id=before.id, note="A later message counts.")
    if _same(before, resolved):
        return Proposed(outcome="unchanged", approval_id=before.id)
    if before.status in _OPEN:
        return _amend(db, before, draft, resolved, item, evidence)
    if before.source_item_id == item.id:
        return Proposed(outcome="unchanged", approval_id=before.id, note="You decided this already.")
    if before.status in _CARRIED_OUT and draft.type == "session.create" and before.related_session_id is not None:
        return propose(db, _as_change(draft, before.related_session_id), item_id, bundle_id=bundle_id)
    before.dedupe_key = f"{before.dedupe_key}#{before.source_item_id or before.id}"
    db.flush()
    return _new(db, draft, resolved, item, evidence, bundle_id)


def _verified(draft: Draft, item: SourceItem) -> list[dict[str, Any]]:
    """The evidence as it is stored. Raises Invalid where a quote is not, letter for letter, where it says it is."""
    verified = []
    for quote in draft.evidence:
        if inbox.quoted_text(item, quote.field)[quote.start : quote.end] != quote.quote:
            raise Invalid("A quote does not stand in the message.", {"evidence": f"Not found: {quote.quote[:60]}"})
        verified.append({**quote.model_dump(), "source_item_id": str(item.id)})
    return verified


def _origin(item: SourceItem) -> Origin:
    event = item.kind is SourceKind.EVENT
    cancelled = event and (item.payload.get("resource") or {}).get("status") == "cancelled"
    return Origin(
        item_id=item.id,
        kind="event" if event else "mail",
        provider=item.provider,
        thread_id=item.thread_id or item.external_id,
        sender=(item.sender or "").lower() if item.direction == "in" else "",
        sender_name=item.sender_name or "",
        occurred_at=item.occurred_at if not event else clock.now(),
        event=(item.google_calendar_id or "primary", item.external_id, item.etag)
        if event and not cancelled and item.connection_id is not None
        else None,
    )


def _before(db: Db, kind: str, resolved: base.Resolved, item: SourceItem) -> PendingApproval | None:
    """The proposal of the same thing, if there is one: by its key, else a session held for the same hour."""
    keys = (resolved.dedupe_key, f"{resolved.dedupe_key}#{item.id}")
    query = select(PendingApproval).where(col(PendingApproval.dedupe_key).in_(keys))
    order = (col(PendingApproval.dedupe_key).desc(),)  # what was made of this very item counts first
    found = db.scalars(query.order_by(*order).with_for_update()).first()
    if found is not None or not isinstance(resolved.payload, session_create.Payload) or resolved.contact_id is None:
        return found
    same_hour = (
        select(PendingApproval)
        .join(Session, col(Session.id) == col(PendingApproval.related_session_id))
        .where(
            col(PendingApproval.type) == kind,
            col(PendingApproval.status).in_(_OPEN),
            col(PendingApproval.related_contact_id) == resolved.contact_id,
            col(Session.scheduled_at) == resolved.payload.scheduled_at,
        )
        .with_for_update(of=PendingApproval)
    )
    return db.scalars(same_hour).first()


def _is_older(db: Db, item: SourceItem, before: PendingApproval) -> bool:
    """Whether the proposal rests on later words than this item has (a first sync reads the newest first)."""
    if before.source_item_id is None:
        return False
    source = db.get(SourceItem, before.source_item_id)
    return source is not None and source.kind is item.kind and source.occurred_at > item.occurred_at


def _same(before: PendingApproval, resolved: base.Resolved) -> bool:
    stored = before.edited_payload or before.data_payload
    fresh = resolved.payload.model_dump(mode="json")
    return all(stored.get(key) == value for key, value in fresh.items() if key not in ("was_at", "was_minutes"))


def _new(
    db: Db,
    draft: Draft,
    resolved: base.Resolved,
    item: SourceItem,
    evidence: list[dict[str, Any]],
    bundle_id: UUID | None,
) -> Proposed:
    approval = PendingApproval(
        type=draft.type,
        related_contact_id=resolved.contact_id,
        related_session_id=resolved.session_id,
        source_trigger=str(item.kind),
        source_item_id=item.id,
        data_payload=resolved.payload.model_dump(mode="json"),
        ai_confidence_score=_score(db, draft),
        decided_fields={"said": draft.confidence},
        evidence=evidence,
        bundle_id=bundle_id,
        expires_at=resolved.expires_at,
        dedupe_key=resolved.dedupe_key,
    )
    _hold(db, approval, resolved)
    _summarise(db, approval, resolved.payload)
    _supersede(db, approval, item)
    try:
        with db.begin_nested():
            db.add(approval)
            db.flush()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != _UNIQUE:
            raise
        raise Conflict("The same thing is being proposed at this moment. It is read again.") from error
    _count_words(db, draft, resolved.payload)
    return Proposed(outcome="new", approval_id=approval.id)


_INSTEAD = {"session.cancel": "session.reschedule", "session.reschedule": "session.cancel"}
SUPERSEDED = "A later message asks for something else."


def _supersede(db: Db, approval: PendingApproval, item: SourceItem) -> None:
    """A session is moved or called off, as the later words have it: the other proposal no longer waits."""
    other = _INSTEAD.get(approval.type)
    if other is None or approval.related_session_id is None:
        return
    waiting = (
        select(PendingApproval)
        .where(
            col(PendingApproval.type) == other,
            col(PendingApproval.related_session_id) == approval.related_session_id,
            col(PendingApproval.status).in_(_OPEN),
        )
        .with_for_update()
    )
    for before in db.scalars(waiting):
        if before.source_item_id != item.id and not _is_older(db, item, before):
            before.status, before.resolved_at, before.snoozed_until = ApprovalStatus.EXPIRED, clock.now(), None
            before.reject_reason = SUPERSEDED


def _amend(
    db: Db,
    before: PendingApproval,
    draft: Draft,
    resolved: base.Resolved,
    item: SourceItem,
    evidence: list[dict[str, Any]],
) -> Proposed:
    fresh = resolved.payload.model_dump(mode="json")
    changed = {key: before.data_payload.get(key) for key in fresh if before.data_payload.get(key) != fresh[key]}
    decided = {**(before.decided_fields or {}), "said": draft.confidence}
    decided["amended"] = {"was": changed, "at": clock.now().isoformat(), "by": str(item.kind)}
    before.decided_fields = decided
    before.data_payload, before.evidence = fresh, evidence
    before.ai_confidence_score = _score(db, draft)
    before.source_item_id, before.source_trigger = item.id, str(item.kind)
    before.related_contact_id = resolved.contact_id or before.related_contact_id
    before.expires_at = resolved.expires_at
    before.status, before.snoozed_until = ApprovalStatus.PENDING, None
    _hold(db, before, resolved)
    _summarise(db, before, resolved.payload)
    db.flush()
    return Proposed(outcome="amended", approval_id=before.id, note=f"Changed: {', '.join(changed)}")


def _hold(db: Db, approval: PendingApproval, resolved: base.Resolved) -> None:
    if isinstance(resolved.payload, session_create.Payload):
        held = session_create.hold(
            db, approval.related_session_id, resolved.contact_id or approval.related_contact_id, resolved.payload
        )
        approval.related_session_id = held.id


def _summarise(db: Db, approval: PendingApproval, payload: base.Payload) -> None:
    viewer = practice.of(db).viewer()
    approval.summary = proposals.of(approval.type).describe(payload, about.of(db, approval), viewer)


def _as_change(draft: Draft, session_id: UUID) -> Draft:
    """The wish for another time of a session that was booked from this thread: a move."""
    slots = {key: value for key, value in draft.slots.items() if key in ("scheduled_at", "duration_minutes")}
    return draft.model_copy(update={"type": "session.reschedule", "slots": {**slots, "session_ref": str(session_id)}})


def _score(db: Db, draft: Draft) -> Decimal:
    """The assistant's confidence, as the practitioner's own decisions bear it out."""
    return Decimal(str(round(learning.scales(db).get(draft.type, learning.Scale()).of(draft.confidence), 3)))


def _count_words(db: Db, draft: Draft, payload: base.Payload) -> None:
    """A taught word that named the service of this proposal was of use."""
    if isinstance(payload, session_create.Payload) and payload.service_id is not None:
        for quote in draft.evidence:
            if quote.slot == "service":
                meanings.used(db, quote.quote, str(payload.service_id))


def release(db: Db, approval: PendingApproval) -> None:
    """Take the held session of a proposal out of the calendar."""
    if approval.type != "session.create" or approval.related_session_id is None:
        return
    session = db.get(Session, approval.related_session_id, with_for_update=True, populate_existing=True)
    approval.related_session_id = None
    db.flush()
    if session is not None and session.status is SessionStatus.PENDING_AI_CONFIRMATION:
        db.delete(session)
        db.flush()


def hold_again(db: Db, approval: PendingApproval) -> None:
    """Draw the session of a proposal that waits again."""
    if approval.type == "session.create":
        payload = base.checked(session_create.Payload, approval.data_payload)
        approval.related_session_id = session_create.hold(db, None, approval.related_contact_id, payload).id
        db.flush()
