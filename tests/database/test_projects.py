"""Projects: how far they are, in sections; whom and what they are about; the same again next year."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from omnicrm.core import ids
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import projects, tasks
from omnicrm.domain.projects import ProjectForm
from omnicrm.domain.tasks import TaskForm
from omnicrm.models.sessions import SessionAttendee
from tests.factories import make_contact, make_session

# The clock stands at Tuesday 10 March 2026, 09:00 in Stockholm.


@pytest.fixture
def workshop(db, clock):
    project = projects.add(db, ProjectForm(name="Solstice workshop", due_on=date(2026, 3, 28)))
    for name in ("Room", "People"):
        projects.add_section(db, project.id, name)
    room = tasks.add(
        db, TaskForm(title="Confirm the room", project_id=project.id, section="Room", due_on=date(2026, 3, 20))
    )
    for title in ("Ask for two dates", "Send the form"):
        tasks.add(db, TaskForm(title=title, parent_task_id=room.id))
    tasks.add(db, TaskForm(title="Payment links", project_id=project.id, section="People"))
    tasks.add(db, TaskForm(title="Candles", project_id=project.id))
    return project


def rows(part):
    return [row for one in part.tasks for row in (one.task, *one.steps)]


def titles(part):
    return [row.title for row in rows(part)]


def test_the_card_says_how_far_it_is(db, workshop):
    card = projects.card(db, workshop.id)
    assert [(part.name, part.progress, titles(part)) for part in card.parts] == [
        ("", "0 of 1", ["Candles"]),
        ("Room", "0 of 2", ["Confirm the room", "Ask for two dates", "Send the form"]),
        ("People", "0 of 1", ["Payment links"]),
    ]
    assert (card.progress, card.percent, card.left) == ("0 of 4", 0, "18 days left")
    step = next(row for part in card.parts for row in rows(part) if row.title == "Send the form")
    tasks.finish(db, UUID(step.id))
    card = projects.card(db, workshop.id)
    assert (card.progress, card.percent) == ("1 of 4", 25)
    assert [(row.name, row.progress) for row in projects.listed(db).rows] == [("Solstice workshop", "1 of 4")]
    waiting = projects.next_tasks(db, [workshop.id], each=1)
    assert len(waiting[str(workshop.id)]) == 1


def test_people_and_places_come_from_its_links_its_tasks_and_its_sessions(db, workshop):
    anna, bo, cleo = (make_contact(db, first_name=name, last_name="X") for name in ("Anna", "Bo", "Cleo"))
    projects.link(db, workshop.id, contact_id=anna.id)
    projects.link(db, workshop.id, contact_id=anna.id)
    tasks.add(db, TaskForm(title="Ask Bo", contact_id=bo.id, project_id=workshop.id))
    held = make_session(db, capacity=20, contact_id=None)
    db.add(SessionAttendee(session_id=held.id, contact_id=cleo.id))
    db.flush()
    projects.link(db, workshop.id, session_id=held.id)
    card = projects.card(db, workshop.id)
    assert [(one.words, one.own) for one in card.people] == [("Anna X", True), ("Bo X", False), ("Cleo X", False)]
    assert card.places == "1 of 20"
    projects.unlink(db, workshop.id, contact_id=anna.id, session_id=held.id)
    card = projects.card(db, workshop.id)
    assert [one.words for one in card.people] == ["Bo X"]
    assert (card.places, card.sessions) == ("", [])
    for wrong in ({"contact_id": ids.new()}, {"session_id": ids.new()}):
        with pytest.raises(NotFound):
            projects.link(db, workshop.id, **wrong)


def test_a_section_goes_without_its_tasks_and_comes_back_with_them(db, workshop):
    moved = projects.remove_section(db, workshop.id, "Room")
    assert [part.name for part in projects.card(db, workshop.id).parts] == ["", "People"]
    projects.put_back_section(db, workshop.id, "Room", moved)
    card = projects.card(db, workshop.id)
    assert "Confirm the room" in [row.title for part in card.parts if part.name == "Room" for row in rows(part)]
    with pytest.raises(Invalid):
        projects.add_section(db, workshop.id, "room")


def test_completed_archived_and_taken_up_again(db, workshop):
    projects.set_status(db, workshop.id, "completed")
    assert projects.listed(db).rows == []
    assert [row.name for row in projects.listed(db, "completed").rows] == ["Solstice workshop"]
    projects.set_status(db, workshop.id, "active")
    assert len(projects.listed(db).rows) == 1
    with pytest.raises(Invalid):
        projects.listed(db, "x")


def test_the_second_writer_is_told(db, workshop):
    version = workshop.version
    projects.change(db, workshop.id, ProjectForm(name="Solstice"), version=version)
    with pytest.raises(Conflict):
        projects.change(db, workshop.id, ProjectForm(name="x"), version=version)


def test_again_next_year_on_the_same_weekday_with_everything_to_do(db, workshop):
    for row in tasks.listed(db):
        if row.title == "Candles":
            tasks.finish(db, UUID(row.id))
    new = projects.again(db, workshop.id)
    assert new.due_on == date(2027, 3, 27)
    assert new.due_on.weekday() == date(2026, 3, 28).weekday()
    card = projects.card(db, new.id)
    assert card.progress == "0 of 4"
    room = next(row for part in card.parts for row in rows(part) if row.title == "Confirm the room")
    assert room.due_on == "2027-03-19"
    projects.remove(db, new.id)
    assert len(projects.listed(db).rows) == 1
    assert projects.card(db, workshop.id).progress == "1 of 4"


def test_the_list_is_paged(db, clock):
    for name in "DACB":
        projects.add(db, ProjectForm(name=name))
    first = projects.listed(db, limit=3)
    assert [row.name for row in first.rows] == ["A", "B", "C"]
    assert [row.name for row in projects.listed(db, limit=3, after=first.next).rows] == ["D"]
    with pytest.raises(Invalid):
        projects.listed(db, after="x")
