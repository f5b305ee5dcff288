"""The calendar as a list: the phone's strip of days, and the days with what is on them."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.parts import button
from omnicrm.components.status import status
from omnicrm.state.booking import BookingState
from omnicrm.state.calendar import CalendarState


def strip() -> rx.Component:
    return rx.el.div(
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
    )


def days() -> rx.Component:
    return rx.el.div(rx.foreach(CalendarState.agenda, _day), class_name="agw")


def _day(day: rx.Var) -> rx.Component:
    return rx.el.section(
        rx.el.h2(day.name),
        rx.cond(
            day.rows.length() > 0,
            rx.el.ol(rx.foreach(day.rows, _row)),
            rx.el.p(
                rx.el.span("Nothing on this day.", class_name="m2"),
                button("Book a session", kind="jade", on_click=BookingState.start("", day.date, "")),
                class_name="row sp free",
            ),
        ),
        key=day.date,
    )


def _row(row: rx.Var) -> rx.Component:
    return rx.cond(
        row.kind == "now",
        rx.el.li(rx.el.span("Now, ", class_name="sr"), row.time, class_name="nowr", key=row.key),
        rx.el.li(
            rx.el.span(row.time, class_name="at"),
            rx.cond(
                (row.kind == "busy") | (row.kind == "off"),
                rx.el.div(_words(row), class_name="blk " + row.tone.to(str)),
                rx.el.button(
                    _words(row),
                    type="button",
                    class_name="blk " + row.tone.to(str),
                    on_click=CalendarState.open(row.id),
                ),
            ),
            class_name="ag",
            key=row.key,
        ),
    )


def _words(row: rx.Var) -> rx.Component:
    said = (row.kind == "proposed") | (row.tone == "done")
    return rx.fragment(
        rx.el.div(
            rx.el.span(row.title, class_name="b"),
            rx.cond(said, status("sessions", row), rx.el.span(row.places, class_name="s m2")),
            class_name="row sp",
        ),
        rx.el.div(row.sub, class_name="s m2"),
    )
