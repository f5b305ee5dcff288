"""Projects: each with how far it is."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts
from omnicrm.components.fields import form_sheet
from omnicrm.components.layout import page
from omnicrm.components.parts import button, chip, go, icon
from omnicrm.components.project_fields import project_fields
from omnicrm.state.projects import ProjectsState
from omnicrm.state.shell import ShellState

LISTS = (("active", "Under way"), ("completed", "Completed"), ("archived", "Archived"))


@rx.page("/projects", title="Projects · OmniCRM", on_load=[ProjectsState.load, ShellState.refresh])
def projects() -> rx.Component:
    new = button(icon("plus", "s"), "Project", kind="solid", keys="n", on_click=ProjectsState.open_add)
    return page(
        "Projects",
        rx.cond(
            ProjectsState.rows.length() > 0,
            rx.el.div(rx.foreach(ProjectsState.rows, _row), class_name="pjs"),
            _nothing(),
        ),
        rx.cond(ProjectsState.next != "", button("More projects", kind="wide", on_click=ProjectsState.more)),
        form_sheet(
            "New project",
            *project_fields(),
            open=ProjectsState.adding,
            on_close=ProjectsState.close,
            on_submit=ProjectsState.add,
            save="Add",
        ),
        current="tasks",
        back=("Tasks", "/tasks"),
        reread=ProjectsState.reload,
        actions=(
            rx.el.div(
                *[
                    chip(words, on=ProjectsState.which == name, on_click=ProjectsState.show(name))
                    for name, words in LISTS
                ],
                class_name="chips",
                role="group",
                aria_label="Which projects",
            ),
            new,
        ),
    )


def _row(row: rx.Var) -> rx.Component:
    return go(
        rx.el.span(
            rx.el.span(row.name, class_name="b grow"),
            rx.cond(row.due != "", rx.el.span("due ", row.due, class_name=rx.cond(row.late, "s bad nw", "s m2 nw"))),
            rx.el.span(row.progress, " steps", class_name="s m2"),
            class_name="row g12",
        ),
        rx.el.span(rx.el.i(style={"width": row.percent.to_string() + "%"}), class_name="prog"),
        to="/projects/" + row.id,
        class_name="pj",
        key=row.id,
    )


def _nothing() -> rx.Component:
    return rx.match(
        ProjectsState.which,
        ("completed", parts.empty("folder-check", "None is completed yet", "Completed projects stand here.")),
        ("archived", parts.empty("archive", "None is archived", "Archived projects stand here.")),
        parts.empty(
            "folder",
            "No project yet",
            "A project holds the tasks of one thing: a workshop, a new room, the spring group.",
            button("Add a project", kind="solid", on_click=ProjectsState.open_add),
        ),
    )
