"""Notes: all of them, searched and narrowed; and the templates that a note may begin with."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.fields import choice, field, form_sheet, search_box
from omnicrm.components.layout import page
from omnicrm.components.note_editor import TYPES, note_button, note_editor
from omnicrm.components.parts import button, chip, icon
from omnicrm.state.note_list import NotesState
from omnicrm.state.notes import NoteState
from omnicrm.state.shell import ShellState

KINDS = (("", "All"), ("pinned", "Pinned"), ("session", "Session notes"), ("plan", "Plans"), ("private", "Private"))
_one = NotesState.template


@rx.page("/notes", title="Notes · OmniCRM", on_load=[NotesState.load, ShellState.refresh])
def notes() -> rx.Component:
    return page(
        "Notes",
        _narrow(),
        rx.cond(NotesState.rows.length() > 0, rx.el.ul(rx.foreach(NotesState.rows, _row)), _nothing()),
        rx.cond(NotesState.next != "", button("More notes", kind="wide", on_click=NotesState.more)),
        note_editor(),
        _templates(),
        _template(),
        ui.on_change(value=NoteState.saved, on_change=NotesState.reload),
        current="notes",
        back=("More", "/more"),
        reread=NotesState.reload,
        actions=(
            button(icon("file-text", "s"), "Templates", on_click=NotesState.manage),
            note_button("New note", kind="solid"),
        ),
    )


def _narrow() -> rx.Component:
    chosen = rx.el.button(
        NotesState.client.words,
        icon("x", "s"),
        type="button",
        class_name="chip",
        custom_attrs={"aria-pressed": True},
        aria_label="Everybody’s notes",
        on_click=NotesState.set_client(""),
    )
    who = rx.el.div(
        search_box("Whose?", on_change=lambda text: NotesState.find_client(text).debounce(200), key="whose"),
        rx.cond(
            NotesState.people.length() > 0,
            rx.el.div(
                rx.foreach(
                    NotesState.people,
                    lambda one: rx.el.button(
                        one.words, type="button", class_name="lr", on_click=NotesState.set_client(one.id)
                    ),
                ),
                class_name="card found",
                role="group",
                aria_label="Clients",
            ),
        ),
        class_name="whose",
    )
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                search_box(
                    "Search in notes",
                    value=NotesState.query,
                    on_change=lambda text: NotesState.search(text).debounce(250),
                ),
                class_name="grow",
            ),
            rx.cond(NotesState.client, chosen, who),
            class_name="row narrow2",
        ),
        rx.el.div(
            *[chip(words, on=NotesState.kind == kind, on_click=NotesState.show(kind)) for kind, words in KINDS],
            class_name="chips",
            role="group",
            aria_label="Which notes",
        ),
        class_name="col",
    )


def _row(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(
                rx.cond(
                    row.pinned, rx.el.span(icon("pin", "s"), rx.el.span("Pinned", class_name="sr"), class_name="acc")
                ),
                rx.cond(row.who != "", rx.el.span(row.who, class_name="b")),
                rx.cond(row.title != "", rx.el.span(row.title, class_name=rx.cond(row.who != "", "m2", "b"))),
                rx.cond(row.note_type != "general", rx.el.span(row.type_label, class_name="badge")),
                rx.el.span(row.when, class_name="s m2 nw end"),
                class_name="row g6 wrap",
            ),
            rx.el.span(row.line, class_name="voice two"),
            rx.cond(row.about != "", rx.el.span(row.about, class_name="s m2 bk")),
            type="button",
            class_name="lr nrow",
            on_click=NoteState.open(row.id),
        ),
        key=row.id,
    )


def _templates() -> rx.Component:
    return ui.sheet(
        rx.el.h2("Templates"),
        rx.el.div(
            rx.foreach(
                NotesState.templates,
                lambda row: rx.el.button(
                    rx.el.span(row.name, class_name="grow"),
                    rx.el.span(row.kind, class_name="s m2"),
                    type="button",
                    class_name="lr",
                    on_click=NotesState.edit(row.name),
                ),
            ),
            class_name="ds",
        ),
        rx.el.div(
            button("Close", custom_attrs={"data-close": "true"}),
            button(icon("plus", "s"), "New template", kind="solid", on_click=NotesState.edit("")),
            class_name="foot",
        ),
        open=NotesState.managing & ~_one.is_not_none(),
        label="Templates",
        on_close=NotesState.stop,
    )


def _template() -> rx.Component:
    return form_sheet(
        "Template",
        rx.cond(
            _one,
            rx.fragment(
                field("Name", "name", default_value=_one.name, auto_complete="off"),
                choice("Type of note", "note_type", list(TYPES), default_value=_one.note_type),
                field("Text", "content", kind="textarea", rows="10", default_value=_one.content),
                rx.cond(
                    _one.id != "",
                    button("Remove this template", kind="tomato", on_click=NotesState.remove(_one.id)),
                ),
            ),
        ),
        open=_one.is_not_none(),
        on_close=NotesState.stop,
        on_submit=NotesState.save,
        note="Markdown: **bold**, # heading, - list.",
    )


def _nothing() -> rx.Component:
    return rx.cond(
        (NotesState.query != "") | (NotesState.kind != "") | NotesState.client.is_not_none(),
        parts.empty("search", "No note is like that", "Choose another type, or try fewer words."),
        parts.empty(
            "notebook-pen",
            "No note yet",
            "Write one after a session, or about anything.",
            note_button("New note", kind="solid"),
        ),
    )
