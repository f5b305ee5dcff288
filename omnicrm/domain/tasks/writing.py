"""Adding, changing, finishing and taking away one task."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import func, insert, select
from sqlmodel import col

from omnicrm.core import clock, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import contacts, practice, sessions
from omnicrm.domain.tasks import series
from omnicrm.domain.tasks.series import Scope
from omnicrm.models.tasks import Project, Task, TaskPriority, TaskStatus

OPEN = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)
STEP = 1_024  # between the positions of two tasks, so that one fits between without touching them
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class TaskForm(BaseModel):
    """`due_on` is a day, `due_at` (a wall-clock time) an hour of that day; both in the practitioner's zone.

    `rrule` (RFC 5545) makes it the first of a series; `section` is one of its project's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Title
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] = ""
    contact_id: UUID | None = None
    project_id: UUID | None = None
    session_id: UUID | None = None
    parent_task_id: UUID | None = None
    due_on: date | None = None
    due_at: time | None = None
    priority: Literal["low", "medium", "high"] = "medium"
    section: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    rrule: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


class Removed(BaseModel):
    """Tasks that were taken away, as `put_back` needs them: the ones above their steps first."""

    rows: list[dict[str, Any]]


def add(db: Db, form: TaskForm) -> Task:
    """Raises NotFound for an unknown client, session, project or task above it, Invalid for a rule without a day."""
    if form.rrule and form.due_on is None:
        form = form.model_copy(update={"due_on": series.first(form.rrule, practice.of(db).today())})
    links = _links(db, form)
    due, has_time = _due(db, form)
    task = Task(
        title=form.title,
        description=form.description or None,
        due_date=due,
        due_has_time=has_time,
        priority=TaskPriority(form.priority),
        position=_last(db, links) + STEP,
        **links,
    )
    db.add(task)
    db.flush()
    if form.rrule and form.due_on is not None and task.parent_task_id is None:
        series.begin(db, task, form.rrule, form.due_on)
    return task


def change(db: Db, task_id: UUID, form: TaskForm, *, version: int | None = None, scope: Scope = "this") -> Task:
    """What the form says, all of it; of a series this one, or this and those that follow (their rule then is the
    form's). A step stays one of its task.

    Raises NotFound, Conflict where it was changed meanwhile, Invalid for a rule that cannot be followed.
    """
    task = locked(db, task_id)
    if version is not None and task.version != version:
        raise Conflict("Someone changed this task meanwhile. See both versions.", override="version")
    links = _links(db, form.model_copy(update={"parent_task_id": task.parent_task_id}))
    if form.rrule and form.due_on is None:
        form = form.model_copy(update={"due_on": series.first(form.rrule, practice.of(db).today())})
    task.title, task.description = form.title, form.description or None
    task.due_date, task.due_has_time = _due(db, form)
    task.priority = TaskPriority(form.priority)
    moved = (links["project_id"], links["section"]) != (task.project_id, task.section)
    for name, value in links.items():
        setattr(task, name, value)
    db.flush()
    if moved:
        task.position = _last(db, links) + STEP
        for step in db.scalars(select(Task).where(col(Task.parent_task_id) == task.id)):
            step.project_id = task.project_id
        db.flush()
    if task.series_id is not None and scope == "following":
        series.change_following(db, task, form.rrule)
    elif task.series_id is None and form.rrule and form.due_on is not None and task.parent_task_id is None:
        series.begin(db, task, form.rrule, form.due_on)
    return task


def rename(db: Db, task_id: UUID, title: str, *, version: int) -> Task:
    """Raises NotFound, Conflict where it was changed meanwhile."""
    task = locked(db, task_id)
    if task.version != version:
        raise Conflict(f"Someone changed this task meanwhile. It reads “{task.title[:80]}” now.")
    task.title = title
    db.flush()
    return task


def start(db: Db, task_id: UUID) -> Task:
    """It is being worked on. Raises NotFound."""
    task = locked(db, task_id)
    task.status, task.completed_at = TaskStatus.IN_PROGRESS, None
    db.flush()
    return task


def finish(db: Db, task_id: UUID) -> Task:
    """With its steps; of a series the next one is there then. Again: no change. Raises NotFound."""
    task = locked(db, task_id)
    if task.status is TaskStatus.COMPLETED:
        return task
    task.status, task.completed_at = TaskStatus.COMPLETED, clock.now()
    for step in _steps(db, task):
        if step.status is not TaskStatus.COMPLETED:
            step.status, step.completed_at = TaskStatus.COMPLETED, task.completed_at
    db.flush()
    series.make_next(db, task)
    return task


def reopen(db: Db, task_id: UUID) -> Task:
    """The undo of `finish`: the steps that were done with it, and what it made, go back as well. Raises NotFound."""
    task = locked(db, task_id)
    if task.status is not TaskStatus.COMPLETED:
        return task
    for step in _steps(db, task):
        if step.completed_at is not None and step.completed_at == task.completed_at:
            step.status, step.completed_at = TaskStatus.PENDING, None
    task.status, task.completed_at = TaskStatus.PENDING, None
    db.flush()
    series.unmake_next(db, task)
    return task


def following(db: Db, task: Task) -> Task | None:
    """The open one of its series that comes after it."""
    return series.after(db, task)


def remove(db: Db, task_id: UUID) -> Removed:
    """With its steps. Gone already: nothing happens."""
    task = db.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is None:
        return Removed(rows=[])
    rows = [task.model_dump(), *(step.model_dump() for step in _steps(db, task))]
    db.delete(task)
    db.flush()
    return Removed(rows=rows)


def put_back(db: Db, removed: Removed) -> None:
    """The undo of `remove`. Back already: nothing happens."""
    for row in removed.rows:
        if db.get(Task, row["id"]) is None:
            db.execute(insert(Task).values(row))


def move(db: Db, task_id: UUID, by: Literal[-1, 1]) -> None:
    """One place up (-1) or down among those of its section, or of its task. At the end: nothing. Raises NotFound."""
    task = locked(db, task_id)
    beside = _beside(task)
    others = list(db.scalars(select(Task).where(*beside).order_by(col(Task.position), col(Task.id)).limit(500)))
    at = next((place for place, other in enumerate(others) if other.id == task.id), None)
    if at is None or not 0 <= at + by < len(others):
        return
    others[at], others[at + by] = others[at + by], others[at]
    for place, other in enumerate(others):  # the positions of two of the same place are told apart
        if other.position != (place + 1) * STEP:
            other.position = (place + 1) * STEP
    db.flush()


def locked(db: Db, task_id: UUID) -> Task:
    """The row, held until the end of the transaction. Raises NotFound."""
    task = db.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is None:
        raise NotFound("This task no longer exists.")
    return task


def due_at(db: Db, day: date, wall: time | None) -> datetime:
    """The instant of a day's beginning, or of an hour of it, in the practitioner's zone."""
    return zones.at_wall(day, wall or time(0), practice.of(db).zone)


def _links(db: Db, form: TaskForm) -> dict[str, Any]:
    """What the task belongs to, each of it there. A step is in the project of its task."""
    project_id, section = form.project_id, form.section
    if form.contact_id is not None:
        contacts.get(db, form.contact_id)
    if form.session_id is not None:
        sessions.get(db, form.session_id)
    if form.parent_task_id is not None:
        above = db.get(Task, form.parent_task_id)
        if above is None:
            raise NotFound("The task that this is a step of no longer exists.")
        if above.parent_task_id is not None:
            raise Invalid("A step has no steps of its own.", {"parent_task_id": "A step has no steps of its own."})
        project_id, section = above.project_id, ""
    elif project_id is not None:
        project = db.get(Project, project_id)
        if project is None:
            raise NotFound("This project no longer exists.")
        section = section if section in project.sections else ""
    else:
        section = ""
    return {
        "contact_id": form.contact_id,
        "project_id": project_id,
        "session_id": form.session_id,
        "parent_task_id": form.parent_task_id,
        "section": section,
    }


def _last(db: Db, links: dict[str, Any]) -> int:
    if links["project_id"] is None and links["parent_task_id"] is None:
        return 0
    beside = _beside(Task(title="-", **links))
    return db.scalar(select(func.max(Task.position)).where(*beside)) or 0


def _beside(task: Task) -> list[Any]:
    """Those among which it has its place."""
    if task.parent_task_id is not None:
        return [col(Task.parent_task_id) == task.parent_task_id]
    if task.project_id is None:
        return [col(Task.id) == task.id]
    in_section = col(Task.section) == task.section
    return [col(Task.project_id) == task.project_id, col(Task.parent_task_id).is_(None), in_section]


def _steps(db: Db, task: Task) -> list[Task]:
    query = select(Task).where(col(Task.parent_task_id) == task.id).order_by(col(Task.position), col(Task.id))
    return list(db.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _due(db: Db, form: TaskForm) -> tuple[datetime | None, bool]:
    if form.due_on is None:
        return None, False
    return due_at(db, form.due_on, form.due_at), form.due_at is not None
