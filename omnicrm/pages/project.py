"""One project: its sections of tasks, how far it is, whom and what it is about."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.fields import field, form_sheet
from omnicrm.components.layout import page
from omnicrm.components.note_editor import note_button, note_editor
from omnicrm.components.parts import avatar, button, go, icon, section
from omnicrm.components.project_fields import project_fields
from omnicrm.components.task_entry import hidden, task_entry
from omnicrm.components.task_rows import task_row, task_sheet
from omnicrm.state.base import PageState
from omnicrm.state.entry import EntryState
from omnicrm.state.notes import NoteState
from omnicrm.state.projects import ProjectState
from omnicrm.state.shell import ShellState
from omnicrm.state.task import TaskState

_card = ProjectState.card


@rx.page("/projects/[project]", title="Project · OmniCRM", on_load=[ProjectState.load, ShellState.refresh])
def project() -> rx.Component:
    return page(
        "Project",
        rx.cond(ProjectState.gone, _gone(), rx.cond(_card, rx.el.div(_figures(), _columns()))),
        task_sheet(_move_buttons()),
        note_editor(),
        *_sheets(),
        ui.on_change(value=EntryState.added + TaskState.changed + NoteState.saved, on_change=ProjectState.reload),
        current="tasks",
        back=("Projects", "/projects"),
        reread=ProjectState.reload,
        head=rx.el.header(
            rx.el.div(
                rx.el.h1(rx.cond(_card, _card.name, "Project")),
                rx.cond(_card, rx.cond(_card.description != "", rx.el.div(_card.description, class_name="s m2 two"))),
                class_name="grow t",
            ),
            rx.cond(_card, rx.el.div(*_acts(), class_name="acts")),
            class_name="head",
        ),
    )


def _acts() -> list[rx.Component]:
    return [
        button(icon("pencil-line", "s"), "Edit", keys="e", on_click=ProjectState.open_sheet("edit")),
        note_button(project=_card.id, keys="w"),
        rx.cond(
            _card.status == "active",
            button(icon("check", "s"), "Complete", kind="solid", on_click=ProjectState.set_status("completed")),
            button("Take up again", kind="solid", on_click=ProjectState.set_status("active")),
        ),
    ]


def _figures() -> rx.Component:
    def figure(value: object, words: object) -> rx.Component:
        return rx.el.div(rx.el.b(value), rx.el.span(words, class_name="s m2"))

    return rx.el.div(
        figure(_card.progress, "steps done"),
        rx.cond(_card.places != "", figure(_card.places, "places taken")),
        rx.cond(_card.due != "", figure(_card.due, "due")),
        rx.el.div(
            rx.el.div(
                rx.el.i(style={"width": _card.percent.to_string() + "%"}),
                class_name="prog",
                role="progressbar",
                aria_label="Steps done",
                custom_attrs={"aria-valuenow": _card.percent, "aria-valuemin": 0, "aria-valuemax": 100},
            ),
            rx.cond(
                _card.left != "",
                rx.el.span(_card.left, class_name=rx.cond(_card.late, "s bad", "s m2")),
            ),
            class_name="grow far",
        ),
        class_name="f4",
    )


def _columns() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            task_entry(
                "Add a task: “print 14 workbooks Friday”", hidden("project", _card.id), _which_section(), name="project"
            ),
            rx.foreach(_card.parts, _part),
            button(icon("plus", "s"), "A section", kind="ghost", on_click=ProjectState.open_sheet("section")),
        ),
        rx.el.aside(_people(), _linked(), _notes(), _further(), class_name="col g24"),
        class_name="cols",
    )


def _which_section() -> rx.Component:
    return rx.cond(
        _card.sections.length() > 0,
        rx.el.select(
            rx.el.option("In no section", value=""),
            rx.foreach(_card.sections, lambda name: rx.el.option(name, value=name)),
            name="section",
            aria_label="Section",
            class_name="inp due",
        ),
    )


def _part(part: rx.Var) -> rx.Component:
    return rx.el.section(
        rx.cond(
            part.name != "",
            rx.el.div(
                rx.el.h2(part.name),
                rx.el.span(part.progress, class_name="end s"),
                button(
                    icon("x", "s"),
                    kind="ghost ico",
                    aria_label="Remove the section " + part.name.to(str),
                    on_click=ProjectState.remove_section(part.name),
                ),
                class_name="sh",
            ),
        ),
        rx.cond(
            part.tasks.length() > 0,
            rx.el.ul(rx.foreach(part.tasks, _task)),
            rx.el.p("Nothing in it yet.", class_name="m2 s"),
        ),
        class_name="grp",
        key=part.name,
    )


def _task(one: rx.Var) -> rx.Component:
    """With its steps, and how another one is added."""
    row = one.task
    return rx.fragment(
        task_row(row, project=False),
        rx.foreach(one.steps, lambda step: task_row(step, project=False)),
        rx.cond(
            ~row.done,
            rx.el.li(
                rx.el.details(
                    rx.el.summary(icon("plus", "s"), "A step"),
                    rx.el.form(
                        rx.el.input(
                            name="title",
                            aria_label="A step of " + row.title,
                            class_name="inp grow",
                            auto_complete="off",
                            max_length=300,
                        ),
                        hidden("parent", row.id),
                        button("Add", type="submit", disabled=PageState.busy),
                        on_submit=EntryState.add,
                        reset_on_submit=True,
                        class_name="row",
                        custom_attrs={"noValidate": True},
                    ),
                ),
                class_name="tk sub ad",
            ),
        ),
    )


def _people() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("People"),
            button(
                icon("plus", "s"),
                kind="ghost ico end",
                aria_label="Link a contact",
                on_click=ProjectState.open_sheet("people"),
            ),
            class_name="sh",
        ),
        rx.foreach(
            _card.people,
            lambda one: rx.el.div(
                avatar(one.initials, "sm"),
                go(one.words, to="/contacts/" + one.id, class_name="grow tapline"),
                rx.cond(
                    one.own,
                    button(
                        icon("x", "s"),
                        kind="ghost ico",
                        aria_label="Take off this project: " + one.words,
                        on_click=ProjectState.unlink(one.id, ""),
                    ),
                ),
                class_name="lr",
            ),
        ),
        rx.cond(_card.more_people > 0, rx.el.p("and ", _card.more_people, " more", class_name="s m2")),
        rx.cond(_card.people.length() == 0, rx.el.p("Nobody yet.", class_name="s m2")),
    )


def _linked() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Sessions"),
            button(
                icon("plus", "s"),
                kind="ghost ico end",
                aria_label="Link a session",
                on_click=ProjectState.open_sheet("sessions"),
            ),
            class_name="sh",
        ),
        rx.foreach(
            _card.sessions,
            lambda one: rx.el.div(
                rx.el.span(icon("calendar", "s"), class_name="m2"),
                rx.el.div(
                    rx.el.div(one.words, class_name="cap"), rx.el.div(one.detail, class_name="s m2"), class_name="grow"
                ),
                button(
                    icon("x", "s"),
                    kind="ghost ico",
                    aria_label="Take off this project: " + one.detail,
                    on_click=ProjectState.unlink("", one.id),
                ),
                class_name="lr",
            ),
        ),
        rx.cond(_card.sessions.length() == 0, rx.el.p("None yet.", class_name="s m2")),
    )


def _notes() -> rx.Component:
    return section(
        "Notes",
        rx.foreach(
            ProjectState.notes,
            lambda row: rx.el.button(
                rx.cond(row.title != "", rx.el.span(row.title, class_name="b bk")),
                rx.el.span(row.line, class_name="voice bk"),
                rx.el.span(row.when, class_name="s m2"),
                type="button",
                class_name="lr nrow",
                on_click=NoteState.open(row.id),
            ),
        ),
        rx.cond(ProjectState.notes.length() == 0, rx.el.p("None yet.", class_name="s m2")),
    )


def _further() -> rx.Component:
    return rx.el.div(
        button(icon("repeat", "s"), "Again next year", on_click=ProjectState.again),
        rx.cond(
            _card.status == "archived",
            rx.fragment(),
            button(icon("archive", "s"), "Archive", on_click=ProjectState.set_status("archived")),
        ),
        class_name="row wrap",
    )


def _move_buttons() -> rx.Component:
    task = TaskState.task
    return rx.fragment(
        button(icon("arrow-up", "s"), "Up", on_click=TaskState.move(task.id, -1)),
        button(icon("arrow-down", "s"), "Down", on_click=TaskState.move(task.id, 1)),
    )


def _sheets() -> list[rx.Component]:
    return [
        form_sheet(
            "Edit project",
            *project_fields(_card.name, _card.due_on, _card.description),
            open=ProjectState.sheet == "edit",
            on_close=ProjectState.close,
            on_submit=ProjectState.save,
        ),
        form_sheet(
            "New section",
            field("Name", "section", auto_focus=True, auto_complete="off", placeholder="Room"),
            open=ProjectState.sheet == "section",
            on_close=ProjectState.close,
            on_submit=ProjectState.add_section,
            save="Add",
        ),
        ui.sheet(
            rx.el.h2("Link a contact"),
            rx.el.input(
                type="search",
                placeholder="Who is it about?",
                aria_label="Who is it about?",
                class_name="inp",
                auto_focus=True,
                on_change=lambda text: ProjectState.find(text).debounce(200),
            ),
            _choices(lambda key: ProjectState.link(key, "")),
            open=ProjectState.sheet == "people",
            label="Link a contact",
            on_close=ProjectState.close,
        ),
        ui.sheet(
            rx.el.h2("Link a session"),
            rx.cond(
                ProjectState.choices.length() == 0,
                rx.el.p("No session is booked. Book one in the calendar first.", class_name="m2"),
            ),
            _choices(lambda key: ProjectState.link("", key)),
            open=ProjectState.sheet == "sessions",
            label="Link a session",
            on_close=ProjectState.close,
        ),
    ]


def _choices(link: object) -> rx.Component:
    return rx.el.div(
        rx.foreach(
            ProjectState.choices,
            lambda one: rx.el.button(one.words, type="button", class_name="lr", on_click=link(one.id)),
        ),
        class_name="ds",
    )


def _gone() -> rx.Component:
    return parts.empty(
        "folder",
        "This project is not here",
        "The address may be wrong, or the project was removed.",
        parts.button_link("To the projects", to="/projects", kind="solid"),
    )
