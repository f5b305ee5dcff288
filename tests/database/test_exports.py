"""The book for elsewhere, and back again: nothing is lost, nothing acts, nobody else's is in it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from omnicrm.core.db import transaction
from omnicrm.domain import contacts, exports
from omnicrm.domain.imports import Plan, look
from omnicrm.formats import vcard
from omnicrm.jobs import contacts_import
from omnicrm.models.contacts import Contact
from tests.factories import make_contact
from tests.web import client, registered


@pytest.fixture
def annegret(maya: UUID) -> UUID:
    with transaction(maya) as db:
        contact = make_contact(
            db,
            first_name="Annegret",
            last_name="Schulze; Wischeler",
            email="annegret@example.de",
            phone="+491715550188",
            date_of_birth=date(1971, 5, 3),
            tags=["Rücken", "Yoga"],
            notes='=HYPERLINK("http://evil.example")\nKommt lieber morgens, ' + "ä" * 80,
            address_city="Hamburg",
        )
        contacts.add_identifier(db, contact.id, "a.schulze@work.example")
        return contact.id


@pytest.mark.parametrize(("kind", "ending"), [("csv", "csv"), ("vcf3", "vcf"), ("vcf4", "vcf")])
def test_what_goes_out_comes_back_as_it_was(
    maya: UUID, natalie: UUID, annegret: UUID, tmp_path: Path, kind: exports.Kind, ending: str
) -> None:
    path = tmp_path / f"book.{ending}"
    with transaction(maya) as db:
        path.write_bytes("".join(exports.written(db, kind)).encode())
        was = contacts.get(db, annegret)
    file = look(path)
    contacts_import.run(natalie, file, Plan(file.guess.targets) if file.guess else Plan())
    with transaction(natalie) as db:
        (found,) = db.scalars(select(Contact))
        for name in ("first_name", "last_name", "email", "phone", "date_of_birth", "tags", "notes", "address_city"):
            assert getattr(found, name) == getattr(was, name), name
        assert {one.value for one in contacts.identifiers(db, found.id)} >= {"a.schulze@work.example"}


def test_no_line_of_a_card_is_longer_than_75_bytes(maya: UUID, annegret: UUID) -> None:
    with transaction(maya) as db:
        text = "".join(exports.written(db, "vcf4"))
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert vcard.read(text.encode()).refused == ()


def test_json_and_nobody_elses(maya: UUID, natalie: UUID, annegret: UUID) -> None:
    with transaction(maya) as db:
        (one,) = json.loads("".join(exports.written(db, "json")))
    assert (one["last_name"], one["further"][0]["value"]) == ("Schulze; Wischeler", "a.schulze@work.example")
    with transaction(natalie) as db:
        assert json.loads("".join(exports.written(db, "json"))) == []


def test_more_than_a_page_goes_out_whole(maya: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_PAGE", 3)
    with transaction(maya) as db:
        for _ in range(10):
            make_contact(db)
        db.flush()
        lines = "".join(exports.written(db, "csv")).splitlines()
    assert len(lines) == 11


def test_the_door_asks_who_it_is(database: str) -> None:
    assert client(html=False).get("/export/contacts/csv").status_code == 401
    browser, _ = registered()
    answer = browser.get("/export/contacts/csv")
    assert (answer.status_code, answer.headers["content-disposition"].endswith('.csv"')) == (200, True)
    assert answer.content.startswith(b"\xef\xbb\xbfFirst Name,")
    assert browser.get("/export/contacts/xls").status_code == 404
