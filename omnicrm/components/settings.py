"""The frame of the settings' pages: their list at the left, as chips on the phone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.layout import page
from omnicrm.components.parts import go

PAGES = (
    ("practice", "Practice", "/settings"),
    ("services", "Services and prices", "/settings/services"),
    ("fields", "Own fields", "/settings/fields"),
    ("availability", "Availability", "/settings/availability"),
    ("calendar", "Calendar feed", "/settings/calendar"),
    ("google", "Google and AI", "/settings/google"),
    ("activity", "Sync activity", "/activity"),
    ("account", "Account and security", "/settings/account"),
)


def settings_page(title: str, *body: Any, here: str, **frame: Any) -> rx.Component:
    """`here` is the page's name in PAGES."""
    links = [
        go(words, to=to, custom_attrs={"aria-current": "page"} if name == here else {}) for name, words, to in PAGES
    ]
    chips = [
        go(words, to=to, class_name="chip", custom_attrs={"aria-current": "page"} if name == here else {})
        for name, words, to in PAGES
    ]
    return page(
        title,
        rx.el.div(
            rx.el.nav(*links, class_name="sn", aria_label="Settings"),
            rx.el.div(
                rx.el.nav(*chips, ui.centred(), class_name="chips ph above", aria_label="Settings"),
                rx.el.div(*body, class_name="in"),
                class_name="sc",
            ),
            class_name="sw",
        ),
        current="settings",
        flush=True,
        **frame,
    )


def part(title: Any, *children: Any, end: Any = None, **props: Any) -> rx.Component:
    """A headed part of a settings page."""
    head = rx.el.h2(title) if end is None else rx.el.div(rx.el.h2(title), end, class_name="row sp wrap")
    return rx.el.section(head, *children, class_name="set", **props)
