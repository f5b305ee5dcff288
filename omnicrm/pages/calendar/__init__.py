"""Calendar: month, week and day as grids, a list of days; a tapped session opens beside it, or in a sheet."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.booking import book_button, booking_sheet
from omnicrm.components.layout import page
from omnicrm.components.parts import button, chip, icon
from omnicrm.pages.calendar import agenda, panel
from omnicrm.pages.calendar.grid import grid
from omnicrm.state.booking import BookingState
from omnicrm.state.calendar import CalendarState
from omnicrm.state.shell import ShellState

_view = CalendarState.view
_card = CalendarState.card


@rx.page("/calendar", title="Calendar · OmniCRM", on_load=[CalendarState.load, ShellState.refresh])
def calendar() -> rx.Component:
    return page(
        CalendarState.title,
        rx.el.div(ui.only(_desktop(), wide=True), ui.only(_phone(), wide=False), class_name="calp"),
        booking_sheet(),
        ui.on_change(value=BookingState.booked, on_change=CalendarState.reload),
        panel.move_sheet(),
        panel.asked(),
        ui.only(
            ui.sheet(
                rx.cond(_card, panel.panel()),
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
                _turn("chevron-left", "Earlier", "arrowleft", "p", -1),
                button("Today", keys="t", on_click=CalendarState.today),
                _turn("chevron-right", "Later", "arrowright", "n", 1),
                _views(),
                _view_choice(),
                book_button("Book", day=CalendarState.day),
                class_name="row wrap",
            ),
        ),
    )


def _turn(name: str, words: str, key: str, also: str, by: int) -> rx.Component:
    return button(
        icon(name),
        kind="ico",
        aria_label=words,
        keys=key,
        custom_attrs={"data-also": also},
        on_click=CalendarState.step(by),
    )


_NAMES = (
    ("Day", "day", "d", "3"),
    ("Week", "week", "w", "2"),
    ("Month", "month", "m", "1"),
    ("List", "agenda", "l", "4"),
)


def _views() -> rx.Component:
    """Until one is chosen, a desktop shows the week."""
    chips = [
        chip(
            words,
            on=(_view == view) | (_view == "") if view == "week" else _view == view,
            on_click=CalendarState.show(view),
            keys=key,
            also=number,
        )
        for words, view, key, number in _NAMES
    ]
    return rx.el.div(*chips, class_name="chips dt", role="group", aria_label="View")


def _view_choice() -> rx.Component:
    """Until one is chosen, a phone shows the list."""
    return rx.el.select(
        *[rx.el.option(words, value=view) for words, view, _, _ in _NAMES],
        value=rx.cond(_view == "", "agenda", _view),
        on_change=CalendarState.show,
        class_name="inp ph",
        aria_label="View",
    )


def _grid(view: str | rx.Var[str], *, phone: bool, on_day: object) -> rx.Component:
    return grid(
        view=view,
        first=CalendarState.first,
        count=CalendarState.count,
        day=CalendarState.day,
        month=CalendarState.day[:7],
        anchor=CalendarState.anchor,
        blocks=CalendarState.blocks,
        hours=CalendarState.hours,
        now=CalendarState.now,
        zone=CalendarState.zone,
        twelve=CalendarState.twelve,
        phone=phone,
        selected=rx.cond(_card, _card.id, ""),
        held=rx.cond(CalendarState.wish, CalendarState.wish.id, ""),
        answered=CalendarState.answered,
        on_open=CalendarState.open,
        on_day=on_day,
        on_key=CalendarState.key_move,
        on_book=lambda day, time: BookingState.start("", day, time),
        on_move=lambda session, day, at, minutes, seen: CalendarState.drop(session, day, at, minutes, seen, False),
    )


def _desktop() -> rx.Component:
    chosen = rx.match(_view, ("month", "month"), ("day", "day"), "week")
    return rx.el.div(
        rx.el.div(
            rx.cond(
                _view == "agenda",
                rx.el.div(agenda.days(), class_name="agd"),
                _grid(chosen, phone=False, on_day=CalendarState.show_day),
            ),
            class_name="cal",
        ),
        rx.cond(_card, rx.el.aside(panel.panel(), class_name="dock", aria_label="The session")),
        class_name=rx.cond(_card, "cd docked", "cd"),
    )


def _phone() -> rx.Component:
    by_hour = _grid(_view, phone=True, on_day=CalendarState.show_day)
    return rx.fragment(
        rx.match(
            _view,
            ("month", rx.fragment(_grid("month", phone=True, on_day=CalendarState.pick), agenda.days())),
            ("week", by_hour),
            ("day", rx.fragment(agenda.strip(), by_hour)),
            rx.fragment(agenda.strip(), agenda.days()),
        ),
    )
