"""The calendar: a week of sessions, proposals and Google's busy times; one session open beside it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, Field

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import Viewer
from omnicrm.domain import practice, sessions
from omnicrm.domain.sessions import CalendarRow, SessionCard
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

View = Literal["day", "week"]

FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)  # as far as one can turn the pages


class Day(BaseModel):
    """A day of the strip; `load` is a dot for each session, at most four."""

    date: str
    name: str
    number: str
    on: bool
    today: bool
    load: list[int]


class MoveForm(BaseModel):
    day: date
    time: time
    minutes: Annotated[str, Field(pattern=r"^\d{1,4}$")]


class CalendarState(PageState):
    view: View = "week"
    day: str = ""
    title: str = ""
    subtitle: str = ""
    week: list[Day] = []
    agenda: list[CalendarRow] = []
    events: list[dict[str, Any]] = []
    first_day: int = 1
    hidden: list[int] = []
    now: str = ""
    earliest: str = "07:00:00"
    latest: str = "20:00:00"
    shown: str = ""  # grows with each reading, so that the grid is drawn anew
    card: SessionCard | None = None
    over: bool = False
    moving: bool = False

    @signed_in
    def load(self, db: Db):
        self.card, self.moving = None, False
        asked = str(self.router.url.query_parameters.get("day", ""))
        self.day = _iso(asked) or self.day or practice.of(db).today().isoformat()
        self._read(db)

    @signed_in
    def reload(self, db: Db):
        self._read(db)

    @signed_in
    def today(self, db: Db):
        self.day, self.card = practice.of(db).today().isoformat(), None
        self._read(db)

    @signed_in
    def step(self, db: Db, by: int):
        """A week or a day on, as the view is."""
        span = 7 if self.view == "week" else 1
        self.day = (self._chosen(db) + timedelta(days=span * max(-60, min(by, 60)))).isoformat()
        self.card = None
        self._read(db)

    @signed_in
    def pick(self, db: Db, day: date):
        self.day, self.card = max(FIRST, min(day, LAST)).isoformat(), None
        self._read(db)

    @signed_in
    def show(self, db: Db, view: View):
        self.view = view
        self._read(db)

    @signed_in
    def open(self, db: Db, session: UUID):
        """A proposal opens in Approvals."""
        return self._open(db, session)

    @signed_in
    def clicked(self, db: Db, session: UUID, kind: str):
        """From the grid: what is busy in Google has nothing to open."""
        return None if kind == "busy" else self._open(db, session)

    @signed_in
    def close(self, db: Db):
        self.card, self.moving = None, False
        self._read(db)

    @signed_in
    def open_move(self):
        self.field_errors = {}
        self.moving = True

    @signed_in
    def close_move(self):
        self.moving = False

    @signed_in(busy=True)
    def move(self, db: Db, form: MoveForm, allow_overlap: bool = False):
        """Raises Conflict, with "Do it anyway", where something is in the way."""
        known = self._known()
        minutes = int(form.minutes)
        if not 5 <= minutes <= 24 * 60:
            raise Invalid(fields={"minutes": "Between 5 minutes and a day."})
        before = sessions.get(db, inputs.key(known.id))
        was, length = before.scheduled_at, before.duration_minutes
        at = zones.at_wall(form.day, form.time, practice.of(db).zone)
        sessions.move(db, inputs.key(known.id), at, minutes, allow_overlap=allow_overlap)
        self.moving, self.day = False, form.day.isoformat()
        self._reopen(db, known.id)
        undo = CalendarState.move_back(known.id, was.isoformat(), length or 0)
        self.say(f"Moved to {practice.of(db).viewer().moment(at)}. Nobody is told.", undo=undo)

    @signed_in
    def move_back(self, db: Db, session: UUID, at: str, minutes: int):
        try:
            when = datetime.fromisoformat(at)
        except ValueError as error:
            raise NotFound("That time is not known any more.") from error
        sessions.move(db, session, when, minutes or None, allow_overlap=True)
        self._reopen(db, str(session))
        self.say("Back at its old time.")

    @signed_in
    def cancel(self, db: Db):
        known = self._known()
        sessions.cancel(db, inputs.key(known.id))
        self._reopen(db, known.id)
        self.say(f"Cancelled: {known.who or known.title}, {known.day}.", undo=CalendarState.uncancel(known.id))

    @signed_in
    def uncancel(self, db: Db, session: UUID, allow_overlap: bool = False):
        sessions.uncancel(db, session, allow_overlap=allow_overlap)
        self._reopen(db, str(session))
        self.say("Booked again.")

    @signed_in
    def finish(self, db: Db, came: bool):
        known = self._known()
        sessions.close(db, inputs.key(known.id), came=came)
        self._reopen(db, known.id)
        self.say("Done." if came else "Noted as a no-show.")

    def _open(self, db: Db, session: UUID):
        self.card = sessions.card(db, session)
        if self.card.status == "pending_ai_confirmation":
            approval, self.card = self.card.approval_id, None
            return rx.redirect(f"/approvals?open={approval}" if approval else "/approvals")
        who = practice.of(db)
        self.over = self.card.starts_at <= who.viewer().local(who.viewer().now).isoformat()
        self._read(db)
        return None

    def _known(self) -> SessionCard:
        if self.card is None:
            raise NotFound("Choose a session first.")
        return self.card

    def _reopen(self, db: Db, session: str) -> None:
        self.card = sessions.card(db, inputs.key(session))
        self._read(db)

    def _chosen(self, db: Db) -> date:
        return date.fromisoformat(self.day) if self.day else practice.of(db).today()

    def _read(self, db: Db) -> None:
        who = practice.of(db)
        chosen = self._chosen(db)
        viewer, self.day = who.viewer(), chosen.isoformat()
        monday = chosen - timedelta(days=(chosen.weekday() - who.week_start) % 7)
        begins, _ = zones.day_bounds(monday, who.zone)
        _, ends = zones.day_bounds(monday + timedelta(days=6), who.zone)
        rows = sessions.on_range(db, begins, ends)
        days = [monday + timedelta(days=number) for number in range(7)]
        self.agenda = [row for row in rows if row.day == self.day]
        self.week = [_day(day, chosen, viewer, rows) for day in days]
        self._words(chosen, monday, viewer, rows)
        inside = [row for row in rows if self.view == "week" or row.day == self.day]
        timed = [row for row in inside if not row.all_day]
        self.events = [_event(row, self.card) for row in timed]
        hours = [int(row.starts_at[11:13]) for row in timed]
        late = [int(row.ends_at[11:13]) + 1 for row in timed if row.starts_at[:10] == row.ends_at[:10]]
        self.earliest = f"{min([7, *hours]):02d}:00:00"
        self.latest = f"{min(24, max([20, *late])):02d}:00:00"
        self.first_day = (who.week_start + 1) % 7
        empty = {day.isoweekday() % 7 for day in days} - {date.fromisoformat(row.day).isoweekday() % 7 for row in timed}
        self.hidden = sorted(empty & {0, 6}) if self.view == "week" and self.card else []
        self.now = viewer.local(viewer.now).replace(tzinfo=None).isoformat(timespec="seconds")
        self.shown = f"{self.view}{self.day}{viewer.now.timestamp()}"

    def _words(self, chosen: date, monday: date, viewer: Viewer, rows: list[CalendarRow]) -> None:
        if self.view == "week":
            self.title = (
                f"{viewer.month(monday)} {monday.year}" if monday.year == viewer.today().year else viewer.month(monday)
            )
            booked = sum(row.kind in ("session", "class") for row in rows)
            self.subtitle = f"Week {monday.isocalendar().week}, {booked} booked"
        else:
            self.title, self.subtitle = viewer.long_day(chosen), ""


def _iso(written: str) -> str:
    """A day of the address, or nothing where it is none."""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""


def _day(day: date, chosen: date, viewer: Viewer, rows: list[CalendarRow]) -> Day:
    load = sum(row.day == day.isoformat() and row.kind != "busy" for row in rows)
    return Day(
        date=day.isoformat(),
        name=viewer.day(day)[:2],
        number=str(day.day),
        on=day == chosen,
        today=day == viewer.today(),
        load=list(range(min(load, 4))),
    )


def _event(row: CalendarRow, card: SessionCard | None) -> dict[str, Any]:
    """What the grid draws: wall-clock times without an offset, so that no browser shifts them."""
    kind = {"proposed": "prop", "class": "group"}.get(row.kind, row.kind)
    finished = "done" if row.status in ("completed", "no_show") else kind
    return {
        "id": row.id,
        "title": f"{row.title}?" if row.kind == "proposed" else row.title,
        "start": row.starts_at[:19],
        "end": row.ends_at[:19],
        "classNames": [finished, *(["sel"] if card and card.id == row.id else [])],
        "extendedProps": {
            "sub": ", ".join(part for part in (row.time, row.places or row.detail) if part),
            "kind": row.kind,
            "short": row.minutes <= 30,
        },
    }
