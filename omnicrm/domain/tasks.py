"""Tasks and follow-ups: planned, finished, put off."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import col

from omnicrm.core import clock, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import contacts, practice
from omnicrm.domain.words import TASKS
from omnicrm.models.contacts import Contact
from omnicrm.models.tasks import Task, TaskPriority, TaskStatus

OPEN = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)
When = Literal["today", "upcoming", "open", "done"]


class TaskForm(BaseModel):
    """`due_on` is a day, `due_at` (a wall-clock time) an hour of that day; both in the practitioner's zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] = ""
    contact_id: UUID | None = None
    project_id: UUID | None = None
    session_id: UUID | None = None
    parent_task_id: UUID | None = None
    due_on: date | None = None
    due_at: time | None = None
    priority: Literal["low", "medium", "high"] = "medium"


class TaskRow(BaseModel):
    """`due` in words, `due_on` as ISO date; both empty without one."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    title: str
    description: str
    contact_id: str
    who: str
    due: str
    due_on: str
    overdue: bool
    priority: str
    status: str
    status_label: str
    status_icon: str
    status_tone: str
    done: bool


def add(db: Db, form: TaskForm) -> Task:
    """Raises NotFound for an unknown client."""
    if form.contact_id is not None:
        contacts.get(db, form.contact_id)
    due, has_time = _due(db, form)
    task = Task(
        title=form.title,
        description=form.description or None,
        contact_id=form.contact_id,
        project_id=form.project_id,
        session_id=form.session_id,
        parent_task_id=form.parent_task_id,
        due_date=due,
        due_has_time=has_time,
        priority=TaskPriority(form.priority),
    )
    db.add(task)
    db.flush()
    return task


def change(db: Db, task_id: UUID, form: TaskForm, *, version: int | None = None) -> Task:
    """Raises NotFound, Conflict where it was changed meanwhile."""
    task = locked(db, task_id)
    if version is not None and task.version != version:
        raise Conflict("Someone changed this task meanwhile. See both versions.", override="version")
    if form.contact_id is not None:
        contacts.get(db, form.contact_id)
    task.title, task.description, task.contact_id = form.title, form.description or None, form.contact_id
    task.due_date, task.due_has_time = _due(db, form)
    task.priority = TaskPriority(form.priority)
    db.flush()
    return task


def finish(db: Db, task_id: UUID) -> Task:
    """Again: no change. Raises NotFound."""
    task = locked(db, task_id)
    if task.status is not TaskStatus.COMPLETED:
        task.status, task.completed_at = TaskStatus.COMPLETED, clock.now()
        db.flush()
    return task


def reopen(db: Db, task_id: UUID) -> Task:
    """Raises NotFound."""
    task = locked(db, task_id)
    task.status, task.completed_at = TaskStatus.PENDING, None
    db.flush()
    return task


def remove(db: Db, task_id: UUID) -> None:
    """With its sub-tasks. Gone already: nothing happens."""
    task = db.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is not None:
        db.delete(task)
        db.flush()


def locked(db: Db, task_id: UUID) -> Task:
    """The row, held until the end of the transaction. Raises NotFound."""
    task = db.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is None:
        raise NotFound("This task no longer exists.")
    return task


def listed(db: Db, when: When = "open", *, contact_id: UUID | None = None, limit: int = 200) -> list[TaskRow]:
    """`today` (overdue ones too), `upcoming` (later days), `open` (all of these and undated ones), `done` (newest
    first). Overdue first, then by due date, high priority first."""
    who = practice.of(db)
    _, tomorrow = zones.day_bounds(who.today(), who.zone)
    query = select(Task, col(Contact.display_name)).outerjoin(Contact, col(Contact.id) == col(Task.contact_id))
    if contact_id is not None:
        query = query.where(col(Task.contact_id) == contact_id)
    query = query.where(_matching(when, tomorrow))
    if when == "done":
        query = query.order_by(col(Task.completed_at).desc().nulls_last(), col(Task.id))
    else:
        weight = case({TaskPriority.HIGH: 0, TaskPriority.MEDIUM: 1}, value=Task.priority, else_=2)
        query = query.order_by(col(Task.due_date).asc().nulls_last(), weight, col(Task.id))
    viewer = who.viewer()
    return [row(task, name, viewer) for task, name in db.execute(query.limit(min(limit, 500)))]


def counts(db: Db) -> dict[str, int]:
    """How many are due today or overdue, upcoming, and open in all."""
    who = practice.of(db)
    _, tomorrow = zones.day_bounds(who.today(), who.zone)
    names: tuple[When, ...] = ("today", "upcoming", "open")
    found = db.execute(
        select(*(func.count().filter(_matching(name, tomorrow)) for name in names)).where(col(Task.status).in_(OPEN))
    ).one()
    return dict(zip(names, found, strict=True))


def row(task: Task, who: str | None, viewer: Viewer) -> TaskRow:
    status = TASKS[task.status]
    due, overdue = "", False
    if task.due_date is not None:
        due = viewer.moment(task.due_date) if task.due_has_time else viewer.near_day(task.due_date)
        late = viewer.now > task.due_date if task.due_has_time else viewer.today() > viewer.local(task.due_date).date()
        overdue = late and task.status in OPEN
    return TaskRow(
        id=str(task.id),
        version=task.version,
        title=task.title,
        description=task.description or "",
        contact_id=str(task.contact_id or ""),
        who=who or "",
        due=due,
        due_on=viewer.local(task.due_date).date().isoformat() if task.due_date else "",
        overdue=overdue,
        priority=task.priority,
        status=task.status,
        status_label=status.label,
        status_icon="circle-alert" if overdue else status.icon,
        status_tone="bad" if overdue else status.tone,
        done=task.status is TaskStatus.COMPLETED,
    )


def _matching(when: str, tomorrow: datetime) -> ColumnElement[bool]:
    is_open = col(Task.status).in_(OPEN)
    match when:
        case "today":
            return and_(is_open, col(Task.due_date) < tomorrow)
        case "upcoming":
            return and_(is_open, col(Task.due_date) >= tomorrow)
        case "open":
            return or_(is_open, col(Task.status) == TaskStatus.DEFERRED)
        case "done":
            return col(Task.status) == TaskStatus.COMPLETED
        case _:
            raise Invalid("There is no such list of tasks.", {"when": "One of today, upcoming, open, done."})


def _due(db: Db, form: TaskForm) -> tuple[datetime | None, bool]:
    if form.due_on is None:
        return None, False
    where = practice.of(db).zone
    return zones.at_wall(form.due_on, form.due_at or time(0), where), form.due_at is not None
