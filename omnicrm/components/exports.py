"""Asking for an archive of everything: one button, how far it is, and the finished ones to fetch."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.parts import button, icon
from omnicrm.state.base import PageState
from omnicrm.state.exports import ExportState


def exports(words: Any, *, of: Any = None) -> rx.Component:
    """`words` are the button's. `of` is the client whose archives are shown, as they are asked for; for all of them
    the page loads `ExportState.load`."""
    return rx.fragment(
        button(
            icon("package", "s"),
            rx.cond(ExportState.making, "Being made…", words),
            disabled=PageState.busy | ExportState.making,
            on_click=ExportState.ask,
        ),
        rx.el.div(
            rx.foreach(ExportState.exports, _row if of is None else lambda row: rx.cond(row.contact == of, _row(row))),
            role="status",
        ),
        ui.every(seconds=1, on=ExportState.making, on_tick=ExportState.again),
    )


def _row(row: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            rx.el.span(row.of, class_name="b bk"),
            rx.el.span(row.words, class_name="s m2 bk"),
            rx.cond(
                row.state == "running",
                rx.el.span(rx.el.i(style={"width": row.percent.to_string() + "%"}), class_name="prog"),
            ),
            class_name="grow",
        ),
        rx.cond(
            row.state == "ready",
            ui.plain_link(
                icon("download", "s"),
                "Fetch",
                href="/export/everything/" + row.id.to(str),
                class_name="btn",
                custom_attrs={"download": "download"},
            ),
        ),
        class_name="lr",
        key=row.id,
    )
