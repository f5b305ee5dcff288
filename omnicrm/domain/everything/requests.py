"""An archive that was asked for in the application: how far it is, and where it waits to be fetched."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock, config, signals
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound, Refused
from omnicrm.domain import activity, contacts, practice
from omnicrm.models.activity import JobRun, JobStatus

KIND = "export"
WAITS = timedelta(hours=24)
QUIET = timedelta(minutes=5)  # whoever made it is gone
_SHOWN = 5


class ExportRow(BaseModel):
    """`state`: running, ready, failed or expired; `words` says it; `percent` of one that runs."""

    model_config = ConfigDict(frozen=True)

    id: str
    of: str
    contact: str
    state: str
    words: str
    percent: int


def begin(db: Db, contact_id: UUID | None) -> UUID:
    """Note that an archive is made; gives its id. Raises NotFound for an unknown client, Refused while one is made."""
    name = contacts.get(db, contact_id).display_name if contact_id is not None else ""
    if any(row.state == "running" for row in listed(db)):
        raise Refused("An export is being made. It will be here in a moment.")
    run = activity.start(db, KIND)
    row = db.get_one(JobRun, run)
    row.details = {"contact": str(contact_id) if contact_id else "", "of": name, "percent": 0, "what": ""}
    db.flush()
    return run


def step(db: Db, run_id: UUID, done: int, of: int, what: str) -> None:
    """How far it is; open pages read it again."""
    _change(db, run_id, percent=round(100 * done / of), what=what)


def finish(db: Db, run_id: UUID, *, size: int = 0, error: str = "") -> None:
    _change(db, run_id, percent=100, size=size)
    activity.finish(db, run_id, error=error)


def listed(db: Db, *, contact_id: UUID | None = None) -> list[ExportRow]:
    """The last five, the newest first; of one client only theirs."""
    query = select(JobRun).where(col(JobRun.kind) == KIND).order_by(col(JobRun.started_at).desc()).limit(_SHOWN * 4)
    wanted = str(contact_id) if contact_id is not None else None
    found = [run for run in db.scalars(query) if wanted is None or run.details.get("contact") == wanted]
    viewer = practice.of(db).viewer()
    return [_row(run, viewer.moment(run.started_at)) for run in found[:_SHOWN]]


def file_of(db: Db, run_id: UUID) -> Path:
    """Where a finished archive waits. Raises NotFound for an unknown one, one that failed, and one that is too old."""
    run = db.get(JobRun, run_id)
    if run is None or run.kind != KIND or _state(run) != "ready":
        raise NotFound("This export is not here any more. Make a new one.")
    return place(practice.of(db).id, run_id)


def place(user_id: UUID, run_id: UUID) -> Path:
    """The archive's own path, whether it is there or not."""
    return config.settings().data_dir / "exports" / str(user_id) / f"{run_id}.zip"


def forget(db: Db) -> int:
    """Archives that waited long enough go; how many. For housekeeping."""
    folder = place(practice.of(db).id, practice.of(db).id).parent
    gone = 0
    for file in folder.iterdir() if folder.is_dir() else ():
        written = datetime.fromtimestamp(file.stat().st_mtime, tz=clock.now().tzinfo)
        if clock.now() - written > WAITS:
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _change(db: Db, run_id: UUID, **details: Any) -> None:
    run = db.get(JobRun, run_id, with_for_update=True, populate_existing=True)
    if run is None or run.kind != KIND:
        raise NotFound("This export is not here any more. Make a new one.")
    run.details = {**run.details, **details}
    db.flush()
    signals.changed(db)


def _state(run: JobRun) -> str:
    if run.status == JobStatus.RUNNING:
        return "running" if clock.now() - run.updated_at < QUIET else "failed"
    if run.status != JobStatus.SUCCEEDED or run.finished_at is None:
        return "failed"
    return "ready" if clock.now() - run.finished_at < WAITS else "expired"


def _row(run: JobRun, when: str) -> ExportRow:
    state = _state(run)
    megabytes = run.details.get("size", 0) / 1_000_000
    words = {
        "running": f"Being made: {run.details.get('what') or 'it begins'}",
        "ready": f"{when}, {megabytes:.1f} MB, waits for 24 hours",
        "failed": run.error or "It was interrupted. Make a new one.",
        "expired": f"{when}, too old: make a new one",
    }[state]
    return ExportRow(
        id=str(run.id),
        of=run.details.get("of") or "Everything",
        contact=run.details.get("contact", ""),
        state=state,
        words=words,
        percent=int(run.details.get("percent", 0)),
    )
