"""The lines that calendars (RFC 5545) and cards (RFC 6350, 2426, vCard 2.1) are made of, read and written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_LINES = 2_000_000
MAX_VALUE = 1_000_000

_HEAD = re.compile(r"(?:([A-Za-z0-9-]{1,100})\.)?([A-Za-z0-9-]{1,100})(?=[;:])")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]{1,100})(?:\s*=\s*((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*))?')
_CARET = {"n": "\n", "^": "^", "'": '"'}


@dataclass(slots=True)
class Line:
    """`name` in upper case, `group` before it, parameters by upper-case name (all values of repeated ones)."""

    name: str
    value: str
    parameters: dict[str, list[str]] = field(default_factory=dict)
    group: str = ""

    def parameter(self, name: str) -> str:
        values = self.parameters.get(name)
        return values[0] if values else ""


def unfold(text: str) -> list[str]:
    """Logical lines: a line break before a blank belongs to the fold. Any kind of line break counts."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n " in text or "\n\t" in text:
        text = text.replace("\n ", "").replace("\n\t", "")
    return text.split("\n")[:MAX_LINES]


def read_line(text: str) -> Line:
    """One logical line. Raises ValueError where it has no name or no value."""
    head = _HEAD.match(text)
    if head is None:
        raise ValueError("a line without a name")
    parameters: dict[str, list[str]] = {}
    at = head.end()
    while at < len(text) and text[at] == ";":
        match = _PARAMETER.match(text, at)
        if match is None:
            raise ValueError(f"the parameters of {head[2]} cannot be read")
        key, values = match[1].upper(), match[2]
        if values is None:  # vCard 2.1: a bare word is a type or an encoding
            key, values = _bare(match[1])
        found = parameters.setdefault(key, [])
        found.extend(_caret(value.strip('"')) for value in _split(values))
        at = match.end()
    if at >= len(text) or text[at] != ":":
        raise ValueError(f"{head[2]} has no value")
    return Line(head[2].upper(), text[at + 1 : at + 1 + MAX_VALUE], parameters, (head[1] or "").lower())


def _bare(word: str) -> tuple[str, str]:
    if word.upper() in ("QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B", "Q"):
        return "ENCODING", word
    return "TYPE", word


def _split(values: str) -> list[str]:
    if '"' not in values:
        return values.split(",")
    return re.findall(r'"[^"]*"|[^",]+', values) or [""]


def _caret(value: str) -> str:
    """RFC 6868."""
    return re.sub(r"\^([n^'])", lambda match: _CARET[match[1]], value) if "^" in value else value


def unescape(value: str) -> str:
    """The text of a TEXT value."""
    if "\\" not in value:
        return value
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value, flags=re.DOTALL)


def split_escaped(value: str, separator: str) -> list[str]:
    """`value` divided at separators that no backslash stands before; the pieces are still escaped."""
    if "\\" not in value:
        return value.split(separator)
    return [piece for piece in _pieces(value, separator)]


def _pieces(value: str, separator: str) -> Iterator[str]:
    start = at = 0
    while at < len(value):
        if value[at] == "\\":
            at += 2
            continue
        if value[at] == separator:
            yield value[start:at]
            start = at + 1
        at += 1
    yield value[start:]


def plain(value: str) -> str:
    """Without control characters: the value of a property that is no TEXT."""
    return "".join(sign for sign in value if sign >= " " and sign != "\x7f")


def escape(value: str) -> str:
    """As a TEXT value."""
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return plain(value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n"))


def folded(line: str) -> str:
    """At most 75 bytes a line, with CRLF at the end; no sign is cut in two."""
    parts, current, size = [], "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > 75:
            parts.append(current)
            current, size = " ", 1
        current += sign
        size += width
    return "\r\n".join([*parts, current]) + "\r\n"
