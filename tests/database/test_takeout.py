"""Exports through the pipeline of the sync: everything is read or refused with a reason, once, and nothing stops."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from omnicrm.core.db import transaction
from omnicrm.formats import Unreadable
from omnicrm.jobs import runner, takeout
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.contacts import Contact
from omnicrm.models.imports import ImportBatch
from omnicrm.models.inbox import SourceItem
from tests.shared_data import shared

MAIL = b"""From: Jo Park <jo@park.example>
To: Maya <maya@stillwater.example>
Subject: My number
Date: Mon, 23 Nov 2026 10:00:00 +0100
Message-ID: <one@park.example>

Hi Maya,

I have changed my phone, my new number is +46 70 123 45 67.

Jo
"""
CARDS = """BEGIN:VCARD
VERSION:3.0
N:Park;Jo;;;
FN:Jo Park
EMAIL:jo@park.example
TEL:+33-01-23-45-67
END:VCARD
BEGIN:VCARD
VERSION:3.0
N:Park;Sam;;;
FN:Sam Park
EMAIL:jo@park.example
END:VCARD
"""


def _export(folder: Path) -> Path:
    (folder / "book.vcf").write_text(CARDS)
    (folder / "one.eml").write_bytes(MAIL)
    (folder / "broken.ics").write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Without a start\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    (folder / "picture.jpg").write_bytes(b"\xff\xd8")
    return folder


def test_an_export_is_read_and_what_cannot_be_says_why(maya: UUID, tmp_path: Path) -> None:
    report = takeout.read(maya, _export(tmp_path))
    assert report.counts == {
        "contact stored": 2,  # a couple shares an address
        "mail stored": 1,
        "event refused": 1,
        "other refused": 1,
    }
    reasons = dict(report.reasons)
    assert reasons["picture.jpg"] == "Not a kind that is imported."
    assert "start" in next(reason for name, reason in reasons.items() if name.startswith("broken.ics"))
    with transaction(maya) as db:
        jo = db.scalars(select(Contact).where(Contact.first_name == "Jo")).one()
        assert (jo.phone, jo.notes) == (None, "+33-01-23-45-67")
        batch = db.get(ImportBatch, report.batch_id)
        assert batch is not None
        assert batch.status == "done"
        assert len(batch.revert_log["contacts"]) == 2


def test_the_same_export_twice_makes_nothing_new(maya: UUID, tmp_path: Path) -> None:
    takeout.read(maya, _export(tmp_path))
    again = takeout.read(maya, tmp_path)
    assert {key for key in again.counts if key.endswith(("stored", "changed"))} == {
        "contact unchanged",
        "mail unchanged",
    }


def test_a_rehearsal_writes_nothing(maya: UUID, tmp_path: Path) -> None:
    report = takeout.read(maya, _export(tmp_path), dry_run=True)
    assert report.batch_id is None
    assert report.counts["mail readable"] == 1
    with transaction(maya) as db:
        for table in (Contact, SourceItem, ImportBatch):
            assert db.scalar(select(func.count()).select_from(table)) == 0


def test_older_items_are_left_out_when_asked(maya: UUID, tmp_path: Path) -> None:
    report = takeout.read(maya, _export(tmp_path), since=datetime(2026, 11, 24, tzinfo=UTC))
    assert report.counts["mail older"] == 1


def test_an_imported_mail_is_proposed_like_a_synced_one(maya: UUID, tmp_path: Path) -> None:
    takeout.read(maya, _export(tmp_path))
    runner.run_now("propose", maya)
    with transaction(maya) as db:
        found = db.scalars(select(PendingApproval)).all()
        assert [(one.type, one.data_payload["value"]) for one in found] == [("contact.update", "+46701234567")]


def test_nothing_there_is_said_in_words(maya: UUID, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        takeout.read(maya, tmp_path / "missing.zip")


@pytest.mark.parametrize("folder", ["mail", "calendar", "contacts/vcard"])
def test_every_real_file_is_read_or_refused_and_twice_is_once(maya: UUID, folder: str) -> None:
    first = takeout.read(maya, shared(f"real-data/{folder}"))
    assert all(name and reason for name, reason in first.reasons)
    assert sum(number for key, number in first.counts.items() if key.endswith("stored")) > 0
    second = takeout.read(maya, shared(f"real-data/{folder}"))
    assert not {key for key in second.counts if key.endswith(("stored", " changed"))}
