"""The calendar: month, week and day as grids, and a list; one session open beside it; moved by drag or by form."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, Field

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import availability, credits, practice, sessions
from omnicrm.domain.practice import Practice
from omnicrm.domain.sessions import CalendarRow, Choice, Choices, Scope, SessionCard
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.calendar import shown, wishes
from omnicrm.state.calendar.shown import AgendaDay, Block, Day, Off
from omnicrm.state.calendar.wishes import Wish
from omnicrm.state.guard import signed_in

View = Literal["month", "week", "day", "agenda"]

FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)  # as far as one can turn the pages
AHEAD = 28  # days of the list


class MoveForm(BaseModel):
    day: date
    time: time
    minutes: Annotated[str, Field(pattern=r"^\d{1,4}$")]


class CalendarState(PageState):
    view: str = ""  # until one is chosen: the week on a desktop, the list on a phone
    day: str = ""
    title: str = ""
    subtitle: str = ""
    week: list[Day] = []
    agenda: list[AgendaDay] = []
    blocks: list[Block] = []
    hours: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    first: str = ""
    count: int = 7
    anchor: str = ""
    now: str = ""
    zone: dict[str, str] = {"short": "", "name": ""}
    twelve: bool = False
    card: SessionCard | None = None
    over: bool = False
    moving: bool = False
    wish: Wish | None = None
    answered: int = 0  # grows with each answer to a move, so that the grid shows what is true again

    @signed_in
    def load(self, db: Db):
        self.card, self.moving, self.wish = None, False, None
        asked = self.router.url.query_parameters
        self.day = _iso(str(asked.get("day", ""))) or self.day or practice.of(db).today().isoformat()
        if (view := str(asked.get("view", ""))) in ("month", "week", "day", "agenda"):
            self.view = view
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
        """A day, a week or a month on, as the view is."""
        by = max(-60, min(by, 60))
        chosen = self._chosen(db)
        days = timedelta(days=by if self.view == "day" else 7 * by)
        self._turn(_month_on(chosen, by) if self.view == "month" else chosen + days)
        self._read(db)

    @signed_in
    def pick(self, db: Db, day: date):
        self._turn(day)
        self._read(db)

    @signed_in
    def show_day(self, db: Db, day: date):
        """From a grid: that day, by the hour."""
        self.view = "day"
        self._turn(day)
        self._read(db)

    @signed_in
    def show(self, db: Db, view: View):
        self.view = view
        self._read(db)

    @signed_in
    def open(self, db: Db, session: UUID):
        """A proposal opens in Approvals."""
        self.card = sessions.card(db, session)
        if self.card.status == "pending_ai_confirmation":
            approval, self.card = self.card.approval_id, None
            return rx.redirect(f"/approvals?open={approval}" if approval else "/approvals")
        viewer = practice.of(db).viewer()
        self.over = self.card.starts_at <= viewer.local(viewer.now).isoformat()
        self._read(db)
        return None

    @signed_in
    def close(self, db: Db):
        self.card, self.moving = None, False
        self._read(db)

    @signed_in
    def open_move(self):
        self.field_errors = {}
        self.moving = True

    @signed_in
    def key_move(self, db: Db, session: UUID):
        """From the keyboard: the sheet with its times, for the session that the focus is on."""
        card = sessions.card(db, session)
        if not card.open:
            raise Refused("Only a session that is still to come can be moved.")
        self.card, self.moving, self.field_errors = card, True, {}
        self._read(db)

    @signed_in
    def close_move(self):
        self.moving = False

    @signed_in(busy=True)
    def move(self, db: Db, form: MoveForm, allow_overlap: bool = False):
        """By the sheet: at once where nothing is in the way, else asked for first."""
        known = self._known()
        minutes = int(form.minutes)
        if not 5 <= minutes <= sessions.LONGEST_MINUTES:
            raise Invalid(fields={"minutes": "Between 5 minutes and two weeks."})
        at = zones.at_wall(form.day, form.time, practice.of(db).zone)
        self._wish(db, inputs.key(known.id), at, minutes, allow_overlap=allow_overlap)
        self.moving, self.day = False, form.day.isoformat()
        self._reopen(db, known.id)

    @signed_in
    def drop(self, db: Db, session: UUID, day: date, at: time, minutes: int, seen: str, allow_overlap: bool = False):
        """By drag. `seen` is where the page showed it: what moved meanwhile is shown where it is, and not moved."""
        self.answered += 1
        who = practice.of(db)
        local = who.viewer().local(sessions.get(db, session).scheduled_at)
        if local.isoformat()[:16] != seen:
            self._read(db)
            raise Conflict("This session was moved meanwhile. Here it is.")
        if not 5 <= minutes <= sessions.LONGEST_MINUTES:
            raise Invalid("A session lasts between 5 minutes and two weeks.")
        self._wish(db, session, zones.at_wall(day, at, who.zone), minutes, allow_overlap=allow_overlap)
        self._show_again(db, str(session))

    @signed_in
    def settle(self, db: Db):
        """This one alone, and all the same: what is in the way was read."""
        wish = self._wished()
        self.answered += 1
        self._move(db, inputs.key(wish.id), datetime.fromisoformat(wish.at), wish.minutes, allow_overlap=True)
        self.wish = None
        self._show_again(db, wish.id)

    @signed_in
    def reach(self, db: Db, scope: Scope):
        """This one and more of its series: at once where nothing is in the way of any, else that is said first."""
        wish = self._wished()
        listed = sessions.changes.plan_change(db, inputs.key(wish.id), scope, wishes.change(wish))
        found = [f"{row.when}: {row.clashes[0]}" for row in listed if row.clashes]
        self.wish = wish.model_copy(update={"scope": scope, "count": len(listed), "clashes": found})
        if not found:
            self._carry_out(db, {})

    @signed_in
    def settle_series(self, db: Db, choice: Choice):
        """Those that something is in the way of are left where they are, or moved all the same."""
        wish = self._wished()
        listed = sessions.changes.plan_change(db, inputs.key(wish.id), wishes.scope(wish), wishes.change(wish))
        self._carry_out(db, {date.fromisoformat(row.day): choice for row in listed if row.clashes})

    @signed_in
    def series_back(self, db: Db, series: UUID):
        """The toast's Undo of a move that reached further than one."""
        self.say(sessions.changes.undo(db, series))
        self._read(db)

    @signed_in
    def put_back(self, db: Db):
        """Nothing is moved."""
        self.wish = None
        self.answered += 1

    @signed_in
    def move_back(self, db: Db, session: UUID, at: str, minutes: int):
        try:
            when = datetime.fromisoformat(at)
        except ValueError as error:
            raise NotFound("That time is not known any more.") from error
        sessions.move(db, session, when, minutes or None, allow_overlap=True)
        self._show_again(db, str(session))
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
        closed = sessions.close(db, inputs.key(known.id), came=came)
        self._reopen(db, known.id)
        words = "Done." if came else "Noted as a no-show."
        self.say(words + credits.told(db, closed), undo=CalendarState.unfinish(known.id))

    @signed_in
    def unfinish(self, db: Db, session: UUID):
        """The toast's Undo: it is booked again, and a credit that it used is given back."""
        sessions.reopen(db, session)
        self._reopen(db, str(session))
        self.say("Not finished any more.")

    def _wish(self, db: Db, session: UUID, at: datetime, minutes: int, *, allow_overlap: bool) -> None:
        """Move it, or ask first: what is in the way there, and how much of a series is meant."""
        clashes = [] if allow_overlap else wishes.in_the_way(db, session, at, minutes)
        series = sessions.get(db, session).series_id is not None and not allow_overlap
        if not clashes and not series:
            self._move(db, session, at, minutes, allow_overlap=allow_overlap)
            return
        card, viewer = sessions.card(db, session), practice.of(db).viewer()
        self.wish = Wish(
            id=str(session),
            words=f"{card.who or card.title}, {viewer.long_moment(at)}",
            at=at.isoformat(),
            minutes=minutes,
            clashes=clashes,
            series=series,
        )

    def _wished(self) -> Wish:
        if self.wish is None:
            raise NotFound("This was answered before.")
        return self.wish

    def _carry_out(self, db: Db, choices: Choices) -> None:
        wish = self._wished()
        series = sessions.changes.change(db, inputs.key(wish.id), wishes.scope(wish), wishes.change(wish), choices)
        moved = wish.count - sum(choice == "skip" for choice in choices.values())
        self.wish = None
        self.answered += 1
        self._show_again(db, wish.id)
        self.say(f"Moved {counted(moved, 'session')}. Nobody is told.", undo=CalendarState.series_back(str(series.id)))

    def _move(self, db: Db, session: UUID, at: datetime, minutes: int, *, allow_overlap: bool) -> None:
        before = sessions.get(db, session)
        was, length = before.scheduled_at, before.duration_minutes
        moved = sessions.move(db, session, at, minutes, allow_overlap=allow_overlap)
        viewer = practice.of(db).viewer()
        undo = CalendarState.move_back(str(session), was.isoformat(), length or 0)
        cautions = sessions.cautions(db, at, minutes, service_id=moved.service_id, other_than=session)
        said = f"Now {viewer.span(at, sessions.ends_at(moved))}." if moved.scheduled_at == was else ""
        self.say(" ".join([said or f"Moved to {viewer.moment(at)}.", *cautions, "Nobody is told."]), undo=undo)

    def _turn(self, day: date) -> None:
        self.day, self.card = max(FIRST, min(day, LAST)).isoformat(), None

    def _known(self) -> SessionCard:
        if self.card is None:
            raise NotFound("Choose a session first.")
        return self.card

    def _show_again(self, db: Db, session: str) -> None:
        """What was changed, and its panel where that is open."""
        if self.card is not None and self.card.id == session:
            self.card = sessions.card(db, inputs.key(session))
        self._read(db)

    def _reopen(self, db: Db, session: str) -> None:
        self.card = sessions.card(db, inputs.key(session))
        self._read(db)

    def _chosen(self, db: Db) -> date:
        return date.fromisoformat(self.day) if self.day else practice.of(db).today()

    def _read(self, db: Db) -> None:
        """What the view shows, and no more: the same few statements whatever there is."""
        who = practice.of(db)
        chosen = self._chosen(db)
        viewer, self.day = who.viewer(), chosen.isoformat()
        week = _week_of(chosen, who)
        first, last = self._range(chosen, week, who)
        begins, _ = zones.day_bounds(first, who.zone)
        _, ends = zones.day_bounds(last, who.zone)
        rows = sessions.on_range(db, begins, ends)
        offs = [
            Off(id=str(off.id), reason=off.reason or "Time off", starts_at=off.starts_at, ends_at=off.ends_at)
            for off in availability.off_between(db, begins, ends)
        ]
        self.hours = availability.open_minutes(db)
        self.week = shown.strip([week + timedelta(days=n) for n in range(7)], chosen, viewer, rows)
        self.agenda = self._listed(chosen, last, viewer, rows, offs)
        self._grid(chosen, first, last, viewer, rows, offs)
        self._words(chosen, week, viewer, rows)
        self.now = viewer.local(viewer.now).isoformat()[:16]
        self.twelve = viewer.twelve_hours
        self.zone = {"short": _offset(begins.astimezone(who.zone)), "name": who.zone.key.replace("_", " ")}

    def _range(self, chosen: date, week: date, who: Practice) -> tuple[date, date]:
        if self.view == "month":
            ends = chosen.replace(day=calendar.monthrange(chosen.year, chosen.month)[1])
            return _week_of(chosen.replace(day=1), who), _week_of(ends, who) + timedelta(days=6)
        if self.view == "agenda":
            return week, max(week + timedelta(days=6), chosen + timedelta(days=AHEAD - 1))
        return week, week + timedelta(days=6)

    def _listed(
        self, chosen: date, last: date, viewer: Viewer, rows: list[CalendarRow], offs: list[Off]
    ) -> list[AgendaDay]:
        if self.view in ("week", "day"):
            return []
        return shown.agenda(chosen, chosen if self.view == "month" else last, viewer, rows, offs)

    def _grid(
        self, chosen: date, first: date, last: date, viewer: Viewer, rows: list[CalendarRow], offs: list[Off]
    ) -> None:
        blocks = [shown.block(row, viewer) for row in rows] + [shown.off_block(off, viewer) for off in offs]
        self.anchor = f"{self.view}{first}"
        if self.view == "agenda":
            self.blocks = []
            return
        if self.view == "day":
            first = last = chosen
            blocks = [one for one in blocks if one.starts[:10] <= self.day <= one.ends[:10]]
        if self.view in ("", "week") and self.card:
            first, last = _without_weekend(first, last, blocks)
        self.blocks, self.first, self.count = blocks, first.isoformat(), (last - first).days + 1

    def _words(self, chosen: date, week: date, viewer: Viewer, rows: list[CalendarRow]) -> None:
        day = chosen if self.view == "month" else week
        year = f" {day.year}" if day.year == viewer.today().year else ""  # another one stands there already
        self.title, self.subtitle = f"{viewer.month(day)}{year}", ""
        if self.view == "day":
            self.title = viewer.long_day(chosen)
        elif self.view == "month":
            inside = [row for row in rows if row.day[:7] == self.day[:7]]
            self.subtitle = f"{_booked(inside)} booked"
        elif self.view != "agenda":
            self.subtitle = f"Week {week.isocalendar().week}, {_booked(rows)} booked"


def _week_of(day: date, who: Practice) -> date:
    return day - timedelta(days=(day.weekday() - who.week_start) % 7)


def _month_on(day: date, by: int) -> date:
    months = day.year * 12 + day.month - 1 + by
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _without_weekend(first: date, last: date, blocks: list[Block]) -> tuple[date, date]:
    """Beside an open panel a weekend without anything folds."""

    def empty(day: date) -> bool:
        return day.weekday() >= 5 and not any(one.starts[:10] <= str(day) <= one.ends[:10] for one in blocks)

    while empty(last) and last > first:
        last -= timedelta(days=1)
    while empty(first) and last > first:
        first += timedelta(days=1)
    return first, last


def _booked(rows: list[CalendarRow]) -> int:
    return sum(row.kind in ("session", "class") for row in rows)


def _offset(local: datetime) -> str:
    """`UTC+2`, `UTC−3:30`."""
    minutes = round((local.utcoffset() or timedelta()) / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}{f':{rest:02d}' if rest else ''}" if minutes else "UTC"


def _iso(written: str) -> str:
    """A day of the address, or nothing where it is none."""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""
