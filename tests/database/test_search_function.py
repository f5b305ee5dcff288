"""find_anything: what is found, in which order, and what is kept in step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from omnicrm.core.db import Db
from tests.factories import make_contact, make_note, make_service, make_session, make_source_item, make_task


@pytest.mark.parametrize(
    "query",
    [
        "Söderberg",
        "soderberg",
        "söd",
        "Astrid S",
        "sodreberg",
        "astrid soderborg",
        "stillwater AB",
        "ASTRID@",
        "4670123",
    ],
)
def test_a_contact_is_found_by_name_beginning_typo_company_address_and_number(db: Db, query: str) -> None:
    contact = make_contact(
        db,
        first_name="Astrid",
        last_name="Söderberg",
        email="astrid@home.example",
        phone="+46701234567",
        company="Stillwater AB",
    )
    make_contact(db, first_name="Bo", last_name="Ek")
    assert [row.entity_id for row in _find(db, query)] == [contact.id]


def test_the_beginning_of_a_name_comes_before_a_word_in_it(db: Db) -> None:
    second = make_contact(db, first_name="Lena", last_name="Martin")
    first = make_contact(db, first_name="Martin", last_name="Ek")
    note = make_note(db, content="Asked for Martin.")
    assert [row.entity_id for row in _find(db, "martin")] == [first.id, second.id, note.id]


def test_words_of_notes_tasks_sessions_and_mails_are_found_newest_first(db: Db) -> None:
    contact = make_contact(db)
    note = make_note(db, contact_id=contact.id, content="Kneecap hurts when she kneels.")
    session = make_session(db, notes="Work on the knee.", contact_id=contact.id)
    task = make_task(db, title="Send knee exercises")
    mail = make_source_item(db, body_text="My knee is fine again", contact_id=contact.id)
    service = make_service(db, name="Knee massage")
    make_note(db, content="Shoulder")
    found = _find(db, "knee")
    assert {row.kind: row.entity_id for row in found} == {
        "note": note.id,
        "session": session.id,
        "task": task.id,
        "mail": mail.id,
        "service": service.id,
    }
    assert [row.occurred_at for row in found] == sorted((row.occurred_at for row in found), reverse=True)
    assert {row.contact_id for row in found if row.kind in ("note", "session", "mail")} == {contact.id}
    assert "kneels" in next(row.snippet for row in found if row.kind == "note")


def test_all_words_must_be_there(db: Db) -> None:
    both = make_note(db, content="left knee")
    make_note(db, content="left shoulder")
    assert [row.entity_id for row in _find(db, "knee left")] == [both.id]


def test_kinds_narrow_the_search(db: Db) -> None:
    make_contact(db, first_name="Knee")
    note = make_note(db, content="knee")
    make_task(db, title="knee")
    assert [row.entity_id for row in _find(db, "knee", kinds=["note"])] == [note.id]
    assert {row.kind for row in _find(db, "knee", kinds=["contact", "task"])} == {"contact", "task"}


def test_no_more_than_asked_for(db: Db) -> None:
    for _ in range(5):
        make_contact(db, first_name="Knee")
        make_note(db, content="knee")
    assert [row.kind for row in _find(db, "knee", at_most=3)] == ["contact"] * 3 + ["note"] * 3


def test_the_index_follows_changes_and_deletions(db: Db) -> None:
    note = make_note(db, content="knee")
    note.content = "shoulder"
    db.flush()
    assert _find(db, "knee") == []
    assert [row.entity_id for row in _find(db, "shoulder")] == [note.id]
    db.delete(note)
    db.flush()
    assert _find(db, "shoulder") == []


def test_a_purged_mail_is_no_longer_found_by_its_text(db: Db) -> None:
    mail = make_source_item(db, subject="Friday", body_text="confidential")
    mail.body_text = None
    db.flush()
    assert _find(db, "confidential") == []
    assert [row.entity_id for row in _find(db, "friday")] == [mail.id]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "'",
        "\\",
        "a' | b:*",
        "!!!",
        "& | ! ( )",
        ":*",
        "<->",
        "%",
        "_",
        "=1",
        "~contact",
        "\u202e",
        "x" * 5000,
    ],
)
def test_hostile_queries_find_nothing_and_break_nothing(db: Db, query: str) -> None:
    make_note(db, content="Her left knee is better.")
    assert _find(db, query) == []


def test_a_huge_mail_is_stored_and_found(db: Db) -> None:
    mail = make_source_item(db, body_text="needle " + "word%d " * 300_000)
    assert [row.entity_id for row in _find(db, "needle")] == [mail.id]


def test_a_common_word_gives_the_newest_of_all(db: Db) -> None:
    first = make_session(db, title="Flow yoga", notes="common")
    later = [
        make_session(db, title="Flow yoga", scheduled_at=first.scheduled_at + timedelta(days=n)) for n in range(1, 4)
    ]
    assert [row.entity_id for row in _find(db, "yoga", at_most=2)] == [later[2].id, later[1].id]


def _find(db: Db, query: str, kinds: list[str] | None = None, at_most: int = 20) -> Any:
    statement = text("select * from find_anything(:query, :kinds, :at_most)")
    return db.execute(statement, {"query": query, "kinds": kinds, "at_most": at_most}).all()
