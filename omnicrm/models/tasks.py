"""Tasks and follow-ups (a follow-up is a task with a contact), and the projects that hold them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from omnicrm.models.base import Editable, flag, instant, json_object, number, one_of, owned_by, word


class TaskStatus(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    DEFERRED = "deferred"


class TaskPriority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ProjectStatus(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class Project(Editable, table=True):
    """A container for tasks."""

    __tablename__ = "projects"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        one_of("status", ProjectStatus),
        CheckConstraint("btrim(name) <> ''", name="name"),
    )

    name: str
    status: ProjectStatus = word(ProjectStatus, ProjectStatus.ACTIVE)


class TaskSeries(Editable, table=True):
    """A recurring task: the rule, and what each task is made from."""

    __tablename__ = "task_series"
    __table_args__ = (UniqueConstraint("user_id", "id"),)

    rrule: str
    time_zone: str
    starts_on: date
    ends_on: date | None = None
    template: dict[str, Any] = json_object()


class Task(Editable, table=True):
    """Something to do. Due on a day: `due_date` is its 00:00 in the practitioner's zone, `due_has_time` false."""

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
        owned_by("projects", "project_id", on_delete="SET NULL"),
        owned_by("sessions", "session_id", on_delete="SET NULL"),
        owned_by("tasks", "parent_task_id", on_delete="CASCADE"),
        owned_by("task_series", "series_id", on_delete="SET NULL"),
        one_of("priority", TaskPriority),
        one_of("status", TaskStatus),
        CheckConstraint("btrim(title) <> ''", name="title"),
        CheckConstraint("parent_task_id <> id", name="parent"),
        Index("ix_tasks_due", "user_id", "status", "due_date", "id"),
        Index("ix_tasks_of_contact", "user_id", "contact_id", "due_date"),
    )

    contact_id: UUID | None = None
    project_id: UUID | None = None
    session_id: UUID | None = None
    title: str
    description: str | None = None
    due_date: datetime | None = instant(null=True)
    due_has_time: bool = flag(False)
    priority: TaskPriority = word(TaskPriority, TaskPriority.MEDIUM)
    status: TaskStatus = word(TaskStatus, TaskStatus.PENDING)
    completed_at: datetime | None = instant(null=True)
    parent_task_id: UUID | None = None
    series_id: UUID | None = None
    position: int = number(0)
