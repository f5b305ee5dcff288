"""Find anything: what a person reads of it, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from omnicrm.core import clock
from omnicrm.core.db import Db, transaction
from omnicrm.domain import anything
from omnicrm.domain.anything import FoundGroup
from omnicrm.state.find import FindState
from tests.doors import send
from tests.factories import make_contact, make_note, make_session, make_source_item, make_task


@pytest.mark.parametrize("text", ["Her knee is better.", "Knee. Fine.", "The other one, then: knee"])
def test_a_snippet_begins_with_the_first_word(db: Db, text: str) -> None:
    make_note(db, contact_id=make_contact(db).id, content=text)
    assert _said(anything.found(db, "knee is" if " is " in text else "knee")) == [text]


def test_a_snippet_of_a_long_text_is_whole_words_around_the_hit(db: Db) -> None:
    text = "Shoulder. " * 30 + "Später schmerzt das Knie beim Laufen. " + "Rücken. " * 40
    make_note(db, contact_id=make_contact(db).id, content=text)
    (said,) = _said(anything.found(db, "knie"))
    assert said.startswith("… ")
    assert said.endswith(" …")
    assert "schmerzt das Knie beim Laufen." in said
    assert set(said.removeprefix("… ").removesuffix(" …").split()) <= set(text.split())


def test_results_stand_by_kind_with_the_client_and_the_words_marked(db: Db) -> None:
    jonas = make_contact(db, first_name="Jonas", last_name="Berg", tags=["knee", "runner"])
    make_note(db, contact_id=jonas.id, content="Left knee still stiff.")
    make_source_item(db, contact_id=jonas.id, subject="Strap", body_text="Is the knee strap good?")
    make_session(db, contact_id=jonas.id, title="Knee hour")
    make_task(db, title="Find the knee handout")
    groups = anything.found(db, "knee")
    assert [(group.title, group.count) for group in groups] == [
        ("Clients", 1),
        ("Notes", 1),
        ("Mail", 1),
        ("Sessions and tasks", 2),
    ]
    client, note, mail = (groups[number].rows[0] for number in range(3))
    assert [(part.text, part.hit) for part in client.title] == [("tag ", False), ("knee", True), (", runner", False)]
    assert {"".join(part.text for part in row.name) for row in (client, note, mail)} == {"Jonas Berg"}
    assert [part.text for part in mail.said if part.hit] == ["knee"]


def test_before_anything_is_typed_come_the_clients_of_the_latest_sessions(db: Db) -> None:
    now = clock.now()
    old, recent = make_contact(db, first_name="Old"), make_contact(db, first_name="Recent")
    make_contact(db, first_name="Never")
    make_session(db, contact_id=old.id, scheduled_at=now - timedelta(days=30))
    make_session(db, contact_id=recent.id, scheduled_at=now - timedelta(days=1))
    make_session(db, contact_id=recent.id, scheduled_at=now - timedelta(days=60))
    (group,) = anything.lately(db)
    assert [row.id for row in group.rows] == [str(recent.id), str(old.id)]


def test_a_practice_without_sessions_shows_the_newest_clients_and_an_empty_one_nothing(db: Db) -> None:
    assert anything.lately(db) == []
    first, second = make_contact(db), make_contact(db)
    assert [row.id for row in anything.lately(db)[0].rows] == [str(second.id), str(first.id)]


def test_health_notes_are_never_found(db: Db) -> None:
    from omnicrm.core import crypto

    make_contact(db, health_notes=crypto.encrypt("asthma", context="contacts.health_notes"))
    assert anything.found(db, "asthma") == []


def test_the_palette_shows_own_things_only(maya: UUID, natalie: UUID) -> None:
    with transaction(natalie) as hers:
        make_note(hers, contact_id=make_contact(hers, first_name="Ursula").id, content="Her ankle.")
    with transaction(maya) as own:
        contact = make_contact(own, first_name="Anna")
        make_note(own, contact_id=contact.id, content="My ankle.")
    page = send(FindState, "find", as_=maya, query="ankle")
    assert [(row.who, row.to) for group in page.results for row in group.rows] == [
        (contact.display_name, f"/contacts/{contact.id}?show=note")
    ]
    assert page.asked == "ankle"
    assert send(FindState, "find", as_=maya, query="ursula").results == []


def test_another_practitioners_client_is_not_booked_from_the_palette(maya: UUID, natalie: UUID) -> None:
    with transaction(natalie) as hers:
        stranger = make_contact(hers).id
    page = send(FindState, "book", as_=maya, client=str(stranger))
    assert page.toast["bad"]
    assert page._following is None


def _said(groups: list[FoundGroup]) -> list[str]:
    return ["".join(part.text for part in row.said) for group in groups for row in group.rows]
