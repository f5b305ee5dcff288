"""Journey 11: a file of contacts comes in by its columns and a rehearsal, and goes out again whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlmodel import col, select

from omnicrm.core.db import transaction
from omnicrm.domain import contacts
from omnicrm.models.contacts import Contact
from tests import factories
from tests.browser.conftest import SIZES, signed_in
from tests.browser.stillwater import Practice
from tests.serving import Served

TABLE = """Vorname;Nachname;E-Mail;Telefon mobil;Bemerkungen;Kundennummer
Annegret;Schulze;annegret@example.de;+49 171 5550188;Bandscheibe;10044
Jonas;Bergh;j.bergh@example.fi;;;10045
Karl;Lindgren;k.lindgren[at]example.se;;;10046
"""


def _names(practice: Practice) -> set[str]:
    with transaction(practice.user_id) as db:
        return set(db.scalars(select(col(Contact.display_name))))


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_file_moves_in_and_out_again(
    chromium: Browser, server: Served, practice: Practice, tmp_path: Path, size: str
) -> None:
    before = _names(practice)
    (tmp_path / "klienten.csv").write_text(TABLE, "utf-8")
    with signed_in(chromium, server, practice, **SIZES[size]) as page:
        page.goto("/contacts" if size == "desktop" else "/more")
        page.get_by_role("link", name="Import").click()
        page.get_by_label("A file of contacts").set_input_files(tmp_path / "klienten.csv")
        page.get_by_role("button", name="Look into it").click()
        expect(page.get_by_label("What Telefon mobil becomes")).to_have_value("phone")
        expect(page.get_by_label("What Kundennummer becomes")).to_have_value("")
        page.get_by_label("What Kundennummer becomes").select_option("tags")
        expect(page.get_by_label("What Kundennummer becomes")).to_have_value("tags")
        page.get_by_role("button", name="Rehearse the import").click()
        expect(page.get_by_text("k.lindgren[at]example.se")).to_be_visible(timeout=30_000)
        choices = page.get_by_role("group", name="Is Jonas Bergh the same?")
        choices.get_by_role("button", name="Two people").click()
        expect(choices.get_by_role("button", name="Two people")).to_have_attribute("aria-pressed", "true")
        assert _names(practice) == before
        page.get_by_role("button", name=re.compile("Import 2 rows")).click()
        expect(page.get_by_text("It is in your contacts")).to_be_visible(timeout=30_000)
        assert _names(practice) - before == {"Annegret Schulze", "Jonas Bergh"}
        page.get_by_role("button", name="Revert the import").click()
        expect(page.get_by_text("This import was taken back")).to_be_visible(timeout=30_000)
    assert _names(practice) == before


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_two_become_one_and_two_again(chromium: Browser, server: Served, practice: Practice, size: str) -> None:
    with transaction(practice.user_id) as db:
        for first, phone in (("Tomás", "+351912555017"), ("Tomas", "+358405550117")):
            factories.make_contact(db, first_name=first, last_name="Ferreirinha", phone=phone)
    with signed_in(chromium, server, practice, **SIZES[size]) as page:
        page.goto("/contacts")
        page.get_by_role("link", name="Duplicates").click()
        page.get_by_role("link", name="Compare Tomás Ferreirinha and Tomas Ferreirinha").click()
        phones = page.get_by_role("group", name="Phone")
        phones.get_by_role("button", name="+358 40 5550117").click()
        expect(phones.get_by_role("button", name="+358 40 5550117")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Merge into Tomás Ferreirinha").click()
        expect(page.locator(".toast")).to_contain_text("Two are one now")
        with transaction(practice.user_id) as db:
            (row,) = [row for row in contacts.listed(db, "Ferreirinha").rows if "Ferreirinha" in row.name]
        assert (row.name, row.phone) == ("Tomás Ferreirinha", "+358 40 5550117")
        page.get_by_role("button", name="Un-merge").click()
        expect(page.locator(".toast")).to_contain_text("They are two again")
    with transaction(practice.user_id) as db:
        assert sum("Ferreirinha" in row.name for row in contacts.listed(db, "Ferreirinha").rows) == 2
