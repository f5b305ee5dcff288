"""Generated from the pages: what a page asks of the database does not depend on how much there is, and is not much.

A ceiling is what the page takes today, rounded up a little. Raise one only for something that people see.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bench import practice
from omnicrm.core import clock as core_clock
from omnicrm.core import ids
from omnicrm.state.approvals.queue import ApprovalsState
from omnicrm.state.approvals.sheets import SheetsState
from omnicrm.state.booking import BookingState
from omnicrm.state.calendar import CalendarState
from omnicrm.state.contact import ContactState
from omnicrm.state.contacts import ContactsState
from omnicrm.state.entry import EntryState
from omnicrm.state.find import FindState
from omnicrm.state.group import GroupState
from omnicrm.state.note_list import NotesState
from omnicrm.state.notes import NoteState
from omnicrm.state.program import ProgramState
from omnicrm.state.program_people import ProgramPeopleState
from omnicrm.state.programs import ProgramsState
from omnicrm.state.sessions.cancelling import CancelState
from omnicrm.state.sessions.moving import MoveState
from omnicrm.state.sessions.page import SessionState
from omnicrm.state.task import TaskState
from omnicrm.state.tasks import TasksState
from omnicrm.state.today import TodayState
from tests.pages_opened import Practice, Step, opened, statements

pytestmark = pytest.mark.xdist_group("statement_counts")

# Statements of opening a page, the frame around it included (its transactions' settings count as well).
CEILINGS = {
    "/": 21,
    "/activity": 17,
    "/approvals": 24,
    "/calendar": 15,  # hours and time off are drawn too
    "/contacts": 15,
    "/contacts/[client]": 22,
    "/duplicates": 16,
    "/import": 13,
    "/insights": 14,
    "/merge": 10,
    "/groups": 14,
    "/groups/[group_id]": 18,
    "/notes": 12,
    "/projects": 12,
    "/projects/[project]": 17,
    "/more": 13,
    "/programs": 12,
    "/programs/[program]": 20,
    "/settings": 12,
    "/settings/account": 17,  # the archives that were made stand there too
    "/settings/availability": 15,
    "/settings/fields": 12,
    "/settings/calendar": 14,
    "/settings/google": 17,  # what was taught, words for services, and how often proposals were right, stand there too
    "/settings/services": 12,
    "/sessions/[session_id]": 24,
    "/tasks": 16,
    "/today": 21,
}


def written() -> dict[str, Any]:
    key = str(ids.new())
    return {"key": key, "sitting": key, "content": "Slept well.", "seq": 1}


# What is pressed most: the state is loaded first, only the press is counted.
PRESSES: dict[Step, int] = {
    Step(ApprovalsState, "show", lambda practice: {"kind": "done"}): 6,
    Step(ApprovalsState, "open", lambda practice: {"approval": str(practice.approval)}): 16,
    Step(ApprovalsState, "edit", lambda practice: {"approval": str(practice.approval)}): 2,
    Step(SheetsState, "ask_when", lambda practice: {"approval": str(practice.approval)}): 6,
    Step(ApprovalsState, "act", lambda practice: {"approval": str(practice.approval), "what": "approve"}): 21,
    Step(SheetsState, "undo", lambda practice: {"approval": str(practice.approval)}): 9,
    Step(FindState, "find", lambda practice: {"query": "call"}): 5,
    Step(FindState, "find", lambda practice: {"query": ""}): 5,
    Step(ContactsState, "search", lambda practice: {"query": "ma"}): 5,
    Step(ContactsState, "drop", lambda practice: {"field": "tag"}): 4,
    Step(ContactsState, "apply", lambda practice: {"form": {"sessions": "away", "owing": "low", "sort": "newest"}}): 4,
    Step(ContactsState, "apply", lambda practice: {"form": {"tag": "back", "sort": "-name", "archived": "yes"}}): 4,
    Step(ContactsState, "show_stage", lambda practice: {"stage": "active"}): 4,
    Step(ContactsState, "apply", lambda practice: {"form": {"last": "o90", "consent": "-marketing"}}): 4,
    Step(ContactsState, "show_group", lambda practice: {"group": str(practice.group)}): 5,
    Step(GroupState, "put", lambda practice: {"n": 0, "what": "value", "value": "30"}): 5,
    Step(ContactState, "show", lambda practice: {"kind": "note"}): 4,
    Step(NoteState, "write", lambda practice: {"contact": str(practice.client)}): 3,
    Step(NoteState, "write", lambda practice: {"session": str(practice.session)}): 6,
    Step(NoteState, "keep", lambda practice: {"entry": written()}): 6,
    Step(BookingState, "start", lambda practice: {"client": str(practice.client), "day": "", "at": ""}): 22,
    Step(BookingState, "find", lambda practice: {"query": "ma"}): 5,
    Step(MoveState, "start"): 20,
    Step(CancelState, "start"): 8,
    Step(SessionState, "show_history"): 5,
    Step(CalendarState, "step", lambda practice: {"by": -1}): 6,
    Step(CalendarState, "show", lambda practice: {"view": "month"}): 6,
    Step(CalendarState, "open", lambda practice: {"session": str(practice.session)}): 9,
    Step(ProgramsState, "search", lambda practice: {"query": "course"}): 4,
    Step(ProgramState, "show", lambda practice: {"tab": "sessions"}): 4,
    Step(ProgramPeopleState, "open_enrol"): 2,
    Step(ProgramPeopleState, "open_person", lambda practice: {"contact": str(practice.member)}): 4,
    Step(TasksState, "show", lambda practice: {"which": "done"}): 7,
    Step(TasksState, "show", lambda practice: {"which": "project"}): 6,
    Step(TasksState, "search", lambda practice: {"query": "call"}): 9,
    Step(TaskState, "open", lambda practice: {"task": str(practice.task)}): 5,
    Step(TaskState, "finish", lambda practice: {"task": str(practice.task)}): 5,
    Step(EntryState, "understand", lambda practice: {"text": "call back Anna tomorrow 5pm !high #workshop"}): 5,
    Step(EntryState, "add", lambda practice: {"form": {"title": "Call Anna Friday"}}): 6,
    Step(NotesState, "search", lambda practice: {"query": "knee"}): 5,
    Step(NoteState, "open", lambda practice: {"note": str(practice.note)}): 4,
    Step(NotesState, "show", lambda practice: {"kind": "pinned"}): 4,
    Step(TodayState, "finish", lambda practice: {"task": str(practice.task)}): 15,
}


@pytest.fixture(scope="module")
def sizes(database: str) -> tuple[Practice, Practice]:
    """One evening's practice and one twenty times as large. Their lists end before a page does, and do not."""
    before, core_clock._fixed = core_clock._fixed, core_clock.now().replace(year=2026, month=3, day=10, hour=8)
    try:
        small = Practice.of(practice.make(8, waiting=8, days_ahead=0))
        large = Practice.of(practice.make(160, waiting=160, days_ahead=0))
    finally:
        core_clock._fixed = before
    return small, large


def test_every_page_has_a_ceiling():
    assert set(CEILINGS) == {route for route, steps in opened().items() if steps}


@pytest.mark.parametrize("route", sorted(CEILINGS))
def test_opening_a_page_takes_the_same_few_statements_at_any_size(route, sizes, clock):
    small, large = (_opening(route, size) for size in sizes)
    assert small == large <= CEILINGS[route]


@pytest.mark.parametrize("step", PRESSES, ids=lambda step: step.name)
def test_a_press_takes_the_same_few_statements_at_any_size(step, sizes, clock):
    small, large = (_pressing(step, size) for size in sizes)
    clock.advance(timedelta(seconds=1))
    assert small == large <= PRESSES[step]


def _opening(route: str, size: Practice) -> int:
    with statements() as sent:
        for step in opened()[route]:
            step.take(size)
    return len(sent)


def _pressing(step: Step, size: Practice) -> int:
    page: Any = Step(step.state, "load").take(size) if hasattr(step.state, "load") else None
    with statements() as sent:
        step.take(size, page)
    return len(sent)
