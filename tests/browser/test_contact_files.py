"""A photo and files of a client, and everything about them as an archive; whoever is entered again is offered first."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser import stillwater
from tests.browser.conftest import SIZES, signed_in
from tests.serving import Served


@pytest.mark.parametrize("size", list(SIZES))
def test_a_file_is_kept_fetched_removed_and_brought_back(size: str, chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    with signed_in(chromium, server, practice, **SIZES[size]) as page:
        page.goto(f"/contacts/{practice.clients['Aino']}")
        files = page.locator("input[type=file]")
        files.nth(0).set_input_files(_named("me.png", "image/png", _picture()))
        expect(page.get_by_text("The photo is kept")).to_be_visible()
        expect(page.locator("img.photo")).to_be_visible()
        files.nth(1).set_input_files(_named("letter.pdf", "application/pdf", b"%PDF-1.7 letter"))
        expect(page.get_by_text("The file is kept.")).to_be_visible()
        with page.expect_download() as got:
            page.get_by_role("link", name="letter.pdf").click()
        assert Path(got.value.path()).read_bytes() == b"%PDF-1.7 letter"
        page.get_by_role("button", name="Remove letter.pdf").click()
        expect(page.get_by_role("link", name="letter.pdf")).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("link", name="letter.pdf")).to_be_visible()


def test_everything_about_a_client_is_fetched_as_an_archive(chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    with signed_in(chromium, server, practice, **SIZES["desktop"]) as page:
        page.goto(f"/contacts/{practice.clients['Aino']}")
        page.get_by_role("button", name="Export this client").press("Enter")
        with page.expect_download() as got:
            page.get_by_role("link", name="Fetch").click()
        archive = zipfile.ZipFile(got.value.path())
        assert {"manifest.json", "README.txt", "data/notes.json", "contacts/contacts.vcf"} <= set(archive.namelist())
        assert b"She sleeps better" in archive.read("data/notes.json")


@pytest.mark.parametrize("size", list(SIZES))
def test_who_is_entered_again_is_offered_first(size: str, chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    with signed_in(chromium, server, practice, **SIZES[size]) as page:
        page.goto("/contacts")
        page.get_by_role("button", name="New").click()
        page.get_by_label("First name").fill("Aino")
        page.get_by_label("Last name").fill("Korhonnen")
        page.get_by_label("Mail", exact=True).fill("aino@home.example")
        page.get_by_label("Mail", exact=True).press("Enter")
        expect(page.get_by_text("Perhaps you already have")).to_be_visible()
        page.get_by_role("button", name="Fill in what was typed for Aino Korhonen").click()
        expect(page.get_by_role("heading", name="Aino Korhonen")).to_be_visible()
        expect(page.get_by_text("aino@home.example", exact=False).first).to_be_visible()


def _named(name: str, media_type: str, content: bytes) -> Any:
    return {"name": name, "mimeType": media_type, "buffer": content}


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(out, "PNG")
    return out.getvalue()
