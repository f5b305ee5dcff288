"""What the sample practice plans and writes down: a workshop, a task that comes again, a template, a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.domain import notes, practice, projects, tasks
from omnicrm.domain.notes import NoteForm, templates
from omnicrm.domain.projects import ProjectForm
from omnicrm.domain.tasks import TaskForm
from omnicrm.models.contacts import Contact

_DAYS = 18
_SECTIONS = ("Room", "People", "Materials")
# section, task, days from today, priority, done, its steps (done ones begin with a tick)
_TASKS = (
    (
        "Room",
        "Confirm the room",
        1,
        "high",
        False,
        ("✓Ask for two dates", "✓Compare the price", "Send the signed form"),
    ),
    ("People", "Write to last year’s guests", -6, "medium", True, ()),
    ("People", "Payment links to the first ten", -3, "medium", True, ()),
    ("People", "Ask who comes with a friend", 3, "medium", False, ()),
    ("Materials", "Print 20 workbooks", 8, "medium", False, ()),
    ("Materials", "Candles and tea", 12, "low", False, ()),
)
_PLAN = (
    "**Where we want to be**\n\nTwo evenings a week without the shoulders.\n\n"
    "**Steps**\n\n- ten minutes of the floor sequence after work\n- a walk at noon, twice a week\n\n"
    "**Looked at again**\n\nafter the fourth session"
)


def plan(db: Db, people: Sequence[Contact]) -> None:
    """The rows of the clients are flushed."""
    today = practice.of(db).today()
    project = projects.add(
        db,
        ProjectForm(
            name="Winter workshop",
            description="An afternoon of quiet movement and breathing, with tea.",
            due_on=today + timedelta(days=_DAYS),
        ),
    )
    for name in _SECTIONS:
        projects.add_section(db, project.id, name)
    for section, title, days, priority, done, steps in _TASKS:
        form = TaskForm.model_validate(
            {
                "title": title,
                "project_id": project.id,
                "section": section,
                "priority": priority,
                "due_on": today + timedelta(days=days),
            }
        )
        _task(db, form, done, steps)
    for person in people[:3]:
        projects.link(db, project.id, contact_id=person.id)
    words = "Candles only at the front: the smoke alarm was touchy last year. Tea at half past three."
    notes.add(db, NoteForm(project_id=project.id, content=words))
    tasks.add(db, TaskForm(title="Order oil and towels", due_on=_first_of_next_month(today), rrule="FREQ=MONTHLY"))
    templates.add(
        db,
        templates.TemplateForm(
            name="After a massage", content="**Where**\n\n\n**How it was**\n\n\n**At home**\n\n\n**Next time**\n"
        ),
    )
    if people:
        pinned = NoteForm(contact_id=people[0].id, title="Plan", content=_PLAN, note_type="plan", is_pinned=True)
        notes.add(db, pinned)


def _task(db: Db, form: TaskForm, done: bool, steps: Sequence[str]) -> UUID:
    task = tasks.add(db, form)
    for step in steps:
        made = tasks.add(db, TaskForm(title=step.removeprefix("✓"), parent_task_id=task.id))
        if step.startswith("✓"):
            tasks.finish(db, made.id)
    if done:
        tasks.finish(db, task.id)
    return task.id


def _first_of_next_month(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
