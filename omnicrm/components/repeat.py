"""A series within the booking sheet: how often, until when, and each session with what is in its way."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components.clients import field_error, kind_of
from omnicrm.components.fields import check
from omnicrm.components.parts import button, chip, icon
from omnicrm.state.repeat import RepeatState

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def repeat() -> rx.Component:
    return rx.el.div(
        check("Repeat", RepeatState.repeating, kind="switch", on_change=RepeatState.repeat),
        rx.cond(RepeatState.repeating, _rule()),
    )


def _rule() -> rx.Component:
    return rx.el.div(
        _chips(
            "How often",
            (("week", "Weekly"), ("two_weeks", "Every two weeks"), ("month", "Monthly")),
            RepeatState.every,
            RepeatState.set_every,
        ),
        rx.cond(
            RepeatState.every == "month",
            rx.el.div(
                chip("Same weekday", on=~RepeatState.by_date, on_click=RepeatState.set_by_date(False)),
                chip("Same date", on=RepeatState.by_date, on_click=RepeatState.set_by_date(True)),
                class_name="chips",
                role="group",
                aria_label="Day of the month",
            ),
            rx.el.div(
                *[
                    chip(
                        name,
                        on=RepeatState.days.contains(number) | (RepeatState.weekday == number),
                        on_click=RepeatState.toggle_day(number),
                    )
                    for number, name in enumerate(_DAYS)
                ],
                class_name="chips",
                role="group",
                aria_label="Also on",
            ),
        ),
        _chips(
            "Ends",
            (("count", "After a number"), ("until", "On a day"), ("never", "Without an end")),
            RepeatState.ends,
            RepeatState.set_ends,
        ),
        rx.match(
            RepeatState.ends,
            ("count", _field("Sessions", "numeric", RepeatState.count, RepeatState.set_count, "count")),
            ("until", _field("Last day", "date", RepeatState.until, RepeatState.set_until, "until")),
            rx.el.p("Booked half a year ahead, and carried on by itself.", class_name="s m2"),
        ),
        field_error("rrule"),
        field_error("days"),
        plan(RepeatState),
        class_name="col g12",
    )


def plan(state: Any) -> rx.Component:
    """Each session of `state.planned`; where something is in the way, leaving it out or doing it all the same."""
    clash_words = rx.cond(state.clashing == 1, " has something in the way", " have something in the way")
    return rx.cond(
        state.planned.length() > 0,
        rx.el.div(
            rx.cond(
                state.clashing > 0,
                rx.el.div(
                    rx.el.span(icon("triangle-alert", "s"), state.clashing, clash_words, class_name="st warn"),
                    rx.el.span(
                        button("Leave all out", kind="ghost z1", on_click=state.decide_all("skip")),
                        button("Keep all", kind="ghost z1", on_click=state.decide_all("allow")),
                        class_name="row",
                    ),
                    class_name="row sp wrap",
                ),
                rx.el.span(icon("check", "s"), "Nothing is in the way of any of them", class_name="st ok"),
            ),
            rx.el.ol(rx.foreach(state.planned, lambda row: _planned(row, state)), class_name="plan"),
            role="group",
            aria_label="Sessions of the series",
        ),
    )


def _planned(row: rx.Var, state: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(row.when, class_name=rx.cond(row.choice == "skip", "cap struck m2", "cap")),
            rx.cond(row.note != "", rx.el.span(row.note, class_name="s m2 bk")),
            rx.cond(row.clash != "", rx.el.span(row.clash, class_name="s warn bk")),
            class_name="grow",
        ),
        rx.cond(
            row.clash != "",
            button(
                rx.cond(row.choice == "skip", "Keep it", "Leave out"),
                kind="z1",
                on_click=state.decide(row.day, rx.cond(row.choice == "skip", "allow", "skip")),
            ),
        ),
        class_name="row",
    )


def _chips(label: str, options: tuple[tuple[str, str], ...], value: rx.Var, handler: Any) -> rx.Component:
    return rx.el.div(
        *[chip(words, on=value == key, on_click=handler(key)) for key, words in options],
        class_name="chips",
        role="group",
        aria_label=label,
    )


def _field(label: str, kind: str, value: rx.Var, handler: Any, name: str) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="lab"),
        rx.el.input(
            default_value=value, on_change=lambda text: handler(text).debounce(300), class_name="inp", **kind_of(kind)
        ),
        field_error(name),
        class_name="f",
    )
