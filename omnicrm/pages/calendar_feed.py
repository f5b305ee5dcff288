"""Settings: sessions in any calendar program, by a secret address."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.parts import button, go, icon
from omnicrm.components.settings import part, settings_page
from omnicrm.components.ui import plain_link
from omnicrm.state.calendar_feed import CalendarFeedState
from omnicrm.state.shell import ShellState

_feed = CalendarFeedState.feed
_link = CalendarFeedState.link


@rx.page("/settings/calendar", title="Calendar feed · OmniCRM", on_load=[CalendarFeedState.load, ShellState.refresh])
def calendar_feed() -> rx.Component:
    return settings_page(
        "Calendar feed",
        part(
            "Your sessions in another calendar",
            rx.el.div(
                rx.el.p(
                    "Any calendar program can subscribe to this address: Apple’s, Outlook, the one of a phone. It shows"
                    " what is booked, and follows every change within the hour. Nothing can be changed through it."
                ),
                rx.el.p(
                    "Titles are those that Google is shown: ",
                    CalendarFeedState.titles,
                    ". ",
                    go("Change that", to="/settings/google", class_name="link"),
                    class_name="m2",
                ),
                rx.cond(_link != "", _new()),
                rx.cond(
                    _feed,
                    rx.fragment(_standing(), _living()),
                    rx.el.div(
                        button("Make an address", kind="solid", on_click=CalendarFeedState.make), class_name="row"
                    ),
                ),
                class_name="col g12",
            ),
        ),
        here="calendar",
        below="Whoever has the address can read it. You can turn it off at any time.",
        back=("Settings", "/settings"),
    )


def _new() -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.span("The address", class_name="lab"),
            rx.el.input(value=_link, read_only=True, class_name="inp", name="address"),
            class_name="f",
        ),
        rx.el.p("Copy it now: it is not shown again. Anyone who has it can read it, so keep it to yourself."),
        rx.el.div(
            button(icon("copy", "s"), "Copy", kind="jade", on_click=rx.set_clipboard(_link)),
            plain_link(
                icon("calendar-plus", "s"),
                "Subscribe on this device",
                href=CalendarFeedState.webcal,
                class_name="btn",
            ),
            class_name="row wrap",
        ),
        class_name="col card",
    )


def _standing() -> rx.Component:
    read = rx.cond(_feed.read != "", rx.fragment(", last read ", _feed.read), ", not read by any program yet")
    return rx.el.div(
        icon("calendar-check", "s"),
        rx.el.span("On since ", _feed.since, read, "."),
        class_name="row ok",
        custom_attrs={"data-feed": "on"},
    )


def _living() -> rx.Component:
    return rx.el.div(
        button("Make a new address", on_click=CalendarFeedState.make),
        button("Turn it off", kind="tomato", on_click=CalendarFeedState.revoke),
        class_name="row wrap",
    )
