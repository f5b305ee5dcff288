"""The editor of a note, and the button that opens it. A page that shows the button also puts the editor into itself."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from omnicrm.components.fields import field
from omnicrm.components.parts import button, icon, section
from omnicrm.state.base import PageState
from omnicrm.state.notes import NoteState
from omnicrm.state.shell import ShellState

TYPES = (("session", "Session note"), ("plan", "Plan"), ("private", "Private"), ("general", "Note"))


def _entry(value: rx.Var[Any]) -> tuple[rx.Var[Any]]:
    return (value,)


class NoteEditor(rx.Component):
    """Keeps what is written on the device until `ack` answers it; sends again what waited there."""

    library = "$/public" + rx.asset("note_editor.jsx", shared=True)
    tag = "NoteEditor"
    note: rx.Var[Any]
    owner: rx.Var[str]
    ack: rx.Var[Any]
    inserted: rx.Var[Any]
    types: rx.Var[list[Any]]
    broken: rx.Var[bool]
    panel: rx.Var[str]
    on_keep: rx.EventHandler[_entry]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]
    on_panel: rx.EventHandler[_entry]
    on_read: rx.EventHandler[rx.event.no_args_event_spec]


def note_button(
    words: str = "Note",
    *,
    client: Any = "",
    session: Any = "",
    project: Any = "",
    program: Any = "",
    kind: str = "",
    keys: str = "n",
) -> rx.Component:
    """Opens the editor for a new note; for a session it goes on with the note that was begun."""
    write = NoteState.write(client, session, project, program)  # all of them: what is left out, Reflex fills
    return button(icon("notebook-pen", "s"), words, kind=kind, keys=keys, on_click=write)


def note_editor() -> rx.Component:
    icons = (
        "check",
        "cloud-off",
        "file-text",
        "pin",
        "ellipsis",
        "list-checks",
        "pencil-line",
    )  # as the .jsx names them
    return NoteEditor.create(
        *[icon(name, "" if name in ("file-text", "pin", "ellipsis", "pencil-line") else "s") for name in icons],
        _panel(),
        note=NoteState.note,
        owner=ShellState.owner,
        ack=NoteState.ack,
        inserted=NoteState.inserted,
        types=[{"value": value, "words": words} for value, words in TYPES],
        broken=has_connection_errors,
        panel=NoteState.panel,
        on_keep=NoteState.keep,
        on_close=NoteState.close,
        on_panel=NoteState.show,
        on_read=NoteState.again,
    )


def _panel() -> rx.Component:
    return rx.match(
        NoteState.panel,
        ("templates", _templates()),
        ("versions", _versions()),
        ("follow", _follow()),
        ("more", _more()),
        rx.fragment(),
    )


def _templates() -> rx.Component:
    return rx.fragment(
        section(
            "Begin with",
            rx.foreach(
                NoteState.templates,
                lambda row: rx.el.button(
                    rx.el.span(row.name, class_name="grow"),
                    rx.el.span(row.kind, class_name="s m2"),
                    type="button",
                    class_name="lr",
                    on_click=NoteState.insert(row.name),
                ),
            ),
        ),
        rx.cond(
            NoteState.note.id != "",
            rx.el.form(
                field("Keep this note as a template", "name", placeholder="Its name", auto_complete="off"),
                button("Keep", type="submit"),
                on_submit=NoteState.save_template,
                class_name="row bl",
                custom_attrs={"noValidate": True},
            ),
        ),
    )


def _more() -> rx.Component:
    unsaved = NoteState.note.id == ""
    return rx.el.div(
        button("Earlier versions", kind="wide", disabled=unsaved, on_click=NoteState.show("versions")),
        button("Delete this note", kind="tomato wide", disabled=unsaved, on_click=NoteState.remove(NoteState.note.id)),
        rx.cond(unsaved, rx.el.p("Write a few words first.", class_name="s m2")),
        class_name="col",
    )


def _versions() -> rx.Component:
    return section(
        "Earlier versions",
        rx.cond(
            NoteState.versions.length() == 0,
            rx.el.p(
                "This note was never changed. What it says is kept each time that you open and change it.",
                class_name="m2",
            ),
        ),
        rx.foreach(
            NoteState.versions,
            lambda row: rx.el.details(
                rx.el.summary(
                    rx.el.span(row.line, class_name="grow one"),
                    rx.el.span(row.when, class_name="s m2 nw"),
                    class_name="lr",
                ),
                rx.html(row.html, class_name="voice md"),
                button("Bring this back", on_click=NoteState.restore(row.number)),
            ),
        ),
    )


def _follow() -> rx.Component:
    return rx.el.form(
        field("Follow-up", "title", placeholder="Send the exercises", auto_focus=True, auto_complete="off"),
        rx.el.div(
            field("Due", "due_on", kind="date"),
            button("Add the task", kind="solid", type="submit", disabled=PageState.busy),
            class_name="row end2",
        ),
        on_submit=NoteState.follow,
        custom_attrs={"noValidate": True},
    )
