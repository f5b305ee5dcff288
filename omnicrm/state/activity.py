"""Sync activity: what was read, what was made of it, what was left out and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.show import counted
from omnicrm.domain import activity, connections, sessions
from omnicrm.domain.activity import RunRow, SkippedRow
from omnicrm.domain.connections import ConnectionRow
from omnicrm.domain.sessions import UnwrittenRow
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState

Span = Literal["day", "week"]


class ActivityState(PageState):
    connections: list[ConnectionRow] = []
    runs: list[RunRow] = []
    latest: RunRow | None = None
    reading: bool = False
    span: Span = "day"
    skipped: list[SkippedRow] = []
    counts: dict[str, int] = {}
    unwritten: list[UnwrittenRow] = []
    line: str = ""

    @signed_in
    def load(self, db: Db):
        self._read(db)

    @signed_in
    def show(self, db: Db, span: Span):
        self.span = span
        self._read(db)

    @signed_in
    def read_now(self, db: Db):
        number = connections.read_soon(db)
        self._read(db)
        self.say("Google is read within a minute." if number else "No account is connected that could be read.")

    @signed_in
    def pause(self, db: Db):
        for row in connections.of(db):
            connections.pause(db, row.id)
        self._read(db)
        self.say("Reading is paused. Nothing new is proposed until you go on.", undo=ActivityState.go_on)

    @signed_in
    def go_on(self, db: Db):
        for row in connections.of(db, status="paused"):
            connections.resume(db, row.id)
        self._read(db)
        self.say("Google is read again.")

    @signed_in
    def again(self, db: Db, item: UUID):
        activity.retry(db, item)
        self._read(db)
        self.say("It is looked at again by the next run.")

    @signed_in
    def write_again(self, db: Db, message: UUID):
        sessions.write_again(db, message)
        self._read(db)
        self.say("It is written to Google again within a minute.")
        return ShellState.refresh

    @signed_in
    def leave_unwritten(self, db: Db, message: UUID):
        sessions.leave_unwritten(db, message)
        self._read(db)
        self.say("It stays as it is here. Google keeps what it has.")
        return ShellState.refresh

    def _read(self, db: Db) -> None:
        day, week = clock.now() - timedelta(days=1), clock.now() - timedelta(days=7)
        self.connections = connections.listed(db)
        self.runs = activity.listed(db, kinds=activity.READING, limit=30)
        syncs = activity.listed(db, kinds=activity.SYNCS, limit=1)
        self.latest = syncs[0] if syncs else None
        self.reading = any(run.status == "running" for run in self.runs)
        self.unwritten = sessions.unwritten(db)
        self.skipped = activity.skipped(db, since=day if self.span == "day" else week, limit=50)
        self.counts = {name: activity.skipped_count(db, since=since) for name, since in (("day", day), ("week", week))}
        left = self.counts[self.span] - len(self.skipped)
        self.line = f"{counted(left, 'more one')} not shown" if left > 0 else ""
