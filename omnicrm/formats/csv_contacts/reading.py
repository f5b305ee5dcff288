"""A CSV file row by row: encoding and separator found out, broken rows refused one by one, memory bounded."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from omnicrm.formats import Refusal, Unreadable

SAMPLE = 256 * 1024  # bytes that the encoding and the separator are found out by
MAX_ROW = 256 * 1024  # signs
MAX_LINES = 100  # of one row: an address or a note in quotes
MAX_COLUMNS = 500
MAX_CELL = 20_000
MAX_BROKEN = 1_000  # rows with a quotation mark that is never closed

_SEPARATORS = ",;\t|"
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]+")
_BINARY = re.compile("[\x00-\x08\x0e-\x1f]")
_OURS = re.compile(r"'(?=[=+\-@\t\r\n])")  # what our own export puts before a cell that a spreadsheet would run


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # registered for decoding only
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("windows", _as_windows)  # bytes that are no UTF-8 are what Excel on Windows writes


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts as a spreadsheet does: 1 is the first row of the file. As many cells as the file has columns."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A file that was looked into. `first` are its first rows, for showing and guessing; `rows()` reads them all.

    `headers` of a file without a heading (`header_row` 0) are “Column 1”, ….
    """

    path: Path
    encoding: str
    separator: str
    headers: tuple[str, ...]
    header_row: int
    first: tuple[Row, ...]

    @property
    def has_header(self) -> bool:
        return self.header_row > 0

    def rows(self) -> Iterator[Row | Refusal]:
        """Every row but the heading and empty ones; what cannot be read comes as a Refusal named “row 12”."""
        width = len(self.headers)
        for item in _rows(self.path, self.encoding, self.separator):
            if isinstance(item, Refusal):
                yield item
            elif item.number == self.header_row:
                continue
            elif any(item.cells):
                cells = item.cells[:width]
                yield Row(item.number, cells + ("",) * (width - len(cells)))


def open_sheet(path: Path | str) -> Sheet:
    """Find out how a file is written. Raises Unreadable for what is missing, empty, or no table of text."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}.") from error
    encoding = _encoding(sample)
    text = sample.decode(encoding, "windows" if encoding.startswith("utf-8") else "replace")
    if not text.strip():
        raise Unreadable("The file is empty.")
    if len(_BINARY.findall(text)) > len(text) // 100 or sample[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"):
        raise Unreadable("This is not a table of text. Save it as CSV first, then bring that file.")
    separator = _separator(text)
    head: list[Row] = []
    for item in _rows(path, encoding, separator):
        if isinstance(item, Row) and any(item.cells):
            head.append(item)
        if len(head) > 50:
            break
    if not head:
        raise Unreadable("There is no row in this file that can be read.")
    named = _is_heading(head[0].cells)
    if named and len(head) == 1:
        raise Unreadable("The file has a heading and no rows.")
    width = min(MAX_COLUMNS, max(len(row.cells) for row in head) if not named else len(head[0].cells))
    found = head[0].cells if named else ()
    headers = tuple((found[n] if n < len(found) else "") or f"Column {n + 1}" for n in range(width))
    body = head[1:] if named else head
    rows = tuple(Row(row.number, (row.cells + ("",) * width)[:width]) for row in body)
    return Sheet(path, encoding, separator, headers, head[0].number if named else 0, rows)


def _rows(path: Path, encoding: str, separator: str) -> Iterator[Row | Refusal]:
    errors = "windows" if encoding.startswith("utf-8") else "replace"
    number = broken = 0
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline=None) as text:
        lines = _Lines(text)
        while (line := lines.take()) is not None:
            if number == 0 and line.strip().lower() == f"sep={separator}".strip():
                continue  # Excel's own first line, no row of the table
            number += 1
            if len(line) >= MAX_ROW:
                lines.skip()
                yield Refusal(f"row {number}", f"The row is longer than {MAX_ROW // 1024} kB.")
                continue
            cells = _whole(lines, line, separator)
            if cells is None:
                broken += 1
                if broken > MAX_BROKEN:
                    raise Unreadable(
                        f"More than {MAX_BROKEN:,} rows have a quotation mark that is not closed: is this a CSV file?"
                    )
                yield Refusal(f"row {number}", "A quotation mark is opened here and never closed.")
            else:
                yield Row(number, tuple(_clean(cell) for cell in cells[:MAX_COLUMNS]))


class _Lines:
    """Physical lines, bounded in length, that can be put back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._waiting: deque[str] = deque()

    def take(self) -> str | None:
        if self._waiting:
            return self._waiting.popleft()
        return self._text.readline(MAX_ROW) or None

    def put_back(self, lines: list[str]) -> None:
        self._waiting.extendleft(reversed(lines))

    def skip(self) -> None:
        """To the end of a line that was too long."""
        while (more := self._text.readline(MAX_ROW)) and not more.endswith("\n"):
            pass


def _whole(lines: _Lines, first: str, separator: str) -> list[str] | None:
    """The cells of a row whose quotes may span several lines; None where they are never closed.

    The lines after one whose quote is never closed are read again as rows of their own: one slip costs one row.
    """
    if '"' not in first:
        return first.rstrip("\n").split(separator)
    buffer = [first]
    size = len(first)
    while True:
        try:
            return next(csv.reader(buffer, delimiter=separator, strict=True))
        except csv.Error as error:
            if "unexpected end of data" not in str(error):
                break
        more = None
        while len(buffer) < MAX_LINES and size < MAX_ROW and (more := lines.take()) is not None:
            buffer.append(more)
            size += len(more)
            if '"' in more:
                break
        if more is None or '"' not in more:
            lines.put_back(buffer[1:])
            return None
    if len(buffer) == 1:
        try:
            return next(csv.reader(buffer, delimiter=separator))  # “"Jo" Park”: as spreadsheets read it
        except csv.Error:
            return None
    lines.put_back(buffer[1:])
    return None


def _clean(cell: str) -> str:
    return _OURS.sub("", _NO_TEXT.sub("", cell[:MAX_CELL]).strip(), count=1) if cell else ""


def _encoding(sample: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if sample.startswith(mark):
            return name
    nuls = (sample[:4096:2].count(0), sample[1:4096:2].count(0))
    half = max(1, len(sample[:4096]) // 2)
    if nuls[1] > half * 0.4:
        return "utf-16-le"
    return "utf-16-be" if nuls[0] > half * 0.4 else "utf-8"


def _separator(text: str) -> str:
    """The sign that parts the first rows into the same number of cells, and into the most."""
    first = text.split("\n", 1)[0].strip("\ufeff\r ").lower()
    if first.startswith("sep=") and len(first) <= 5:
        return first[4:] or "\t"
    lines = [line for line in text[:65536].splitlines() if line.strip()][:30]

    def score(separator: str) -> tuple[float, int]:
        try:
            counts = [len(cells) for cells in csv.reader(lines, delimiter=separator)]
        except csv.Error:
            return (0.0, 0)
        width = counts[0]
        return (sum(count == width for count in counts) / len(counts) if width > 1 else 0.0, width)

    best = max(_SEPARATORS, key=score)
    return best if score(best)[0] > 0 else ","


def _is_heading(cells: tuple[str, ...]) -> bool:
    """A heading names columns: it holds no address, no number and no day."""
    return not any("@" in cell or sum(sign.isdigit() for sign in cell) > 4 for cell in cells)
