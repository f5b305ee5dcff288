"""One session: docked on a desktop, a sheet on a phone; the form that moves it, and what is asked before it moves."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.fields import field, form_sheet
from omnicrm.components.parts import button, go, icon
from omnicrm.components.status import status
from omnicrm.state.calendar import CalendarState

_card = CalendarState.card
_wish = CalendarState.wish
_CLOSE = {"data-close": "true"}


def panel() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(
                        rx.cond(
                            _card.contact_id != "",
                            go(_card.who, to="/contacts/" + _card.contact_id.to(str), class_name="who2"),
                            rx.cond(_card.who != "", _card.who, _card.title),
                        )
                    ),
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
                _fact("clock", _card.day.to(str) + ", " + _card.span.to(str)),
                _fact("globe", _card.their_time),
                _fact("map-pin", _card.location),
                _fact("users", _card.places),
                _fact("calendar-check", _card.in_google),
                rx.foreach(_card.clashes, lambda words: _fact("triangle-alert", words, "warn")),
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
            go("Open session", to="/sessions/" + _card.id.to(str), class_name="btn jade grow"),
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


def move_sheet() -> rx.Component:
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


def asked() -> rx.Component:
    """Before something moves: what is in the way there, and how much of a series is meant."""
    one = rx.cond(_wish.clashes.length() > 0, "Move all the same", "Move")
    alone = (button("Leave it", custom_attrs=_CLOSE), button(one, kind="solid", on_click=CalendarState.settle))
    reach = (
        button("Only this one", kind="jade wide", on_click=CalendarState.settle),
        button("This and those after it", kind="wide", on_click=CalendarState.reach("following")),
        button("All that are to come", kind="wide", on_click=CalendarState.reach("all")),
        button("Leave it where it was", kind="ghost wide", custom_attrs=_CLOSE),
    )
    many = (
        button("Leave it all", custom_attrs=_CLOSE),
        button("Move all the same", on_click=CalendarState.settle_series("allow")),
        button("Leave those, move the rest", kind="solid", on_click=CalendarState.settle_series("skip")),
    )
    asks = rx.cond(_wish.scope != "", rx.el.div(*many, class_name="foot wrap"), rx.el.div(*reach, class_name="col"))
    return ui.sheet(
        rx.el.div(
            rx.el.h2(
                rx.cond(
                    _wish.scope != "",
                    "Something is in the way of some of them",
                    rx.cond(_wish.series, "It is one of a series", "Move it all the same?"),
                )
            ),
            rx.el.p(
                rx.cond(_wish.scope != "", _wish.count.to_string() + " sessions move.", "To: " + _wish.words.to(str))
            ),
            rx.el.ul(rx.foreach(_wish.clashes, _clash), class_name="col g6"),
            rx.cond(_wish.series, asks, rx.el.div(*alone, class_name="foot")),
            class_name="col g12",
        ),
        open=rx.cond(_wish, True, False),
        label="Before it moves",
        on_close=CalendarState.put_back,
    )


def _clash(words: rx.Var) -> rx.Component:
    return rx.el.li(rx.el.span(icon("triangle-alert", "s"), class_name="warn"), words, class_name="row t s")


def _fact(name: str, words: rx.Var, tone: str = "m2") -> rx.Component:
    return rx.cond(words != "", rx.el.span(rx.el.span(icon(name, "s"), class_name=tone), words, class_name="row"))
