"""The pages of tasks through their door: a line is understood and corrected, each change says its way back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from omnicrm.core.db import transaction
from omnicrm.domain import projects, tasks
from omnicrm.domain.tasks import TaskForm
from omnicrm.state.entry import EntryState
from omnicrm.state.task import TaskState
from omnicrm.state.tasks import TasksState
from tests.doors import send
from tests.factories import make_contact, make_project

# The clock stands at Tuesday 10 March 2026, 09:00 in Stockholm.


def back(page: Any, maya: UUID) -> Any:
    """The toast's Undo."""
    name, payload = page._way_back
    handler = name.rpartition(".")[2]
    return send(type(page), handler, as_=maya, on_=page, **payload)


def words(page: Any) -> dict[str, str]:
    return {chip.kind: chip.words for chip in page.chips}


def test_a_line_is_understood_corrected_and_saved(maya: UUID, clock) -> None:
    with transaction(maya) as db:
        make_contact(db, first_name="Anna", last_name="Lind")
        make_project(db, name="Solstice workshop")
    line = "call back anna tomorrow 5pm !high #workshop"
    page = send(EntryState, "understand", as_=maya, text=line)
    assert words(page) == {
        "due": "Tomorrow, 17:00",
        "priority": "High",
        "project": "Solstice workshop",
        "client": "Anna Lind",
    }
    page = send(EntryState, "drop", as_=maya, on_=page, part="due")
    assert set(words(page)) == {"priority", "project", "client"}
    page = send(EntryState, "add", as_=maya, on_=page, form={"title": line})
    assert page.toast["text"] == "Task added: call back anna tomorrow 5pm"
    assert page.chips == []
    with transaction(maya) as db:
        row = tasks.listed(db)[0]
    assert (row.who, row.project, row.due, row.priority) == ("Anna Lind", "Solstice workshop", "", "high")
    back(page, maya)
    with transaction(maya) as db:
        assert tasks.listed(db) == []


def test_one_of_several_of_the_name_is_asked_for(maya: UUID, clock) -> None:
    with transaction(maya) as db:
        keys = [make_contact(db, first_name="Anna", last_name=last).id for last in ("Lind", "Berg")]
    page = send(EntryState, "understand", as_=maya, text="call Anna")
    assert {one.words for one in page.people} == {"Anna Lind", "Anna Berg"}
    assert words(page) == {}
    page = send(EntryState, "choose", as_=maya, on_=page, contact=str(keys[1]))
    assert words(page) == {"client": "Anna Berg"}
    page = send(EntryState, "add", as_=maya, on_=page, form={"title": "call Anna"})
    with transaction(maya) as db:
        assert tasks.listed(db)[0].who == "Anna Berg"


def test_what_is_typed_under_today_is_for_today_unless_that_is_not_meant(maya: UUID, clock) -> None:
    page = send(EntryState, "understand", as_=maya, text="Buy oil")
    assert page.undated
    send(EntryState, "add", as_=maya, on_=page, form={"title": "Buy oil", "today": "yes"})
    page = send(EntryState, "drop", as_=maya, on_=send(EntryState, "understand", as_=maya, text="Sweep"), part="due")
    send(EntryState, "add", as_=maya, on_=page, form={"title": "Sweep", "today": "yes"})
    with transaction(maya) as db:
        assert {row.title: row.due for row in tasks.listed(db)} == {"Buy oil": "today", "Sweep": ""}


def test_finishing_says_when_it_comes_again(maya: UUID, clock) -> None:
    with transaction(maya) as db:
        task = tasks.add(db, TaskForm(title="Newsletter", due_on=date(2026, 3, 10), rrule="FREQ=WEEKLY"))
    form = {
        "title": "Newsletter, short",
        "due_on": "2026-03-10",
        "rrule": "FREQ=WEEKLY;INTERVAL=2",
        "scope": "following",
    }
    page = send(TaskState, "save", as_=maya, on_=send(TaskState, "open", as_=maya, task=str(task.id)), form=form)
    assert page.toast["text"] == "Saved."
    page = send(TaskState, "finish", as_=maya, on_=page, task=str(task.id))
    assert page.toast["text"] == "Done: Newsletter, short. Next: Tue 24 Mar"
    back(page, maya)
    with transaction(maya) as db:
        assert [(row.title, row.due_on) for row in tasks.listed(db)] == [("Newsletter, short", "2026-03-10")]


def test_a_second_tab_is_told_and_keeps_what_was_typed(maya: UUID, clock) -> None:
    with transaction(maya) as db:
        task = tasks.add(db, TaskForm(title="Call"))
    page = send(TaskState, "open", as_=maya, task=str(task.id))
    with transaction(maya) as db:
        tasks.rename(db, task.id, "Call Jo", version=1)
    page = send(TaskState, "save", as_=maya, on_=page, form={"title": "Call back"})
    assert page.toast["bad"]
    assert page.task is not None
    with transaction(maya) as db:
        assert tasks.card(db, task.id).title == "Call Jo"
    page = send(TaskState, "save", as_=maya, on_=page, form={"title": "x", "due_on": "2026-02-30"})
    assert page.field_errors == {"due_on": "There is no such day."}


def test_many_are_finished_moved_and_deleted_each_with_undo(maya: UUID, clock) -> None:
    with transaction(maya) as db:
        keys = [str(tasks.add(db, TaskForm(title=title, due_on=date(2026, 3, 10))).id) for title in ("One", "Two")]
    for handler, payload in (
        ("finish_selected", {}),
        ("move_selected", {"form": {"due_on": "2026-03-12"}}),
        ("remove_selected", {}),
    ):
        page = send(TasksState, "load", as_=maya)
        page = send(TasksState, "select", as_=maya, on_=page)
        for key in keys:
            page = send(TasksState, "pick", as_=maya, on_=page, task=key)
        page = send(TasksState, handler, as_=maya, on_=page, **payload)
        assert page.rows == []
        page = back(page, maya)
        assert {row.title for row in page.rows} == {"One", "Two"}, handler


def test_by_project_stands_what_is_open_in_each(maya: UUID, clock) -> None:
    with transaction(maya) as db:
        project = projects.add(db, projects.ProjectForm(name="Workshop"))
        for number in range(7):
            tasks.add(db, TaskForm(title=str(number), project_id=project.id))
    page = send(TasksState, "show", as_=maya, which="project")
    assert [(one.project.name, len(one.rows)) for one in page.by_project] == [("Workshop", 5)]
