"""Contacts from files: judged, brought in whole, twice is once, and taken back without touching what came since."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid, Refused
from omnicrm.domain import contacts, imports
from omnicrm.domain.imports import Plan
from omnicrm.jobs import contacts_import as job
from omnicrm.jobs import takeout
from omnicrm.models.contacts import Contact, ContactIdentifier
from omnicrm.models.imports import ImportBatch
from omnicrm.models.inbox import SourceItem
from tests.factories import make_contact, make_note

TABLE = """Vorname;Nachname;E-Mail;Telefon mobil;Geburtsdatum;Schlagworte;Bemerkungen
Annegret;Schulze;annegret@example.de;0171;03.05.1971;Rücken, Yoga;Bandscheibe
Bülent;Yildiz;bulent@example.de;;;;
Tomas;Ferreira;t.ferreira@example.pt;+351912555017;;;
Karl;Lindgren;k.lindgren[at]example.se;;;;
;;;;;;
;;;;;Rücken;
Chiara;Conti;;;31.02.1980;;
Annegret;Schulze;annegret@example.de;;;Faszien;
Dan;Yildiz;bulent@example.de;;;;
"""


def _file(folder: Path, text: str = TABLE, name: str = "book.csv") -> job.Look:
    (folder / name).write_text(text, "utf-8")
    return job.look(folder / name)


def _plan(file: job.Look, **changes) -> Plan:
    if file.guess is None:
        return Plan(**changes)
    return Plan(file.guess.targets, file.guess.day_first, **changes)


def _run(user: UUID, file: job.Look, **changes) -> job.Report:
    return job.run(user, file, _plan(file, **changes))


def _book(user: UUID) -> dict[str, Contact]:
    with transaction(user) as db:
        return {contact.display_name: contact for contact in db.scalars(select(Contact))}


def _names(user: UUID) -> list[str]:
    with transaction(user) as db:
        return sorted(db.scalars(select(col(Contact.display_name))))


@pytest.fixture
def tomas(maya: UUID) -> UUID:
    """Known to Maya under another address, with a phone and a company of his own."""
    with transaction(maya) as db:
        return make_contact(
            db, first_name="Tomás", last_name="Ferreira", email=None, phone="+351912555017", company="Ferreira Lda"
        ).id


def test_every_row_comes_in_or_says_why(maya: UUID, tomas: UUID, tmp_path: Path) -> None:
    report = _run(maya, _file(tmp_path))
    assert report.counts == {
        "rows": 8,
        "contact stored": 3,  # Annegret, Bülent, and Dan, who shares an address with him
        "contact filled": 2,  # Tomás, known by his phone; Annegret, who stands there twice
        "contact refused": 3,
    }
    assert report.reasons == [
        ("row 2", "“0171” is no number that can be called: it is kept in the notes."),
        ("row 5", "“k.lindgren[at]example.se” is no mail address"),
        ("row 7", "No name, no mail and no phone"),
        ("row 8", "Birthday: 31.02.1980 does not exist."),
    ]
    book = _book(maya)
    annegret = book["Annegret Schulze"]
    assert (annegret.phone, str(annegret.date_of_birth)) == (None, "1971-05-03")
    assert annegret.tags == ["Rücken", "Yoga", "Faszien"]
    assert annegret.notes == "Bandscheibe\n0171"
    assert (book["Tomás Ferreira"].email, book["Tomás Ferreira"].company) == ("t.ferreira@example.pt", "Ferreira Lda")


def test_a_rehearsal_says_the_same_and_writes_nothing(maya: UUID, tomas: UUID, tmp_path: Path) -> None:
    file = _file(tmp_path)
    report = job.rehearse(maya, file, _plan(file))
    assert report.counts == {"rows": 8, "contact new": 3, "contact known": 2, "contact refused": 3}
    assert _names(maya) == ["Tomás Ferreira"]
    with transaction(maya) as db:
        assert db.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_the_same_file_twice_makes_nothing_new(maya: UUID, tomas: UUID, tmp_path: Path) -> None:
    _run(maya, _file(tmp_path))
    before = _names(maya)
    again = _run(maya, _file(tmp_path))
    assert again.counts == {"rows": 8, "contact unchanged": 5, "contact refused": 3}
    assert _names(maya) == before


def test_who_may_be_somebody_in_the_book_is_asked_about(maya: UUID, tmp_path: Path) -> None:
    with transaction(maya) as db:
        sofia = make_contact(db, first_name="Sofia", last_name="Nyman", email="sofia@home.example").id
        make_contact(db, first_name="Jonas", last_name="Bergström", email="jonas@home.example")
        make_contact(db, first_name="Ida", last_name="Berg", email="family@home.example")
    file = _file(
        tmp_path,
        "Name,E-mail\nSofia Nyman,sofia@work.example\nJonas Bergstrom,j@work.example\nKai Falk,family@home.example\n",
    )
    plan = _plan(file, perhaps="leave_out")
    rehearsed = job.rehearse(maya, file, plan)
    assert [(verdict.known.name, verdict.why) for verdict in rehearsed.perhaps] == [
        ("Sofia Nyman", "same name"),
        ("Jonas Bergström", "a name much like it"),
        ("Ida Berg", "same mail, another name"),
    ]
    report = job.run(maya, file, _plan(file, perhaps="leave_out", choices={2: "same", 4: "new"}))
    assert report.counts == {"rows": 3, "contact filled": 1, "contact left out": 1, "contact stored": 1}
    assert _names(maya) == ["Ida Berg", "Jonas Bergström", "Kai Falk", "Sofia Nyman"]
    with transaction(maya) as db:
        assert {one.value for one in contacts.identifiers(db, sofia)} == {"sofia@home.example", "sofia@work.example"}


def test_an_import_is_taken_back_and_what_came_since_stays(maya: UUID, tomas: UUID, tmp_path: Path) -> None:
    report = _run(maya, _file(tmp_path))
    book = _book(maya)
    with transaction(maya) as db:
        make_note(db, contact_id=book["Bülent Yildiz"].id)
        contacts.change(db, book["Dan Yildiz"].id, contacts.ContactChange(pronouns="he/him"))
    done = job.revert(maya, report.batch_id)
    assert done.removed == 1
    assert dict(done.kept) == {"Bülent Yildiz": "Has notes since.", "Dan Yildiz": "Was changed since."}
    assert _names(maya) == ["Bülent Yildiz", "Dan Yildiz", "Tomás Ferreira"]
    assert (_book(maya)["Tomás Ferreira"].email, _book(maya)["Tomás Ferreira"].phone) == (None, "+351912555017")
    with pytest.raises(Refused, match="already"):
        job.revert(maya, report.batch_id)


def test_a_filled_field_that_was_changed_since_is_left_alone(maya: UUID, tomas: UUID, tmp_path: Path) -> None:
    report = _run(maya, _file(tmp_path))
    with transaction(maya) as db:
        contacts.change(db, tomas, contacts.ContactChange(email="tomas@new.example"))
    done = job.revert(maya, report.batch_id)
    assert ("Tomás Ferreira", "The email was changed since.") in done.kept
    assert _book(maya)["Tomás Ferreira"].email == "tomas@new.example"


def test_an_import_that_was_cut_short_goes_on_where_it_stopped(
    maya: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "CHUNK", 10)
    file = _file(tmp_path, "Name,E-mail\n" + "".join(f"Client {n},c{n}@example.org\n" for n in range(35)))

    class Killed(BaseException):
        pass

    def die(rows: int) -> None:
        if rows == 20:
            raise Killed

    with pytest.raises(Killed):
        job.run(maya, file, _plan(file), progress=die)
    with transaction(maya) as db:
        batch = db.scalars(select(ImportBatch)).one()
        assert (batch.status, batch.counts["rows"]) == ("running", 20)
        with pytest.raises(Conflict):
            imports.note(db, batch.id, 10, job.Counter(), {})
    report = _run(maya, file)
    assert (report.resumed_at, report.counts["rows"], report.counts["contact stored"]) == (20, 35, 35)
    assert len(_names(maya)) == 35
    assert job.revert(maya, report.batch_id).removed == 35
    assert _names(maya) == []


def test_an_address_book_comes_in_once(maya: UUID, tmp_path: Path) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nN:Park;Jo;;;\nFN:Jo Park\nEMAIL;TYPE=home:jo@park.example\n"
    card += "EMAIL:jo@work.example\nEND:VCARD\n"
    file = _file(tmp_path, card + card.replace("Jo", "Sam").replace("jo@", "sam@"), "book.vcf")
    assert _run(maya, file).counts == {"rows": 2, "contact stored": 2}
    assert _run(maya, file).counts == {"rows": 2, "contact unchanged": 2}
    with transaction(maya) as db:
        assert db.scalar(select(func.count()).select_from(ContactIdentifier)) == 4


def test_columns_that_name_nobody_are_refused(maya: UUID, tmp_path: Path) -> None:
    file = _file(tmp_path, "Farbe;Menge\nrot;3\n")
    with pytest.raises(Invalid, match="No column is a name"):
        _run(maya, file)


def test_a_takeout_import_is_taken_back_too(maya: UUID, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(
        b"From: Jo <jo@park.example>\nTo: maya@stillwater.example\nSubject: Hi\nMessage-ID: <one@park.example>\n"
        b"Date: Mon, 23 Nov 2026 10:00:00 +0100\n\nHi Maya\n"
    )
    (tmp_path / "book.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Jo Park\nEMAIL:jo@park.example\nEND:VCARD\n")
    report = takeout.read(maya, tmp_path)
    done = job.revert(maya, report.batch_id)
    assert (done.removed, done.items, done.kept) == (1, 1, [])
    with transaction(maya) as db:
        for table in (Contact, SourceItem):
            assert db.scalar(select(func.count()).select_from(table)) == 0


def test_another_practitioners_import_is_not_there(maya: UUID, natalie: UUID, tmp_path: Path) -> None:
    report = _run(maya, _file(tmp_path))
    with pytest.raises(job.OmniError, match="not here"):
        job.revert(natalie, report.batch_id)
