"""Likely pairs as they were found last: shown at once, and worked out anew only for clients who changed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from omnicrm.core import clock, ids, signals
from omnicrm.core.db import Db
from omnicrm.domain import activity, settings
from omnicrm.domain.duplicates import finding
from omnicrm.domain.duplicates.finding import MOST, DuplicateRow
from omnicrm.domain.duplicates.likeness import Pair
from omnicrm.models.activity import JobRun, JobStatus
from omnicrm.models.contacts import Contact, DuplicatePair

KIND = "duplicates"
MANY = 300  # changed clients: of more the whole book is looked through
QUIET = timedelta(minutes=5)  # whoever was at it is gone
_CHUNK = 1_000


class Look(BaseModel):
    """`looking`: somebody is at it, `percent` of the way. `stale`: clients changed since the last look ended."""

    model_config = ConfigDict(frozen=True)

    looking: bool
    percent: int
    stale: bool


def stored(db: Db, *, limit: int = MOST) -> list[DuplicateRow]:
    """The likeliest pairs as they were found last, of clients who are still two, and in the lists."""
    one, other = aliased(Contact), aliased(Contact)
    alive = [col(side.archived_at).is_(None) & col(side.merged_into_id).is_(None) for side in (one, other)]
    query = (
        select(DuplicatePair)
        .join(one, col(one.id) == col(DuplicatePair.one_id))
        .join(other, col(other.id) == col(DuplicatePair.other_id))
        .where(*alive)
        .order_by(col(DuplicatePair.score).desc(), col(DuplicatePair.id))
        .limit(limit + len(settings.of(db).two_people))
    )
    dismissed = {frozenset(pair) for pair in settings.of(db).two_people}
    pairs = [Pair(str(found.one_id), str(found.other_id), float(found.score), found.why) for found in db.scalars(query)]
    return finding.rows(db, [pair for pair in pairs if frozenset((pair.one, pair.other)) not in dismissed][:limit])


def look(db: Db) -> Look:
    """How the search stands."""
    runs = select(JobRun).where(col(JobRun.kind) == KIND).order_by(col(JobRun.started_at).desc()).limit(1)
    newest = db.scalars(runs).first()
    looking = newest is not None and newest.status == JobStatus.RUNNING and clock.now() - newest.updated_at < QUIET
    since = last(db) or datetime.min.replace(tzinfo=UTC)
    changed = select(col(Contact.id)).where(col(Contact.updated_at) > since).order_by(col(Contact.updated_at).desc())
    return Look(
        looking=looking,
        percent=int(newest.details.get("percent", 0)) if newest is not None and looking else 0,
        stale=db.scalar(changed.limit(1)) is not None,
    )


def last(db: Db) -> datetime | None:
    """Up to when clients were looked at; None where nobody ever looked."""
    query = (
        select(JobRun)
        .where(col(JobRun.kind) == KIND, col(JobRun.status) == JobStatus.SUCCEEDED)
        .order_by(col(JobRun.started_at).desc())
        .limit(1)
    )
    run = db.scalars(query).first()
    return datetime.fromisoformat(run.details["until"]) if run is not None and "until" in run.details else None


def begin(db: Db) -> UUID:
    """Note that somebody looks."""
    run = activity.start(db, KIND)
    until = db.execute(select(func.now())).scalar_one()  # the database's own clock: it writes `updated_at`
    db.get_one(JobRun, run).details = {"percent": 0, "until": until.isoformat()}
    db.flush()
    return run


def changed(db: Db, since: datetime) -> list[UUID] | None:
    """Who changed since then; None for so many that the whole book is looked through."""
    query = select(col(Contact.id)).where(col(Contact.updated_at) > since).order_by(col(Contact.id)).limit(MANY + 1)
    found = list(db.scalars(query))
    return found if len(found) <= MANY else None


def replace(db: Db, pairs: Sequence[Pair[str]], *, of: Sequence[UUID] | None = None) -> None:
    """Keep these pairs instead of all, or of those that these clients are in."""
    gone = delete(DuplicatePair)
    if of is not None:
        keys = list(of)
        gone = gone.where(or_(col(DuplicatePair.one_id).in_(keys), col(DuplicatePair.other_id).in_(keys)))
    db.execute(gone)
    for start in range(0, len(pairs), _CHUNK):
        rows = []
        for pair in pairs[start : start + _CHUNK]:
            one, other = sorted((UUID(pair.one), UUID(pair.other)))
            score = min(Decimal(str(round(pair.score, 2))), Decimal("9999"))
            rows.append({"id": ids.new(), "one_id": one, "other_id": other, "score": score, "why": pair.why})
        db.execute(insert(DuplicatePair).on_conflict_do_nothing(), rows)


def tell(db: Db, run_id: UUID, percent: int) -> None:
    run = db.get_one(JobRun, run_id, with_for_update=True)
    run.details = {**run.details, "percent": percent}
    db.flush()
    signals.changed(db)


def finish(db: Db, run_id: UUID, *, error: str = "") -> None:
    activity.finish(db, run_id, error=error)
    signals.changed(db)
