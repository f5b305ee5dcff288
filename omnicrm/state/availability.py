"""Availability: weekly hours, the shortest notice, and time off."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.domain import availability, practice, settings
from omnicrm.domain.availability import DayHours, TimeOffForm, TimeOffRow
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


def _blank(value: Any) -> Any:
    return value or None


Clock = Annotated[time | None, BeforeValidator(_blank)]


class HoursTyped(BaseModel):
    """Up to three stretches of a day; a stretch with neither time is left out."""

    model_config = ConfigDict(extra="ignore")

    from_1: Clock = None
    to_1: Clock = None
    from_2: Clock = None
    to_2: Clock = None
    from_3: Clock = None
    to_3: Clock = None
    days: Literal["one", "weekdays", "all"] = "one"

    def spans(self) -> list[availability.Span]:
        """Raises Invalid where only one of the two times is there."""
        found = []
        for begins, ends in ((self.from_1, self.to_1), (self.from_2, self.to_2), (self.from_3, self.to_3)):
            if (begins is None) != (ends is None):
                raise Invalid(fields={"hours": "Give both times of a stretch, or neither."})
            if begins is not None and ends is not None:
                found.append((begins, ends))
        return found


class OffTyped(BaseModel):
    model_config = ConfigDict(extra="ignore")

    first: date
    last: Annotated[date | None, BeforeValidator(_blank)] = None
    begins: Clock = None
    ends: Clock = None
    reason: Annotated[str, Field(max_length=200)] = ""


class NoticeTyped(BaseModel):
    model_config = ConfigDict(extra="ignore")

    minimum_notice_hours: Annotated[int, Field(ge=0, le=24 * 60)]


class AvailabilityState(PageState):
    days: list[DayHours] = []
    is_set: bool = True
    place: str = ""
    notice: str = ""
    off: list[TimeOffRow] = []
    weekday: int = -1  # whose hours are open
    day_name: str = ""
    typed: list[str] = []  # from, to, from, to, from, to
    adding: bool = False
    today: str = ""

    @signed_in
    def load(self, db: Db):
        self.weekday, self.adding, self.field_errors = -1, False, {}
        self._read(db)

    @signed_in
    def edit(self, weekday: Annotated[int, Field(ge=0, le=6)]):
        for day in self.days:
            if day.weekday == weekday:
                ends = [part for span in day.spans[:3] for part in span]
                self.typed = ends + [""] * (6 - len(ends))
                self.day_name = day.long_name
                self.weekday, self.field_errors = weekday, {}

    @signed_in
    def close(self):
        self.weekday, self.adding, self.field_errors = -1, False, {}

    @signed_in(busy=True)
    def save_hours(self, db: Db, form: HoursTyped):
        if self.weekday < 0:
            raise Invalid("Choose a day first.")
        days = {"one": [self.weekday], "weekdays": [0, 1, 2, 3, 4], "all": list(range(7))}[form.days]
        availability.set_hours(db, sorted({self.weekday, *days}), form.spans())
        self.weekday = -1
        self._read(db)
        self.say("Your hours are saved. What is booked stays.")

    @signed_in(busy=True)
    def save_notice(self, db: Db, form: NoticeTyped):
        settings.set(db, "minimum_notice_hours", form.minimum_notice_hours)
        self._read(db)
        self.say("The shortest notice is saved.")

    @signed_in
    def open_off(self):
        self.adding, self.field_errors = True, {}

    @signed_in(busy=True)
    def add_off(self, db: Db, form: OffTyped):
        off = availability.add_time_off(
            db,
            TimeOffForm(
                first=form.first,
                last=form.last or form.first,
                begins=form.begins,
                ends=form.ends,
                reason=form.reason,
            ),
        )
        self.adding = False
        self._read(db)
        self.say("Time off is added. Nothing that is booked was moved.", undo=AvailabilityState.remove_off(str(off.id)))

    @signed_in
    def remove_off(self, db: Db, off: UUID):
        gone = availability.remove_time_off(db, off)
        self._read(db)
        back = AvailabilityState.put_back(
            gone.first.isoformat(),
            gone.last.isoformat(),
            f"{gone.begins:%H:%M}" if gone.begins else "",
            f"{gone.ends:%H:%M}" if gone.ends else "",
            gone.reason,
        )
        self.say("Time off is removed.", undo=back)

    @signed_in
    def put_back(self, db: Db, first: date, last: date, begins: Clock, ends: Clock, reason: str):
        """The Undo of removing."""
        availability.add_time_off(
            db, TimeOffForm(first=first, last=last, begins=begins, ends=ends, reason=reason[:200])
        )
        self._read(db)
        self.say("Time off is back.")

    def _read(self, db: Db) -> None:
        who = practice.of(db)
        self.days, self.is_set = availability.week(db), availability.is_set(db)
        self.off = availability.time_off(db)
        self.notice = str(settings.of(db).minimum_notice_hours)
        self.place = who.zone.key.rsplit("/", 1)[-1].replace("_", " ")
        self.today = who.today().isoformat()
