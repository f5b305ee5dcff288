"""Files and photos of clients: what is taken, how it is kept, and who gets it."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from starlette.testclient import TestClient

from omnicrm.core import config, ids, storage
from omnicrm.core.db import transaction
from omnicrm.core.errors import NotFound
from omnicrm.domain import accounts, contacts, files
from omnicrm.formats import Unreadable, filetypes
from omnicrm.formats.photos import portrait
from tests.factories import make_contact
from tests.web import client, registered

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def browser(database: str) -> TestClient:
    signed_in, _ = registered()
    signed_in.headers["accept"] = "application/json"
    return signed_in


@pytest.fixture
def contact(browser: TestClient) -> str:
    with transaction(_user(browser)) as db:
        return str(make_contact(db, first_name="Ada").id)


@pytest.mark.outside(14)
def test_without_a_login_nothing_is_taken_and_nothing_given(database: str) -> None:
    stranger = client(html=False)
    assert stranger.post("/files", files={"file": ("a.pdf", PDF)}).status_code == 401
    assert stranger.get(f"/files/{ids.new()}").status_code == 401
    assert stranger.get(f"/files/photo/{ids.new()}").status_code == 401


@pytest.mark.outside(14)
def test_a_file_comes_back_as_an_attachment_and_only_to_its_owner(browser: TestClient, contact: str) -> None:
    kept = browser.post("/files", data={"contact": contact}, files={"file": ("../../Läkarbrev.pdf", PDF)})
    assert (kept.status_code, kept.json()["name"], kept.json()["media_type"]) == (
        201,
        "Läkarbrev.pdf",
        "application/pdf",
    )
    address = f"/files/{kept.json()['id']}"
    given = browser.get(address)
    assert given.content == PDF
    assert given.headers["content-disposition"].startswith("attachment; ")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in given.headers["cache-control"]
    other, _ = registered()
    assert other.get(address).status_code == other.get(f"/files/{ids.new()}").status_code == 404
    taken = other.post("/files", data={"contact": contact}, files={"file": ("a.pdf", PDF)}, headers={"accept": "*/*"})
    assert taken.status_code == 404
    assert [key for key, _ in storage.kept(_user(other))] == []


@pytest.mark.outside(14)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.png", b"\xef\xbb\xbf  <!DOCTYPE html><script>1</script>"),
        ("a.txt", b"hello <script>alert(1)</script>"),
        ("a.html", b"plain words"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n"),
        ("a.exe", b"MZ\x90\x00"),
        ("a.zip", b"PK\x03\x04" + bytes(40)),
        ("a.sh", b"#!/bin/sh"),
        ("empty.txt", b""),
    ],
)
def test_what_a_browser_would_run_is_not_taken(browser: TestClient, contact: str, name: str, content: bytes) -> None:
    answer = browser.post("/files", data={"contact": contact}, files={"file": (name, content, "image/png")})
    assert answer.status_code == 415
    assert [key for key, _ in storage.kept(_user(browser))] == []


@pytest.mark.outside(14)
def test_too_much_is_refused_before_it_is_read(browser: TestClient, contact: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 200_000_000:
            sent += 1_000_000
            yield bytes(1_000_000)

    said = {"content-type": "multipart/form-data; boundary=x", "content-length": "5000000000"}
    assert browser.post("/files", content=b"", headers=said).status_code == 413
    chunked = browser.post("/files", content=endless(), headers={"content-type": "multipart/form-data; boundary=x"})
    assert chunked.status_code == 413


@pytest.mark.outside(14)
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini.txt", "boot.ini.txt"),
        ("annexe\u202egpj.txt", "annexegpj.txt"),
        ('a"\r\nSet-Cookie: x.txt', "a_Set-Cookie_ x.txt"),
        ("x" * 400 + ".pdf", "x" * 116 + ".pdf"),
        (".", "file"),
        ("🧘 مرحبا.pdf", "🧘 مرحبا.pdf"),
    ],
)
def test_a_name_is_only_a_name(typed: str, shown: str) -> None:
    assert files.safe_name(typed) == shown


def test_bytes_lie_under_names_of_our_own_for_nobody_else_to_read(browser: TestClient, contact: str) -> None:
    browser.post("/files", data={"contact": contact}, files={"file": ("letter.pdf", PDF)})
    folder = config.settings().data_dir / "files" / str(_user(browser))
    (only,) = folder.iterdir()
    assert UUID(only.name)
    assert (only.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_removed_file_can_be_brought_back_until_it_is_gone(browser: TestClient, contact: str, clock: Any) -> None:
    user = _user(browser)
    key = UUID(browser.post("/files", data={"contact": contact}, files={"file": ("a.pdf", PDF)}).json()["id"])
    with transaction(user) as db:
        files.remove(db, key)
        assert files.of_contact(db, UUID(contact)) == []
    assert browser.get(f"/files/{key}").status_code == 404
    with transaction(user) as db:
        files.bring_back(db, key)
        assert [row.name for row in files.of_contact(db, UUID(contact))] == ["a.pdf"]
        files.remove(db, key)
    clock.advance(timedelta(days=31))
    with transaction(user) as db:
        assert files.forget(db) == 1
        with pytest.raises(NotFound):
            files.bring_back(db, key)
    assert list(storage.kept(user)) == []


def test_a_photo_is_square_small_and_says_nothing_of_where_it_was_taken(browser: TestClient, contact: str) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    taken = browser.post(
        "/files", data={"contact": contact, "kind": "photo"}, files={"file": ("me.jpg", _picture((900, 600), exif))}
    )
    assert taken.status_code == 201
    given = browser.get(f"/files/photo/{contact}")
    assert given.headers["content-type"] == "image/jpeg"
    assert b"Secret camera" not in given.content
    with Image.open(io.BytesIO(given.content)) as shown:
        assert (shown.size, shown.format, len(shown.getexif())) == ((512, 512), "JPEG", 0)
    with transaction(_user(browser)) as db:
        before = files.set_photo(db, UUID(contact), None)
        assert contacts.get(db, UUID(contact)).profile_image_path is None
        assert files.set_photo(db, UUID(contact), before) is None
        with pytest.raises(NotFound):
            files.set_photo(db, UUID(contact), str(ids.new()))


@pytest.mark.parametrize("content", [b"not a picture", b"<svg/>", b"\xff\xd8\xff broken", PDF])
def test_what_is_no_picture_is_no_photo(browser: TestClient, contact: str, content: bytes) -> None:
    taken = browser.post("/files", data={"contact": contact, "kind": "photo"}, files={"file": ("me.jpg", content)})
    assert taken.status_code == 415
    assert browser.get(f"/files/photo/{contact}").status_code == 404
    assert list(storage.kept(_user(browser))) == []


def test_a_picture_made_to_fill_the_memory_does_not(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.png"
    Image.new("1", (30_000, 30_000)).save(bomb)
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match=r"too large|cannot be read"):
            portrait(bomb)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_every_type_that_is_taken_has_its_endings() -> None:
    assert filetypes.fits("holiday.JPEG", "image/jpeg")
    assert filetypes.fits("no ending", "application/pdf")
    assert not filetypes.fits("letter.pdf.html", "application/pdf")


def _picture(size: tuple[int, int], exif: Image.Exif) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def _user(browser: TestClient) -> UUID:
    with transaction(None) as db:
        login = accounts.who_is(db, ids.token_hash(browser.cookies["omnicrm"]))
    assert login is not None
    return login.user_id
