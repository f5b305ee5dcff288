"""What clients call a service: words that the practitioner taught, for the assistant to read."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.domain import services
from omnicrm.models.approvals import ApprovalRule, PendingApproval, RuleKind

MOST, LONGEST = 200, 60


def teach(db: Db, word: str, service_id: UUID, *, source: PendingApproval | None = None) -> ApprovalRule:
    """From now on `word` (a word or a few, whatever their case) means that service; what it meant before is replaced.

    Raises NotFound for an unknown service, Invalid for a word that cannot be one.
    """
    service = services.get(db, service_id)
    said = " ".join(word.split())
    if not re.search(r"[^\W\d_]{2}", said) or len(said) > LONGEST:
        raise Invalid(fields={"word": f"A word or a few, at most {LONGEST} letters."})
    known = active(db)
    if len(known) >= MOST:
        raise Invalid(fields={"word": f"{MOST} words are the most. Forget some first."})
    match = {"word": said.casefold(), "service_id": str(service.id), "service": service.name}
    for rule in known:
        if rule.match["word"] == match["word"]:
            if rule.match["service_id"] == match["service_id"]:
                return rule
            rule.is_active = False
    rule = ApprovalRule(kind=RuleKind.MEANS, match=match, source_approval_id=source.id if source else None)
    db.add(rule)
    db.flush()
    return rule


def by_service(db: Db) -> dict[str, list[str]]:
    """The taught words by the id of their service."""
    found: dict[str, list[str]] = {}
    for rule in active(db):
        found.setdefault(rule.match["service_id"], []).append(rule.match["word"])
    return found


def used(db: Db, words: str, service_id: str) -> None:
    """Count a proposal whose service these quoted words picked."""
    said = " ".join(words.split()).casefold()
    for rule in active(db):
        if rule.match["service_id"] == service_id and rule.match["word"] in said:
            rule.uses, rule.last_used_at = rule.uses + 1, clock.now()
            db.flush()


def active(db: Db) -> list[ApprovalRule]:
    query = select(ApprovalRule).where(col(ApprovalRule.is_active), col(ApprovalRule.kind) == RuleKind.MEANS)
    return list(db.scalars(query.order_by(col(ApprovalRule.id).desc()).limit(MOST)))
