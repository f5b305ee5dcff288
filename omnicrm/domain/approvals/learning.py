"""How often proposals like this one were right, from the practitioner’s own decisions."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from sqlalchemy import case, func, or_, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.domain import proposals
from omnicrm.domain.words import confidence
from omnicrm.models.approvals import ApprovalStatus, PendingApproval

ALREADY_DONE = "I have done it already"
_LAST = 1000  # decisions that count; older ones were of another assistant
_DECIDED = (
    ApprovalStatus.APPROVED,
    ApprovalStatus.EXECUTED,
    ApprovalStatus.EXECUTION_FAILED,
    ApprovalStatus.REJECTED,
    ApprovalStatus.UNDONE,
)


class Record(BaseModel):
    """`right` of `total` decisions on a type in a band."""

    model_config = ConfigDict(frozen=True)

    type: str
    label: str
    band: str
    right: int
    total: int

    @property
    def words(self) -> str:
        return f"{self.right} of {self.total} like this were right" if self.total else ""


def records(db: Db) -> dict[tuple[str, str], Record]:
    """By (type, band), of the last 1,000 decisions. Right: approved without a change, or done by hand already."""
    recent = (
        select(
            col(PendingApproval.type).label("type"),
            col(PendingApproval.status).label("status"),
            col(PendingApproval.ai_confidence_score).label("score"),
            col(PendingApproval.edited_payload).label("edited"),
            col(PendingApproval.reject_reason).label("reason"),
        )
        .where(col(PendingApproval.status).in_(_DECIDED))
        .order_by(col(PendingApproval.created_at).desc())
        .limit(_LAST)
        .subquery()
    )
    band = case((recent.c.score >= 0.8, "clear"), (recent.c.score >= 0.5, "probable"), else_="unsure")
    right = or_(
        recent.c.status.in_(("approved", "executed", "execution_failed")) & recent.c.edited.is_(None),
        recent.c.reason == ALREADY_DONE,
    )
    rows = db.execute(
        select(recent.c.type, band, func.count().filter(right), func.count()).group_by(recent.c.type, band)
    )
    return {
        (name, bars): Record(
            type=name,
            label=proposals.TYPES[name].LABEL if name in proposals.TYPES else name,
            band=bars,
            right=hits,
            total=total,
        )
        for name, bars, hits, total in rows
    }


def words_for(known: dict[tuple[str, str], Record], kind: str, score: float) -> str:
    """`24 of 25 like this were right`; empty before the first decision."""
    record = known.get((kind, confidence(score).band))
    return record.words if record is not None else ""


def clear_words(known: dict[tuple[str, str], Record], kinds: set[str]) -> str:
    """`54 of 55 like these were right`, over the clear ones of these types."""
    chosen = [record for (kind, band), record in known.items() if band == "clear" and kind in kinds]
    total = sum(record.total for record in chosen)
    return f"{sum(record.right for record in chosen)} of {total} like these were right" if total else ""
