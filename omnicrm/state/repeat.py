"""The booking sheet's other half: a series, with every clash before anything is booked."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, OmniError
from omnicrm.core.show import counted
from omnicrm.domain import practice, sessions
from omnicrm.domain.sessions import Booking, Choice, Planned, Repeat
from omnicrm.state import inputs
from omnicrm.state.booking import BookForm, BookingState, day_of
from omnicrm.state.guard import signed_in

Every = Literal["week", "two_weeks", "month"]
Ends = Literal["count", "until", "never"]


class PlanRow(BaseModel):
    """A session that is to be: `choice` is what happens to one with something in its way."""

    day: str
    when: str
    clash: str
    note: str
    choice: Choice


def plan_rows(found: list[Planned], before: list[PlanRow]) -> list[PlanRow]:
    """As the sheet shows them: what was chosen for a day stays chosen, everything else is left out at first."""
    chosen = {row.day: row.choice for row in before}
    return [
        PlanRow(
            day=one.day,
            when=one.when,
            clash=" ".join(one.clashes),
            note=one.note,
            choice=chosen.get(one.day, "skip") if one.clashes else "allow",
        )
        for one in found
    ]


def choices(rows: list[PlanRow]) -> dict[date, Choice]:
    return {date.fromisoformat(row.day): row.choice for row in rows if row.clash}


class RepeatState(BookingState):
    every: Every = "week"
    days: list[int] = []
    weekday: int = -1  # of the first session
    by_date: bool = False
    ends: Ends = "count"
    count: str = "10"
    until: str = ""
    planned: list[PlanRow] = []
    plan_words: str = ""
    clashing: int = 0

    @signed_in
    def repeat(self, db: Db, on: bool):
        self.repeating = on
        self.days, self.by_date, self.ends, self.count, self.until = [], False, "count", "10", ""
        self._plan(db)

    @signed_in
    def replan(self, db: Db):
        """Whose session it is, its time or its length changed."""
        if self.repeating:
            self._plan(db)

    @signed_in
    def set_every(self, db: Db, every: Every):
        self.every = every
        self._plan(db)

    @signed_in
    def toggle_day(self, db: Db, day: int):
        if 0 <= day <= 6:
            self.days = sorted({*self.days} ^ {day})
            self._plan(db)

    @signed_in
    def set_by_date(self, db: Db, by_date: bool):
        self.by_date = by_date
        self._plan(db)

    @signed_in
    def set_ends(self, db: Db, ends: Ends):
        self.ends = ends
        self._plan(db)

    @signed_in
    def set_count(self, db: Db, value: str):
        self.count = value
        self._plan(db)

    @signed_in
    def set_until(self, db: Db, value: str):
        self.until = value
        self._plan(db)

    @signed_in
    def decide(self, day: str, choice: Choice):
        """What becomes of one session that something is in the way of."""
        self.planned = [row.model_copy(update={"choice": choice}) if row.day == day else row for row in self.planned]
        self._count()

    @signed_in
    def decide_all(self, choice: Choice):
        self.planned = [row.model_copy(update={"choice": choice}) if row.clash else row for row in self.planned]
        self._count()

    @signed_in(busy=True)
    def submit(self, db: Db, form: BookForm, allow_overlap: bool = False):
        """The sheet's button: one session, or the series."""
        if not self.repeating:
            return self._book(db, form, allow_overlap=allow_overlap)
        wish = self._wish(db, form)
        series = sessions.create(db, wish, self._rule(db, wish), choices(self.planned))
        number = sum(row.choice == "allow" for row in self.planned)
        self.booking, self.repeating = False, False
        self.booked += 1
        self.say(
            f"Booked: {counted(number, 'session')}, {sessions.rules.words(series.rrule, practice.of(db).viewer())}",
            undo=RepeatState.take_series_back(str(series.id)),
        )
        return None

    @signed_in
    def take_series_back(self, db: Db, series: UUID):
        """The toast's Undo."""
        words = sessions.changes.undo(db, series)
        self.booked += 1
        self.say(words)

    def _plan(self, db: Db) -> None:
        """Read anew what the series would be; what is wrong stands beside its field, without a toast at each key."""
        self.field_errors = {}
        if not self.repeating:
            self.planned, self.plan_words = [], ""
            return
        try:
            wish = self._wish(db, self._shown())
            self.planned = plan_rows(sessions.plan(db, wish, self._rule(db, wish)), self.planned)
        except OmniError as error:
            self.planned, self.clashing = [], 0
            self.field_errors = error.fields if isinstance(error, Invalid) else {}
            self.plan_words = "" if self.field_errors else error.message
            return
        self._count()

    def _shown(self) -> BookForm:
        """What the sheet's own fields say at the moment."""
        shown = {"day": self.day, "time": self.time, "minutes": self.minutes, "location": self.location}
        return inputs.checked(lambda: BookForm.model_validate(shown))

    def _rule(self, db: Db, wish: Booking) -> str:
        """Raises Invalid beside the field."""
        first = practice.of(db).viewer().local(wish.scheduled_at).date()
        self.weekday = first.weekday()
        repeat = inputs.checked(
            lambda: Repeat(
                every=self.every,
                days=tuple({*self.days, first.weekday()}) if self.every != "month" else (),
                by_date=self.by_date,
                ends=self.ends,
                count=int(self.count) if self.count.isdecimal() and len(self.count) < 6 else None,
                until=day_of(self.until),
            )
        )
        return sessions.rule_of(repeat, first)

    def _count(self) -> None:
        self.clashing = sum(bool(row.clash) for row in self.planned)
        booked = sum(row.choice == "allow" for row in self.planned)
        left_out = len(self.planned) - booked
        self.plan_words = counted(booked, "session") + (f", {left_out} left out" if left_out else "")
