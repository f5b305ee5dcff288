"""Duplicates: the likely pairs, and two side by side, merged field by field."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.layout import page
from omnicrm.components.parts import avatar, button, button_link, icon, section
from omnicrm.state.base import PageState
from omnicrm.state.duplicates import DuplicatesState, MergeState
from omnicrm.state.shell import ShellState

_card = MergeState.card


@rx.page("/duplicates", title="Duplicates · OmniCRM", on_load=[DuplicatesState.load, ShellState.refresh])
def duplicates() -> rx.Component:
    return page(
        "Duplicates",
        rx.cond(
            DuplicatesState.looking,
            rx.el.p(
                icon("loader", "s"),
                " Looking through who changed. What was found last stands below. ",
                DuplicatesState.percent,
                " %",
                class_name="s m2 above",
                role="status",
            ),
        ),
        ui.every(seconds=1, on=DuplicatesState.looking, on_tick=DuplicatesState.again),
        rx.cond(
            DuplicatesState.looked & ((DuplicatesState.rows.length() > 0) | ~DuplicatesState.looking),
            rx.cond(
                DuplicatesState.rows.length() > 0,
                rx.foreach(DuplicatesState.rows, _pair),
                parts.empty("users", "Nobody is here twice", "After an import, look here again."),
            ),
            parts.busy_rows(),
        ),
        current="contacts",
        back=("Contacts", "/contacts"),
        below="Clients who may be one and the same person",
    )


def _pair(row: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.span(rx.el.span(row.name, class_name="b bk"), rx.el.span(row.detail, class_name="s m2")),
        rx.el.span(
            rx.el.span(row.other_name, class_name="b bk"),
            rx.el.span(row.other_detail, class_name="s m2 bk"),
            rx.el.span(row.why, class_name="s m2"),
        ),
        rx.el.div(
            button_link(
                "Compare",
                to="/merge?one=" + row.one + "&other=" + row.other,
                aria_label="Compare " + row.name + " and " + row.other_name,
            ),
            button("Two people", kind="ghost", on_click=DuplicatesState.two_people(row.one, row.other)),
            class_name="pick",
        ),
        class_name="du",
        key=row.one + row.other,
    )


@rx.page("/merge", title="Two into one · OmniCRM", on_load=[MergeState.load, ShellState.refresh])
def merging() -> rx.Component:
    return page(
        "Two into one",
        rx.cond(_card.one != "", _comparison(), _gone()),
        current="contacts",
        back=("Duplicates", "/duplicates"),
        below="Choose what the one client keeps. Nothing of either is lost.",
        actions=(rx.cond(_card.one != "", button("They are two people", on_click=MergeState.two_people)),),
        bar=rx.cond(
            _card.one != "",
            rx.el.div(
                button(
                    icon("merge", "s"),
                    "Merge into ",
                    _card.one_name,
                    kind="solid",
                    disabled=PageState.busy,
                    on_click=MergeState.merge,
                ),
                rx.el.span("Can be un-merged for 30 days, with what was whose.", class_name="s m2 dt"),
                class_name="barb",
            ),
        ),
    )


def _comparison() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.span(),
            _person(_card.one_initials, _card.one_name, _card.one_about),
            _person(_card.other_initials, _card.other_name, _card.other_about),
            class_name="cmp h",
        ),
        rx.foreach(_card.fields, _field),
        rx.cond(
            _card.comes_over.length() > 0,
            section(
                "Comes over from the second",
                rx.el.div(rx.foreach(_card.comes_over, lambda words: rx.el.span(words)), class_name="came"),
            ),
        ),
    )


def _person(initials: rx.Var, name: rx.Var, about: rx.Var) -> rx.Component:
    return rx.el.span(
        avatar(initials),
        rx.el.span(rx.el.span(name, class_name="b bk"), rx.el.span(about, class_name="s m2")),
        class_name="row g12",
    )


def _field(row: rx.Var) -> rx.Component:
    taken = MergeState.taken.contains(row.field)
    return rx.el.div(
        rx.el.span(row.label, class_name="m2"),
        rx.cond(
            row.both,
            rx.el.span(
                icon("check", "s"),
                rx.el.span(row.one, rx.el.span(" and ", class_name="m2"), row.other, class_name="grow"),
                rx.el.span("both are kept", class_name="s m2"),
                class_name="pickone kept both",
            ),
            rx.fragment(_side(row, row.one, ~taken, False), _side(row, row.other, taken, True)),
        ),
        class_name="cmp",
        role="group",
        aria_label=row.label,
        key=row.field,
    )


def _side(row: rx.Var, value: rx.Var, on: rx.Var, other: bool) -> rx.Component:
    return rx.el.button(
        rx.cond(on, icon("circle-check", "s"), icon("circle", "s")),
        value,
        type="button",
        class_name="pickone",
        custom_attrs={"aria-pressed": on},
        on_click=MergeState.choose(row.field, other),
    )


def _gone() -> rx.Component:
    return parts.empty(
        "users",
        "There are no two clients to compare here",
        "One of them may be part of the other by now.",
        button_link("See duplicates", to="/duplicates"),
    )
