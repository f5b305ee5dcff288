"""One task, from whatever list it stands in: ticked, opened, changed, put off, taken away, each with its way back."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import contacts, practice, projects, tasks
from omnicrm.domain.tasks import Removed, TaskForm, TaskRow
from omnicrm.domain.tasks.many import Moved
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.entry import Choice
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState

REPEATS = (
    ("", "Not again"),
    ("FREQ=DAILY", "Every day"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
    ("FREQ=WEEKLY", "Every week"),
    ("FREQ=WEEKLY;INTERVAL=2", "Every two weeks"),
    ("FREQ=MONTHLY", "Every month"),
    ("FREQ=MONTHLY;INTERVAL=3", "Every three months"),
    ("FREQ=YEARLY", "Every year"),
)
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Hour = Annotated[str, Field(pattern=r"^(\d\d:\d\d(:\d\d)?)?$")]


class TaskTyped(BaseModel):
    """The sheet, as typed. `place` is a project, or one and its section (with a line break between them)."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] = ""
    due_on: Day = ""
    due_at: Hour = ""
    priority: Literal["low", "medium", "high"] = "medium"
    place: str = ""
    rrule: Annotated[str, StringConstraints(max_length=300)] = ""
    scope: Literal["this", "following"] = "this"


class TaskState(PageState):
    """`changed` grows with each change, so that the page reads its list again."""

    task: TaskRow | None = None
    place: str = ""
    places: list[Choice] = []
    repeats: list[Choice] = []
    client: Choice | None = None
    people: list[Choice] = []
    changed: int = 0
    _removed: Removed | None = None
    _moved: Moved | None = None

    @signed_in
    def finish(self, db: Db, task: UUID):
        done = tasks.finish(db, task)
        following = tasks.following(db, done)
        words = f". Next: {tasks.card(db, following.id).due}" if following else ""
        self.changed += 1
        self.say(f"Done: {done.title}{words}", undo=TaskState.reopen(str(task)))
        return ShellState.refresh

    @signed_in
    def reopen(self, db: Db, task: UUID):
        tasks.reopen(db, task)
        self.changed += 1
        self.say("Open again.")
        return ShellState.refresh

    @signed_in
    def start(self, db: Db, task: UUID):
        """It is being worked on; said twice, it is to do again."""
        row = tasks.card(db, task)
        if row.started:
            tasks.finish(db, task)
            tasks.reopen(db, task)
        else:
            tasks.start(db, task)
        self.task = None
        self.changed += 1

    @signed_in
    def open(self, db: Db, task: UUID):
        """The sheet, filled from the task as it is now."""
        self.field_errors = {}
        self.task = tasks.card(db, task)
        self.place = "\n".join(part for part in (self.task.project_id, self.task.section) if part)
        self.places = [
            Choice(id="\n".join((str(key), *extra)), words=": ".join((name, *extra)))
            for key, name, sections in projects.names(db)
            for extra in ((), *((section,) for section in sections))
        ]
        if self.place and self.place not in {one.id for one in self.places}:
            self.places = [Choice(id=self.place, words=self.task.project), *self.places]
        self.repeats = [Choice(id=rule, words=words) for rule, words in REPEATS]
        if self.task.rrule and self.task.rrule not in dict(REPEATS):
            self.repeats = [Choice(id=self.task.rrule, words=self.task.repeats), *self.repeats]
        self.client = Choice(id=self.task.contact_id, words=self.task.who) if self.task.contact_id else None
        self.people = []

    @signed_in
    def close(self):
        self.task = None

    @signed_in
    def find_client(self, db: Db, query: str):
        rows = contacts.listed(db, query, limit=6).rows if query.strip() else []
        self.people = [Choice(id=row.id, words=row.name) for row in rows]

    @signed_in
    def set_client(self, db: Db, contact: str):
        """An empty id: it is about nobody."""
        self.people = []
        known = contacts.get(db, inputs.key(contact)) if contact else None
        self.client = Choice(id=str(known.id), words=known.display_name) if known else None

    @signed_in(busy=True)
    def save(self, db: Db, form: TaskTyped):
        """Refused where somebody changed the task since the sheet was opened: what was typed stays there."""
        row = self._known()
        project, _, section = form.place.partition("\n")
        if form.due_at and not form.due_on:
            raise Invalid(fields={"due_on": "An hour needs its day."})
        tasks.change(
            db,
            inputs.key(row.id),
            TaskForm(
                title=form.title,
                description=form.description,
                contact_id=inputs.key(self.client.id) if self.client else None,
                project_id=inputs.key(project) if project else None,
                session_id=inputs.key(row.session_id) if row.session_id else None,
                section=section[:80],
                due_on=day_of(form.due_on),
                due_at=_hour(form.due_at),
                priority=form.priority,
                rrule=form.rrule,
            ),
            version=row.version,
            scope=form.scope,
        )
        self.task = None
        self.changed += 1
        self.say("Saved.")
        return ShellState.refresh

    @signed_in
    def skip(self, db: Db, task: UUID):
        """Leave this time out."""
        held = tasks.locked(db, task)
        if not tasks.series.skip(db, held):
            raise Invalid("This task does not come again. Finish it, or delete it.")
        self.task = None
        self.changed += 1
        self.say(f"Left out this time. Next: {tasks.card(db, task).due}")
        return ShellState.refresh

    @signed_in
    def move(self, db: Db, task: UUID, by: Literal[-1, 1]):
        """A place up or down in its section."""
        tasks.move(db, task, by)
        self.changed += 1

    @signed_in
    def postpone(self, db: Db, task: UUID, days: Annotated[int, Field(ge=0, le=366)]):
        """To today (0), tomorrow (1) …; an hour stays that hour."""
        self._moved = tasks.many.move(db, [task], practice.of(db).today() + timedelta(days=days))
        self.task = None
        self.changed += 1
        self.say(f"Moved to {tasks.card(db, task).due}.", undo=TaskState.move_back)
        return ShellState.refresh

    @signed_in
    def move_back(self, db: Db):
        if self._moved is not None:
            tasks.many.move_back(db, self._moved)
            self._moved = None
            self.changed += 1
            self.say("Back on its day.")
        return ShellState.refresh

    @signed_in
    def remove(self, db: Db, task: UUID):
        row = tasks.card(db, task)
        self._removed = tasks.remove(db, task)
        self.task = None
        self.changed += 1
        self.say(f"Deleted: {row.title}", undo=TaskState.put_back)
        return ShellState.refresh

    @signed_in
    def put_back(self, db: Db):
        if self._removed is not None:
            tasks.put_back(db, self._removed)
            self._removed = None
            self.changed += 1
            self.say("The task is back.")
        return ShellState.refresh

    def _known(self) -> TaskRow:
        if self.task is None:
            raise NotFound("Open the task again.")
        return self.task


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(fields={"due_on": "There is no such day."}) from None


def _hour(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(fields={"due_at": "There is no such hour."}) from None
