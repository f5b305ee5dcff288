"""task.create: something to do that a message asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.show import Viewer
from omnicrm.domain import tasks
from omnicrm.domain.cases import Draft
from omnicrm.domain.proposals import base, resolve
from omnicrm.domain.tasks import TaskForm
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.tasks import Task

TYPE = "task.create"
GROUP: base.Group = "tasks"
LABEL = "Task"
ICON = "list-checks"
NEEDS_CONTACT = False

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class Payload(base.Payload):
    """`due_date` is a day in the practitioner's zone."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("title", "contact", "due_date", "priority")
    OPTIONAL: ClassVar[tuple[str, ...]] = ("due_date", "contact")

    title: Annotated[Line, Field(min_length=1)]
    contact_email: str | None = None
    contact_name: str = ""
    due_date: date | None = None
    priority: Literal["low", "medium", "high"] = "medium"


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    client = resolve.contact(db, draft, origin)
    named = resolve.text(draft, "contact_name") or origin.sender_name or origin.sender
    payload = base.checked(
        Payload,
        {
            "title": resolve.text(draft, "title")
            or f"Reply to {client.first_name if client else named or 'this mail'}",
            "contact_email": resolve.text(draft, "contact_email") or None,
            "contact_name": client.display_name if client else "",
            "due_date": draft.slots.get("due_date"),
        },
    )
    return base.Resolved(
        payload=payload,
        contact_id=client.id if client else None,
        dedupe_key=f"{TYPE}:{resolve.person_key(client, draft, origin)}:{origin.thread_id}",
        expires_at=clock.now() + timedelta(days=60),
    )


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    due = f" by {viewer.long_day(payload.due_date)}" if payload.due_date else ""
    return f"Add a task: {payload.title[:1].lower() + payload.title[1:]}{due}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"Task added: {payload.title[:1].lower() + payload.title[1:]}"


def consequence(payload: Payload, about: base.About) -> str:
    return f"Nothing is sent. Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    found = [
        base.Field(
            name="title",
            label="Task",
            kind="text",
            value=payload.title,
            raw=payload.title,
            editable=True,
            slots=("title",),
            why="in our words",
        )
    ]
    who = about.contact or payload.contact_name or payload.contact_email
    if who:
        found.append(
            base.Field(
                name="contact",
                label="Client",
                kind="client",
                value=who,
                raw=payload.contact_email or "",
                editable=True,
                can_leave_out=True,
                slots=("contact_email", "contact_ref"),
                why="from the sender",
            )
        )
    found.append(
        base.Field(
            name="due_date",
            label="Due",
            kind="date",
            value=viewer.near_day(payload.due_date) if payload.due_date else "no day",
            raw=payload.due_date.isoformat() if payload.due_date else "",
            editable=True,
            can_leave_out=payload.due_date is not None,
            slots=("due_date",),
            why="inferred" if payload.due_date else "",
        )
    )
    return found


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    form = TaskForm(
        title=payload.title,
        contact_id=approval.related_contact_id,
        due_on=payload.due_date,
        priority=payload.priority,
    )
    task = tasks.add(db, form)
    return {"task_id": str(task.id), "approved": _state(task)}


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    task = db.get(Task, UUID(log["task_id"]), populate_existing=True)
    if task is None or _state(task) == log["approved"]:
        return None
    approved, now = log["approved"], _state(task)
    return base.Difference(
        title="This task changed since you approved it",
        rows=[base.row(key.capitalize(), "", approved[key], now[key]) for key in ("task", "due", "state")],
        choices=[
            base.Choice(value="keep", label="Leave it as it is now", detail=now["task"]),
            base.Choice(value="all", label="Remove the task"),
        ],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    tasks.remove(db, UUID(log["task_id"]))


def _state(task: Task) -> dict[str, str]:
    due = task.due_date.date().isoformat() if task.due_date else ""
    return {"task": task.title, "due": due, "state": str(task.status)}
