"""Tasks: today's (with what is overdue), the next ones, those done; added with a line, finished with a tick."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from omnicrm.core.db import Db
from omnicrm.domain import tasks
from omnicrm.domain.tasks import TaskForm, TaskRow
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState

Which = Literal["today", "upcoming", "open", "done"]


class TaskTyped(BaseModel):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    due_on: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""
    high: str = ""


class TasksState(PageState):
    which: Which = "today"
    overdue: list[TaskRow] = []
    rows: list[TaskRow] = []
    soon: list[TaskRow] = []
    counts: dict[str, int] = {}
    added: int = 0

    @signed_in
    def load(self, db: Db):
        self._read(db)

    @signed_in
    def show(self, db: Db, which: Which):
        self.which = which
        self._read(db)

    @signed_in(busy=True)
    def add(self, db: Db, form: TaskTyped):
        due = date.fromisoformat(form.due_on) if form.due_on else None
        task = tasks.add(db, TaskForm(title=form.title, due_on=due, priority="high" if form.high else "medium"))
        self.added += 1
        if due is None and self.which == "today":
            self.which = "open"  # else the new task would not be seen
        self._read(db)
        self.say(f"Task added: {task.title}", undo=TasksState.remove(str(task.id)))
        return ShellState.refresh

    @signed_in
    def finish(self, db: Db, task: UUID):
        done = tasks.finish(db, task)
        self._read(db)
        self.say(f"Done: {done.title}", undo=TasksState.reopen(str(task)))
        return ShellState.refresh

    @signed_in
    def reopen(self, db: Db, task: UUID):
        tasks.reopen(db, task)
        self._read(db)
        self.say("Open again.")
        return ShellState.refresh

    @signed_in
    def remove(self, db: Db, task: UUID):
        """The Undo of adding."""
        tasks.remove(db, task)
        self._read(db)
        self.say("The task is taken back.")
        return ShellState.refresh

    def _read(self, db: Db) -> None:
        self.counts = tasks.counts(db)
        found = tasks.listed(db, self.which, limit=100)
        self.overdue = [row for row in found if row.overdue]
        self.rows = [row for row in found if not row.overdue]
        self.soon = tasks.listed(db, "upcoming", limit=6) if self.which == "today" else []
