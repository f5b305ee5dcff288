"""Every page as it opens, and what is pressed most on it: found from what the pages themselves register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import reflex as rx
from reflex_base.registry import RegistrationContext
from sqlalchemy import event, select
from sqlmodel import col

from omnicrm.core.db import Db, engine, transaction
from omnicrm.domain import approvals, notes, projects, tasks
from omnicrm.domain.contacts import smart
from omnicrm.domain.contacts.rules import Rule
from omnicrm.models.contacts import Contact
from omnicrm.models.groups import Group
from omnicrm.models.notes import Note
from omnicrm.models.programs import Program, ProgramEnrollment
from omnicrm.models.sessions import Session
from omnicrm.models.tasks import Project, Task, TaskStatus
from tests.doors import import_all, send

import_all()

Sent = list[tuple[str, Any]]


@dataclass(frozen=True)
class Practice:
    """A practitioner, and of each kind one that a page may open."""

    user_id: UUID
    client: UUID
    session: UUID
    approval: UUID
    task: UUID
    group: UUID
    program: UUID
    member: UUID
    project: UUID
    note: UUID

    @classmethod
    def of(cls, user_id: UUID) -> Practice:
        with transaction(user_id) as db:
            client = db.scalar(select(col(Contact.id)).order_by(col(Contact.created_at)).limit(1))
            session = db.scalar(select(col(Session.id)).order_by(col(Session.scheduled_at).desc()).limit(1))
            approval = UUID(approvals.listed(db).rows[0].id)
            task = db.scalar(select(col(Task.id)).where(col(Task.status) == TaskStatus.PENDING).limit(1))
            group = db.scalar(select(col(Group.id)).where(col(Group.name) == "Away")) or _away(db)
            program = db.scalar(select(col(Program.id)).order_by(col(Program.name)).limit(1))
            enrolled = select(col(ProgramEnrollment.contact_id)).where(col(ProgramEnrollment.program_id) == program)
            member = db.scalar(enrolled.order_by(col(ProgramEnrollment.contact_id)).limit(1))
            note = db.scalar(select(col(Note.id)).limit(1))
            project = db.scalar(select(col(Project.id)).limit(1)) or _workshop(db, client, session)
        assert None not in (client, session, task, program, member, note)
        return cls(user_id, client, session, approval, task, group, program, member, project, note)


@dataclass(frozen=True)
class Step:
    """One event: a state's handler with what the page sends along."""

    state: type[rx.State]
    handler: str
    payload: Callable[[Practice], dict[str, Any]] = field(default=lambda practice: {})

    @property
    def name(self) -> str:
        return f"{self.state.__name__}.{self.handler}"

    def take(self, practice: Practice, page: Any = None) -> Any:
        ids = {"client": practice.client, "group_id": practice.group, "program": practice.program}
        ids["project"] = practice.project
        ids["session_id"] = practice.session
        route = {name: str(key) for name, key in ids.items()} if page is None else None
        opened = send(self.state, self.handler, as_=practice.user_id, on_=page, route_=route, **self.payload(practice))
        shown = getattr(opened, "toast", {"bad": False, "text": ""})
        assert not shown["bad"], f"{self.name}: {shown['text']}"
        assert not getattr(opened, "banner", ""), f"{self.name}: {opened.banner}"
        return opened


def opened() -> dict[str, list[Step]]:
    """route -> the events that opening it sends, in order."""
    found = {}
    for _, page in RegistrationContext.get().decorated_pages:
        events = page.get("on_load") or []
        events = events if isinstance(events, list) else [events]
        found[str(page["route"])] = [Step(one.state, one.fn.__name__) for one in map(_handler, events)]
    return found


@contextmanager
def statements() -> Iterator[Sent]:
    """Every statement that the application's engine sends inside the block, with its parameters."""
    sent: Sent = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        sent.append((statement, parameters))

    app = engine("app")
    event.listen(app, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(app, "before_cursor_execute", note)


def _workshop(db: Db, client: UUID | None, session: UUID | None) -> UUID:
    """A project with a dozen tasks and their steps, a client and a session."""
    project = projects.add(db, projects.ProjectForm(name="Solstice workshop"))
    projects.add_section(db, project.id, "Room")
    projects.link(db, project.id, contact_id=client, session_id=session)
    for number in range(12):
        section = "Room" if number % 2 else ""
        task = tasks.add(db, tasks.TaskForm(title=f"Task {number}", project_id=project.id, section=section))
        tasks.add(db, tasks.TaskForm(title="Step", parent_task_id=task.id))
    notes.add(db, notes.NoteForm(content="Candles at the front.", project_id=project.id))
    return project.id


def _away(db: Db) -> UUID:
    """A smart group with a bit of everything that a rule can look at."""
    either = [
        {"subject": "tag", "verb": "has", "value": "back"},
        {"subject": "sessions", "verb": "at_most", "value": "9"},
    ]
    parts = [
        {"subject": "last_session", "verb": "older", "value": "60"},
        {"subject": "next_session", "verb": "none", "value": ""},
        {"subject": "consent", "verb": "not_given", "value": "marketing"},
        {"subject": "balance", "verb": "even", "value": ""},
        {"any": either},
    ]
    return smart.add(db, "Away", color="jade", rule=Rule.model_validate({"all": parts})).id


def _handler(given: Any) -> Any:
    return getattr(given, "handler", given)
