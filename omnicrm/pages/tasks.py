"""Tasks: what is to do today, next, by project, and what is done."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.fields import field, form_sheet, search_box
from omnicrm.components.layout import page
from omnicrm.components.parts import button, button_link, chip, go, icon, section
from omnicrm.components.task_entry import task_entry
from omnicrm.components.task_rows import task_row, task_sheet
from omnicrm.state.entry import EntryState
from omnicrm.state.shell import ShellState
from omnicrm.state.task import TaskState
from omnicrm.state.tasks import TasksState

LISTS = (("today", "Today"), ("overdue", "Overdue"), ("upcoming", "Upcoming"), ("open", "All open"))


@rx.page("/tasks", title="Tasks · OmniCRM", on_load=[TasksState.load, ShellState.refresh])
def tasks() -> rx.Component:
    listing = rx.cond(TasksState.which == "project", _by_project(), _list())
    return page(
        "Tasks",
        rx.el.div(
            rx.el.div(
                task_entry(
                    "Add a task: “call Hanna Friday 5pm”",
                    name="task",
                    today=TasksState.which == "today",
                ),
                _narrow(),
                listing,
            ),
            rx.el.aside(_soon(), _projects(), class_name="dt col g24"),
            class_name="cols",
        ),
        task_sheet(),
        _day_sheet(),
        ui.on_change(value=EntryState.added + TaskState.changed, on_change=TasksState.reload),
        current="tasks",
        reread=TasksState.reload,
        actions=(_lists(),),
        bar=_bar(),
    )


def _lists() -> rx.Component:
    chips = [
        chip(words, TasksState.counts.get(name, 0), on=TasksState.which == name, on_click=TasksState.show(name))
        for name, words in LISTS
    ]
    project = chip("By project", on=TasksState.which == "project", on_click=TasksState.show("project"))
    done = chip("Done", on=TasksState.which == "done", on_click=TasksState.show("done"))
    return rx.el.div(*chips, project, done, class_name="chips", role="group", aria_label="Which tasks")


def _narrow() -> rx.Component:
    return rx.cond(
        TasksState.which != "project",
        rx.el.div(
            rx.el.div(
                search_box(
                    "Search these tasks",
                    value=TasksState.query,
                    on_change=lambda text: TasksState.search(text).debounce(250),
                ),
                class_name="grow",
            ),
            button(
                rx.cond(TasksState.selecting, "Done selecting", "Select"),
                on_click=TasksState.select,
                keys="x",
                custom_attrs={"aria-pressed": TasksState.selecting},
            ),
            class_name="row narrow2",
        ),
    )


def _list() -> rx.Component:
    none = (TasksState.rows.length() == 0) & (TasksState.overdue.length() == 0)
    return rx.fragment(
        rx.cond(TasksState.overdue.length() > 0, _group("Overdue", TasksState.overdue)),
        rx.cond(TasksState.rows.length() > 0, _group(_heading(), TasksState.rows)),
        rx.cond(none, _nothing()),
        rx.cond(TasksState.next != "", button("More of these", kind="wide", on_click=TasksState.more)),
    )


def _heading() -> rx.Component:
    return rx.match(
        TasksState.which,
        ("today", "Today"),
        ("overdue", "Overdue"),
        ("upcoming", "Upcoming"),
        ("done", "Done"),
        "Open",
    )


def _group(title: object, rows: rx.Var) -> rx.Component:
    return section(title, rx.el.ul(rx.foreach(rows, _row)), class_name="grp")


def _row(row: rx.Var) -> rx.Component:
    return rx.cond(TasksState.selecting, task_row(row, box=_choose(row)), task_row(row))


def _choose(row: rx.Var) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        checked=TasksState.selected.contains(row.id),
        class_name="check",
        aria_label="Select: " + row.title,
        on_change=lambda on: TasksState.pick(row.id),
    )


def _by_project() -> rx.Component:
    return rx.cond(
        TasksState.by_project.length() > 0,
        rx.fragment(
            rx.foreach(
                TasksState.by_project,
                lambda one: rx.el.section(
                    rx.el.div(
                        rx.el.h2(go(one.project.name, to="/projects/" + one.project.id, class_name="tapline")),
                        rx.el.span(one.project.progress, class_name="end s"),
                        class_name="sh",
                    ),
                    rx.el.ul(rx.foreach(one.rows, lambda row: task_row(row, project=False))),
                    rx.cond(one.rows.length() == 0, rx.el.p("Nothing is open.", class_name="m2 s")),
                    class_name="grp",
                ),
            ),
            button_link("All projects", to="/projects", kind="wide"),
        ),
        parts.empty(
            "folder",
            "No project yet",
            "A project holds the tasks of one thing, such as a workshop.",
            button_link("To the projects", to="/projects", kind="solid"),
        ),
    )


def _soon() -> rx.Component:
    return rx.cond(
        TasksState.soon.length() > 0,
        section(
            "Next days",
            rx.foreach(
                TasksState.soon,
                lambda row: rx.el.button(
                    rx.el.span(row.title, class_name="grow"),
                    rx.el.span(row.due, class_name="s m2 nw"),
                    type="button",
                    class_name="lr",
                    on_click=TaskState.open(row.id),
                ),
            ),
        ),
    )


def _projects() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2("Projects"), go("All", to="/projects", class_name="end link"), class_name="sh"),
        rx.foreach(
            TasksState.projects,
            lambda row: go(
                rx.el.span(
                    rx.el.span(row.name, class_name="b"),
                    rx.el.span(row.progress, class_name="s m2 nw"),
                    class_name="row sp",
                ),
                rx.el.span(rx.el.i(style={"width": row.percent.to_string() + "%"}), class_name="prog"),
                to="/projects/" + row.id,
                class_name="pj",
            ),
        ),
        rx.cond(TasksState.projects.length() == 0, rx.el.p("None yet: plan a workshop in one.", class_name="m2 s")),
    )


def _bar() -> rx.Component:
    """At the foot while tasks are chosen."""
    return rx.cond(
        TasksState.selecting,
        rx.el.div(
            rx.el.span(TasksState.selected.length(), " selected", class_name="b grow", role="status"),
            button(icon("check", "s"), "Done", keys="d", on_click=TasksState.finish_selected),
            button(icon("calendar", "s"), "Move", keys="m", on_click=TasksState.ask_day),
            button(icon("trash-2", "s"), "Delete", kind="tomato", on_click=TasksState.remove_selected),
            class_name="barb",
            role="group",
            aria_label="Selected tasks",
        ),
    )


def _day_sheet() -> rx.Component:
    return form_sheet(
        "Move to another day",
        field("Day", "due_on", kind="date", help="Empty: without a day"),
        open=TasksState.moving,
        on_close=TasksState.ask_no_day,
        on_submit=TasksState.move_selected,
        save="Move",
    )


def _nothing() -> rx.Component:
    return rx.cond(
        TasksState.query != "",
        parts.empty("search", "No task says that", "Look in another list, or try fewer words."),
        rx.match(
            TasksState.which,
            ("done", parts.empty("list-checks", "Nothing done yet", "Finished tasks stand here.")),
            ("overdue", parts.empty("list-checks", "Nothing is overdue", "Whatever is late would stand here.")),
            ("upcoming", parts.empty("list-checks", "Nothing is planned", "A task with a later day appears here.")),
            parts.empty(
                "list-checks", "Nothing is due", "Add a task above; mails that ask for something bring theirs."
            ),
        ),
    )
