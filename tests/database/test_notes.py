"""Notes: written as one types, once however often they are sent; what was said before is kept; lists and templates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from omnicrm.core import clock as core_clock
from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import notes
from omnicrm.domain.notes import Entry, NoteForm, templates
from omnicrm.models.notes import Note
from tests.factories import make_contact, make_note, make_project, make_session


def entry(**changes: Any) -> Entry:
    return Entry(**{"key": ids.new(), "sitting": ids.new(), "content": "Left knee better.", **changes})


def test_a_note_that_is_sent_twice_is_one(db, clock):
    first = entry()
    saved = notes.save(db, first)
    again = notes.save(db, first)
    assert (saved.new, again.new) == (True, False)
    assert (saved.id, saved.version) == (again.id, again.version)
    assert db.scalar(select(func.count()).select_from(Note)) == 1


def test_a_late_message_of_the_same_sitting_needs_no_confirmed_version(db, clock):
    """The answers to the first two were lost on the way; the third one still counts."""
    first = entry()
    notes.save(db, first)
    notes.save(db, first.model_copy(update={"content": "Left knee better. Quads"}))
    last = notes.save(db, first.model_copy(update={"content": "Left knee better. Quads tight."}))
    assert not last.differs
    assert notes.card(db, UUID(last.id)).content == "Left knee better. Quads tight."
    assert notes.versions(db, UUID(last.id)) == []  # one sitting is one version


def test_another_sitting_keeps_what_was_said_and_can_bring_it_back(db, clock):
    saved = notes.save(db, entry(title="Knee"))
    card = notes.card(db, UUID(saved.id))
    later = entry(key=UUID(card.key), base=card.version, title="Knee", content="Both knees.")
    notes.save(db, later)
    notes.save(db, later.model_copy(update={"content": "Both knees are fine."}))
    assert [(old.title, old.line) for old in notes.versions(db, UUID(saved.id))] == [("Knee", "Left knee better.")]
    notes.restore(db, UUID(saved.id), notes.versions(db, UUID(saved.id))[0].number)
    assert notes.card(db, UUID(saved.id)).content == "Left knee better."
    assert [old.line for old in notes.versions(db, UUID(saved.id))] == ["Both knees are fine.", "Left knee better."]
    with pytest.raises(NotFound):
        notes.restore(db, UUID(saved.id), 99)


def test_two_sittings_at_once_are_told_and_nothing_is_overwritten(db, clock):
    saved = notes.save(db, entry())
    opened = notes.card(db, UUID(saved.id))
    notes.save(db, entry(key=UUID(opened.key), base=opened.version, content="On the desktop."))
    phone = entry(key=UUID(opened.key), base=opened.version, content="On the phone.")
    told = notes.save(db, phone)
    assert told.differs
    assert notes.card(db, UUID(saved.id)).content == "On the desktop."
    mine = notes.save(db, phone.model_copy(update={"base": told.version}))
    assert not mine.differs
    assert notes.card(db, UUID(saved.id)).content == "On the phone."
    assert "On the desktop." in [old.line for old in notes.versions(db, UUID(saved.id))]


def test_nothing_is_made_of_nothing_and_an_emptied_note_keeps_its_words(db, clock):
    assert notes.save(db, entry(content=" \n ")).id == ""
    saved = notes.save(db, entry())
    card = notes.card(db, UUID(saved.id))
    notes.save(db, entry(key=UUID(card.key), base=card.version, content="", is_pinned=True))
    card = notes.card(db, UUID(saved.id))
    assert (card.content, card.pinned) == ("Left knee better.", True)


def test_a_note_of_no_editor_goes_by_its_id(db, clock):
    note = make_note(db)
    saved = notes.save(db, entry(key=note.id, base=note.version, content="Better."))
    assert (saved.id, saved.new) == (str(note.id), False)


def test_a_note_that_was_taken_away_comes_back_with_its_versions(db, clock):
    session = make_session(db, contact_id=make_contact(db).id)
    note = notes.add(db, NoteForm(session_id=session.id, content="One.", note_type="session"))
    notes.change(db, note.id, "Two.")
    before = notes.card(db, note.id)
    gone = notes.remove(db, note.id)
    assert notes.of_session(db, session.id) is None
    notes.put_back(db, gone)
    notes.put_back(db, gone)
    assert notes.card(db, note.id) == before
    assert [old.line for old in notes.versions(db, note.id)] == ["One."]


def test_what_a_note_is_on_must_be_there(db, natalie, clock):
    with transaction(natalie) as hers:
        theirs = {"contact_id": make_contact(hers).id, "project_id": make_project(hers).id}
    for name, key in (*theirs.items(), ("session_id", ids.new()), ("program_id", ids.new())):
        with pytest.raises(NotFound):
            notes.save(db, entry(**{name: key}))


def test_the_list_is_paged_and_narrowed(db, clock):
    contact = make_contact(db, first_name="Anna", last_name="Lind")
    made = []
    for number in range(7):
        note = make_note(
            db,
            content=f"**Number** {number}",
            contact_id=contact.id if number % 2 else None,
            note_type="plan" if number == 3 else "session",
            is_pinned=number == 4,
            created_at=core_clock.now() - timedelta(minutes=number),
        )
        made.append(str(note.id))
    first = notes.listed(db, limit=3)
    second = notes.listed(db, limit=3, after=first.next)
    third = notes.listed(db, limit=3, after=second.next)
    assert [row.id for page in (first, second, third) for row in page.rows] == made
    assert third.next == ""
    assert first.rows[0].line == "Number 0"
    assert [row.id for row in notes.listed(db, note_type="plan").rows] == [made[3]]
    assert [row.id for row in notes.listed(db, pinned=True).rows] == [made[4]]
    assert {row.who for row in notes.listed(db, contact_id=contact.id).rows} == {"Anna Lind"}
    assert [row.id for row in notes.listed(db, "number 5").rows] == [made[5]]
    for broken in ("x", "bm8="):
        with pytest.raises(Invalid):
            notes.listed(db, after=broken)
    with pytest.raises(Invalid):
        notes.listed(db, note_type="x")


def test_own_templates_stand_before_those_that_come_along_and_replace_their_namesakes(db, clock):
    built_in = {row.name for row in templates.listed(db)}
    assert {"Treatment (SOAP)", "Coaching (GROW)", "Class"} <= built_in
    mine = templates.add(db, templates.TemplateForm(name="Class", content="Who came?"))
    rows = templates.listed(db)
    assert (rows[0].name, rows[0].content, rows[0].kind) == ("Class", "Who came?", "Your own")
    assert [row.name for row in rows].count("Class") == 1
    with pytest.raises(Invalid):
        templates.add(db, templates.TemplateForm(name="Class", content="x"))
    templates.change(db, mine.id, templates.TemplateForm(name="Evening class", content="Who came?"), version=1)
    gone = templates.remove(db, mine.id)
    assert {row.name for row in templates.listed(db)} == built_in
    templates.add(db, gone)
    assert templates.listed(db)[0].name == "Evening class"
