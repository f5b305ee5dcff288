"""Lists of tasks, a page at a time, each task with its steps under it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlmodel import col

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import practice, search
from omnicrm.domain.tasks import series
from omnicrm.domain.tasks.writing import OPEN
from omnicrm.domain.words import TASKS
from omnicrm.models.contacts import Contact
from omnicrm.models.sessions import Session
from omnicrm.models.tasks import Project, Task, TaskPriority, TaskSeries, TaskStatus

When = Literal["today", "overdue", "upcoming", "open", "done"]

_MOST = 500
_FOUND = 100
_STEPS = 1_000
_UNDATED = datetime(9999, 12, 31, tzinfo=UTC)  # where a cursor stands among those without a day
_WEIGHT = {TaskPriority.HIGH: 0, TaskPriority.MEDIUM: 1, TaskPriority.LOW: 2}


class TaskRow(BaseModel):
    """A task, or a step of the one above it in the list. `due` in words, `due_on` and `due_at` as a form takes them;
    empty without one. `detail` is the line under the title, `repeats` the words of its rule."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    title: str
    description: str
    contact_id: str
    who: str
    project_id: str
    project: str
    section: str
    session_id: str
    parent_id: str
    detail: str
    due: str
    due_on: str
    due_at: str
    overdue: bool
    priority: str
    repeats: str
    rrule: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    done: bool
    started: bool


class TaskPage(BaseModel):
    """`next` goes into `after` for the following page; empty at the end."""

    model_config = ConfigDict(frozen=True)

    rows: list[TaskRow]
    next: str


def page(
    db: Db,
    when: When = "open",
    *,
    query: str = "",
    contact_id: UUID | None = None,
    after: str = "",
    limit: int = 50,
    steps: bool = True,
) -> TaskPage:
    """`today` (overdue ones too), `overdue`, `upcoming` (later days), `open` (all of these and undated ones), `done`
    (newest first). By due time, on one day high priority first. With a `query` the hits among them, one page.

    Steps stand under their task, and by themselves where they have a day of their own. Raises Invalid for an unknown
    list and for a broken cursor.
    """
    who = practice.of(db)
    viewer = who.viewer()
    limit = max(1, min(limit, _MOST))
    statement = with_names().where(_matching(when, viewer))
    if when != "done":
        statement = statement.where(or_(col(Task.parent_task_id).is_(None), col(Task.due_date).is_not(None)))
    if contact_id is not None:
        statement = statement.where(col(Task.contact_id) == contact_id)
    if query.strip():
        hits = [UUID(hit.id) for hit in search.find(db, query, kinds=("task",), limit=_FOUND)]
        statement, limit = statement.where(col(Task.id).in_(hits)), _FOUND
    statement = _ordered(statement, when, after).limit(limit + 1)
    found = list(db.execute(statement))
    more = len(found) > limit and not query.strip()
    tops = found[:limit]
    if when != "done":
        tops = sorted(tops, key=lambda one: _weighed(one[0], viewer))
    rows = with_steps(db, tops, viewer) if steps else [_shown(one, viewer) for one in tops]
    return TaskPage(rows=rows, next=_cursor(found[limit - 1][0], when) if more else "")


def listed(db: Db, when: When = "open", *, contact_id: UUID | None = None, limit: int = 200) -> list[TaskRow]:
    """The first page of these, without the steps under them."""
    return page(db, when, contact_id=contact_id, limit=limit, steps=False).rows


def card(db: Db, task_id: UUID) -> TaskRow:
    """Raises NotFound."""
    found = db.execute(with_names().where(col(Task.id) == task_id)).one_or_none()
    if found is None:
        raise NotFound("This task no longer exists.")
    return _shown(found, practice.of(db).viewer())


def counts(db: Db) -> dict[str, int]:
    """How many are due today or overdue, overdue alone, upcoming, and open in all."""
    viewer = practice.of(db).viewer()
    names: tuple[When, ...] = ("today", "overdue", "upcoming", "open")
    query = select(*(func.count().filter(_matching(name, viewer)) for name in names))
    found = db.execute(query.where(_matching("open", viewer))).one()
    return dict(zip(names, found, strict=True))


def steps_of(db: Db, task_ids: Iterable[UUID]) -> dict[UUID, list[Task]]:
    """The steps of these tasks, in their order."""
    mine = col(Task.parent_task_id).in_(list(task_ids))
    query = select(Task).where(mine).order_by(col(Task.position), col(Task.id))
    found: dict[UUID, list[Task]] = {}
    for step in db.scalars(query.limit(_STEPS)):
        if step.parent_task_id is not None:
            found.setdefault(step.parent_task_id, []).append(step)
    return found


def with_names() -> Select[Task, str, str, str, str, datetime]:
    return (
        select(
            Task,
            col(Contact.display_name),
            col(Project.name),
            col(TaskSeries.rrule),
            col(Session.title),
            col(Session.scheduled_at),
        )
        .outerjoin(Contact, col(Contact.id) == col(Task.contact_id))
        .outerjoin(Project, col(Project.id) == col(Task.project_id))
        .outerjoin(TaskSeries, col(TaskSeries.id) == col(Task.series_id))
        .outerjoin(Session, col(Session.id) == col(Task.session_id))
    )


def row(
    task: Task,
    who: str | None,
    viewer: Viewer,
    *,
    project: str | None = None,
    rrule: str | None = None,
    about: str = "",
    steps: Sequence[Task] = (),
) -> TaskRow:
    """`about` is the session that it is of, in words."""
    status = TASKS[task.status]
    due, overdue, local = "", False, None
    if task.due_date is not None:
        local = viewer.local(task.due_date)
        due = viewer.moment(task.due_date) if task.due_has_time else viewer.near_day(task.due_date)
        late = viewer.now > task.due_date if task.due_has_time else viewer.today() > local.date()
        overdue = late and task.status in OPEN
    done = sum(step.status is TaskStatus.COMPLETED for step in steps)
    progress = f"{done} of {len(steps)} steps" if steps else ""
    return TaskRow(
        id=str(task.id),
        version=task.version,
        title=task.title,
        description=task.description or "",
        contact_id=str(task.contact_id or ""),
        who=who or "",
        project_id=str(task.project_id or ""),
        project=project or "",
        section=task.section,
        session_id=str(task.session_id or ""),
        parent_id=str(task.parent_task_id or ""),
        detail=", ".join(part for part in (about, progress) if part),
        due=due,
        due_on=local.date().isoformat() if local else "",
        due_at=f"{local:%H:%M}" if local and task.due_has_time else "",
        overdue=overdue,
        priority=task.priority,
        repeats=series.words(rrule) if rrule else "",
        rrule=rrule or "",
        status=task.status,
        status_label=status.label,
        status_icon="circle-alert" if overdue else status.icon,
        status_tone="bad" if overdue else status.tone,
        done=task.status is TaskStatus.COMPLETED,
        started=task.status is TaskStatus.IN_PROGRESS,
    )


def with_steps(db: Db, found: Sequence[Any], viewer: Viewer) -> list[TaskRow]:
    """Rows of `with_names`, each followed by its steps."""
    tops = {one[0].id for one in found if one[0].parent_task_id is None}
    steps = steps_of(db, tops)
    rows = []
    for one in found:
        if one[0].parent_task_id in tops:
            continue  # it stands under its task already
        own = steps.get(one[0].id, [])
        rows += [_shown(one, viewer, own), *(row(step, None, viewer) for step in own)]
    return rows


def _shown(found: Any, viewer: Viewer, steps: Sequence[Task] = ()) -> TaskRow:
    task, who, project, rrule, session, at = found
    about = f"{session}, {viewer.moment(at)}" if session and at else ""
    return row(task, who, viewer, project=project, rrule=rrule, about=about, steps=steps)


def _weighed(task: Task, viewer: Viewer) -> tuple[date, int, datetime]:
    if task.due_date is None:
        return date.max, _WEIGHT[task.priority], task.created_at
    return viewer.local(task.due_date).date(), _WEIGHT[task.priority], task.due_date


def _matching(when: str, viewer: Viewer) -> ColumnElement[bool]:
    begins, tomorrow = zones.day_bounds(viewer.today(), viewer.zone)
    is_open = col(Task.status).in_(OPEN)
    match when:
        case "today":
            return and_(is_open, col(Task.due_date) < tomorrow)
        case "overdue":
            late = or_(col(Task.due_date) < begins, col(Task.due_has_time) & (col(Task.due_date) < viewer.now))
            return and_(is_open, col(Task.due_date) < tomorrow, late)
        case "upcoming":
            return and_(is_open, col(Task.due_date) >= tomorrow)
        case "open":
            return col(Task.status).in_((*OPEN, TaskStatus.DEFERRED))
        case "done":
            return col(Task.status) == TaskStatus.COMPLETED
        case _:
            raise Invalid("There is no such list of tasks.", {"when": "One of today, overdue, upcoming, open, done."})


def _ordered(statement: Any, when: str, after: str) -> Any:
    if when == "done":
        if after:
            statement = statement.where(tuple_(col(Task.completed_at), col(Task.id)) < _position(after, when))
        return statement.order_by(col(Task.completed_at).desc(), col(Task.id).desc())
    if after:
        at, key = _position(after, when)
        beyond = tuple_(col(Task.due_date), col(Task.id)) > (at, key)
        undated = col(Task.due_date).is_(None)
        if at == _UNDATED:
            statement = statement.where(undated, col(Task.id) > key)
        else:
            statement = statement.where(or_(beyond, undated))
    return statement.order_by(col(Task.due_date).asc().nulls_last(), col(Task.id))


def _position(after: str, when: str) -> tuple[datetime, UUID]:
    try:
        kind, at, key = json.loads(base64.urlsafe_b64decode(after.encode()))
        if kind != when:
            raise ValueError("a cursor of another list")
        return datetime.fromisoformat(at), UUID(key)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def _cursor(task: Task, when: str) -> str:
    at = (task.completed_at if when == "done" else task.due_date) or _UNDATED
    return base64.urlsafe_b64encode(json.dumps([when, at.isoformat(), str(task.id)]).encode()).decode()
