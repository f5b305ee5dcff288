"""Calling a session off: who, why, what it means; or it and those after it; and taken back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.core.show import counted
from omnicrm.domain import sessions
from omnicrm.state.guard import signed_in
from omnicrm.state.sessions.moving import Reach
from omnicrm.state.sessions.page import SessionState

Who = Literal["client", "practitioner"]
REASONS = ("Ill", "No time", "Emergency", "Travelling")


class CancelForm(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Annotated[str, Field(max_length=500)] = ""


class CancelState(SessionState):
    who: Who = "client"
    meant: str = ""
    late: bool = False
    counts: bool = False  # late, and the practitioner did not waive it
    reason: str = ""
    reach: Reach = "this"
    reached: str = ""

    @signed_in
    def start(self, db: Db):
        self.field_errors = {}
        self.who = "client" if self._known().contact_id else "practitioner"
        self.reason, self.reach, self.reached, self.sheet = "", "this", "", "cancel"
        self._weigh(db)

    @signed_in
    def set_who(self, db: Db, who: Who):
        self.who = who
        self._weigh(db)

    @signed_in
    def set_counts(self, on: bool):
        self.counts = on

    @signed_in
    def set_reason(self, reason: Annotated[str, Field(max_length=500)]):
        self.reason = reason

    @signed_in
    def set_reach(self, db: Db, reach: Reach):
        self.reach = reach
        number = 1 if reach == "this" else len(sessions.changes.reached(db, self._key(), reach))
        self.reached = counted(number, "session")

    @signed_in(busy=True)
    def cancel(self, db: Db, form: CancelForm):
        if self.reach != "this":
            series = self._known().series_id
            number = sessions.changes.cancel(db, self._key(), self.reach, by=self.who, reason=form.reason)
            self._done(db)
            self.say(f"Cancelled: {counted(number, 'session')}.", undo=SessionState.put_series_back(series))
            return
        late = self.counts if self.who == "client" else None
        done = sessions.cancel(db, self._key(), by=self.who, reason=form.reason, late=late)
        self._done(db)
        self.say("Cancelled, counted as late." if done.late_cancel else "Cancelled.", undo=CancelState.uncancel)

    @signed_in
    def uncancel(self, db: Db, allow_overlap: bool = False):
        """Undo, and the page's own "Book it again"."""
        sessions.uncancel(db, self._key(), allow_overlap=allow_overlap)
        self._read(db)
        self.say("Booked again.")

    def _weigh(self, db: Db) -> None:
        found = sessions.cancellation(db, self._key(), self.who)
        self.meant, self.late, self.counts = found.sentence, found.late, found.late

    def _done(self, db: Db) -> None:
        self.sheet = ""
        self._read(db)
