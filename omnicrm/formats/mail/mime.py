"""The parts of a message: headers, bodies, limits. Bounded in depth, number and time whatever the bytes are.

The standard library reads line by line and recurses once a level; a mail that nests boundaries a thousand deep costs it
minutes or a RecursionError. Here each level is one `bytes.find` over its own range, and the limits come first.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from omnicrm.formats.mail import charset

MAX_RAW = 25 * 1024 * 1024
MAX_DEPTH = 20
MAX_PARTS = 500
MAX_HEADER_BYTES = 256 * 1024
MAX_HEADERS = 1000

Headers = dict[str, list[bytes]]

_HEADER_LINE = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_FROM_LINE = re.compile(rb">?From [^\n]*\n")
_PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;\s]*(?:[^;"\s][^;"]*)?)', re.DOTALL)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")


@dataclass(slots=True)
class Part:
    """One MIME part. `start` and `end` delimit its body in `raw`."""

    raw: bytes
    headers: Headers
    start: int
    end: int
    depth: int
    media_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    name: str = ""
    children: list[Part] = field(default_factory=list)

    def first(self, header: str) -> bytes:
        values = self.headers.get(header)
        return values[0] if values else b""

    def encoding(self) -> str:
        return charset.header(self.first("content-transfer-encoding")).strip(" \t\"'").partition(";")[0].lower()

    def size(self) -> int:
        """Bytes of the decoded body, without decoding it where that can be told."""
        if self.encoding() == "base64":
            body = self.raw[self.start : self.end]
            signs = len(body) - body.count(b"\n") - body.count(b"\r")
            return max(0, signs * 3 // 4 - body[-4:].count(b"="))
        return len(self.body())

    def body(self, limit: int = MAX_RAW) -> bytes:
        """The decoded body, at most about `limit` bytes of it."""
        encoding = self.encoding()
        if encoding == "base64":
            return base64(self.raw[self.start : min(self.end, self.start + limit * 2)])[:limit]
        body = self.raw[self.start : min(self.end, self.start + limit * 3)]
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)[:limit]
        if encoding in ("x-uuencode", "uuencode", "x-uue"):
            return _uu(body)[:limit]
        return body[:limit]


def tree(raw: bytes, problems: list[str]) -> Part:
    """The message in `raw` as parts. What is beyond the limits is left out and noted in `problems`."""
    if b"\n" not in raw[:65536] and b"\r" in raw[:65536]:
        raw = raw.replace(b"\r", b"\n")
    reader = _Reader(problems)
    root = reader.part(raw, 0, len(raw), 0, "text/plain")
    return root


def headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header fields from `start` (lower-case names, unfolded values) and where the body begins."""
    found: Headers = {}
    at = start
    match = _FROM_LINE.match(raw, at, end)
    if match:
        at = match.end()
    last: list[bytes] | None = None
    count = 0
    while at < end:
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end + 1
        line = raw[at:line_end]
        if line in (b"\n", b"\r\n"):
            return found, line_end
        first = line[:1]
        if first in (b" ", b"\t"):
            if last is not None:
                last[-1] += b" " + line.strip() if at - start < MAX_HEADER_BYTES else b""
            elif line.strip():
                return found, at  # text where headers should be: the message has none
        else:
            match = _HEADER_LINE.match(line)
            if match is None:
                if last is None or not _more_headers(raw, line_end, end):
                    return found, at
            elif count < MAX_HEADERS and at - start < MAX_HEADER_BYTES:
                last = found.setdefault(match[1].decode("ascii").lower(), [])
                last.append(line[match.end() :].strip())
                count += 1
        at = line_end
    return found, end


def _more_headers(raw: bytes, at: int, end: int) -> bool:
    """A stray line (a header folded without its blank, mail programs do it) is skipped when headers go on after it."""
    return _HEADER_LINE.match(raw, at, end) is not None


def parameters(value: str) -> dict[str, str]:
    """The parameters of Content-Type or Content-Disposition: quoted, RFC 2231 pieces and charsets, encoded words."""
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for match in _PARAMETER.finditer(value[:8192]):
        key, text = match[1].lower(), match[2]
        if text[:1] == '"':
            text = re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
        name, star, number = key.partition("*")
        if star:
            encoded = key.endswith("*")
            digits = number.rstrip("*")
            index = int(digits) if digits.isdecimal() and len(digits) < 4 else 0
            pieces.setdefault(name, {})[index] = (encoded, text)
        else:
            found.setdefault(name, charset.words(text.strip()))
    for name, numbered in pieces.items():
        found[name] = _joined(numbered)
    return found


def _joined(numbered: dict[int, tuple[bool, str]]) -> str:
    data = b""
    declared = ""
    for position, index in enumerate(sorted(numbered)):
        encoded, text = numbered[index]
        if encoded and position == 0 and text.count("'") >= 2:
            declared, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return charset.decode(data, declared)[0]


def base64(data: bytes) -> bytes:
    """Decoded leniently: signs outside the alphabet are skipped, a cut end is dropped."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        signs = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        signs = signs[: len(signs) - 1] if len(signs) % 4 == 1 else signs
        return binascii.a2b_base64(signs + b"=" * (-len(signs) % 4))


def _uu(data: bytes) -> bytes:
    out = bytearray()
    for line in data.split(b"\n"):
        line = line.rstrip(b"\r")
        if line.startswith((b"begin ", b"end", b"`")) or not line:
            continue
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(out)


class _Reader:
    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.parts = 0

    def note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def part(self, raw: bytes, start: int, end: int, depth: int, default: str) -> Part:
        self.parts += 1
        fields, body = headers(raw, start, end)
        part = Part(raw, fields, body, end, depth, default)
        content_type = charset.header(part.first("content-type"))
        if content_type:
            media_type = content_type.partition(";")[0].strip(" \t\"'").lower()
            part.media_type = media_type if media_type.count("/") == 1 else default
            if media_type in ("text", "html", "text/plain/html"):
                part.media_type = "text/html" if "html" in media_type else "text/plain"
            part.parameters = parameters(content_type)
        disposition = charset.header(part.first("content-disposition"))
        if disposition:
            part.disposition = disposition.partition(";")[0].strip().lower()
            part.name = parameters(disposition).get("filename", "")
        part.name = part.name or part.parameters.get("name", "")
        if part.media_type.startswith("multipart/"):
            self._split(part)
        elif part.media_type == "message/rfc822":
            self._attached(part)
        return part

    def _attached(self, part: Part) -> None:
        if not self._room(part):
            return
        if part.encoding() in ("base64", "quoted-printable"):
            inner = part.body()
            part.children.append(self.part(inner, 0, len(inner), part.depth + 1, "text/plain"))
        else:
            part.children.append(self.part(part.raw, part.start, part.end, part.depth + 1, "text/plain"))

    def _room(self, part: Part) -> bool:
        if part.depth + 1 > MAX_DEPTH:
            self.note(f"Parts nested deeper than {MAX_DEPTH} were left out.")
            return False
        if self.parts >= MAX_PARTS:
            self.note(f"Only the first {MAX_PARTS} parts were read.")
            return False
        return True

    def _split(self, part: Part) -> None:
        boundary = part.parameters.get("boundary", "").rstrip()
        mark = b"--" + boundary.encode("utf-8", "replace") if boundary else self._guess(part)
        if mark is None or not self._room(part):
            if mark is None:
                self.note("A part says that it has parts, but not where they are divided.")
                part.media_type = "text/plain"
            return
        default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        begin = -1
        for line_start, line_end, closing in _dividers(part.raw, mark, part.start, part.end):
            if begin >= 0:
                if not self._room(part):
                    return
                part.children.append(
                    self.part(part.raw, begin, _before(part.raw, begin, line_start), part.depth + 1, default)
                )
            begin = line_end
            if closing:
                begin = -1
                break
        if begin >= 0 and begin < part.end:
            self.note("The message ends in the middle of its parts.")
            if self._room(part):
                part.children.append(self.part(part.raw, begin, part.end, part.depth + 1, default))
        if not part.children:
            self.note("A part says that it has parts, but has none.")
            part.media_type = "text/plain"

    @staticmethod
    def _guess(part: Part) -> bytes | None:
        match = re.compile(rb"\s{0,100}(--[^\s-][^\r\n]{0,100}?)[ \t]*\r?\n").match(part.raw, part.start, part.end)
        return match[1] if match else None


def _before(raw: bytes, begin: int, divider: int) -> int:
    """The end of a part: the line break before a divider belongs to the divider."""
    if divider > begin and raw[divider - 1 : divider] == b"\n":
        divider -= 1
        if divider > begin and raw[divider - 1 : divider] == b"\r":
            divider -= 1
    return divider


def _dividers(raw: bytes, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """(start of its line, start of the next line, whether it closes) for each divider."""
    at = start
    while (found := raw.find(mark, at, end)) >= 0:
        at = found + len(mark)
        if found != start and raw[found - 1 : found] != b"\n":
            continue
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end + 1
        rest = raw[at : min(line_end, at + 200)].strip()
        if rest in (b"", b"--"):
            yield found, line_end, rest == b"--"
            at = line_end
