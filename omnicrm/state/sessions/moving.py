"""Another time for a session, or for it and those after it: free times, what is in the way, undo."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, OmniError
from omnicrm.core.show import counted
from omnicrm.domain import practice, sessions
from omnicrm.domain.sessions import Choice, SeriesChange
from omnicrm.state import inputs
from omnicrm.state.booking import Day, Slot, Wall, clock_of
from omnicrm.state.guard import signed_in
from omnicrm.state.repeat import PlanRow, choices, plan_rows
from omnicrm.state.sessions.page import SessionState

Reach = Literal["this", "following", "all"]
Minutes = Annotated[int, Field(ge=1, le=sessions.LONGEST_MINUTES)]
SLOTS = 6


class MoveForm(BaseModel):
    """As typed: wall-clock day and time of the practitioner."""

    model_config = ConfigDict(extra="ignore")

    day: Day = None
    time: Wall = None
    minutes: str = Field(default="", pattern=r"^\d{1,5}$")


class MoveState(SessionState):
    reach: Reach = "this"
    slots: list[Slot] = []
    day: str = ""
    time: str = ""
    minutes: str = ""
    in_the_way: str = ""
    caution: str = ""
    clocks: str = ""
    planned: list[PlanRow] = []
    clashing: int = 0
    plan_words: str = ""

    @signed_in
    def start(self, db: Db):
        """Open the sheet with the free times that are near."""
        known = self._known()
        self.field_errors = {}
        self.reach, self.sheet = "this", "move"
        self.day, self.time, self.minutes = known.date, known.at, str(known.minutes)
        found = sessions.suggested(
            db,
            practice.of(db).today(),
            contact_id=inputs.key(known.contact_id) if known.contact_id else None,
            service_id=inputs.key(known.service_id) if known.service_id else None,
            minutes=known.minutes,
            limit=SLOTS,
        )
        self.slots = [
            Slot(key=f"{one.day}T{one.at}", date=one.date, time=one.time, words="Free", tone="ok") for one in found
        ]
        self._check(db)

    @signed_in
    def pick(self, db: Db, slot: str):
        if any(one.key == slot for one in self.slots):
            self.day, _, self.time = slot.partition("T")
            self._check(db)

    @signed_in
    def set_day(self, db: Db, value: str):
        self.day = value
        self._check(db)

    @signed_in
    def set_time(self, db: Db, value: str):
        self.time = value
        self._check(db)

    @signed_in
    def set_minutes(self, db: Db, value: str):
        self.minutes = value
        self._check(db)

    @signed_in
    def set_reach(self, db: Db, reach: Reach):
        self.reach, self.planned = reach, []
        self._check(db)

    @signed_in
    def decide(self, day: str, choice: Choice):
        self.planned = [row.model_copy(update={"choice": choice}) if row.day == day else row for row in self.planned]
        self._count()

    @signed_in
    def decide_all(self, choice: Choice):
        self.planned = [row.model_copy(update={"choice": choice}) if row.clash else row for row in self.planned]
        self._count()

    @signed_in(busy=True)
    def move(self, db: Db, form: MoveForm, allow_overlap: bool = False):
        known, change = self._known(), self._change(db, form)
        if self.reach != "this":
            new = sessions.changes.change(db, self._key(), self.reach, change, choices(self.planned))
            number = sum(row.choice == "allow" for row in self.planned)
            self._done(db)
            self.say(f"Moved: {counted(number, 'session')}.", undo=SessionState.put_series_back(str(new.id)))
            return
        before = sessions.get(db, self._key())
        was = (before.scheduled_at.isoformat(), before.duration_minutes or known.minutes, before.overlap_allowed)
        moved = sessions.move(
            db,
            self._key(),
            change.scheduled_at or before.scheduled_at,
            change.duration_minutes,
            allow_overlap=allow_overlap or bool(self.in_the_way),
            version=known.version,
        )
        self._done(db)
        self.say(f"Moved to {practice.of(db).viewer().moment(moved.scheduled_at)}.", undo=MoveState.move_back(*was))

    @signed_in
    def move_back(self, db: Db, at: datetime, minutes: Minutes, overlap: bool):
        """The toast's Undo."""
        if at.tzinfo is None:
            raise Invalid("That could not be read. Nothing was changed.")
        sessions.move(db, self._key(), at, minutes, allow_overlap=overlap, with_google=False)
        self._read(db)
        self.say("Back at its old time.")

    def _done(self, db: Db) -> None:
        self.sheet, self.planned = "", []
        self._read(db)

    def _change(self, db: Db, form: MoveForm) -> SeriesChange:
        """Raises Invalid beside the fields."""
        missing = {name: "Please fill this in." for name in ("day", "time") if getattr(form, name) is None}
        if missing or form.day is None or form.time is None:
            raise Invalid(fields=missing)
        minutes = int(form.minutes or self.minutes)
        if not 5 <= minutes <= sessions.LONGEST_MINUTES:
            raise Invalid(fields={"minutes": "Between 5 minutes and 14 days."})
        return SeriesChange(
            scheduled_at=zones.typed(form.day, form.time, practice.of(db).zone), duration_minutes=minutes
        )

    def _check(self, db: Db) -> None:
        """What is in the way of the time that the sheet shows, of each session that would move."""
        self.in_the_way = self.caution = self.clocks = self.plan_words = ""
        self.field_errors, before = {}, self.planned
        self.planned, self.clashing = [], 0
        try:
            form = MoveForm(day=date.fromisoformat(self.day), time=clock_of(self.time), minutes=self.minutes)
            change = self._change(db, form)
            if self.reach != "this":
                self.planned = plan_rows(sessions.changes.plan_change(db, self._key(), self.reach, change), before)
        except Invalid as error:
            self.field_errors = error.fields
            return
        except OmniError as error:
            self.in_the_way = error.message
            return
        except ValueError:
            return
        if self.reach == "this":
            self._look(db, change)
        self._count()

    def _look(self, db: Db, change: SeriesChange) -> None:
        known, at = self._known(), change.scheduled_at
        if at is None:
            return
        minutes, own = change.duration_minutes or known.minutes, self._key()
        found = sessions.clashes(db, at, minutes, other_than=own)
        self.in_the_way = " ".join(clash.sentence for clash in found[:3])
        service = inputs.key(known.service_id) if known.service_id else None
        self.caution = " ".join(sessions.cautions(db, at, minutes, service_id=service, other_than=own)[:2])
        if zones.comes_twice(at, practice.of(db).zone):
            self.clocks = "Clocks go back on that day, and this hour comes twice: the first is meant."

    def _count(self) -> None:
        self.clashing = sum(bool(row.clash) for row in self.planned)
        going = sum(row.choice == "allow" for row in self.planned)
        stay = len(self.planned) - going
        if self.planned:
            self.plan_words = counted(going, "session") + (f", {stay} stay" if stay else "")
