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
from omnicrm.domain import inbox, meanings, practice, proposals
from omnicrm.models.approvals import ApprovalRule, PendingApproval, RuleKind


class RuleRow(BaseModel):
    """A rule in plain words. `effect`: `stopped 14 proposals since 3 May`."""

    model_config = ConfigDict(frozen=True)

    id: str
    sentence: str
    effect: str


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
    rules = sorted([*_active(db), *meanings.active(db)], key=lambda rule: rule.id, reverse=True)
    return [
        RuleRow(
            id=str(rule.id), sentence=sentence(rule.match), effect=_effect(rule, viewer.short_date(rule.created_at))
        )
        for rule in rules
    ]


def _effect(rule: ApprovalRule, since: str) -> str:
    if not rule.uses:
        return f"taught {since}, not needed yet"
    done = "named the service of" if rule.kind is RuleKind.MEANS else "stopped"
    return f"{done} {counted(rule.uses, 'proposal')} since {since}"


def forget(db: Db, rule_id: UUID) -> int:
    """Revoke a rule; how many messages are read again because of it, once. Raises NotFound."""
    rule = db.get(ApprovalRule, rule_id, with_for_update=True)
    if rule is None or not rule.is_active:
        raise NotFound("This rule is gone already.")
    return _revoke(db, rule)


def forget_from(db: Db, approval_id: UUID) -> None:
    """Revoke what was taught by rejecting this one."""
    for rule in _active(db):
        if rule.source_approval_id == approval_id:
            _revoke(db, rule)


def _revoke(db: Db, rule: ApprovalRule) -> int:
    rule.is_active = False
    db.flush()
    if rule.kind is not RuleKind.NEVER or not rule.uses:
        return 0
    return inbox.again(db, rule.match.get("sender"), since=rule.created_at)


def sentence(match: dict[str, Any]) -> str:
    """`Nothing from news@mats.example.`, `“feet” means Reflexology.`"""
    if match.get("word"):
        return f"“{match['word']}” means {match['service']}."
    what = proposals.TYPES[match["type"]].LABEL.lower() if match.get("type") in proposals.TYPES else ""
    whom = match.get("sender") or match.get("domain") or ""
    subject = f"No proposals of the kind “{what}”" if what else "Nothing"
    return f"{subject} from {whom}." if whom else f"{subject}."


def _active(db: Db) -> list[ApprovalRule]:
    query = select(ApprovalRule).where(col(ApprovalRule.is_active), col(ApprovalRule.kind) == RuleKind.NEVER)
    return list(db.scalars(query.order_by(col(ApprovalRule.id).desc())))
