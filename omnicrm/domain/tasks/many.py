"""Many tasks at once, each with its way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import practice
from omnicrm.domain.tasks import writing
from omnicrm.domain.tasks.writing import Removed
from omnicrm.models.tasks import Task, TaskStatus

MOST = 200


class Moved(BaseModel):
    """Where tasks were before: id → (due, whether at an hour)."""

    before: dict[UUID, tuple[datetime | None, bool]]


def finish(db: Db, task_ids: Sequence[UUID]) -> list[UUID]:
    """The ones that were open until now. Raises NotFound, Invalid for too many."""
    changed = [task.id for task in _held(db, task_ids) if task.status is not TaskStatus.COMPLETED]
    for task_id in changed:
        writing.finish(db, task_id)
    return changed


def reopen(db: Db, task_ids: Sequence[UUID]) -> None:
    """The undo of `finish`; what is gone meanwhile is passed over."""
    for task in _known(db, task_ids):
        writing.reopen(db, task.id)


def move(db: Db, task_ids: Sequence[UUID], day: date | None) -> Moved:
    """All to another day (None: to no day); an hour stays that hour. Raises NotFound, Invalid for too many."""
    zone = practice.of(db).zone
    before = {}
    for task in _held(db, task_ids):
        before[task.id] = (task.due_date, task.due_has_time)
        wall = task.due_date.astimezone(zone).time() if task.due_date and task.due_has_time else None
        task.due_date = writing.due_at(db, day, wall) if day else None
        task.due_has_time = wall is not None and day is not None
    db.flush()
    return Moved(before=before)


def move_back(db: Db, moved: Moved) -> None:
    """The undo of `move`."""
    for task in _known(db, list(moved.before)):
        task.due_date, task.due_has_time = moved.before[task.id]
    db.flush()


def remove(db: Db, task_ids: Sequence[UUID]) -> Removed:
    """With their steps. Raises NotFound, Invalid for too many."""
    rows = []
    for task in _held(db, task_ids):
        rows += writing.remove(db, task.id).rows
    return Removed(rows=rows)


def _held(db: Db, task_ids: Sequence[UUID]) -> list[Task]:
    wanted = list(dict.fromkeys(task_ids))
    if len(wanted) > MOST:
        raise Invalid(f"At most {MOST} tasks at once.")
    found = _known(db, wanted)
    if len(found) != len(wanted):
        raise NotFound("One of these tasks no longer exists. Nothing was changed.")
    return found


def _known(db: Db, task_ids: Sequence[UUID]) -> list[Task]:
    query = select(Task).where(col(Task.id).in_(list(task_ids))).order_by(col(Task.id))
    return list(db.scalars(query.with_for_update().execution_options(populate_existing=True)))
