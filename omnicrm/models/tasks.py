"""Tasks and follow-ups (a follow-up is a task with a contact), and the projects that hold them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, text

from omnicrm.models.base import (
    Editable,
    Owned,
    flag,
    instant,
    json_object,
    number,
    one_of,
    owned_by,
    plain,
    word,
    words_list,
)


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
    """A container for tasks, in sections of its own naming (an empty name: tasks that stand in none)."""

    __tablename__ = "projects"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        one_of("status", ProjectStatus),
        CheckConstraint("btrim(name) <> ''", name="name"),
    )

    name: str
    status: ProjectStatus = word(ProjectStatus, ProjectStatus.ACTIVE)
    description: str | None = None
    due_on: date | None = None
    sections: list[str] = words_list()


class ProjectContact(Owned, table=True):
    """Whom a project is about, beside the clients of its tasks."""

    __tablename__ = "project_contacts"
    __table_args__ = (
        PrimaryKeyConstraint("project_id", "contact_id"),
        owned_by("projects", "project_id", on_delete="CASCADE"),
        owned_by("contacts", "contact_id", on_delete="CASCADE"),
    )

    project_id: UUID
    contact_id: UUID


class ProjectSession(Owned, table=True):
    """The sessions that a project prepares."""

    __tablename__ = "project_sessions"
    __table_args__ = (
        PrimaryKeyConstraint("project_id", "session_id"),
        owned_by("projects", "project_id", on_delete="CASCADE"),
        owned_by("sessions", "session_id", on_delete="CASCADE"),
    )

    project_id: UUID
    session_id: UUID


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
    """Something to do. Due on a day: `due_date` is its 00:00 in the practitioner's zone, `due_has_time` false.

    Of a series there is one task for each `occurs_on`, the day that its rule names, wherever the task itself moved to.
    `position` orders the tasks of a section, and the steps of a task.
    """

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
        UniqueConstraint("user_id", "series_id", "occurs_on"),
        Index("ix_tasks_due", "user_id", "status", "due_date", "id"),
        Index(
            "ix_tasks_open",
            "user_id",
            "due_date",
            "id",
            postgresql_where=text("status = ANY (ARRAY['pending'::text, 'in_progress'::text, 'deferred'::text])"),
        ),
        Index(
            "ix_tasks_done",
            "user_id",
            "completed_at",
            "id",
            postgresql_where=text("status = 'completed'::text"),
        ),
        Index("ix_tasks_of_project", "user_id", "project_id", "status", "position"),
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
    occurs_on: date | None = None
    section: str = plain("")
    position: int = number(0)
