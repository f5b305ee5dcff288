"""Programs: courses and packages, how full they are and what comes next."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.fields import search_box
from omnicrm.components.layout import page
from omnicrm.components.parts import button, chip, go, icon
from omnicrm.components.program_form import program_sheet
from omnicrm.state.program_form import ProgramFormState
from omnicrm.state.programs import ProgramsState
from omnicrm.state.shell import ShellState

_CHIPS = (("active", "Open"), ("draft", "Drafts"), ("archived", "Archived"))


@rx.page("/programs", title="Programs · OmniCRM", on_load=[ProgramsState.load, ShellState.refresh])
def programs() -> rx.Component:
    return page(
        "Programs",
        rx.el.div(_search(), class_name="ph above"),
        rx.el.div(
            *[
                chip(
                    words,
                    ProgramsState.counts.get(status, 0),
                    on=ProgramsState.status == status,
                    on_click=ProgramsState.show(status),
                )
                for status, words in _CHIPS
            ],
            class_name="chips above",
            role="group",
            aria_label="Which programs",
        ),
        rx.cond(ProgramsState.rows.length() > 0, _list(), _none()),
        rx.cond(
            ProgramsState.following != "",
            ui.on_visible(tick=ProgramsState.rows.length(), on_seen=ProgramsState.more),
        ),
        program_sheet(),
        current="programs",
        actions=(
            rx.el.div(_search(), class_name="dt find"),
            button(icon("plus", "s"), "New program", kind="solid", keys="n", on_click=ProgramFormState.start),
        ),
        reread=ProgramsState.reload,
    )


def _search() -> rx.Component:
    return search_box("Name of a program", on_change=lambda text: ProgramsState.search(text).debounce(200))


def _list() -> rx.Component:
    return rx.el.ul(rx.foreach(ProgramsState.rows, _row), class_name="rows")


def _row(row: rx.Var) -> rx.Component:
    return rx.el.li(
        go(
            rx.el.span(
                rx.cond(row.kind == "course", icon("layers"), icon("ticket")),
                class_name="ic m2",
            ),
            rx.el.span(
                rx.el.span(row.name, class_name="b bk"),
                rx.el.span(row.detail, rx.cond(row.next != "", ", next " + row.next.to(str), ""), class_name="s m2 bk"),
                class_name="grow",
            ),
            rx.el.span(row.price, class_name="nw dt"),
            rx.el.span(
                icon("users", "s"),
                row.people,
                rx.el.span(" enrolled", class_name="sr"),
                rx.cond(row.full, rx.el.span("full", class_name="wait")),
                class_name="st pcount",
            ),
            to="/programs/" + row.id.to(str),
            class_name="lr",
        )
    )


def _none() -> rx.Component:
    searched = parts.empty("search-x", "No program of that name", "Look among the drafts or the archived ones too.")
    first = parts.empty(
        "layers",
        "Nothing is open yet",
        "A course has dates and people; a package is good for a number of sessions.",
        button(icon("plus", "s"), "New program", kind="solid", on_click=ProgramFormState.start),
    )
    return rx.cond(
        ProgramsState.query != "",
        searched,
        rx.cond(
            ProgramsState.status == "active",
            first,
            parts.empty("layers", "None here", "Drafts are not open yet; archived ones are over."),
        ),
    )
