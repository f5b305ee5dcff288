"""Booking a session, from wherever its button stands: Today, the calendar, a client's page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import possessive
from omnicrm.domain import contacts, practice, services, sessions
from omnicrm.domain.services import ServiceRow
from omnicrm.domain.sessions import Booking
from omnicrm.state import clients, inputs
from omnicrm.state.base import PageState
from omnicrm.state.clients import ClientChoice
from omnicrm.state.guard import signed_in

SLOTS = 6

_Empty = BeforeValidator(lambda value: None if value == "" else value)
Day = Annotated[date | None, _Empty]
Wall = Annotated[time | None, _Empty]


class BookForm(BaseModel):
    """As typed: wall-clock day and time of the practitioner. What the sheet does not show stays as it was chosen."""

    model_config = ConfigDict(extra="ignore")

    day: Day = None
    time: Wall = None
    minutes: Annotated[str, Field(pattern=r"^\d{1,5}$")] = ""
    location: Annotated[str, Field(max_length=200)] = ""
    meeting_url: Annotated[str, Field(max_length=2000)] = ""


class Slot(BaseModel):
    """A time to tap. `key` is its local day and time, or the id of the class that it is a place in."""

    key: str
    date: str
    time: str
    words: str
    tone: str


class BookingState(PageState):
    booking: bool = False
    client_id: str = ""
    client_name: str = ""
    client_first: str = ""
    credits: str = ""
    credits_tone: str = ""
    sought: str = ""
    choices: list[ClientChoice] = []
    services: list[ServiceRow] = []
    service_id: str = ""
    slots: list[Slot] = []
    slots_words: str = ""
    slot: str = ""
    by_hand: bool = False
    day: str = ""
    time: str = ""
    minutes: str = "60"
    location: str = ""
    in_the_way: str = ""
    caution: str = ""
    clocks: str = ""
    full: bool = False  # the class that is chosen: one can only wait
    booked: int = 0
    repeating: bool = False
    asked: int = 0  # grows with each look at the time, so that a series is planned anew

    @signed_in
    def start(self, db: Db, client: str = "", day: str = "", at: str = ""):
        """Open the sheet, for a client and a moment where these are known; else with the next free times."""
        self._open(db, client, day, at, "")

    @signed_in
    def again(self, db: Db, client: str, service: str):
        """Open it for the same once more."""
        self._open(db, client, "", "", service)

    @signed_in
    def close(self):
        self.booking = False

    @signed_in
    def find(self, db: Db, query: str):
        self.sought = query.strip()
        self.choices = clients.choices(db, query)

    @signed_in
    def choose(self, db: Db, client: str):
        """An empty id goes back to the search."""
        self._client(db, client)
        if client and not self.by_hand:
            self._service(db, self.service_id if self._is_class() else "")
            self._suggest(db, None)
        self._check(db)

    @signed_in
    def add_client(self, db: Db):
        """Who was sought and is not in the book yet."""
        self._client(db, clients.added(db, self.sought))

    @signed_in
    def choose_service(self, db: Db, service: str):
        self._service(db, service)
        if not self.by_hand or self._is_class():
            self._suggest(db, None)
        self._check(db)

    @signed_in
    def pick(self, db: Db, slot: str):
        """A suggested time, or a place in a class."""
        if any(one.key == slot for one in self.slots):
            self._take(slot)
            self._check(db)

    @signed_in
    def more(self, db: Db):
        """The free times of the days after those that are shown."""
        last = day_of(self.slots[-1].key.partition("T")[0]) if self.slots else None
        self._suggest(db, last + timedelta(days=1) if last else None)
        self._check(db)

    @signed_in
    def another(self, db: Db):
        """Day and time by hand; the suggested one is where it begins."""
        self.by_hand, self.slot = True, ""
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
    def unbook(self, db: Db, session: UUID):
        """The toast's Undo."""
        sessions.unbook(db, session)
        self.booked += 1
        self.say("The session is taken back.")

    @signed_in
    def give_up(self, db: Db, session: UUID, client: UUID):
        """The undo of a place in a class."""
        sessions.walk_out(db, session, client)
        self.booked += 1
        self.say("The place is taken back.")

    @signed_in
    def stop_waiting(self, db: Db, entry: UUID):
        """The undo of the waiting list."""
        sessions.waitlist.leave(db, entry)
        self.booked += 1
        self.say("Off the waiting list.")

    def _open(self, db: Db, client: str, day: str, at: str, service: str) -> None:
        self.field_errors, self.repeating = {}, False
        self.services, self.slots = services.listed(db), []
        self._client(db, client)
        self._service(db, service)
        self.by_hand, self.day, self.time, self.slot = bool(at), day, at, ""
        if not at:
            self._suggest(db, day_of(day))
        self._check(db)
        self.booking = True

    def _book(self, db: Db, form: BookForm, *, allow_overlap: bool) -> None:
        """What is in the way was said before, under the time; the button then reads "Book all the same"."""
        if not self.client_id and not self._is_class():
            raise Invalid(fields={"client": "Choose who it is for."})
        if self._is_class() and not self.by_hand:
            self._take_place(db, over_capacity=allow_overlap)
            return
        session = sessions.book(db, self._wish(db, form), allow_overlap=allow_overlap or bool(self.in_the_way))
        self._done(db, session.scheduled_at, BookingState.unbook(str(session.id)))

    def _take_place(self, db: Db, *, over_capacity: bool) -> None:
        if not self.client_id:
            raise Invalid(fields={"client": "Choose who it is for."})
        if not self.slot:
            raise Invalid(fields={"slot": "Choose a class."})
        session, client = inputs.key(self.slot), inputs.key(self.client_id)
        known = sessions.get(db, session)
        full = sessions.taken(db, session) >= known.capacity
        if full and not over_capacity:
            entry = sessions.waitlist.wait(db, client, session_id=session)
            self.booking = False
            self.booked += 1
            self.say(
                f"{self.client_name} waits for a place in {known.title}.",
                undo=BookingState.stop_waiting(str(entry.id)),
            )
            return
        sessions.register(db, session, client, over_capacity=over_capacity)
        self._done(db, known.scheduled_at, BookingState.give_up(str(session), str(client)))

    def _done(self, db: Db, at: datetime, undo: object) -> None:
        self.booking = False
        self.booked += 1
        for_whom = self.client_name or next((row.name for row in self.services if row.id == self.service_id), "Session")
        self.say(f"Booked: {for_whom}, {practice.of(db).viewer().moment(at)}", undo=undo)

    def _wish(self, db: Db, form: BookForm) -> Booking:
        """The booking that the sheet stands for. Raises Invalid beside its fields."""
        if self.by_hand:
            missing = {name: "Please fill this in." for name in ("day", "time") if getattr(form, name) is None}
            if missing or form.day is None or form.time is None:
                raise Invalid(fields=missing)
            day, wall = form.day, form.time
        elif self.slot:
            day, wall = date.fromisoformat(self.day), time.fromisoformat(self.time)
        else:
            raise Invalid(fields={"slot": "Choose a time, or take another day."})
        return inputs.checked(
            lambda: Booking(
                contact_id=inputs.key(self.client_id) if self.client_id else None,
                service_id=inputs.key(self.service_id) if self.service_id else None,
                scheduled_at=zones.typed(day, wall, practice.of(db).zone),
                duration_minutes=int(form.minutes or self.minutes),
                location=form.location or None,
                meeting_url=form.meeting_url or None,
            )
        )

    def _client(self, db: Db, client: str) -> None:
        self.client_id, self.client_name, self.client_first = client, "", ""
        self.credits = self.credits_tone = self.sought = ""
        if client:
            found = contacts.get(db, inputs.key(client))
            self.client_name, self.client_first = found.display_name, found.first_name
            self.credits, self.credits_tone = sessions.credits_left(db, found.id)
            self.choices = []
        else:
            self.choices = clients.choices(db, "")

    def _service(self, db: Db, service: str) -> None:
        """The one given, else what the client had last, else the first of the list."""
        last = sessions.last_service(db, inputs.key(self.client_id)) if self.client_id and not service else None
        wanted = service or str(last or "") or self.service_id
        row = next((row for row in self.services if row.id == wanted), self.services[0] if self.services else None)
        self.service_id, self.location = (row.id, row.location) if row else ("", "")
        if row and row.duration_minutes:
            self.minutes = str(row.duration_minutes)

    def _is_class(self) -> bool:
        return any(row.id == self.service_id and row.capacity > 1 for row in self.services)

    def _suggest(self, db: Db, day: date | None) -> None:
        """The next free times, the first of them chosen; of a class, those that take place already."""
        who = practice.of(db)
        service = inputs.key(self.service_id) if self.service_id else None
        if self._is_class() and service is not None:
            self.slots = [
                Slot(key=str(one.id), date=one.date, time=one.time, words=one.places, tone="warn" if one.full else "ok")
                for one in sessions.classes(db, service, limit=SLOTS)
            ]
            self.slots_words = "Classes to come"
        else:
            found = sessions.suggested(
                db,
                day or who.today(),
                contact_id=inputs.key(self.client_id) if self.client_id else None,
                service_id=service,
                minutes=int(self.minutes) if self.minutes.isdigit() else None,
                limit=SLOTS,
            )
            self.slots = [
                Slot(key=f"{one.day}T{one.at}", date=one.date, time=one.time, words="Free", tone="ok") for one in found
            ]
            usual = f", near {possessive(self.client_first)} usual one" if self.client_id else ""
            self.slots_words = f"Free times{usual}"
        self.by_hand = not self.slots
        if self.slots:
            self._take(self.slots[0].key)
        elif not self.time:
            local = who.viewer().local(who.viewer().now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            self.slot, self.day, self.time = "", self.day or local.date().isoformat(), f"{local:%H:%M}"

    def _take(self, slot: str) -> None:
        self.slot, self.by_hand = slot, False
        if not self._is_class():
            self.day, _, self.time = slot.partition("T")

    def _check(self, db: Db) -> None:
        """What is in the way, what speaks against it, what the clocks do: under the time, before it is booked."""
        self.in_the_way = self.caution = self.clocks = ""
        self.full = any(one.key == self.slot and one.tone == "warn" for one in self.slots)
        self.asked += 1
        if self._is_class() and not self.by_hand:
            return
        zone = practice.of(db).zone
        try:
            minutes = int(self.minutes)
            starts = zones.typed(date.fromisoformat(self.day), time.fromisoformat(self.time), zone)
        except Invalid as error:
            self.clocks = " ".join(error.fields.values())
            return
        except ValueError:
            return
        if not 5 <= minutes <= sessions.LONGEST_MINUTES:
            return
        found = sessions.clashes(db, starts, minutes)
        self.in_the_way = " ".join(clash.sentence for clash in found[:3])
        service = inputs.key(self.service_id) if self.service_id else None
        self.caution = " ".join(sessions.cautions(db, starts, minutes, service_id=service)[:2])
        if starts <= practice.of(db).viewer().now:
            self.caution = f"This is in the past. {self.caution}".strip()
        if zones.comes_twice(starts, zone):
            self.clocks = "Clocks go back on that day, and this hour comes twice: the first is meant."


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def clock_of(text: str) -> time:
    """The wall clock that a field shows. Raises ValueError."""
    return time.fromisoformat(text)
