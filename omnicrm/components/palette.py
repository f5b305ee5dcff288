"""Find anything, over every page: the palette of `palette.jsx` and the buttons that open it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components.parts import button, icon, kbd
from omnicrm.state.find import FindState
from omnicrm.state.shell import ShellState

_OPENS = {"data-find": "true", "aria-keyshortcuts": "Control+K"}
# in the order in which palette.jsx names them
_ICONS = (("search", "l"), ("x", ""), ("notebook-pen", ""), ("mail", ""), ("calendar", ""), ("list-checks", ""))


def _text(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class Palette(rx.Component):
    """Asks `on_find` once a pause in typing; `on_book` is told the client of the chosen result."""

    library = "$/public" + rx.asset("palette.jsx", shared=True)
    tag = "Palette"
    results: rx.Var[list[Any]]
    asked: rx.Var[str]
    slashes: rx.Var[bool]
    on_find: rx.EventHandler[_text]
    on_book: rx.EventHandler[_text]


def palette() -> rx.Component:
    return Palette.create(
        *[icon(name, size) for name, size in _ICONS],
        icon("calendar-plus", "s"),
        icon("phone", "s"),
        results=FindState.results,
        asked=FindState.asked,
        slashes=ShellState.single_keys,
        on_find=FindState.find,
        on_book=FindState.book,
    )


def find_box() -> rx.Component:
    """In the sidebar: looks like a field, opens the palette."""
    return rx.el.button(
        icon("search", "s"),
        rx.el.span("Find anything", class_name="grow"),
        kbd("Ctrl K"),
        type="button",
        class_name="inp findb",
        custom_attrs=_OPENS,
    )


def find_icon() -> rx.Component:
    """On a phone: in the header, or in the row that leads back."""
    return button(icon("search"), kind="ghost ico ph", aria_label="Find anything", custom_attrs=_OPENS)
