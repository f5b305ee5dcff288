"""One program's page: its people, its sessions, what was paid."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.domain import programs
from omnicrm.domain.programs import PaymentLine, PersonRow, ProgramCard, Sitting
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

Tab = Literal["people", "sessions", "payments", "left"]
Status = Literal["draft", "active", "archived"]
MOST = 300  # people that the page shows


class ProgramState(PageState):
    card: ProgramCard | None = None
    gone: bool = False
    tab: Tab = "people"
    rows: list[PersonRow] = []
    following: str = ""
    sittings: list[Sitting] = []
    lines: list[PaymentLine] = []

    @signed_in
    def load(self, db: Db):
        self.tab = "people"
        try:
            self._read(db)
        except NotFound:
            self.card, self.rows, self.gone = None, [], True

    @signed_in
    def reload(self, db: Db):
        """After something changed here or elsewhere."""
        if self.card is not None:
            self._read(db)

    @signed_in
    def show(self, db: Db, tab: Tab):
        self.tab = tab
        self._part(db)

    @signed_in
    def more(self, db: Db):
        if self.following and len(self.rows) < MOST:
            page = programs.people(db, self._key(), out=self.tab == "left", after=self.following)
            self.rows, self.following = [*self.rows, *page.rows], page.next

    @signed_in
    def set_status(self, db: Db, status: Status):
        """Open, put away, back into the drafts; with the way back."""
        before = programs.set_status(db, self._key(), status)
        self._read(db)
        words = {
            "active": "is open",
            "archived": "is archived. Credits that were bought stay good",
            "draft": "is a draft again",
        }[status]
        self.say(f"“{self._known().name}” {words}.", undo=ProgramState.set_status(before))

    def _known(self) -> ProgramCard:
        if self.card is None:
            raise NotFound("This program no longer exists.")
        return self.card

    def _key(self) -> UUID:
        return inputs.key(self._known().id)

    def _read(self, db: Db) -> None:
        self.card, self.gone = programs.card(db, inputs.key(str(self.program))), False
        self._part(db)

    def _part(self, db: Db) -> None:
        """Only what the open tab shows is read."""
        key = self._key()
        if self.tab in ("people", "left"):
            page = programs.people(db, key, out=self.tab == "left")
            self.rows, self.following = page.rows, page.next
        elif self.tab == "sessions":
            self.sittings = programs.sittings(db, key)
        else:
            self.lines = programs.payments(db, key)
