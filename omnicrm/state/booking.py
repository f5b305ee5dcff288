"""Booking a session, from wherever its button stands: Today, the calendar, a client's page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.domain import contacts, practice, services, sessions
from omnicrm.domain.services import ServiceRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


class BookForm(BaseModel):
    """As typed: wall-clock day and time of the practitioner."""

    model_config = ConfigDict(extra="ignore")

    service: str = ""
    day: date
    time: time
    minutes: Annotated[str, Field(pattern=r"^\d{1,4}$")]
    location: Annotated[str, Field(max_length=200)] = ""


class ClientChoice(BaseModel):
    id: str
    name: str
    initials: str
    detail: str


class BookingState(PageState):
    booking: bool = False
    client_id: str = ""
    client_name: str = ""
    choices: list[ClientChoice] = []
    services: list[ServiceRow] = []
    service_id: str = ""
    day: str = ""
    time: str = ""
    minutes: str = "60"
    location: str = ""
    in_the_way: str = ""
    booked: int = 0

    @signed_in
    def start(self, db: Db, client: str = "", day: str = "", at: str = ""):
        """Open the sheet, for a client and a moment where these are known; else the next full hour."""
        self.field_errors = {}
        self.client_id, self.client_name, self.choices = "", "", []
        if client:
            found = contacts.get(db, inputs.key(client))
            self.client_id, self.client_name = client, found.display_name
        else:
            self.choices = _choices(db, "")
        self.services = services.listed(db)
        who = practice.of(db)
        local = who.viewer().local(who.viewer().now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        self.day, self.time = day or local.date().isoformat(), at or f"{local:%H:%M}"
        self.service_id, self.location = "", ""
        if self.services:
            self._take(self.services[0])
        self._check(db)
        self.booking = True

    @signed_in
    def close(self):
        self.booking = False

    @signed_in
    def find(self, db: Db, query: str):
        self.choices = _choices(db, query)

    @signed_in
    def choose(self, db: Db, client: str):
        """An empty id goes back to the search."""
        self.client_id = client
        self.client_name = contacts.get(db, inputs.key(client)).display_name if client else ""
        if not client:
            self.choices = _choices(db, "")

    @signed_in
    def choose_service(self, db: Db, service: str):
        self.service_id = service
        for row in self.services:
            if row.id == service:
                self._take(row)
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

    @signed_in(busy=True)
    def book(self, db: Db, form: BookForm):
        """What is in the way was said before, under the time; the button then reads "Book all the same"."""
        if not self.client_id:
            raise Invalid(fields={"client": "Choose who it is for."})
        who = practice.of(db)
        session = sessions.book(
            db,
            sessions.Booking(
                contact_id=inputs.key(self.client_id),
                service_id=inputs.key(form.service) if form.service else None,
                scheduled_at=zones.at_wall(form.day, form.time, who.zone),
                duration_minutes=int(form.minutes),
                location=form.location or None,
            ),
            allow_overlap=bool(self.in_the_way),
        )
        self.booking = False
        self.booked += 1
        when = who.viewer().moment(session.scheduled_at)
        self.say(f"Booked: {self.client_name}, {when}", undo=BookingState.unbook(str(session.id)))

    @signed_in
    def unbook(self, db: Db, session: UUID):
        """The toast's Undo."""
        sessions.unbook(db, session)
        self.booked += 1
        self.say("The session is taken back.")

    def _take(self, row: ServiceRow) -> None:
        self.service_id, self.location = row.id, row.location
        if row.duration_minutes:
            self.minutes = str(row.duration_minutes)

    def _check(self, db: Db) -> None:
        try:
            day, wall, minutes = date.fromisoformat(self.day), time.fromisoformat(self.time), int(self.minutes)
        except ValueError:
            self.in_the_way = ""
            return
        starts: datetime = zones.at_wall(day, wall, practice.of(db).zone)
        found = sessions.clashes(db, starts, minutes) if 5 <= minutes <= 24 * 60 else []
        self.in_the_way = " ".join(clash.sentence for clash in found[:2])


def _choices(db: Db, query: str) -> list[ClientChoice]:
    rows = contacts.listed(db, query, limit=6).rows
    return [ClientChoice(id=row.id, name=row.name, initials=row.initials, detail=row.detail) for row in rows]
