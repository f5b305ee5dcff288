"""What is done on a program's page: enrolled, paused, finished; credits put right; classes booked."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import counted
from omnicrm.domain import credits, programs
from omnicrm.domain.credits import Movement
from omnicrm.domain.programs import Choice, Enrolled, Membership, Sitting, SittingForm
from omnicrm.state import inputs
from omnicrm.state.guard import signed_in
from omnicrm.state.program import ProgramState

Was = Literal["", "active", "paused", "completed", "cancelled"]
Turn = Literal["active", "paused", "completed", "cancelled"]


def _blank(value: Any) -> Any:
    return value.strip() or None if isinstance(value, str) else value


Whole = Annotated[int | None, BeforeValidator(_blank)]
Day = Annotated[date | None, BeforeValidator(_blank)]


class Classes(BaseModel):
    """The first class, and how many weeks it comes again."""

    model_config = ConfigDict(extra="ignore")

    first_on: Day = None
    begins_at: Annotated[time | None, BeforeValidator(_blank)] = None
    duration_minutes: Whole = None
    number: Whole = None
    places: Whole = None
    location: Annotated[str, Field(max_length=200)] = ""

    def form(self) -> SittingForm:
        """Raises ValidationError in the fields' names."""
        if self.first_on is None or self.begins_at is None:
            missing = {"first_on": self.first_on, "begins_at": self.begins_at}
            raise Invalid(fields={name: "Please fill this in." for name, value in missing.items() if value is None})
        return SittingForm(
            first_on=self.first_on,
            begins_at=self.begins_at,
            duration_minutes=self.duration_minutes or 60,
            number=self.number or 1,
            capacity=self.places,
            location=self.location,
        )


class Correction(BaseModel):
    """Up or down, and why."""

    model_config = ConfigDict(extra="ignore")

    credits: Whole = None
    note: Annotated[str, Field(max_length=500)] = ""


class Gift(BaseModel):
    model_config = ConfigDict(extra="ignore")

    credits: Whole = None


class Until(BaseModel):
    model_config = ConfigDict(extra="ignore")

    until: Day = None


class ProgramPeopleState(ProgramState):
    sheet: Literal["", "enrol", "person", "correct", "move", "prolong", "classes", "attach"] = ""
    choices: list[Choice] = []
    person: Membership | None = None
    movements: list[Movement] = []
    taker: str = ""
    taker_name: str = ""
    free_sessions: list[Sitting] = []

    @signed_in
    def open_enrol(self, db: Db):
        self._known()
        self._sheet("enrol")
        self.choices = programs.choices(db, self._key(), "")

    @signed_in
    def find(self, db: Db, query: str):
        self.choices = programs.choices(db, self._key(), query[:200])

    @signed_in
    def close(self):
        self._sheet("")

    @signed_in
    def enrol(self, db: Db, contact: UUID, over_capacity: bool = False):
        """Tapping a name enrols; a full program asks first."""
        done = programs.enrol(db, self._key(), contact, over_capacity=over_capacity)
        self._sheet("")
        self._read(db)
        words = f" {counted(done.credits, 'credit')}, {done.left} now." if done.credits else ""
        again = " again" if done.was in ("active", "paused") else ""
        self.say(f"{done.name} is enrolled{again}.{words}", undo=_back(done))

    @signed_in
    def take_back_enrolment(
        self,
        db: Db,
        contact: UUID,
        entry: str,
        was: Was,
        held: AwareDatetime | None = None,
        allow_negative: bool = False,
    ):
        """The toast's Undo."""
        programs.undo_enrolment(
            db,
            self._key(),
            contact,
            entry_id=inputs.key(entry) if entry else None,
            was=was,
            held_until=held,
            allow_negative=allow_negative,
        )
        self._after(db)
        self.say("Not enrolled. The credits are taken back." if entry else "Not enrolled.")

    @signed_in
    def turn(self, db: Db, contact: UUID, to: Turn, over_capacity: bool = False):
        """Pause, go on, finish, leave; with the way back."""
        before, words = programs.change_enrollment(db, self._key(), contact, to, over_capacity=over_capacity)
        self._sheet("")
        self._after(db)
        self.say(words, undo=ProgramPeopleState.turn(str(contact), before, True))

    @signed_in
    def open_person(self, db: Db, contact: UUID):
        self.person = programs.enrolment(db, self._key(), contact)
        self.movements = credits.history(db, contact, self._key())
        self._sheet("person")

    @signed_in
    def open_sheet(self, db: Db, which: Literal["correct", "move", "prolong", "classes", "attach"]):
        self._known()
        self._sheet(which)
        self.taker = self.taker_name = ""
        if which == "move":
            self.choices = programs.choices(db, self._key(), "")
        elif which == "attach":
            self.free_sessions = programs.attachable(db)

    @signed_in(busy=True)
    def correct(self, db: Db, form: Correction, allow_negative: bool = False):
        """Credits by hand, with a reason; with the way back."""
        if not form.credits:
            raise Invalid(fields={"credits": "A number such as 1 or -1."})
        who = self._who()
        entry = credits.adjust(
            db,
            inputs.key(who.contact_id),
            self._key(),
            form.credits,
            note=form.note,
            allow_negative=allow_negative,
        )
        self._sheet("")
        self._after(db)
        left = credits.balance(db, inputs.key(who.contact_id), self._key())
        self.say(f"{who.who}: {left} now.", undo=ProgramPeopleState.reverse([str(entry.id)]))

    @signed_in
    def reverse(self, db: Db, entries: list[UUID], allow_negative: bool = False):
        """The toast's Undo, and what a line of the history offers: the opposite is written, once."""
        times = credits.reverse(db, entries, allow_negative=allow_negative)
        self._sheet("")
        self._after(db)
        self.say("Taken back." if times else "That was taken back before.")

    @signed_in
    def choose_taker(self, contact: UUID, name: Annotated[str, Field(max_length=200)]):
        self.taker, self.taker_name = str(contact), name

    @signed_in(busy=True)
    def move_credits(self, db: Db, form: Gift):
        """To another client, who is put into the program where they are not in it; with the way back."""
        if not self.taker:
            raise Invalid(fields={"taker": "Choose who gets them."})
        if not form.credits:
            raise Invalid(fields={"credits": "Say how many."})
        who, taker = self._who(), inputs.key(self.taker)
        moved = programs.give(db, self._key(), inputs.key(who.contact_id), taker, form.credits)
        self._sheet("")
        self._after(db)
        words = f"{counted(form.credits, 'credit')} moved from {who.who} to {self.taker_name}."
        self.say(words, undo=ProgramPeopleState.reverse([str(entry) for entry in moved]))

    @signed_in(busy=True)
    def prolong(self, db: Db, form: Until):
        """Another last day for the credits, or none; with the way back."""
        who = self._who()
        before, back = programs.prolong(db, self._key(), inputs.key(who.contact_id), form.until)
        self._sheet("")
        self._after(db)
        words = f" {counted(back, 'credit')} came back." if back else ""
        until = programs.enrolment(db, self._key(), inputs.key(who.contact_id)).until or "without end"
        undo = ProgramPeopleState.hold_until(who.contact_id, before.isoformat() if before else None)
        self.say(f"{who.who}’s credits hold {until}.{words}", undo=undo)

    @signed_in
    def hold_until(self, db: Db, contact: UUID, instant: AwareDatetime | None = None):
        """The toast's Undo."""
        credits.extend(db, contact, self._key(), instant)
        self._after(db)
        self.say("As it was before.")

    @signed_in(busy=True)
    def book_classes(self, db: Db, form: Classes, allow_overlap: bool = False):
        """All of them or none; what is in the way is named, and can be booked over."""
        made = programs.add_sittings(db, self._key(), inputs.checked(form.form), allow_overlap=allow_overlap)
        self._sheet("")
        self.tab = "sessions"
        self._after(db)
        undo = ProgramPeopleState.unbook([str(key) for key in made])
        self.say(f"{counted(len(made), 'session')} booked. Everybody who is enrolled has a place.", undo=undo)

    @signed_in
    def unbook(self, db: Db, sessions: list[UUID]):
        """The toast's Undo: the sessions and their events go."""
        programs.unbook(db, self._key(), sessions)
        self._after(db)
        self.say(f"{counted(len(sessions), 'session')} taken back.")

    @signed_in
    def attach(self, db: Db, session: UUID):
        programs.attach(db, self._key(), session)
        self._sheet("")
        self.tab = "sessions"
        self._after(db)
        self.say("The session belongs to this program now.", undo=ProgramPeopleState.detach(str(session)))

    @signed_in
    def detach(self, db: Db, session: UUID):
        """It stays in the calendar, with everybody who has a place."""
        programs.detach(db, self._key(), session)
        self._after(db)
        self.say("Taken out. It stays in the calendar.", undo=ProgramPeopleState.attach(str(session)))

    def _sheet(self, name: Any) -> None:
        self.sheet, self.field_errors = name, {}

    def _who(self) -> Membership:
        if self.person is None:
            raise Invalid("Choose a person first.")
        return self.person

    def _after(self, db: Db) -> None:
        self._read(db)


def _back(done: Enrolled) -> Any:
    return ProgramPeopleState.take_back_enrolment(
        str(done.contact_id), str(done.entry_id or ""), done.was, done.held_until or None
    )
