"""Tasks: today's (with what is overdue), the next ones, by project, those done; one by one or many at once."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import counted
from omnicrm.domain import projects, tasks
from omnicrm.domain.projects import ProjectRow
from omnicrm.domain.tasks import Removed, TaskRow
from omnicrm.domain.tasks.many import Moved
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState
from omnicrm.state.task import Day, day_of

Which = Literal["today", "overdue", "upcoming", "open", "project", "done"]
Keys = Annotated[list[UUID], Field(max_length=tasks.many.MOST)]


class ProjectTasks(BaseModel):
    """A project in the list by project: how far it is, and its first open tasks."""

    project: ProjectRow
    rows: list[TaskRow]


class DayTyped(BaseModel):
    due_on: Day = ""


class TasksState(PageState):
    which: str = "today"
    query: str = ""
    overdue: list[TaskRow] = []
    rows: list[TaskRow] = []
    next: str = ""
    by_project: list[ProjectTasks] = []
    soon: list[TaskRow] = []
    projects: list[ProjectRow] = []
    counts: dict[str, int] = {}
    selecting: bool = False
    selected: list[str] = []
    moving: bool = False
    _done: list[UUID] = []
    _moved: Moved | None = None
    _removed: Removed | None = None

    @signed_in
    def load(self, db: Db):
        """`?task=` is a task that a search led to: its list is all that is open."""
        if str(self.router.url.query_parameters.get("task", "")):
            self.which, self.query = "open", ""
        self._stop()
        self._read(db)

    @signed_in
    def reload(self, db: Db):
        """After a change, here or elsewhere."""
        self._read(db)

    @signed_in
    def show(self, db: Db, which: Which):
        self.which = which
        self._stop()
        self._read(db)

    @signed_in
    def search(self, db: Db, query: str):
        self.query = query[:200]
        self._read(db)

    @signed_in
    def more(self, db: Db):
        if self.next and self.which != "project":
            page = tasks.page(db, self.which, query=self.query, after=self.next)
            self.rows, self.next = [*self.rows, *page.rows][-200:], page.next

    @signed_in
    def select(self):
        """Ticks choose instead of finishing, until it is pressed again."""
        self.selecting, self.selected = not self.selecting, []

    @signed_in
    def pick(self, task: UUID):
        key = str(task)
        self.selected = [one for one in self.selected if one != key] if key in self.selected else [*self.selected, key]

    @signed_in
    def finish_selected(self, db: Db):
        self._done = tasks.many.finish(db, self._keys())
        self._settled(db, f"{counted(len(self._done), 'task')} done.", TasksState.reopen_selected)
        return ShellState.refresh

    @signed_in
    def reopen_selected(self, db: Db):
        tasks.many.reopen(db, self._done)
        self._done = []
        self._settled(db, "Open again.")
        return ShellState.refresh

    @signed_in
    def ask_day(self):
        self.field_errors = {}
        self.moving = bool(self.selected)

    @signed_in
    def ask_no_day(self):
        self.moving = False

    @signed_in(busy=True)
    def move_selected(self, db: Db, form: DayTyped):
        """To a day, or to none."""
        self._moved = tasks.many.move(db, self._keys(), day_of(form.due_on))
        self._settled(db, f"{counted(len(self._moved.before), 'task')} moved.", TasksState.move_back)
        return ShellState.refresh

    @signed_in
    def move_back(self, db: Db):
        if self._moved is not None:
            tasks.many.move_back(db, self._moved)
            self._moved = None
            self._settled(db, "Back on their days.")
        return ShellState.refresh

    @signed_in
    def remove_selected(self, db: Db):
        number = len(self._keys())
        self._removed = tasks.many.remove(db, self._keys())
        self._settled(db, f"{counted(number, 'task')} deleted.", TasksState.put_back)
        return ShellState.refresh

    @signed_in
    def put_back(self, db: Db):
        if self._removed is not None:
            tasks.put_back(db, self._removed)
            self._removed = None
            self._settled(db, "They are back.")
        return ShellState.refresh

    def _keys(self) -> list[UUID]:
        if not self.selected:
            raise Invalid("Choose a task first.")
        return [UUID(key) for key in self.selected]

    def _settled(self, db: Db, words: str, undo: object = None) -> None:
        self._stop()
        self._read(db)
        self.say(words, undo=undo)

    def _stop(self) -> None:
        self.selecting, self.selected, self.moving = False, [], False

    def _read(self, db: Db) -> None:
        self.counts = tasks.counts(db)
        found = projects.listed(db, limit=20).rows
        self.projects = found[:6]
        self.soon = tasks.page(db, "upcoming", limit=6, steps=False).rows if self.which == "today" else []
        self.overdue, self.rows, self.next, self.by_project = [], [], "", []
        if self.which == "project":
            rows = projects.next_tasks(db, [UUID(row.id) for row in found])
            self.by_project = [ProjectTasks(project=row, rows=rows.get(row.id, [])) for row in found]
            return
        page = tasks.page(db, self.which, query=self.query)
        late = {row.id for row in page.rows if row.overdue} if self.which == "today" else set()
        self.overdue = [row for row in page.rows if row.id in late or row.parent_id in late]
        self.rows = [row for row in page.rows if row.id not in late and row.parent_id not in late]
        self.next = page.next
