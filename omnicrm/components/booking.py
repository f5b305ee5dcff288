"""The sheet that books a session. A page that shows its button also puts the sheet into itself."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.parts import avatar, button, icon
from omnicrm.state.base import PageState
from omnicrm.state.booking import BookingState


def book_button(words: str = "Book session", *, client: object = "", day: object = "") -> rx.Component:
    start = BookingState.start(client, day, "")  # all of them: what is left out, Reflex fills with the mouse event
    return button(icon("calendar-plus", "s"), words, kind="solid", keys="b", on_click=start)


def booking_sheet() -> rx.Component:
    return ui.sheet(
        rx.el.form(
            rx.el.h2(rx.cond(BookingState.client_id != "", "Book " + BookingState.client_name, "Book a session")),
            rx.el.div(_client(), _what(), _when(), class_name="ds"),
            rx.el.div(
                button("Cancel", custom_attrs={"data-close": "true"}),
                button(
                    rx.cond(
                        BookingState.busy,
                        "Saving…",
                        rx.cond(BookingState.in_the_way != "", "Book all the same", "Book"),
                    ),
                    kind="solid",
                    type="submit",
                    disabled=BookingState.busy,
                ),
                class_name="foot",
            ),
            on_submit=BookingState.book,
            class_name="col",
            custom_attrs={"noValidate": True},
        ),
        open=BookingState.booking,
        label="Book a session",
        on_close=BookingState.close,
    )


def _client() -> rx.Component:
    chosen = rx.el.div(
        rx.el.span("Client", class_name="k"),
        rx.el.span(BookingState.client_name, class_name="b"),
        button("Change", kind="ghost z1", on_click=BookingState.choose("")),
        class_name="fld",
    )
    return rx.cond(BookingState.client_id != "", chosen, _search())


def _search() -> rx.Component:
    return rx.el.div(
        rx.el.label(
            icon("search", "s"),
            rx.el.input(
                type="search",
                placeholder="Who is it for?",
                aria_label="Who is it for?",
                on_change=lambda text: BookingState.find(text).debounce(200),
            ),
            class_name="inp",
        ),
        rx.cond(
            PageState.field_errors.contains("client"),
            rx.el.p(
                icon("circle-alert", "s"), " ", PageState.field_errors["client"], class_name="help bad", role="alert"
            ),
        ),
        rx.el.div(
            rx.foreach(
                BookingState.choices,
                lambda one: rx.el.button(
                    avatar(one.initials, "sm"),
                    rx.el.span(
                        rx.el.span(one.name, class_name="b one bk"), rx.el.span(one.detail, class_name="s m2 one bk")
                    ),
                    type="button",
                    class_name="who",
                    on_click=BookingState.choose(one.id),
                ),
            ),
            aria_label="Clients",
            role="group",
        ),
        class_name="f",
    )


def _what() -> rx.Component:
    return rx.cond(
        BookingState.services.length() > 0,
        rx.el.label(
            rx.el.span("Service", class_name="lab"),
            rx.el.select(
                rx.foreach(
                    BookingState.services,
                    lambda row: rx.el.option(row.name + ", " + row["length"], value=row.id),
                ),
                name="service",
                value=BookingState.service_id,
                on_change=BookingState.choose_service,
                class_name="inp",
            ),
            class_name="f",
        ),
    )


def _when() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            _input("Day", "day", "date", BookingState.day, BookingState.set_day),
            _input("Begins", "time", "time", BookingState.time, BookingState.set_time),
            _input("Minutes", "minutes", "number", BookingState.minutes, BookingState.set_minutes),
            _input("Place", "location", "text", BookingState.location, None),
            class_name="fg",
        ),
        rx.el.div(
            rx.cond(
                BookingState.in_the_way != "",
                rx.el.div(
                    rx.el.span(icon("triangle-alert", "s"), class_name="warn"),
                    rx.el.span(BookingState.in_the_way),
                    class_name="bn s",
                ),
                rx.el.span(icon("check", "s"), "You are free", class_name="st ok"),
            ),
            role="status",
        ),
    )


def _input(label: str, name: str, kind: str, value: rx.Var, change: object) -> rx.Component:
    handled = {"value": value, "on_change": change} if change is not None else {"default_value": value}
    return rx.el.label(
        rx.el.span(label, class_name="lab"),
        rx.el.input(type=kind, name=name, class_name="inp", **handled),
        rx.cond(
            PageState.field_errors.contains(name),
            rx.el.p(icon("circle-alert", "s"), " ", PageState.field_errors[name], class_name="help bad", role="alert"),
        ),
        class_name="f",
    )
