"""What ran, what it saw, what it left out and why; and trying that again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, update
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import counted
from omnicrm.domain import inbox, outbox, practice, sessions
from omnicrm.domain.words import JOB_RUNS
from omnicrm.models.activity import JobRun, JobStatus, OutboxMessage
from omnicrm.models.inbox import Outcome, SourceItem

SYNCS = ("sync_mail", "sync_calendar")
READING = (*SYNCS, "propose", "outbox")  # what Sync activity tells of
_MOST_REASONS = 200
_INTERRUPTED = "It was interrupted, and goes on by itself."


class RunRow(BaseModel):
    """One run, in words: `9:38`, `15 seen, 5 changed, 2 proposals`, `Read`."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    when: str
    summary: str
    error: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    percent: int


class SkippedRow(BaseModel):
    """Something that nothing was made of. `retry` where another try can help."""

    model_config = ConfigDict(frozen=True)

    id: str
    what: str
    who: str
    when: str
    reason: str
    retry: bool


def start(db: Db, kind: str, *, connection_id: UUID | None = None) -> UUID:
    """Note that a job runs now."""
    run = JobRun(kind=kind, connection_id=connection_id, started_at=clock.now())
    db.add(run)
    db.flush()
    return run.id


def progress(
    db: Db,
    run_id: UUID,
    *,
    seen: int = 0,
    changed: int = 0,
    skipped: int = 0,
    proposed: int = 0,
    estimate: int | None = None,
    reasons: dict[str, str] | None = None,
) -> None:
    """Add to a run's counts. `estimate` is how many there are in all, `reasons` what was left out (name: why)."""
    run = _locked(db, run_id)
    run.seen, run.changed = run.seen + seen, run.changed + changed
    run.skipped, run.proposed = run.skipped + skipped, run.proposed + proposed
    details = dict(run.details)
    if estimate is not None:
        details["estimate"] = estimate
    if reasons:
        known = {**details.get("skipped", {}), **reasons}
        details["skipped"] = dict(list(known.items())[:_MOST_REASONS])
    run.details = details
    db.flush()


def finish(
    db: Db, run_id: UUID, *, error: str = "", cancelled: bool = False, next_retry_at: datetime | None = None
) -> None:
    """A run is over: well, with an `error` in words, or stopped."""
    run = _locked(db, run_id)
    run.finished_at, run.error, run.next_retry_at = clock.now(), error or None, next_retry_at
    run.status = JobStatus.FAILED if error else JobStatus.CANCELLED if cancelled else JobStatus.SUCCEEDED
    db.flush()


def abandon(db: Db, *, older_than: timedelta = timedelta(minutes=30)) -> int:
    """End runs whose process died without a word; how many."""
    ended = db.scalars(
        update(JobRun)
        .where(col(JobRun.status) == JobStatus.RUNNING, col(JobRun.updated_at) < clock.now() - older_than)
        .values(status=JobStatus.FAILED, finished_at=clock.now(), error=_INTERRUPTED)
        .returning(col(JobRun.id))
    ).all()
    return len(ended)


def abandon_former(db: Db, kind: str, connection_id: UUID | None) -> int:
    """End the runs of one piece of work whose lock is ours now: whoever ran them is dead; how many."""
    ended = db.scalars(
        update(JobRun)
        .where(
            col(JobRun.status) == JobStatus.RUNNING,
            col(JobRun.kind) == kind,
            col(JobRun.connection_id).is_not_distinct_from(connection_id),
        )
        .values(status=JobStatus.FAILED, finished_at=clock.now(), error=_INTERRUPTED)
        .returning(col(JobRun.id))
    ).all()
    return len(ended)


def listed(db: Db, *, kinds: tuple[str, ...] = (), limit: int = 50) -> list[RunRow]:
    """The newest runs first."""
    query = select(JobRun).order_by(col(JobRun.started_at).desc(), col(JobRun.id).desc()).limit(min(limit, 200))
    if kinds:
        query = query.where(col(JobRun.kind).in_(kinds))
    viewer = practice.of(db).viewer()
    return [
        RunRow(
            id=str(run.id),
            kind=run.kind,
            when=viewer.moment(run.started_at),
            summary=_summary(run),
            error=run.error or "",
            status=run.status,
            status_label=JOB_RUNS[run.status].label,
            status_icon=JOB_RUNS[run.status].icon,
            status_tone=JOB_RUNS[run.status].tone,
            percent=_percent(run),
        )
        for run in db.scalars(query)
    ]


def skipped(db: Db, *, since: datetime | None = None, limit: int = 100) -> list[SkippedRow]:
    """What was left out, newest first, with the reason in words."""
    since = since or clock.now() - timedelta(days=7)
    query = (
        select(SourceItem)
        .where(
            col(SourceItem.outcome).in_((Outcome.SKIPPED, Outcome.FAILED)),
            col(SourceItem.processed_at) >= since,
        )
        .order_by(col(SourceItem.occurred_at).desc(), col(SourceItem.id))
        .limit(min(limit, 500))
    )
    viewer = practice.of(db).viewer()
    return [
        SkippedRow(
            id=str(item.id),
            what=item.subject or ("An event" if item.kind == "event" else "A mail"),
            who=item.sender_name or item.sender or "",
            when=viewer.since(item.occurred_at),
            reason=item.outcome_reason or "",
            retry=item.body_text is not None or item.kind == "event",
        )
        for item in db.scalars(query)
    ]


def skipped_count(db: Db, *, since: datetime | None = None) -> int:
    query = select(func.count()).where(
        col(SourceItem.outcome).in_((Outcome.SKIPPED, Outcome.FAILED)),
        col(SourceItem.processed_at) >= (since or clock.now() - timedelta(days=7)),
    )
    return db.scalar(query) or 0


def retry(db: Db, item_id: UUID) -> None:
    """Have one left-out item looked at again by the next run. Raises NotFound."""
    inbox.try_again(db, item_id)


def last_sync_line(db: Db) -> str:
    """For the foot of the sidebar: `Google read 4 min ago`, `Reading Google`, or what went wrong; empty: never ran."""
    left = select(func.count()).select_from(OutboxMessage).where(outbox.is_stuck(sessions.WRITE)).scalar_subquery()
    query = select(JobRun, left).where(col(JobRun.kind).in_(SYNCS))
    found = db.execute(query.order_by(col(JobRun.started_at).desc()).limit(1)).first()
    if found is None:
        return ""
    run, unwritten = found
    if unwritten:
        return f"{counted(unwritten, 'change')} did not reach Google"
    viewer = practice.of(db).viewer()
    if run.status is JobStatus.RUNNING:
        return f"Reading Google, {run.seen} of about {run.details['estimate']}" if _percent(run) else "Reading Google"
    if run.status is JobStatus.FAILED:
        return f"Google could not be read, {viewer.moment(run.finished_at or run.started_at)}"
    distance = viewer.distance(run.finished_at or run.started_at)
    return "Google read just now" if distance == "now" else f"Google read {distance}"


def _summary(run: JobRun) -> str:
    if run.status is not JobStatus.RUNNING and run.changed == run.proposed == 0:
        return run.error or "Nothing new"
    parts = [f"{run.seen} seen", f"{run.changed} changed"]
    if run.proposed:
        parts.append(counted(run.proposed, "proposal"))
    if run.skipped:
        parts.append(f"{run.skipped} skipped")
    return ", ".join(parts)


def _percent(run: JobRun) -> int:
    estimate = run.details.get("estimate") or 0
    return min(100, round(100 * run.seen / estimate)) if estimate else 0


def _locked(db: Db, run_id: UUID) -> JobRun:
    run = db.get(JobRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFound("This run is not known.")
    return run
