from __future__ import annotations

import io
import os
import tarfile
import zipfile

import pytest

from omnicrm.formats import Refusal, Unreadable, takeout

MAIL = b"From: jo@park.example\nSubject: hi\n\nHello\n"
MBOX = (b"From 1@x Thu Jan 01 00:00:00 +0000 2026\n" + MAIL + b"\n") * 2
FILES = {
    "Takeout/Mail/All mail.mbox": MBOX,
    "Takeout/Calendar/maya.ics": b"BEGIN:VCALENDAR\nEND:VCALENDAR\n",
    "Takeout/Contacts/All.vcf": b"BEGIN:VCARD\nEND:VCARD\n",
    "Takeout/archive_browser.html": b"<html>",
    "one.eml": MAIL,
}


def _folder(root):
    for name, data in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def _zip(path, files, **kwargs):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def _tgz(path, files):
    with tarfile.open(path, "w:gz") as packed:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))
    return path


def _kinds(items):
    return sorted((kind, payload) for kind, _, payload in items if not isinstance(payload, Refusal))


EXPECTED = sorted(
    [
        ("mail", MAIL),
        ("mail", MAIL),
        ("mail", MAIL),
        ("calendar", FILES["Takeout/Calendar/maya.ics"]),
        ("contacts", FILES["Takeout/Contacts/All.vcf"]),
    ]
)


def test_a_folder_a_zip_and_a_tgz_give_the_same(tmp_path):
    assert _kinds(takeout.walk(_folder(tmp_path / "folder"))) == EXPECTED
    assert _kinds(takeout.walk(_zip(tmp_path / "t.zip", FILES))) == EXPECTED
    assert _kinds(takeout.walk(_tgz(tmp_path / "t.tgz", FILES))) == EXPECTED


def test_archives_in_a_folder_are_opened_but_not_archives_in_archives(tmp_path):
    _zip(tmp_path / "inner.zip", FILES)
    _zip(tmp_path / "outer.zip", {"inner.zip": (tmp_path / "inner.zip").read_bytes()})
    items = list(takeout.walk(tmp_path))
    assert _kinds(items) == EXPECTED
    assert [payload.reason for _, name, payload in items if name == "outer.zip/inner.zip"] == [
        "An archive inside an archive is not opened."
    ]


def test_messages_of_an_mbox_are_numbered(tmp_path):
    (tmp_path / "a.mbox").write_bytes(MBOX)
    assert [name for _, name, _ in takeout.walk(tmp_path)] == ["a.mbox, message 1", "a.mbox, message 2"]


@pytest.mark.parametrize("name", ["../../etc/x.eml", "/etc/x.eml", "a/../../x.eml", "C:\\x.eml", "..\\x.eml"])
def test_a_name_that_points_outside_is_refused_and_the_rest_read(tmp_path, name):
    for path in (
        _zip(tmp_path / "t.zip", {name: MAIL, "good.eml": MAIL}),
        _tgz(tmp_path / "t.tgz", {name: MAIL, "good.eml": MAIL}),
    ):
        items = list(takeout.walk(path))
        assert _kinds(items) == [("mail", MAIL)]
        assert [one.reason for _, _, one in items if isinstance(one, Refusal)] == [
            "Its name points outside the archive."
        ]


def test_links_are_not_followed(tmp_path):
    root = tmp_path / "export"
    root.mkdir()
    (tmp_path / "secret.eml").write_bytes(MAIL)
    (root / "link.eml").symlink_to(tmp_path / "secret.eml")
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.eml")
    with tarfile.open(root / "t.tgz", "w:gz") as packed:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            entry = tarfile.TarInfo(f"link{kind.decode()}.eml")
            entry.type, entry.linkname = kind, "/etc/passwd"
            packed.addfile(entry)
    with zipfile.ZipFile(root / "z.zip", "w") as zipped:
        info = zipfile.ZipInfo("link.eml")
        info.external_attr = 0o120777 << 16
        zipped.writestr(info, "/etc/passwd")
    items = list(takeout.walk(root))
    assert _kinds(items) == []
    assert len(items) == 6


@pytest.mark.outside(25)
def test_a_zip_bomb_is_stopped_and_said(tmp_path):
    bomb = _zip(tmp_path / "bomb.zip", {"a.mbox": MBOX + b"x" * 300_000_000, "good.eml": MAIL})
    items = list(takeout.walk(bomb))
    assert any(isinstance(one, Refusal) and "unpacks" in one.reason for _, _, one in items)


@pytest.mark.outside(25)
def test_a_tar_bomb_is_stopped_and_said(tmp_path):
    items = list(takeout.walk(_tgz(tmp_path / "bomb.tgz", {"a.mbox": MBOX + b"x" * 300_000_000, "good.eml": MAIL})))
    assert any(isinstance(one, Refusal) and "unpacks" in one.reason for _, _, one in items)


def test_a_tar_bomb_of_a_kind_that_is_not_read_is_stopped_too(tmp_path):
    items = list(takeout.walk(_tgz(tmp_path / "bomb.tgz", {"a.mp4": b"x" * 300_000_000, "good.eml": MAIL})))
    assert any(isinstance(one, Refusal) and "unpacks" in one.reason for _, _, one in items)


def test_a_tar_header_of_many_megabytes_is_refused(tmp_path):
    with tarfile.open(tmp_path / "t.tgz", "w:gz", format=tarfile.PAX_FORMAT) as packed:
        entry = tarfile.TarInfo("a.eml")
        entry.pax_headers = {"comment": "x" * 5_000_000}
        packed.addfile(entry)
    [(_, _, refused)] = takeout.walk(tmp_path)
    assert "header" in refused.reason


@pytest.mark.parametrize("name", ["cut.zip", "cut.tgz", "noise.zip", "noise.tgz"])
def test_a_broken_archive_stops_nothing_else(tmp_path, name):
    whole = _zip(tmp_path / "w.zip", FILES) if name.endswith("zip") else _tgz(tmp_path / "w.tgz", FILES)
    data = whole.read_bytes()
    whole.unlink()
    (tmp_path / name).write_bytes(data[: len(data) // 2] if name.startswith("cut") else os.urandom(2000))
    (tmp_path / "z.eml").write_bytes(MAIL)
    items = list(takeout.walk(tmp_path))
    assert ("mail", "z.eml", MAIL) in items
    assert any(isinstance(one, Refusal) and one.name.startswith(name) for _, _, one in items)


def test_a_locked_entry_is_named(tmp_path):
    path = _zip(tmp_path / "t.zip", {"a.eml": MAIL})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))
    [(_, _, refused)] = takeout.walk(path)
    assert "password" in refused.reason


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(Unreadable, match="cannot be read"):
        list(takeout.walk(tmp_path / "nothing"))
