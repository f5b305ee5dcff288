"""Drafts as a generator makes them, from the words of a stored item."""

from __future__ import annotations

from typing import Any

from omnicrm.core.db import Db
from omnicrm.domain import approvals
from omnicrm.domain.cases import Draft, Quote
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.inbox import SourceItem


def draft(kind: str, item: SourceItem | None = None, **slots: Any) -> Draft:
    """A draft with the slots; `quotes={slot: words}` are looked up in the item."""
    quotes = slots.pop("quotes", {})
    confidence, group = slots.pop("confidence", 0.9), slots.pop("group", None)
    text = (item.body_text or "") if item else ""
    evidence = tuple(
        Quote(slot=slot, start=text.index(words), end=text.index(words) + len(words), quote=words)
        for slot, words in quotes.items()
    )
    return Draft(type=kind, slots=slots, confidence=confidence, evidence=evidence, group=group)  # type: ignore[arg-type]  # tests name types as text


def proposed(db: Db, item: SourceItem, kind: str, **slots: Any) -> PendingApproval:
    """Put a draft before the practitioner; the row that came of it."""
    made = approvals.propose(db, draft(kind, item, **slots), item.id)
    assert made.approval_id is not None, made
    return approvals.locked(db, made.approval_id)
