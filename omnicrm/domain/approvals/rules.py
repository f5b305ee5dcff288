"""What the practitioner taught by rejecting: visible, revocable."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import counted
from omnicrm.domain import practice, proposals
from omnicrm.models.approvals import ApprovalRule, PendingApproval, RuleKind


class RuleRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    sentence: str
    since: str
    used: str


def never(db: Db, match: dict[str, str], *, source: PendingApproval | None = None) -> ApprovalRule:
    """Propose nothing any more that matches all of `match` (type, sender, domain). The same rule once."""
    for rule in _active(db):
        if rule.match == match:
            return rule
    rule = ApprovalRule(kind=RuleKind.NEVER, match=match, source_approval_id=source.id if source else None)
    db.add(rule)
    db.flush()
    return rule


def stopping(db: Db, kind: str, sender: str) -> ApprovalRule | None:
    """The rule by which a proposal of `kind` from `sender` is not made; its use is counted."""
    facts = {"type": kind, "sender": sender.lower(), "domain": sender.lower().rpartition("@")[2]}
    for rule in _active(db):
        if rule.match and all(facts.get(key) == value for key, value in rule.match.items()):
            rule.uses, rule.last_used_at = rule.uses + 1, clock.now()
            db.flush()
            return rule
    return None


def taught(db: Db) -> list[RuleRow]:
    """All that is in force, the newest first."""
    viewer = practice.of(db).viewer()
    return [
        RuleRow(
            id=str(rule.id),
            sentence=sentence(rule.match),
            since=viewer.short_date(rule.created_at),
            used=counted(rule.uses, "time") if rule.uses else "not used yet",
        )
        for rule in _active(db)
    ]


def forget(db: Db, rule_id: UUID) -> None:
    """Revoke a rule. Raises NotFound."""
    rule = db.get(ApprovalRule, rule_id, with_for_update=True)
    if rule is None:
        raise NotFound("This rule is gone already.")
    rule.is_active = False
    db.flush()


def forget_from(db: Db, approval_id: UUID) -> None:
    """Revoke what was taught by rejecting this one."""
    for rule in _active(db):
        if rule.source_approval_id == approval_id:
            rule.is_active = False
    db.flush()


def sentence(match: dict[str, Any]) -> str:
    """`No tasks from news@mats.example.`, `Nothing from news@mats.example.`"""
    what = proposals.TYPES[match["type"]].LABEL.lower() if match.get("type") in proposals.TYPES else ""
    whom = match.get("sender") or match.get("domain") or ""
    subject = f"No proposals of the kind “{what}”" if what else "Nothing"
    return f"{subject} from {whom}." if whom else f"{subject}."


def _active(db: Db) -> list[ApprovalRule]:
    query = select(ApprovalRule).where(col(ApprovalRule.is_active), col(ApprovalRule.kind) == RuleKind.NEVER)
    return list(db.scalars(query.order_by(col(ApprovalRule.id).desc())))
