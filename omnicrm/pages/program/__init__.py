"""One program: four figures, its people with what they came to, its sessions, what was paid."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts
from omnicrm.components.layout import page
from omnicrm.components.parts import button, chip, go, icon, icon_of
from omnicrm.components.program_form import program_sheet
from omnicrm.pages.program.people import people
from omnicrm.pages.program.sheets import sheets
from omnicrm.state.program import ProgramState
from omnicrm.state.program_form import ProgramFormState
from omnicrm.state.program_people import ProgramPeopleState
from omnicrm.state.shell import ShellState

_card = ProgramState.card


@rx.page("/programs/[program]", title="Program · OmniCRM", on_load=[ProgramState.load, ShellState.refresh])
def program() -> rx.Component:
    return page(
        "Program",
        rx.cond(ProgramState.gone, _gone(), rx.cond(_card, _body())),
        *sheets(),
        program_sheet(),
        current="programs",
        back=("Programs", "/programs"),
        head=_head(),
        bar=rx.cond(_card, _bar()),
        reread=ProgramState.reload,
    )


def _head() -> rx.Component:
    known = rx.fragment(
        rx.el.div(
            rx.el.h1(_card.name),
            rx.el.div(
                rx.cond(_card.status != "active", rx.el.span(_state_mark(), " ")),
                _card.about,
                class_name="s m2",
            ),
            class_name="grow t",
        ),
        rx.el.div(
            _open_or_archive(),
            button(icon("pencil-line", "s"), "Edit", keys="e", on_click=ProgramFormState.edit(_card.id)),
            _enrol("Enrol", keys="n"),
            class_name="row dt",
        ),
    )
    return rx.el.header(rx.cond(_card, known, rx.el.h1("Program", class_name="m2")), class_name="head")


def _state_mark() -> rx.Component:
    return rx.el.span(
        icon_of(_card.status_icon, "pencil-line", "archive", size="s"), _card.status_label, class_name="st"
    )


def _enrol(words: str, *, kind: str = "solid", keys: str = "") -> rx.Component:
    return rx.cond(
        _card.status == "active",
        button(icon("user-plus", "s"), words, kind=kind, keys=keys, on_click=ProgramPeopleState.open_enrol),
        button(icon("lock-open", "s"), "Open it", kind=kind, on_click=ProgramState.set_status("active")),
    )


def _open_or_archive() -> rx.Component:
    return rx.cond(
        _card.status == "active",
        button(icon("archive", "s"), "Archive", on_click=ProgramState.set_status("archived")),
        rx.cond(
            (_card.people == 0) & (_card.left == 0),
            button(icon("trash-2", "s"), "Delete", on_click=ProgramFormState.discard(_card.id)),
        ),
    )


def _bar() -> rx.Component:
    return rx.el.div(
        _enrol("Enrol", kind="solid grow"),
        button(icon("pencil-line", "s"), "Edit", kind="grow", on_click=ProgramFormState.edit(_card.id)),
        _open_or_archive(),
        class_name="barb ph",
    )


def _body() -> rx.Component:
    def tab(value: str, words: str, count: object) -> rx.Component:
        return chip(words, count, on=ProgramState.tab == value, on_click=ProgramState.show(value))

    return rx.fragment(
        rx.el.dl(
            rx.foreach(
                _card.figures,
                lambda one: rx.el.div(rx.el.dt(one.words, class_name="s m2"), rx.el.dd(one.value)),
            ),
            class_name="stats",
        ),
        rx.cond(_card.description != "", rx.el.p(_card.description, class_name="voice pre above")),
        rx.el.div(
            tab("people", "People", _card.people),
            tab("sessions", "Sessions", _card.sessions),
            tab("payments", "Payments", _card.payments),
            rx.cond(_card.left > 0, tab("left", "Left", _card.left)),
            class_name="chips",
            role="group",
            aria_label="What is shown",
        ),
        rx.match(
            ProgramState.tab,
            ("sessions", _sessions()),
            ("payments", _payments()),
            people(),
        ),
    )


def _sessions() -> rx.Component:
    def sitting(row: rx.Var) -> rx.Component:
        return rx.el.li(
            rx.el.span(
                rx.el.span(row.when, class_name="b bk cap"),
                rx.el.span(row.title, rx.cond(row.who != "", ", " + row.who.to(str), ""), class_name="s m2 bk"),
                class_name="grow",
            ),
            rx.el.span(
                icon_of(
                    row.status_icon, "calendar", "calendar-check", "circle-check", "calendar-x", "user-x", size="s"
                ),
                row.status_label,
                class_name="st " + row.status_tone.to(str),
            ),
            rx.cond(
                row.own,
                button(
                    icon("x", "s"),
                    kind="ghost ico",
                    aria_label="Take out: " + row.when.to(str),
                    on_click=ProgramPeopleState.detach(row.id),
                ),
            ),
            class_name="lr",
        )

    return rx.fragment(
        rx.cond(
            _card.course,
            rx.el.div(
                button(icon("calendar-plus", "s"), "Book classes", on_click=ProgramPeopleState.open_sheet("classes")),
                button(icon("plus", "s"), "Take one in", on_click=ProgramPeopleState.open_sheet("attach")),
                class_name="row wrap above",
            ),
        ),
        rx.cond(
            ProgramState.sittings.length() > 0,
            rx.el.ul(rx.foreach(ProgramState.sittings, sitting), class_name="rows"),
            rx.cond(
                _card.course,
                parts.empty("calendar", "No session yet", "Book its classes, or take in what is in the calendar."),
                parts.empty("ticket", "No credit was used yet", "Sessions that a credit paid for stand here."),
            ),
        ),
    )


def _payments() -> rx.Component:
    def line(row: rx.Var) -> rx.Component:
        here = "/programs/" + _card.id.to(str)
        return rx.el.li(
            go(
                rx.el.span(
                    rx.el.span(row.who, class_name="b bk"),
                    rx.el.span(
                        row.when, rx.cond(row.method != "", ", " + row.method.to(str), ""), class_name="s m2 bk"
                    ),
                    class_name="grow",
                ),
                rx.el.span(
                    icon_of(row.status_icon, "circle-check", "hourglass", "circle-alert", "undo-2", size="s"),
                    row.status_label,
                    class_name="st " + row.status_tone.to(str),
                ),
                rx.el.span(row.amount, class_name="num b"),
                to=rx.cond(row.contact_id != "", "/contacts/" + row.contact_id.to(str), here),
                class_name="lr",
            )
        )

    return rx.cond(
        ProgramState.lines.length() > 0,
        rx.el.ul(rx.foreach(ProgramState.lines, line), class_name="rows"),
        parts.empty("banknote", "Nothing was paid yet", "Payments for this program stand here once they are recorded."),
    )


def _gone() -> rx.Component:
    return parts.empty(
        "layers",
        "This program is not here",
        "The address may be wrong, or it was deleted.",
        parts.button_link("To the programs", to="/programs", kind="solid"),
    )
