"""The list of programs: open ones, drafts, what is put away."""

from __future__ import annotations

from typing import Literal

from omnicrm.core.db import Db
from omnicrm.domain import programs
from omnicrm.domain.programs import ProgramRow
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

MOST = 500  # rows that the page shows; more are found by name


class ProgramsState(PageState):
    rows: list[ProgramRow] = []
    following: str = ""
    counts: dict[str, int] = {}
    status: Literal["active", "draft", "archived"] = "active"
    query: str = ""

    @signed_in
    def load(self, db: Db):
        self.query = ""
        self._first(db)

    @signed_in
    def reload(self, db: Db):
        self._first(db)

    @signed_in
    def show(self, db: Db, status: Literal["active", "draft", "archived"]):
        self.status = status
        self._first(db)

    @signed_in
    def search(self, db: Db, query: str):
        self.query = query[:200]
        self._first(db)

    @signed_in
    def more(self, db: Db):
        if self.following and len(self.rows) < MOST:
            page = programs.listed(db, status=self.status, query=self.query, after=self.following)
            self.rows, self.following = [*self.rows, *page.rows], page.next

    def _first(self, db: Db) -> None:
        self.counts = programs.counts(db)
        page = programs.listed(db, status=self.status, query=self.query)
        self.rows, self.following = page.rows, page.next
