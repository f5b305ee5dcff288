"""At the side of a client's page: courses and packages with what is left, a renewal, and the sheet to enrol."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.parts import button, go, icon, icon_of
from omnicrm.state.contact_programs import ContactProgramsState


def programs() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Programs"),
        rx.foreach(ContactProgramsState.memberships, _membership),
        button(icon("plus", "s"), "Enrol", kind="ghost", on_click=ContactProgramsState.choose),
        class_name="sd",
    )


def enrol_sheet() -> rx.Component:
    return ui.sheet(
        rx.el.h2("Enrol in"),
        rx.el.div(
            rx.cond(
                ContactProgramsState.open_programs.length() > 0,
                rx.foreach(ContactProgramsState.open_programs, _program),
                parts.empty(
                    "layers",
                    "No program is open",
                    "Write down a course or a package first.",
                    parts.button_link("To the programs", to="/programs", kind="solid"),
                ),
            ),
            class_name="ds",
        ),
        rx.el.div(button("Close", custom_attrs={"data-close": "true"}), class_name="foot"),
        open=ContactProgramsState.choosing,
        label="Enrol in a program",
        on_close=ContactProgramsState.close,
    )


def _membership(row: rx.Var) -> rx.Component:
    return rx.el.div(
        go(row.program, to="/programs/" + row.program_id.to(str), class_name="b bk tapline"),
        rx.cond(
            row.bought > 0,
            rx.el.span(
                rx.el.i(style={"width": row.percent.to_string() + "%"}),
                class_name="prog",
                custom_attrs={"aria-hidden": "true"},
            ),
        ),
        rx.el.div(
            rx.cond(
                row.status != "active",
                rx.el.span(
                    icon_of(row.status_icon, "circle-pause", "circle-check", "ban", size="s"),
                    row.status_label,
                    class_name="st " + row.status_tone.to(str),
                ),
            ),
            rx.cond(
                row.credits != "",
                rx.el.span(icon("ticket", "s"), row.credits, class_name="st " + row.credits_tone.to(str)),
            ),
            rx.cond(row.until != "", rx.el.span(row.until, class_name="s m2")),
            class_name="row wrap",
        ),
        rx.cond(
            row.renew,
            button(
                icon("refresh-cw", "s"),
                "Renew",
                kind="amber",
                on_click=ContactProgramsState.enrol(row.program_id, False),
            ),
        ),
        class_name="col g4 above",
    )


def _program(row: rx.Var) -> rx.Component:
    return rx.el.button(
        rx.el.span(
            rx.el.span(row.name, class_name="b bk"),
            rx.el.span(row.detail, rx.cond(row.price != "", ", " + row.price.to(str), ""), class_name="s m2 bk"),
            class_name="grow",
        ),
        rx.cond(row.full, rx.el.span("full", class_name="s wait")),
        icon("plus", "s"),
        type="button",
        class_name="lr",
        on_click=ContactProgramsState.enrol(row.id, False),
    )
