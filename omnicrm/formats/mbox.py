"""mbox files: one message after another in bounded memory, however large the file is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from omnicrm.formats import Refusal, Unreadable
from omnicrm.formats.mail.mime import MAX_RAW

_CHUNK = 1024 * 1024
_MARK = b"\nFrom "
# A separator has a time and a year, and a header (or nothing at all) on the next line. Prose hardly ever has.
_SEPARATOR = re.compile(
    rb"From (?=[^\r\n]{0,400}\d:\d\d)(?=[^\r\n]{0,400}\b(?:19|20)\d\d\b)[^\r\n]{0,600}\r?\n"
    rb"(?=[!-9;-~]{1,200}[ \t]*:|>?From |\r?\n)"
)
_LOOK = 1024  # bytes after a mark that must be there to judge it
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def messages(source: Path | str | BinaryIO, name: str = "") -> Iterator[bytes | Refusal]:
    """The messages of an mbox as they were before it was written: separators gone, “>From ” unescaped (mboxrd, mboxo).

    A message over 25 MB comes as a Refusal that names its number; a cut last one comes as far as it goes.
    Raises Unreadable where the file cannot be opened or does not begin like an mbox.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        try:
            with path.open("rb") as file:
                yield from _messages(file, name or path.name)
        except OSError as error:
            raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}.") from error
    else:
        yield from _messages(source, name or "mbox")


def _messages(file: BinaryIO, name: str) -> Iterator[bytes | Refusal]:
    number = 0
    for message in _split(file, name):
        number += 1
        if message is None:
            yield Refusal(f"{name}, message {number}", f"The message is larger than {MAX_RAW // 1024 // 1024} MB.")
        else:
            yield message


def _split(file: BinaryIO, name: str) -> Iterator[bytes | None]:
    """Whole messages; None for each that is too large."""
    buffer = file.read(_CHUNK).lstrip(b"\r\n\xef\xbb\xbf")
    if not buffer:
        return
    if not buffer.startswith(b"From "):
        raise Unreadable(f"{name} is not an mbox file: it does not begin with “From ”.")
    start = _line_end(buffer, 0) - 1  # of a message, at the line break before it
    searched = start
    ended = too_large = False
    while True:
        found = buffer.find(_MARK, searched)
        if found >= 0 and (ended or found + _LOOK < len(buffer)):
            separator = _SEPARATOR.match(buffer, found + 1) if _after_blank(buffer, found) else None
            searched = found + 1
            if separator is not None:
                yield None if too_large else _unescaped(buffer[start:found])
                too_large = False
                searched = start = separator.end() - 1
            continue
        if ended:
            break
        searched = found if found >= 0 else max(start, len(buffer) - len(_MARK))
        if len(buffer) - start > MAX_RAW + 2 * _CHUNK:
            too_large, start = True, max(start, searched - 2)
        buffer, searched, start = buffer[start:], searched - start, 0
        chunk = file.read(_CHUNK)
        ended = not chunk
        buffer += chunk
    rest = buffer[start:]
    if too_large or rest.strip():
        blank = next((end for end in (b"\n\r\n", b"\n\n") if rest.endswith(end)), b"\n")
        yield None if too_large else _unescaped(rest[: len(rest) - len(blank) + 1])


def _after_blank(buffer: bytes, found: int) -> bool:
    return found == 0 or buffer[found - 1] == 10 or buffer[max(0, found - 2) : found] == b"\n\r"


def _line_end(buffer: bytes, at: int) -> int:
    end = buffer.find(b"\n", at)
    return len(buffer) if end < 0 else end + 1


def _unescaped(message: bytes) -> bytes:
    message = message.removeprefix(b"\n")
    message = message.removesuffix(b"\r")
    return _ESCAPED.sub(rb"\1", message) if b">From " in message else message
