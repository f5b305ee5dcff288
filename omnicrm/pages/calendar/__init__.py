"""Calendar: the week as a grid from 1024 px, a day's agenda below; a tapped session opens beside it."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.booking import book_button, booking_sheet
from omnicrm.components.fields import field, form_sheet
from omnicrm.components.layout import page
from omnicrm.components.parts import button, chip, go, icon
from omnicrm.components.status import status
from omnicrm.pages.calendar.grid import grid
from omnicrm.state.booking import BookingState
from omnicrm.state.calendar import CalendarState
from omnicrm.state.shell import ShellState

_card = CalendarState.card


@rx.page("/calendar", title="Calendar · OmniCRM", on_load=[ShellState.refresh, CalendarState.load])
def calendar() -> rx.Component:
    return page(
        CalendarState.title,
        rx.el.div(
            ui.only(_week(), wide=True),
            ui.only(_phone(), wide=False),
            class_name="calp",
        ),
        booking_sheet(),
        _move_sheet(),
        ui.only(
            ui.sheet(
                rx.cond(_card, _panel()),
                open=rx.cond(_card, True, False) & ~CalendarState.moving,
                label="Session",
                on_close=CalendarState.close,
            ),
            wide=False,
        ),
        current="calendar",
        reread=CalendarState.reload,
        below=CalendarState.subtitle,
        flush=True,
        actions=(
            rx.el.div(
                button(
                    icon("chevron-left"),
                    kind="ico",
                    aria_label="Earlier",
                    keys="arrowleft",
                    on_click=CalendarState.step(-1),
                ),
                button("Today", keys="t", on_click=CalendarState.today),
                button(
                    icon("chevron-right"),
                    kind="ico",
                    aria_label="Later",
                    keys="arrowright",
                    on_click=CalendarState.step(1),
                ),
                rx.el.div(
                    chip(
                        "Day",
                        on=CalendarState.view == "day",
                        on_click=CalendarState.show("day"),
                        keys="d",
                    ),
                    chip(
                        "Week",
                        on=CalendarState.view == "week",
                        on_click=CalendarState.show("week"),
                        keys="w",
                    ),
                    class_name="chips dt",
                    role="group",
                    aria_label="View",
                ),
                book_button("Book", day=CalendarState.day),
                class_name="row wrap",
            ),
        ),
    )


def _week() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            grid(
                key=CalendarState.shown,
                initial_view=rx.cond(CalendarState.view == "week", "timeGridWeek", "timeGridDay"),
                initial_date=CalendarState.day,
                events=CalendarState.events,
                first_day=CalendarState.first_day,
                hidden_days=CalendarState.hidden,
                now=CalendarState.now,
                slot_min_time=CalendarState.earliest,
                slot_max_time=CalendarState.latest,
                event_click=CalendarState.clicked,
            ),
            class_name="cal",
        ),
        rx.cond(
            _card,
            rx.el.aside(_panel(), class_name="dock", aria_label="The session"),
        ),
        class_name=rx.cond(_card, "cd docked", "cd"),
    )


def _phone() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.foreach(
                CalendarState.week,
                lambda day: rx.el.button(
                    day.name,
                    rx.el.b(day.number),
                    rx.el.i(rx.foreach(day.load, lambda dot: rx.el.u(key=dot.to_string()))),
                    type="button",
                    class_name=rx.cond(day.on, "on", rx.cond(day.today, "today", "")),
                    custom_attrs={"aria-pressed": day.on},
                    on_click=CalendarState.pick(day.date),
                ),
            ),
            class_name="wk",
            role="group",
            aria_label="Day",
        ),
        rx.el.div(
            rx.cond(
                CalendarState.agenda.length() > 0,
                rx.el.ol(rx.foreach(CalendarState.agenda, _block)),
                parts.empty(
                    "calendar",
                    "Nothing on this day",
                    "Neither a session nor anything in Google.",
                    button("Book a session", on_click=BookingState.start("", CalendarState.day, "")),
                ),
            ),
            class_name="agw",
        ),
    )


def _block(row: rx.Var) -> rx.Component:
    tone = rx.match(row.kind, ("busy", "blk busy"), ("proposed", "blk prop"), ("class", "blk group"), "blk")
    words = rx.fragment(
        rx.el.div(
            rx.el.span(row.title, rx.cond(row.kind == "proposed", "?", ""), class_name="b"),
            rx.cond(row.kind == "proposed", status("sessions", row), rx.el.span(row.places, class_name="s m2")),
            class_name="row sp",
        ),
        rx.el.div(row.minutes, " min", rx.cond(row.detail != "", rx.fragment(", ", row.detail), ""), class_name="s m2"),
    )
    done = (row.status == "completed") | (row.status == "no_show")
    return rx.el.li(
        rx.el.span(rx.cond(row.all_day, "all day", row.time)),
        rx.cond(
            row.kind == "busy",
            rx.el.div(words, class_name=tone),
            rx.el.button(
                words, type="button", class_name=rx.cond(done, "blk done", tone), on_click=CalendarState.open(row.id)
            ),
        ),
        class_name="ag",
        key=row.id,
    )


def _panel() -> rx.Component:
    """One session: docked on a desktop, a sheet on a phone."""

    def fact(name: str, words: rx.Var, tone: str = "m2") -> rx.Component:
        return rx.cond(words != "", rx.el.span(rx.el.span(icon(name, "s"), class_name=tone), words, class_name="row"))

    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(rx.cond(_card.who != "", _card.who, _card.title)),
                    rx.el.div(rx.cond(_card.who != "", _card.title, _card.service), class_name="s m2"),
                    class_name="grow",
                ),
                button(
                    icon("x"),
                    kind="ghost ico",
                    aria_label="Close the session",
                    keys="escape",
                    on_click=CalendarState.close,
                ),
                class_name="row t",
            ),
            rx.el.div(
                status("sessions", _card),
                fact("clock", _card.day.to(str) + ", " + _card.span.to(str)),
                fact("globe", _card.their_time),
                fact("map-pin", _card.location),
                fact("users", _card.places),
                fact("calendar-check", _card.in_google),
                rx.foreach(_card.clashes, lambda words: fact("triangle-alert", words, "warn")),
                class_name="col g6 s facts1",
            ),
            rx.cond(_card.notes != "", rx.el.p(_card.notes, class_name="voice pre")),
            rx.cond(
                _card.attendees.length() > 0,
                rx.fragment(rx.el.h3("Who comes"), rx.el.ul(rx.foreach(_card.attendees, rx.el.li), class_name="s")),
            ),
            class_name="dk",
        ),
        rx.el.div(
            rx.cond(
                _card.contact_id != "",
                go("Open client", to="/contacts/" + _card.contact_id.to(str), class_name="btn jade grow"),
            ),
            rx.cond(
                _card.open,
                rx.fragment(
                    rx.cond(
                        CalendarState.over,
                        rx.fragment(
                            button("Done", on_click=CalendarState.finish(True)),
                            button("No-show", on_click=CalendarState.finish(False)),
                        ),
                        rx.fragment(),
                    ),
                    button("Move", on_click=CalendarState.open_move),
                    button("Cancel session", kind="tomato", on_click=CalendarState.cancel),
                ),
            ),
            rx.cond(
                _card.status == "cancelled", button("Book it again", on_click=CalendarState.uncancel(_card.id, False))
            ),
            class_name="barb",
        ),
    )


def _move_sheet() -> rx.Component:
    return form_sheet(
        "Move the session",
        rx.el.div(
            field("Day", "day", kind="date", default_value=_card.date),
            field("Begins", "time", kind="time", default_value=_card.starts_at.to(str)[11:16]),
            field("Minutes", "minutes", kind="number", default_value=_card.minutes.to_string()),
            class_name="fg",
        ),
        open=CalendarState.moving,
        on_close=CalendarState.close_move,
        on_submit=CalendarState.move,
        save="Move",
        note="The Google event follows. Nobody is told.",
    )
