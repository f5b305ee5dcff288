"""More: on the phone, the places that have no tab of their own."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.layout import page
from omnicrm.components.parts import go, icon
from omnicrm.components.ui import native_form
from omnicrm.state.more import MoreState
from omnicrm.state.shell import ShellState


@rx.page("/more", title="More · OmniCRM", on_load=[MoreState.load, ShellState.refresh])
def more() -> rx.Component:
    tone = rx.cond(MoreState.tasks_late, "s bad", "s m2")
    return page(
        ShellState.practice,
        rx.el.div(
            _line("layers", "Programs", "/programs", rx.el.span(MoreState.programs_words, class_name="s m2"), "acc"),
            _line("list-checks", "Tasks", "/tasks", rx.el.span(MoreState.tasks_words, class_name=tone), "acc"),
            _line("folder", "Projects", "/projects", tone="acc"),
            _line("notebook-pen", "Notes", "/notes", tone="acc"),
            _line("chart-column", "Insights", "/insights", tone="acc"),
            _line("upload", "Import and export", "/import", tone="acc"),
        ),
        rx.el.div(
            _line("settings", "Settings", "/settings"),
            _line("refresh-cw", "Google", "/activity", rx.el.span(ShellState.sync_words, class_name="s m2")),
            _line("moon", "Appearance", "/settings#appearance"),
            native_form(
                rx.el.button(
                    rx.el.span(icon("log-out", "l"), class_name="m2"),
                    rx.el.span("Sign out"),
                    type="submit",
                    class_name="mo",
                ),
                action="/auth/logout",
                method="post",
            ),
            class_name="apart",
        ),
        current="more",
        below=ShellState.person,
    )


def _line(name: str, words: str, to: str, end: rx.Component | None = None, tone: str = "m2") -> rx.Component:
    return go(
        rx.el.span(icon(name, "l"), class_name=tone),
        rx.el.span(words),
        end if end is not None else rx.el.span(),
        rx.el.span(icon("chevron-right", "s"), class_name="m2"),
        to=to,
        class_name="mo",
    )
