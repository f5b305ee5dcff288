"""The sheet that books a session. A page that shows its button also puts the sheet into itself."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.clients import client_search, field_error, kind_of
from omnicrm.components.parts import button, icon
from omnicrm.components.repeat import repeat
from omnicrm.state.booking import BookingState
from omnicrm.state.repeat import RepeatState


def book_button(words: str = "Book session", *, client: object = "", day: object = "") -> rx.Component:
    start = BookingState.start(client, day, "")  # all of them: what is left out, Reflex fills with the mouse event
    return button(icon("calendar-plus", "s"), words, kind="solid", keys="b", on_click=start)


def booking_sheet() -> rx.Component:
    title = rx.cond(BookingState.client_first != "", "Book " + BookingState.client_first, "Book a session")
    return ui.sheet(
        rx.el.form(
            rx.el.div(
                rx.el.h2(title),
                rx.cond(
                    BookingState.credits != "",
                    rx.el.span(icon("ticket", "s"), BookingState.credits, class_name="st " + BookingState.credits_tone),
                ),
                class_name="row sp",
            ),
            rx.el.div(_client(), _what(), _when(), repeat(), class_name="ds"),
            rx.el.div(
                button("Cancel", custom_attrs={"data-close": "true"}),
                button(
                    rx.cond(BookingState.busy, "Saving…", _verb()),
                    kind="solid",
                    type="submit",
                    disabled=BookingState.busy,
                ),
                class_name="foot",
            ),
            ui.on_change(value=BookingState.asked, on_change=RepeatState.replan),
            on_submit=RepeatState.submit,
            class_name="col",
            custom_attrs={"noValidate": True},
            style={"minHeight": 0},
        ),
        open=BookingState.booking,
        label="Book a session",
        on_close=BookingState.close,
    )


def _verb() -> rx.Var:
    series = rx.cond(RepeatState.plan_words != "", "Book " + RepeatState.plan_words, "Book")
    anyway = rx.cond(BookingState.in_the_way != "", "Book all the same", "Book")
    return rx.cond(BookingState.repeating, series, rx.cond(BookingState.full, "Wait for a place", anyway))


def _client() -> rx.Component:
    chosen = rx.el.div(
        rx.el.span("Client", class_name="k"),
        rx.el.span(BookingState.client_name, class_name="b"),
        button("Change", kind="ghost z1", on_click=BookingState.choose("")),
        class_name="fld",
    )
    search = client_search(
        BookingState.choices,
        BookingState.sought,
        on_find=BookingState.find,
        on_choose=BookingState.choose,
        on_add=BookingState.add_client,
    )
    return rx.cond(BookingState.client_id != "", chosen, search)


def _what() -> rx.Component:
    service = rx.el.label(
        rx.el.span("Service", class_name="k"),
        rx.el.select(
            rx.foreach(
                BookingState.services,
                lambda row: rx.el.option(row.name + ", " + row["length"], value=row.id),
            ),
            value=BookingState.service_id,
            on_change=BookingState.choose_service,
            class_name="inp",
        ),
        class_name="fld",
    )
    return rx.cond(BookingState.services.length() > 0, service)


def _when() -> rx.Component:
    return rx.fragment(
        rx.cond(BookingState.by_hand, _by_hand(), _slots()),
        field_error("slot"),
        rx.el.div(
            _said(BookingState.clocks, "clock"),
            _said(BookingState.in_the_way, "triangle-alert"),
            _said(BookingState.caution, "triangle-alert"),
            rx.cond(
                BookingState.by_hand
                & (BookingState.in_the_way == "")
                & (BookingState.caution == "")
                & (BookingState.clocks == ""),
                rx.el.span(icon("check", "s"), "You are free", class_name="st ok"),
            ),
            role="status",
        ),
    )


def _slots() -> rx.Component:
    return rx.fragment(
        rx.el.div(BookingState.slots_words, class_name="s m2 apart1"),
        rx.el.div(
            rx.foreach(
                BookingState.slots,
                lambda one: rx.el.button(
                    one.date,
                    rx.el.b(one.time),
                    rx.el.span(one.words, class_name="s " + one.tone.to(str)),
                    type="button",
                    class_name="frt",
                    custom_attrs={"aria-pressed": one.key == BookingState.slot},
                    on_click=BookingState.pick(one.key),
                ),
            ),
            class_name="frts",
            role="group",
            aria_label="Time",
        ),
        rx.el.div(
            button(icon("calendar-search", "s"), "Another day or time", kind="grow", on_click=BookingState.another),
            button("Later", icon("chevron-right", "s"), on_click=BookingState.more),
            class_name="row",
        ),
    )


def _by_hand() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            _input("Day", "day", "date", BookingState.day, BookingState.set_day),
            _input("Begins", "time", "time", BookingState.time, BookingState.set_time),
            _input("Minutes", "minutes", "numeric", BookingState.minutes, BookingState.set_minutes),
            _input("Place", "location", "text", BookingState.location, None),
            class_name="fg",
        ),
        _input("Meeting link", "meeting_url", "url", "", None),
    )


def _said(words: rx.Var, name: str) -> rx.Component:
    return rx.cond(
        words != "",
        rx.el.div(rx.el.span(icon(name, "s"), class_name="warn"), rx.el.span(words), class_name="conf s"),
    )


def _input(label: str, name: str, kind: str, value: object, change: object) -> rx.Component:
    handled = {"value": value, "on_change": change} if change is not None else {"default_value": value}
    return rx.el.label(
        rx.el.span(label, class_name="lab"),
        rx.el.input(name=name, class_name="inp", **kind_of(kind), **handled),
        field_error(name),
        class_name="f",
    )
