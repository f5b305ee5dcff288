"""How often proposals like this one were right, from the practitioner’s own decisions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Numeric, and_, case, cast, func, or_, select
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


# ---------------------------------------------------------------- what the decisions say of the assistant's confidence

FEWEST = 20  # decisions on a type before they count
HELD = 15  # how many decisions the assistant's own word is worth in a band
HIGHEST, LOWEST = 0.97, 0.4


class Scale(BaseModel):
    """What the assistant's confidence is worth with this practitioner: straight lines between `points`, rising."""

    model_config = ConfigDict(frozen=True)

    points: tuple[tuple[float, float], ...] = ()

    def of(self, said: float) -> float:
        """The confidence to show. Nothing that would be shown is hidden by it, so that it can be corrected again."""
        if not self.points or said < LOWEST:
            return said
        ends = ((0.0, 0.0), *self.points, (1.0, max(HIGHEST, self.points[-1][1])))
        for (x0, y0), (x1, y1) in pairwise(ends):
            if said <= x1:
                there = y0 + (y1 - y0) * (said - x0) / (x1 - x0) if x1 > x0 else y1
                return min(HIGHEST, max(LOWEST, there))
        return HIGHEST


def scales(db: Db) -> dict[str, Scale]:
    """The scale of each type, from the last 1,000 decisions; the plain one while there are fewer than 20 on it."""
    recent = (
        select(col(PendingApproval.type).label("type"), _said().label("said"), _is_right().label("right"))
        .where(col(PendingApproval.status).in_(_DECIDED))
        .order_by(col(PendingApproval.created_at).desc())
        .limit(_LAST)
        .subquery()
    )
    band = case((recent.c.said >= 0.8, 2), (recent.c.said >= 0.5, 1), else_=0)
    query = select(recent.c.type, func.avg(recent.c.said), func.count().filter(recent.c.right), func.count())
    bands: dict[str, list[tuple[float, int, int]]] = {}
    for kind, mean, right, total in db.execute(query.group_by(recent.c.type, band)):
        if mean is not None:
            bands.setdefault(kind, []).append((float(mean), right, total))
    return {kind: scale_of(rows) for kind, rows in bands.items()}


def effect(known: dict[str, Scale], record: Record) -> str:
    """`What the assistant is 90 % sure of is shown as 81 %.`; empty while the decisions do not count yet."""
    scale = known.get(record.type, Scale())
    said = {"clear": 0.9, "probable": 0.65, "unsure": 0.45}[record.band]
    if not scale.points or abs(scale.of(said) - said) < 0.01:
        return ""
    return f"What the assistant is {said * 100:.0f} % sure of is shown as {scale.of(said) * 100:.0f} %."


def scale_of(bands: Sequence[tuple[float, int, int]]) -> Scale:
    """From (mean confidence, right, decided) of each band: shares drawn towards the assistant's word, then rising."""
    if sum(total for _mean, _right, total in bands) < FEWEST:
        return Scale()
    pools: list[list[float]] = []  # share, weight, and the means it stands for
    for mean, right, total in sorted(bands):
        pools.append([(right + HELD * mean) / (total + HELD), total + HELD, mean])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            share, weight, *means = pools.pop()
            before = pools[-1]
            before[0] = (before[0] * before[1] + share * weight) / (before[1] + weight)
            before[1] += weight
            before += means
    return Scale(points=tuple((mean, pool[0]) for pool in pools for mean in pool[2:]))


def _said() -> Any:
    """What the assistant itself said, before any scale."""
    return func.coalesce(
        cast(col(PendingApproval.decided_fields)["said"].astext, Numeric), col(PendingApproval.ai_confidence_score)
    )


def _is_right() -> Any:
    carried = (ApprovalStatus.APPROVED, ApprovalStatus.EXECUTED, ApprovalStatus.EXECUTION_FAILED)
    return or_(
        and_(col(PendingApproval.status).in_(carried), col(PendingApproval.edited_payload).is_(None)),
        func.coalesce(col(PendingApproval.reject_reason), "") == ALREADY_DONE,
    )
