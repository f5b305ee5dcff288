"""The frame of every page: skip link, navigation, header, banners, body, toast. `page(…)` is all that a page needs."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_too_many_connection_errors

from omnicrm.components import ui
from omnicrm.components.navigation import sidebar, tab_bar
from omnicrm.components.palette import find_icon, palette
from omnicrm.components.parts import banner, busy_rows, button, button_link, go, icon
from omnicrm.state.base import PageState
from omnicrm.state.push import Live
from omnicrm.state.shell import ShellState


def page(
    title: Any,
    *body: Any,
    current: str,
    count: Any = None,
    above: Any = None,
    below: Any = None,
    actions: tuple[Any, ...] = (),
    back: tuple[str, str] | None = None,
    line: bool = False,
    flush: bool = False,
    bar: Any = None,
    busy: Any = None,
    head: Any = None,
    reread: Any = None,
) -> rx.Component:
    """One page in its frame.

    `current` is the place in the navigation; `count` stands beside the title, `above` and `below` are small lines
    around it; `actions` at most three, the solid one last; `back` (words, where) is the phone's back row; `flush` gives
    the body the whole width; `bar` sticks to the foot; `busy` is the skeleton until the page's data is there; `head`
    replaces the header, and then has the h1; `reread` is what reads the page's data again when it changed elsewhere.
    """
    main = [
        _offline(),
        *([_back(*back)] if back else []),
        head if head is not None else _header(title, count, above, below, actions, line, back is None),
        _banners(),
        ui.settled(
            rx.el.div(*body, class_name="body flush" if flush else "body"),
            rx.el.div(busy if busy is not None else busy_rows(), class_name="body"),
            ready=rx.State.is_hydrated,
        ),
        *([bar] if bar is not None else []),
    ]
    return rx.fragment(
        ui.plain_link("Skip to the content", href="#main", class_name="skip"),
        rx.el.div(
            rx.el.div(
                sidebar(current),
                rx.el.main(*main, id="main", class_name="main", custom_attrs={"tabIndex": "-1"}),
                class_name="app",
            ),
            tab_bar(current),
            class_name="frame",
        ),
        palette(),
        ui.toast(toast=PageState.toast, hydrated=rx.State.is_hydrated, on_back=PageState.take_back),
        ui.shortcuts(enabled=ShellState.single_keys),
        ui.on_change(
            value=Live.version,
            on_change=[ShellState.refresh, *([reread] if reread is not None else [])],
        ),
    )


def _header(
    title: Any, count: Any, above: Any, below: Any, actions: tuple[Any, ...], line: bool, finds: bool
) -> rx.Component:
    heading = rx.el.h1(title) if count is None else rx.el.h1(title, " ", rx.el.span(count, class_name="n"))
    return rx.el.header(
        rx.el.div(
            *([rx.el.div(above, class_name="s m2")] if above is not None else []),
            heading,
            *([rx.el.div(below, class_name="s m2")] if below is not None else []),
            class_name="grow t",
        ),
        *([find_icon()] if finds else []),
        # until the page's data is there, a press would be overtaken by the loading
        *([rx.el.div(*actions, class_name="acts", custom_attrs={"inert": ~rx.State.is_hydrated})] if actions else []),
        class_name="head line" if line else "head",
    )


def _back(words: str, to: str) -> rx.Component:
    return rx.el.div(go(icon("chevron-left", "l"), words, to=to), find_icon(), class_name="back ph")


def _banners() -> rx.Component:
    """At most one: what this page ran into, else what stopped working everywhere."""
    return rx.cond(
        PageState.banner != "",
        rx.el.div(
            banner(PageState.banner, button("Close", on_click=PageState.dismiss_banner), tone="err"), class_name="bnw"
        ),
        rx.cond(
            ShellState.problem != "",
            rx.el.div(
                banner(
                    ShellState.problem,
                    button_link(icon("plug", "s"), "Connect again", to="/settings/google", kind="amber"),
                    name="unplug",
                ),
                class_name="bnw",
            ),
        ),
    )


def _offline() -> rx.Component:
    """In the place of Reflex's own toast, and in our words. What is clicked meanwhile is sent after the reconnect."""
    return rx.el.div(
        rx.cond(
            has_too_many_connection_errors,
            rx.el.div(
                icon("cloud-off", "s"),
                rx.el.span("No connection. What you do now is kept on this page and sent when you are back."),
                class_name="offline s",
            ),
        ),
        role="status",
    )
