"""Where one can go: sidebar from 1024 px, five tabs below. A place is listed here when its page exists."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from omnicrm.components.palette import find_box
from omnicrm.components.parts import go, icon, icon_of
from omnicrm.state.shell import ShellState


@dataclass(frozen=True)
class Place:
    name: str
    words: str
    to: str
    icon: str
    keys: str = ""


PLACES = (
    Place("today", "Today", "/", "sun", "g t"),
    Place("approvals", "Approvals", "/approvals", "inbox", "g a"),
    Place("calendar", "Calendar", "/calendar", "calendar", "g c"),
    Place("contacts", "Contacts", "/contacts", "users", "g p"),
    Place("programs", "Programs", "/programs", "layers", "g o"),
    Place("tasks", "Tasks", "/tasks", "list-checks", "g k"),
    Place("notes", "Notes", "/notes", "notebook-pen", "g n"),
    Place("insights", "Insights", "/insights", "chart-column", "g i"),
)
TABS = (PLACES[0], PLACES[2], PLACES[1], PLACES[3], Place("more", "More", "/more", "ellipsis"))


def sidebar(current: str) -> rx.Component:
    return rx.el.nav(
        rx.el.div(
            rx.el.span(icon("waves"), class_name="mark"),
            rx.el.div(
                rx.el.div(ShellState.practice, class_name="b"),
                rx.el.div(ShellState.person, class_name="xs m2 one"),
                class_name="grow",
            ),
            class_name="brand",
        ),
        find_box(),
        *[_entry(place, current) for place in PLACES],
        rx.el.div(class_name="grow"),
        go(
            icon_of(ShellState.sync_icon, "refresh-cw", "unplug", "circle-alert", "plug", "circle-pause", size="s"),
            ShellState.sync_words,
            to="/activity",
            class_name="syncl xs",
        ),
        go(icon("settings"), "Settings", to="/settings", class_name="nav", **_current("settings", current)),
        class_name="side",
        aria_label="Main",
    )


def tab_bar(current: str) -> rx.Component:
    here = current if any(place.name == current for place in TABS) else "more"
    return rx.el.nav(*[_tab(place, here) for place in TABS], class_name="tabs5", aria_label="Main")


def _entry(place: Place, current: str) -> rx.Component:
    count = {"approvals": ShellState.waiting, "tasks": ShellState.due}.get(place.name)
    return go(
        icon(place.icon),
        place.words,
        *([_count(count, place.name)] if count is not None else []),
        to=place.to,
        class_name="nav",
        **_current(place.name, current, {"data-keys": place.keys}),
    )


def _tab(place: Place, current: str) -> rx.Component:
    return go(
        icon(place.icon, "l"),
        rx.el.span(place.words),
        *([_count(ShellState.waiting, place.name)] if place.name == "approvals" else []),
        to=place.to,
        **_current(place.name, current),
    )


def _count(count: rx.Var[int], name: str) -> rx.Component:
    words = {"approvals": " waiting", "tasks": " due"}[name]
    return rx.cond(count > 0, rx.el.span(count, rx.el.span(words, class_name="sr"), class_name="n"))


def _current(name: str, current: str, attrs: dict[str, str] | None = None) -> dict[str, object]:
    return {"custom_attrs": {**(attrs or {}), **({"aria-current": "page"} if name == current else {})}}
