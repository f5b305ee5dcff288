"""The archive of everything: every table is in it, every secret is not, and a client's holds theirs alone."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from omnicrm.core import clock, crypto, ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import NotFound, Refused
from omnicrm.domain import everything, files
from omnicrm.domain.contacts import private
from omnicrm.domain.everything import requests
from omnicrm.domain.everything.catalogue import DERIVED, SECRETS, parts
from omnicrm.formats import vcard
from omnicrm.formats.ics import read as read_calendar
from omnicrm.jobs import exporting
from omnicrm.models.base import metadata
from omnicrm.state.exports import ExportState
from tests.contract import any_row
from tests.doors import send
from tests.factories import make_attendee, make_contact, make_note, make_session

# Columns whose names sound like a secret, and are none.
HARMLESS = {
    ("programs", "credits_per_enrollment"),
    ("programs", "no_show_uses_credit"),
    ("programs", "late_cancel_uses_credit"),
    ("source_items", "content_hash"),  # of a mail that is in the archive as well
}


def test_every_table_of_a_practitioner_is_in_the_catalogue() -> None:
    assert {part.table for part in parts(client=False)} == set(metadata.tables) - set(DERIVED)


def test_every_table_that_refers_to_a_client_is_in_their_archive() -> None:
    known = {part.table for part in parts(client=True)}
    refer = {
        table.name
        for table in metadata.tables.values()
        if any(key.referred_table.name == "contacts" for key in table.foreign_key_constraints)
    }
    assert refer <= known
    assert {"invoice_items", "payment_allocations", "refunds", "note_versions", "resource_views", "audit_log"} <= known
    assert {"users", "oauth_connections", "login_sessions", "user_settings", "availability"}.isdisjoint(known)


def test_every_column_that_sounds_like_a_secret_is_left_out() -> None:
    sounding = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in ("token", "secret", "password", "hash", "credential", "recovery"))
    }
    named = {(table, column) for table, columns in SECRETS.items() for column in columns}
    assert {one for one in sounding - named - HARMLESS if one[0] not in DERIVED} == set()
    assert {(table, column) for table, column in named if column not in metadata.tables[table].c} == set()


def test_a_row_of_every_table_comes_out_and_no_secret_with_it(database: str, tmp_path: Path) -> None:
    maya = ids.new()
    with transaction(maya) as db:
        made = any_row.fill(db, maya)
        db.execute(text("update contacts set health_notes = null"))
        private.write_health_notes(db, made["contacts"]["id"], "Careful with the knee", before="")
    archive, report = _export(maya, tmp_path)
    assert {table for table in metadata.tables if table not in DERIVED and not report.counts[table]} == set()
    for table in report.counts:
        rows = json.loads(archive.read(f"data/{table}.json"))
        assert len(rows) == report.counts[table]
        assert all(set(SECRETS.get(table, ())).isdisjoint(row) for row in rows)
    whole = b"".join(archive.read(name) for name in archive.namelist())
    for table, columns in SECRETS.items():
        for column in columns:
            value = made.get(table, {}).get(column)
            assert not isinstance(value, str) or len(value) < 8 or value.encode() not in whole, (table, column)
    sealed = b"v1." + crypto.key_id(crypto._keys()[0]).encode()
    assert [name for name in archive.namelist() if sealed in archive.read(name)] == []
    assert b"Careful with the knee" in archive.read("data/contacts.json")
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["rows"] == report.counts
    assert "Left out on purpose" in archive.read("README.txt").decode()


def test_a_clients_archive_holds_theirs_and_nothing_of_others(maya: UUID, tmp_path: Path) -> None:
    with transaction(maya) as db:
        ada, bo = (make_contact(db, first_name=name, last_name="Kanarienvogel") for name in ("Ada", "Bo"))
        make_note(db, contact_id=ada.id, content="for Ada")
        make_note(db, contact_id=bo.id, content="Bo Kanarienvogel's own")
        own = make_session(db, contact_id=ada.id, title="Own", scheduled_at=clock.now() - timedelta(days=3))
        held = make_session(db, contact_id=None, title="Class", notes="Bo was late", capacity=5)
        make_attendee(db, held, ada)
        make_attendee(db, held, bo)
        make_session(db, contact_id=bo.id, title="Bo's hour", scheduled_at=clock.now() - timedelta(days=9))
        ada_id, sessions = ada.id, {str(own.id), str(held.id)}
    archive, _ = _export(maya, tmp_path, ada_id)
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "for Ada" in whole
    assert "Bo" not in whole
    assert {row["id"] for row in json.loads(archive.read("data/sessions.json"))} == sessions
    assert [card.first_name for card in vcard.read(archive.read("contacts/contacts.vcf")).cards] == ["Ada"]
    assert {event.summary for event in read_calendar(archive.read("calendar.ics")).events} == {"Own", "Class"}


def test_files_and_photos_come_along_and_a_lost_one_is_named(maya: UUID, tmp_path: Path) -> None:
    with transaction(maya) as db:
        client = make_contact(db).id
    stored, name, media_type = files.take(maya, io.BytesIO(b"%PDF-1.7 letter"), "letter.pdf")
    lost, *_ = files.take(maya, io.BytesIO(b"%PDF-1.7 lost"), "lost.pdf")
    with transaction(maya) as db:
        key = files.add(db, client, stored, name, media_type).id
        files.add(db, client, lost, "lost.pdf", media_type)
    files.storage.remove(maya, lost.key)
    archive, report = _export(maya, tmp_path, client)
    assert archive.read(f"files/{key}-letter.pdf") == b"%PDF-1.7 letter"
    assert (report.files, [name.endswith("lost.pdf") for name in report.missing]) == (1, [True])


def test_no_cell_of_a_table_is_a_formula(maya: UUID, tmp_path: Path) -> None:
    with transaction(maya) as db:
        make_contact(db, first_name="=cmd()", last_name="@x", company="-1", job_title="+1", pronouns="\tx")
    archive, _ = _export(maya, tmp_path)
    for name in archive.namelist():
        if name.endswith(".csv"):
            for row in csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))):
                assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), name


def test_another_practitioners_client_is_unknown_and_leaves_nothing(maya: UUID, natalie: UUID, tmp_path: Path) -> None:
    with transaction(natalie) as hers:
        stranger = make_contact(hers).id
    with pytest.raises(NotFound), transaction(maya) as db:
        everything.write(db, tmp_path / "x.zip", contact_id=stranger)
    assert list(tmp_path.iterdir()) == []


def test_the_page_asks_follows_and_the_archive_grows_too_old(maya: UUID, clock: Any) -> None:
    with transaction(maya) as db:
        client = make_contact(db, first_name="Ada", last_name="Lind").id
        run = everything.begin(db, client)
        with pytest.raises(Refused):
            everything.begin(db, None)
    page = send(ExportState, "load", as_=maya, route_={"client": str(client)})
    assert [(row.of, row.state) for row in page.exports] == [("Ada Lind", "running")]
    exporting.make(maya, run, client)
    page = send(ExportState, "again", as_=maya, on_=page)
    assert [row.state for row in page.exports] == ["ready"]
    with transaction(maya) as db:
        archive = everything.file_of(db, run)
    assert zipfile.is_zipfile(archive)
    assert archive.stat().st_mode & 0o777 == 0o600
    clock.advance(timedelta(hours=25))
    with transaction(maya) as db, pytest.raises(NotFound):
        everything.file_of(db, run)


def test_what_fails_is_said_in_the_run(maya: UUID) -> None:
    with transaction(maya) as db:
        run = everything.begin(db, None)
    exporting.make(maya, run, ids.new())
    with transaction(maya) as db:
        assert [(row.state, row.words) for row in everything.listed(db)] == [
            ("failed", "This client no longer exists.")
        ]
    assert not requests.place(maya, run).exists()


def _export(user_id: UUID, folder: Path, contact_id: UUID | None = None) -> tuple[zipfile.ZipFile, everything.Report]:
    target = folder / "all.zip"
    with transaction(user_id) as db:
        report = everything.write(db, target, contact_id=contact_id)
    archive = zipfile.ZipFile(target)
    assert archive.testzip() is None
    return archive, report
