"""On a client's page: the programs they are in, renewing one, coming into another."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import counted
from omnicrm.domain import programs
from omnicrm.domain.programs import Membership, ProgramRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.contact import ContactState
from omnicrm.state.guard import signed_in


class ContactProgramsState(PageState):
    memberships: list[Membership] = []
    open_programs: list[ProgramRow] = []
    choosing: bool = False

    @signed_in
    def load(self, db: Db):
        self.choosing = False
        self._read(db)

    @signed_in
    def choose(self, db: Db):
        self.open_programs, self.choosing = programs.listed(db).rows, True

    @signed_in
    def close(self):
        self.choosing = False

    @signed_in
    def enrol(self, db: Db, into: UUID, over_capacity: bool = False):
        """Into a program, or the same package once more; with the way back."""
        done = programs.enrol(db, into, self._client(), over_capacity=over_capacity)
        self.choosing = False
        self._read(db)
        words = f" {counted(done.credits, 'credit')}, {done.left} now." if done.credits else ""
        undo: Any = ContactProgramsState.take_back(
            str(into), str(done.entry_id or ""), done.was, done.held_until or None
        )
        self.say(f"{done.name} is in “{done.program}”.{words}", undo=undo)
        return ContactState.reload

    @signed_in
    def take_back(
        self,
        db: Db,
        program: UUID,
        entry: str,
        was: Literal["", "active", "paused", "completed", "cancelled"],
        held: AwareDatetime | None = None,
        allow_negative: bool = False,
    ):
        """The toast's Undo."""
        programs.undo_enrolment(
            db,
            program,
            self._client(),
            entry_id=inputs.key(entry) if entry else None,
            was=was,
            held_until=held,
            allow_negative=allow_negative,
        )
        self._read(db)
        self.say("Not enrolled. The credits are taken back." if entry else "Not enrolled.")
        return ContactState.reload

    def _client(self) -> UUID:
        return inputs.key(str(self.client))

    def _read(self, db: Db) -> None:
        try:
            self.memberships = programs.of_contact(db, self._client())
        except NotFound:  # an address that is no id: the page says so itself
            self.memberships = []
