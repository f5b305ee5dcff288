"""Tasks: what is to do today, next, and what is done."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.layout import page
from omnicrm.components.parts import button, chip, go, icon, section
from omnicrm.components.status import flag
from omnicrm.state.base import PageState
from omnicrm.state.shell import ShellState
from omnicrm.state.tasks import TasksState

LISTS = (("today", "Today"), ("upcoming", "Upcoming"), ("open", "All open"))


@rx.page("/tasks", title="Tasks · OmniCRM", on_load=[ShellState.refresh, TasksState.load])
def tasks() -> rx.Component:
    return page(
        "Tasks",
        rx.el.div(
            rx.el.div(
                _add(),
                rx.cond(TasksState.overdue.length() > 0, _group("Overdue", TasksState.overdue)),
                rx.cond(TasksState.rows.length() > 0, _group(_heading(), TasksState.rows)),
                rx.cond((TasksState.rows.length() == 0) & (TasksState.overdue.length() == 0), _nothing()),
            ),
            rx.el.aside(
                rx.cond(
                    TasksState.soon.length() > 0,
                    section(
                        "Next days",
                        rx.foreach(
                            TasksState.soon,
                            lambda row: rx.el.div(
                                rx.el.span(row.title, class_name="grow"),
                                rx.el.span(row.due, class_name="s m2 nw"),
                                class_name="lr",
                            ),
                        ),
                    ),
                ),
                class_name="dt",
            ),
            class_name="cols",
        ),
        current="tasks",
        reread=TasksState.load,
        actions=(_lists(),),
    )


def _lists() -> rx.Component:
    chips = [
        chip(words, TasksState.counts.get(name, 0), on=TasksState.which == name, on_click=TasksState.show(name))
        for name, words in LISTS
    ]
    done = chip("Done", on=TasksState.which == "done", on_click=TasksState.show("done"))
    return rx.el.div(*chips, done, class_name="chips", role="group", aria_label="Which tasks")


def _heading() -> rx.Component:
    return rx.match(TasksState.which, ("today", "Today"), ("upcoming", "Upcoming"), ("done", "Done"), "Open")


def _add() -> rx.Component:
    """Kept as typed until it is saved; then the form starts afresh."""
    return rx.el.form(
        rx.el.label(
            icon("plus"),
            rx.el.input(
                name="title",
                placeholder="Add a task",
                aria_label="Add a task",
                auto_complete="off",
                custom_attrs={"data-keys": "n"},
            ),
            class_name="inp grow",
        ),
        rx.el.input(type="date", name="due_on", aria_label="Due on", class_name="inp due"),
        button("Add", kind="solid", type="submit", disabled=PageState.busy),
        rx.cond(
            PageState.field_errors.contains("title"),
            rx.el.p(
                icon("circle-alert", "s"), " ", PageState.field_errors["title"], class_name="help bad", role="alert"
            ),
        ),
        ui.draft(name="task", saved=TasksState.added),
        on_submit=TasksState.add,
        reset_on_submit=True,
        class_name="add",
        custom_attrs={"noValidate": True},
    )


def _group(title: object, rows: rx.Var) -> rx.Component:
    return section(title, rx.el.ul(rx.foreach(rows, _row)), end=rows.length(), class_name="grp")


def _row(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.input(
            type="checkbox",
            default_checked=row.done,
            class_name="check",
            aria_label=rx.cond(row.done, "Open again: ", "Done: ") + row.title,
            on_change=rx.cond(row.done, TasksState.reopen(row.id), TasksState.finish(row.id)),
        ),
        rx.el.div(
            rx.cond(row.done, rx.el.s(row.title, class_name="m2"), row.title),
            rx.cond(
                row.who != "",
                rx.el.div(go(row.who, to="/contacts/" + row.contact_id, class_name="tapline"), class_name="s m2"),
            ),
            rx.cond(row.description != "", rx.el.div(row.description, class_name="s m2 two")),
        ),
        rx.el.div(
            rx.cond(row.priority == "high", flag("High", "flag", "wait")),
            rx.cond(
                row.overdue,
                flag(row.due, "circle-alert", "bad"),
                rx.el.span(row.due, class_name="s m2 nw"),
            ),
            class_name="col g4",
        ),
        class_name="tk",
        key=row.id + row.status,
    )


def _nothing() -> rx.Component:
    return rx.match(
        TasksState.which,
        ("done", parts.empty("list-checks", "Nothing done yet", "Finished tasks stand here.")),
        ("upcoming", parts.empty("list-checks", "Nothing is planned", "A task with a later day appears here.")),
        parts.empty("list-checks", "Nothing is due", "Add a task above; mails that ask for something bring theirs."),
    )
