"""Making, changing, finishing and repeating projects, and what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import contacts, practice, sessions
from omnicrm.models.tasks import Project, ProjectContact, ProjectSession, ProjectStatus, Task

SectionName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class ProjectForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)] = ""
    due_on: date | None = None


def add(db: Db, form: ProjectForm) -> Project:
    project = Project(name=form.name, description=form.description or None, due_on=form.due_on)
    db.add(project)
    db.flush()
    return project


def change(db: Db, project_id: UUID, form: ProjectForm, *, version: int | None = None) -> Project:
    """Raises NotFound, Conflict where it was changed meanwhile."""
    project = _locked(db, project_id)
    if version is not None and project.version != version:
        raise Conflict("Someone changed this project meanwhile. See both versions.", override="version")
    project.name, project.description, project.due_on = form.name, form.description or None, form.due_on
    db.flush()
    return project


def set_status(db: Db, project_id: UUID, status: Literal["active", "completed", "archived"]) -> Project:
    """Complete it, put it away, or take it up again; its tasks stay as they are. Raises NotFound."""
    project = _locked(db, project_id)
    project.status = ProjectStatus(status)
    db.flush()
    return project


def add_section(db: Db, project_id: UUID, name: str) -> None:
    """Raises NotFound, Invalid where there is one of that name."""
    project = _locked(db, project_id)
    if name.casefold() in {known.casefold() for known in project.sections}:
        raise Invalid(fields={"section": f"There is a section “{name}” already."})
    if len(project.sections) >= 40:
        raise Invalid(fields={"section": "A project has at most 40 sections."})
    project.sections = [*project.sections, name]
    db.flush()


def remove_section(db: Db, project_id: UUID, name: str) -> list[UUID]:
    """Its tasks stay, in no section; gives which they are. Raises NotFound."""
    project = _locked(db, project_id)
    if name not in project.sections:
        raise NotFound("This section no longer exists.")
    project.sections = [known for known in project.sections if known != name]
    moved = update(Task).where(col(Task.project_id) == project_id, col(Task.section) == name).values(section="")
    found = list(db.scalars(moved.returning(col(Task.id))))
    db.flush()
    db.expire_all()
    return found


def put_back_section(db: Db, project_id: UUID, name: str, task_ids: Sequence[UUID]) -> None:
    """The undo of `remove_section`. Raises NotFound."""
    project = _locked(db, project_id)
    if name not in project.sections:
        project.sections = [*project.sections, name]
    mine = (col(Task.project_id) == project_id, col(Task.id).in_(list(task_ids)))
    db.execute(update(Task).where(*mine).values(section=name))
    db.flush()
    db.expire_all()


def link(db: Db, project_id: UUID, *, contact_id: UUID | None = None, session_id: UUID | None = None) -> None:
    """To a client or a session; again: no change. Raises NotFound."""
    _locked(db, project_id)
    if contact_id is not None:
        contacts.get(db, contact_id)
        row = {"project_id": project_id, "contact_id": contact_id}
        db.execute(insert(ProjectContact).values(row).on_conflict_do_nothing())
    if session_id is not None:
        sessions.get(db, session_id)
        row = {"project_id": project_id, "session_id": session_id}
        db.execute(insert(ProjectSession).values(row).on_conflict_do_nothing())


def unlink(db: Db, project_id: UUID, *, contact_id: UUID | None = None, session_id: UUID | None = None) -> None:
    """Raises NotFound for an unknown project."""
    _locked(db, project_id)
    if contact_id is not None:
        mine = (col(ProjectContact.project_id) == project_id, col(ProjectContact.contact_id) == contact_id)
        db.execute(delete(ProjectContact).where(*mine))
    if session_id is not None:
        held = (col(ProjectSession.project_id) == project_id, col(ProjectSession.session_id) == session_id)
        db.execute(delete(ProjectSession).where(*held))


def again(db: Db, project_id: UUID) -> Project:
    """The same project for next year: its sections, tasks and steps, all to do, their days moved with its own.

    It begins without the clients and sessions of the last time. Tasks of a series are not copied: they go on by
    themselves. Raises NotFound.
    """
    old = _locked(db, project_id)
    by = _year_on(old.due_on) - old.due_on if old.due_on else timedelta(days=364)
    new = Project(
        name=old.name,
        description=old.description,
        due_on=old.due_on + by if old.due_on else None,
        sections=list(old.sections),
    )
    db.add(new)
    db.flush()
    zone = practice.of(db).zone
    copies: dict[UUID, UUID] = {}
    for task in db.scalars(_tasks_of(project_id).order_by(col(Task.parent_task_id).is_not(None), col(Task.position))):
        if task.series_id is not None or (task.parent_task_id is not None and task.parent_task_id not in copies):
            continue
        copy = Task(
            title=task.title,
            description=task.description,
            project_id=new.id,
            section=task.section,
            position=task.position,
            priority=task.priority,
            parent_task_id=copies[task.parent_task_id] if task.parent_task_id else None,
            due_date=zones.shift_wall(task.due_date, zone, days=by.days) if task.due_date else None,
            due_has_time=task.due_has_time,
        )
        db.add(copy)
        db.flush()
        copies[task.id] = copy.id
    return new


def remove(db: Db, project_id: UUID) -> None:
    """With its tasks: the undo of making it. Gone already: nothing happens."""
    project = db.get(Project, project_id, with_for_update=True)
    if project is not None:
        db.execute(delete(Task).where(col(Task.project_id) == project_id))
        db.delete(project)
        db.flush()


def get(db: Db, project_id: UUID) -> Project:
    """Raises NotFound."""
    project = db.get(Project, project_id)
    if project is None:
        raise NotFound("This project no longer exists.")
    return project


def _locked(db: Db, project_id: UUID) -> Project:
    project = db.get(Project, project_id, with_for_update=True, populate_existing=True)
    if project is None:
        raise NotFound("This project no longer exists.")
    return project


def _tasks_of(project_id: UUID) -> Select[Task]:
    return select(Task).where(col(Task.project_id) == project_id)


def _year_on(day: date) -> date:
    """The same weekday of about the same date, a year on: a workshop on a Saturday stays on one."""
    return day + timedelta(days=364)
