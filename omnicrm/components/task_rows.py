"""A task in a list, with its tick, and the sheet that changes it. A page that shows rows puts the sheet into itself."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.fields import choice, field
from omnicrm.components.parts import button, go, icon
from omnicrm.components.status import flag
from omnicrm.state.base import PageState
from omnicrm.state.task import TaskState

PRIORITIES = [("high", "High"), ("medium", "Medium"), ("low", "Low")]


def task_row(row: rx.Var, *, box: rx.Component | None = None, project: bool = True) -> rx.Component:
    """`box` stands in the place of the tick, `project` says in which one it is."""
    words = [
        rx.cond(row.who != "", go(row.who, to="/contacts/" + row.contact_id, class_name="tapline")),
        rx.cond(row.detail != "", rx.el.span(row.detail)),
    ]
    if project:
        words.insert(
            1, rx.cond(row.project != "", go(row.project, to="/projects/" + row.project_id, class_name="tapline"))
        )
    return rx.el.li(
        box if box is not None else _tick(row),
        rx.el.div(
            rx.el.button(
                rx.cond(row.done, rx.el.s(row.title), row.title),
                type="button",
                class_name=rx.cond(row.done, "tt m2", rx.cond(row.priority == "high", "tt b", "tt")),
                on_click=TaskState.open(row.id),
            ),
            rx.cond(
                (row.who != "") | (row.detail != "") | (row.project != ""), rx.el.div(*words, class_name="s m2 tl2")
            ),
            rx.cond((row.description != "") & ~row.done, rx.el.div(row.description, class_name="s m2 one")),
        ),
        rx.el.div(
            rx.cond(row.started, flag("Started", "circle-dot", "open")),
            rx.cond((row.priority == "high") & ~row.done, flag("High", "flag", "wait")),
            rx.cond(row.repeats != "", flag(row.repeats, "repeat", "m2")),
            rx.cond(
                row.overdue,
                flag(row.due, "circle-alert", "bad"),
                rx.cond(row.due != "", rx.el.span(row.due, class_name="s m2 nw")),
            ),
            class_name="tend",
        ),
        class_name=rx.cond(row.parent_id != "", "tk sub", "tk"),
        key=row.id + row.status,
    )


def _tick(row: rx.Var) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        default_checked=row.done,
        class_name="check",
        aria_label=rx.cond(row.done, "Open again: ", "Done: ") + row.title,
        on_change=rx.cond(row.done, TaskState.reopen(row.id), TaskState.finish(row.id)),
    )


def task_sheet(*more: rx.Component) -> rx.Component:
    """What a task says, and what can be done with it; `more` are further buttons."""
    task = TaskState.task
    return ui.sheet(
        rx.cond(
            task,
            rx.el.form(
                rx.el.h2(rx.cond(task.parent_id != "", "Step", "Task")),
                rx.el.div(_fields(task), class_name="ds"),
                rx.el.div(
                    button("Cancel", custom_attrs={"data-close": "true"}),
                    button(
                        rx.cond(PageState.busy, "Saving…", "Save"),
                        kind="solid",
                        type="submit",
                        disabled=PageState.busy,
                    ),
                    class_name="foot",
                ),
                on_submit=TaskState.save,
                class_name="col",
                custom_attrs={"noValidate": True},
                style={"minHeight": 0},
                key=task.id,
            ),
        ),
        rx.cond(task, rx.el.div(*_actions(task), *more, class_name="acts2")),
        open=task.is_not_none(),
        label="Task",
        on_close=TaskState.close,
        class_name="tasksheet",
    )


def _fields(task: Any) -> rx.Component:
    top = task.parent_id == ""
    return rx.fragment(
        field("Task", "title", default_value=task.title, auto_complete="off", max_length=300),
        rx.el.div(
            field("Due", "due_on", kind="date", default_value=task.due_on),
            field("Hour", "due_at", kind="time", default_value=task.due_at, help="May stay empty"),
            choice("Priority", "priority", PRIORITIES, default_value=task.priority),
            rx.cond(top, _select("Repeats", "rrule", TaskState.repeats, task.rrule)),
            class_name="fg",
        ),
        rx.cond(
            task.rrule != "",
            rx.el.fieldset(
                rx.el.legend("What is changed", class_name="sr"),
                _radio("this", "This one only", True),
                _radio("following", "This one and all that follow", False),
            ),
        ),
        rx.cond(top, _place()),
        _client(),
        field("More", "description", kind="textarea", rows="3", default_value=task.description),
    )


def _place() -> rx.Component:
    options = rx.foreach(TaskState.places, lambda one: rx.el.option(one.words, value=one.id))
    return rx.el.label(
        rx.el.span("Project", class_name="lab"),
        rx.el.select(
            rx.el.option("None", value=""), options, name="place", default_value=TaskState.place, class_name="inp"
        ),
        class_name="f",
    )


def _select(label: str, name: str, options: Any, value: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="lab"),
        rx.el.select(
            rx.foreach(options, lambda one: rx.el.option(one.words, value=one.id)),
            name=name,
            default_value=value,
            class_name="inp",
        ),
        class_name="f",
    )


def _radio(value: str, words: str, on: bool) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="scope", value=value, default_checked=on, class_name="radio"),
        words,
        class_name="opt",
    )


def _client() -> rx.Component:
    chosen = rx.el.div(
        rx.el.span("Client", class_name="lab"),
        rx.el.div(
            rx.el.span(TaskState.client.words, class_name="b grow"),
            button("Remove", kind="ghost z1", on_click=TaskState.set_client("")),
            class_name="row",
        ),
        class_name="f",
    )
    search = rx.el.div(
        rx.el.label(
            rx.el.span("Client", class_name="lab"),
            rx.el.input(
                type="search",
                placeholder="Nobody",
                class_name="inp",
                auto_complete="off",
                on_change=lambda text: TaskState.find_client(text).debounce(200),
            ),
        ),
        rx.foreach(
            TaskState.people,
            lambda one: rx.el.button(one.words, type="button", class_name="lr", on_click=TaskState.set_client(one.id)),
        ),
        class_name="f",
    )
    return rx.cond(TaskState.client, chosen, search)


def _actions(task: Any) -> list[rx.Component]:
    tomorrow = button("Tomorrow", on_click=TaskState.postpone(task.id, 1))
    week = button("In a week", on_click=TaskState.postpone(task.id, 7))
    return [
        rx.cond(~task.done, rx.fragment(tomorrow, week)),
        rx.cond((task.rrule != "") & ~task.done, button("Skip this time", on_click=TaskState.skip(task.id))),
        rx.cond(
            ~task.done,
            button(rx.cond(task.started, "Not started", "Started"), on_click=TaskState.start(task.id)),
        ),
        button(icon("trash-2", "s"), "Delete", kind="tomato", on_click=TaskState.remove(task.id)),
    ]
