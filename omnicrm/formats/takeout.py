"""An export as a whole: a folder, a .zip or a .tgz with mail, calendars and contacts in it, never unpacked to disk."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from omnicrm.formats import Refusal, Unreadable, mbox
from omnicrm.formats.mail.headers import line
from omnicrm.formats.mail.mime import MAX_RAW

Item = tuple[str, str, bytes | Refusal]

MAX_FILE = 50 * 1024 * 1024  # of a calendar or an address book
MAX_TOTAL = 50 * 1024**3  # unpacked bytes of one archive
MAX_RATIO = 200  # unpacked to packed, once more than FREE is unpacked
FREE = 32 * 1024 * 1024
MAX_ENTRIES = 200_000

_KINDS = {
    ".eml": "mail",
    ".mbox": "mail",
    ".mbx": "mail",
    ".ics": "calendar",
    ".ical": "calendar",
    ".ifb": "calendar",
    ".vcf": "contacts",
    ".vcard": "contacts",
}
_ARCHIVES = (".zip", ".tgz", ".tar.gz", ".tar")
_BROKEN = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    ValueError,
    NotImplementedError,
)


def walk(path: Path | str) -> Iterator[Item]:
    """(kind, name, content) of each item: kind is mail, calendar, contacts or other.

    A mail is one message (those of an mbox are numbered), a calendar or an address book one whole file. What cannot be
    taken comes as a Refusal and stops nothing else: other kinds of files, links, unsafe names, broken entries, bombs.
    Raises Unreadable where `path` itself is missing or no such thing.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from error
    if stat.S_ISDIR(mode):
        yield from _folder(path)
    elif stat.S_ISREG(mode):
        yield from _file(path, path.name)
    else:
        raise Unreadable(f"{path} is neither a file nor a folder.")


def _folder(root: Path) -> Iterator[Item]:
    unread: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=unread.append):
        folders.sort()
        for one in list(folders):
            if (Path(folder) / one).is_symlink():
                folders.remove(one)
                yield _refused(str((Path(folder) / one).relative_to(root)), "A link to another folder is not followed.")
        for one in sorted(files):
            path = Path(folder) / one
            name = str(path.relative_to(root))
            try:
                mode = path.lstat().st_mode
            except OSError as error:
                yield _refused(name, f"Cannot be read: {error.strerror or error}.")
                continue
            if stat.S_ISLNK(mode):
                yield _refused(name, "A link to another file is not followed.")
            elif not stat.S_ISREG(mode):
                yield _refused(name, "Not a regular file.")
            else:
                yield from _file(path, name)
    for one_unread in unread:
        yield _refused(str(one_unread.filename), f"The folder cannot be read: {one_unread.strerror or one_unread}.")


def _file(path: Path, name: str) -> Iterator[Item]:
    lower = name.lower()
    try:
        if lower.endswith(".zip"):
            yield from _zip(path, name)
        elif lower.endswith(_ARCHIVES):
            yield from _tar(path, name)
        else:
            with path.open("rb") as file:
                yield from _content(file, name)
    except Unreadable as error:
        yield _refused(name, error.reason)
    except _BROKEN as error:
        yield _refused(name, f"Cannot be read: {_words(error)}.")


def _zip(path: Path, archive: str) -> Iterator[Item]:
    budget = _Budget(path.stat().st_size)
    with zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
        for entry in entries[:MAX_ENTRIES]:
            name = f"{archive}/{entry.filename}"
            if entry.is_dir():
                continue
            if reason := _unsafe(entry.filename):
                yield _refused(name, reason)
            elif stat.S_ISLNK(entry.external_attr >> 16):
                yield _refused(name, "A link is not followed.")
            elif entry.flag_bits & 1:
                yield _refused(name, "The file is locked with a password.")
            elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                yield _refused(name, "Packed in a way that is not read here.")
            else:
                try:
                    with packed.open(entry) as file:
                        yield from _content(_Limited(file, budget, entry.compress_size), name)
                except Unreadable as error:
                    yield _refused(name, error.reason)
                except _BROKEN as error:
                    yield _refused(name, f"Cannot be read: {_words(error)}.")
        if len(entries) > MAX_ENTRIES:
            yield _refused(archive, f"Only the first {MAX_ENTRIES:,} files of the archive were read.")


def _tar(path: Path, archive: str) -> Iterator[Item]:
    size = path.stat().st_size
    plain = archive.lower().endswith(".tar")
    with path.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|" if plain else "r|gz", tarinfo=_Entry) as packed:
        budget = _Budget(size)
        count = 0
        for entry in packed:
            count += 1
            packed.members.clear()  # type: ignore[attr-defined]  # public, unknown to typeshed; they would fill the memory
            name = f"{archive}/{entry.name}"
            if count > MAX_ENTRIES:
                yield _refused(archive, f"Only the first {MAX_ENTRIES:,} files of the archive were read.")
                return
            if entry.isdir():
                continue
            budget.spend(entry.size)  # skipping a bomb would unpack it all the same
            if reason := _unsafe(entry.name):
                yield _refused(name, reason)
            elif entry.issym() or entry.islnk():
                yield _refused(name, "A link is not followed.")
            elif not entry.isreg():
                yield _refused(name, "Not a regular file.")
            else:
                file = packed.extractfile(entry)
                if file is None:
                    continue
                try:
                    yield from _content(file, name)
                except Unreadable as error:
                    yield _refused(name, error.reason)


class _Entry(tarfile.TarInfo):
    """An entry whose extended headers are of a sane size: the library reads them into memory whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if not self.isreg() and self.size > 1024 * 1024:
            raise tarfile.ReadError("a header of more than 1 MB")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]  # private in typeshed, stable since 3.0


class _Budget:
    """Bytes unpacked from one archive; raises Unreadable when they are beyond reason."""

    def __init__(self, packed: int) -> None:
        self.limit = min(MAX_TOTAL, FREE + packed * MAX_RATIO)
        self.spent = 0

    def spend(self, size: int) -> None:
        self.spent += size
        if self.spent > self.limit:
            raise Unreadable("The archive unpacks to far more than such data ever does: it was not read to its end.")


class _Limited(io.RawIOBase):
    """A file in an archive that ends in an error when it grows beyond reason."""

    def __init__(self, file: IO[bytes], budget: _Budget, packed: int) -> None:
        self.file = file
        self.budget = budget
        self.left = FREE + packed * MAX_RATIO

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size if size >= 0 else MAX_FILE + 1)
        self.left -= len(data)
        self.budget.spend(len(data))
        if self.left < 0:
            raise Unreadable("The file unpacks to far more than such data ever does.")
        return data


def _content(file: IO[bytes] | _Limited, name: str) -> Iterator[Item]:
    """The items of one file, by the ending of its name."""
    ending = os.path.splitext(name.lower())[1]
    kind = _KINDS.get(ending)
    shown = _shown(name)
    if kind is None:
        reason = (
            "An archive inside an archive is not opened."
            if name.lower().endswith(_ARCHIVES)
            else "Not a kind that is imported."
        )
        yield "other", shown, Refusal(shown, reason)
    elif ending in (".mbox", ".mbx"):
        for number, message in enumerate(mbox.messages(file, shown), 1):  # type: ignore[arg-type]  # read() is enough
            numbered = f"{shown}, message {number}"
            yield kind, numbered, message
    else:
        limit = MAX_RAW if kind == "mail" else MAX_FILE
        data = file.read(limit + 1)
        if len(data) > limit:
            yield kind, shown, Refusal(shown, f"The file is larger than {limit // 1024 // 1024} MB.")
        else:
            yield kind, shown, data


def _unsafe(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":") or "\x00" in name:
        return "Its name points outside the archive."
    return ""


def _refused(name: str, reason: str) -> Item:
    shown = _shown(name)
    return _KINDS.get(os.path.splitext(name.lower())[1], "other"), shown, Refusal(shown, reason)


def _shown(name: str) -> str:
    return line(name.encode("utf-8", "replace").decode("utf-8"), 300)


def _words(error: Exception) -> str:
    return line(getattr(error, "strerror", None) or str(error) or type(error).__name__, 200).rstrip(".")
