"""Projects to read: the list with how far each is, one in full."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, exists, func, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import practice, tasks
from omnicrm.domain.tasks import TaskRow
from omnicrm.domain.tasks.listing import with_names, with_steps
from omnicrm.models.contacts import Contact
from omnicrm.models.sessions import AttendanceStatus, Session, SessionAttendee, SessionStatus
from omnicrm.models.tasks import Project, ProjectContact, ProjectSession, ProjectStatus, Task, TaskStatus

_TASKS = 300  # of one project on its page
_PEOPLE = 12
_SESSIONS = 20


class ProjectRow(BaseModel):
    """`progress` is `7 of 12`, `percent` the same as a whole number; a task with steps counts as its steps."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    progress: str
    percent: int
    due: str
    late: bool
    status: str


class ProjectPage(BaseModel):
    """`next` goes into `after` for the following page; empty at the end."""

    model_config = ConfigDict(frozen=True)

    rows: list[ProjectRow]
    next: str


class WithSteps(BaseModel):
    model_config = ConfigDict(frozen=True)

    task: TaskRow
    steps: list[TaskRow]


class Part(BaseModel):
    """A section with its tasks. The one without a name holds what stands in none."""

    model_config = ConfigDict(frozen=True)

    name: str
    progress: str
    tasks: list[WithSteps]


class Linked(BaseModel):
    """A client or a session of the project."""

    model_config = ConfigDict(frozen=True)

    id: str
    words: str
    initials: str = ""
    detail: str = ""
    own: bool = True  # False: only through a task or a place in a session, so it cannot be unlinked here


class ProjectCard(ProjectRow):
    """A project in full. `left` says how long it is until it is due, `places` how many of a session's are taken."""

    version: int
    description: str
    due_on: str
    left: str
    places: str
    sections: list[str]
    parts: list[Part]
    people: list[Linked]
    more_people: int
    sessions: list[Linked]


def names(db: Db) -> list[tuple[UUID, str, list[str]]]:
    """The projects that are under way: (id, name, sections), by name, at most two hundred."""
    query = select(col(Project.id), col(Project.name), col(Project.sections)).where(
        col(Project.status) == ProjectStatus.ACTIVE
    )
    return [(key, name, parts) for key, name, parts in db.execute(query.order_by(col(Project.name)).limit(200))]


def listed(db: Db, status: str = "active", *, after: str = "", limit: int = 50) -> ProjectPage:
    """Projects by name, the next page after the cursor `after`. Raises Invalid for an unknown status."""
    if status not in set(ProjectStatus):
        raise Invalid(f"There is no status “{status[:40]}”.", {"status": "Unknown status."})
    limit = max(1, min(limit, 200))
    query = _with_progress().where(col(Project.status) == ProjectStatus(status))
    if after:
        query = query.where(tuple_(col(Project.name), col(Project.id)) > _position(after))
    found = list(db.execute(query.order_by(col(Project.name), col(Project.id)).limit(limit + 1)))
    viewer = practice.of(db).viewer()
    rows = [_row(*one, viewer) for one in found[:limit]]
    return ProjectPage(rows=rows, next=_cursor(found[limit - 1][0]) if len(found) > limit else "")


def card(db: Db, project_id: UUID) -> ProjectCard:
    """A fixed number of statements. Raises NotFound."""
    found = db.execute(_with_progress().where(col(Project.id) == project_id)).one_or_none()
    if found is None:
        raise NotFound("This project no longer exists.")
    project: Project = found[0]
    viewer = practice.of(db).viewer()
    order = (col(Task.position), col(Task.id))
    mine = (col(Task.project_id) == project_id, col(Task.parent_task_id).is_(None))
    rows = with_steps(db, list(db.execute(with_names().where(*mine).order_by(*order).limit(_TASKS))), viewer)
    held, places = _sessions(db, project_id, viewer)
    people = _people(db, project_id)
    return ProjectCard(
        **_row(*found, viewer).model_dump(),
        version=project.version,
        description=project.description or "",
        due_on=project.due_on.isoformat() if project.due_on else "",
        left=_left(project, viewer),
        places=places,
        sections=list(project.sections),
        parts=_parts(project.sections, rows),
        people=people[:_PEOPLE],
        more_people=max(0, len(people) - _PEOPLE),
        sessions=held,
    )


def linkable(db: Db, project_id: UUID) -> list[Linked]:
    """The next fifty sessions that are not the project's yet, by time."""
    held = select(col(ProjectSession.session_id)).where(col(ProjectSession.project_id) == project_id)
    query = (
        select(Session, col(Contact.display_name))
        .outerjoin(Contact, col(Contact.id) == col(Session.contact_id))
        .where(
            col(Session.scheduled_at) >= clock.now(),
            col(Session.status).in_((SessionStatus.SCHEDULED_IN_CRM, SessionStatus.SYNCED_TO_GCAL)),
            col(Session.id).not_in(held),
        )
        .order_by(col(Session.scheduled_at), col(Session.id))
        .limit(50)
    )
    viewer = practice.of(db).viewer()
    return [
        Linked(
            id=str(one.id), words=viewer.moment(one.scheduled_at), detail=f"{one.title}, {who}" if who else one.title
        )
        for one, who in db.execute(query)
    ]


def next_tasks(db: Db, project_ids: Sequence[UUID], *, each: int = 5) -> dict[str, list[TaskRow]]:
    """The first open tasks of each of these projects, in its order. One statement."""
    ranked = (
        select(
            col(Task.id).label("key"),
            func.row_number()
            .over(partition_by=col(Task.project_id), order_by=(col(Task.position), col(Task.id)))
            .label("place"),
        )
        .where(
            col(Task.project_id).in_(list(project_ids)),
            col(Task.parent_task_id).is_(None),
            col(Task.status).in_(tasks.OPEN),
        )
        .subquery()
    )
    query = with_names().join(ranked, ranked.c.key == col(Task.id)).where(ranked.c.place <= each)
    viewer = practice.of(db).viewer()
    found: dict[str, list[TaskRow]] = {}
    for one in db.execute(query.order_by(col(Task.position), col(Task.id))):
        task, who, project, rrule, *_ = one
        found.setdefault(str(task.project_id), []).append(tasks.row(task, who, viewer, project=project, rrule=rrule))
    return found


def _with_progress() -> Select[Project, int, int]:
    step = aliased(Task)
    leaf = ~exists().where(col(step.parent_task_id) == col(Task.id))
    of = (col(Task.project_id) == col(Project.id), leaf)
    total = select(func.count()).select_from(Task).where(*of).correlate(Project).scalar_subquery()
    done = (
        select(func.count())
        .select_from(Task)
        .where(*of, col(Task.status) == TaskStatus.COMPLETED)
        .correlate(Project)
        .scalar_subquery()
    )
    return select(Project, total, done)


def _row(project: Project, total: int, done: int, viewer: Viewer) -> ProjectRow:
    return ProjectRow(
        id=str(project.id),
        name=project.name,
        progress=f"{done} of {total}",
        percent=round(100 * done / total) if total else 0,
        due=viewer.near_day(project.due_on) if project.due_on else "",
        late=bool(project.due_on and project.due_on < viewer.today() and project.status is ProjectStatus.ACTIVE),
        status=project.status,
    )


def _left(project: Project, viewer: Viewer) -> str:
    if project.status is not ProjectStatus.ACTIVE:
        return {"completed": "Completed", "archived": "Archived"}[project.status]
    if project.due_on is None:
        return ""
    days = (project.due_on - viewer.today()).days
    if days < 0:
        return f"{counted(-days, 'day')} over"
    return "Due today" if days == 0 else f"{counted(days, 'day')} left"


def _parts(sections: Sequence[str], rows: Sequence[TaskRow]) -> list[Part]:
    """One for each section, empty ones too; before them what stands in none, where there is such."""
    steps: dict[str, list[TaskRow]] = {}
    for row in rows:
        if row.parent_id:
            steps.setdefault(row.parent_id, []).append(row)
    grouped: dict[str, list[WithSteps]] = {name: [] for name in ("", *sections)}
    for row in rows:
        if not row.parent_id:
            name = row.section if row.section in grouped else ""
            grouped[name].append(WithSteps(task=row, steps=steps.get(row.id, [])))
    parts = []
    for name, members in grouped.items():
        counting = [row for one in members for row in one.steps or [one.task]]
        done = sum(row.done for row in counting)
        if name or members or not sections:
            parts.append(Part(name=name, progress=f"{done} of {len(counting)}" if counting else "", tasks=members))
    return parts


def _people(db: Db, project_id: UUID) -> list[Linked]:
    """Those linked to it, and those whom its tasks and its sessions are about."""
    linked = select(col(ProjectContact.contact_id)).where(col(ProjectContact.project_id) == project_id)
    of_tasks = select(col(Task.contact_id)).where(col(Task.project_id) == project_id)
    held = select(col(ProjectSession.session_id)).where(col(ProjectSession.project_id) == project_id)
    coming = select(col(SessionAttendee.contact_id)).where(
        col(SessionAttendee.session_id).in_(held), col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED
    )
    query = select(col(Contact.id), col(Contact.display_name), col(Contact.id).in_(linked)).where(
        col(Contact.id).in_(linked.union(of_tasks, coming)), col(Contact.merged_into_id).is_(None)
    )
    return [
        Linked(id=str(key), words=name, initials=show.initials(name), own=own)
        for key, name, own in db.execute(query.order_by(col(Contact.display_name), col(Contact.id)).limit(500))
    ]


def _sessions(db: Db, project_id: UUID, viewer: Viewer) -> tuple[list[Linked], str]:
    """The sessions, and how many places of the classes among them are taken."""
    taken = (
        select(func.count())
        .where(
            col(SessionAttendee.session_id) == col(Session.id),
            col(SessionAttendee.attendance_status) != AttendanceStatus.CANCELLED,
        )
        .scalar_subquery()
    )
    query = (
        select(Session, taken)
        .join(ProjectSession, col(ProjectSession.session_id) == col(Session.id))
        .where(col(ProjectSession.project_id) == project_id)
        .order_by(col(Session.scheduled_at))
        .limit(_SESSIONS)
    )
    found = list(db.execute(query))
    classes = [(session, number) for session, number in found if session.capacity > 1]
    places = f"{sum(number for _, number in classes)} of {sum(session.capacity for session, _ in classes)}"
    return [
        Linked(
            id=str(session.id),
            words=viewer.moment(session.scheduled_at),
            detail=", ".join(part for part in (session.title, session.location) if part),
        )
        for session, _ in found
    ], places if classes else ""


def _position(after: str) -> tuple[str, UUID]:
    try:
        name, key = json.loads(base64.urlsafe_b64decode(after.encode()))
        return str(name), UUID(key)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the list cannot be found. Go back to the first one.") from error


def _cursor(project: Project) -> str:
    return base64.urlsafe_b64encode(json.dumps([project.name, str(project.id)]).encode()).decode()
