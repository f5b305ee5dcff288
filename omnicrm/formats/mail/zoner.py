"""Which words of a mail are new, quoted (from whom, from when), forwarded, a signature or a machine's footer."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from omnicrm.formats.mail import attribution, signature

_PREFIX = re.compile(r"[ \t\u200e]{0,4}(?:>[ \t]?){1,40}(?!From )")
_INLINE_DEPTH = 20
_FORWARD_SUBJECT = re.compile(
    r"\s*(fwd?|wg|tr|rv|enc|i|vs|vb|vl|fs|doorst|pd|továbbítás|пересл|转发)\s*[:：]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Zone:
    """Characters from `start` to `end`. Quotes and forwards have a depth from 1, and an author where a line says it.

    `sent_at` is aware where that line names an offset, else the wall clock of the program that wrote it.
    """

    kind: str
    start: int
    end: int
    depth: int = 0
    author_name: str = ""
    author_email: str = ""
    sent_at: datetime | None = None


@dataclass(slots=True)
class _Level:
    """A quote that goes on without quote marks, until the marks fall below `marks`."""

    marks: int
    forwarded: bool


def zones(text: str, *, sender: str = "", subject: str = "") -> list[Zone]:
    """Zones that cover `text` in order, without gap or overlap; a function of the arguments alone.

    The kinds: new, quote, forward, signature, footer. `sender` and `subject`, where known, make the cuts surer.
    Answers between quotes are new; the introduction (“On … wrote:”) belongs to the quote that it introduces.
    """
    if not text:
        return []
    spans = _quotes(text, _FORWARD_SUBJECT.match(subject) is not None)
    out: list[Zone] = []
    for index, zone in enumerate(spans):
        if zone.kind == "new":
            last = not any(other.kind == "new" for other in spans[index + 1 :])
            pieces = signature.split(text[zone.start : zone.end], sender=sender, last=last)
            out.extend(
                replace(zone, kind=kind, start=zone.start + start, end=zone.start + end) for kind, start, end in pieces
            )
        else:
            out.append(zone)
    return out


def _quotes(text: str, forward: bool) -> list[Zone]:
    lines = text.split("\n")
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    marks, bare = _unmarked(lines)
    out: list[Zone] = []
    authors: dict[int, attribution.Introduction] = {}
    levels: list[_Level] = []
    at = 0
    while at < len(lines):
        if not bare[at].strip():
            _blank(out, lines, marks, levels, at, offsets)
            at += 1
            continue
        while levels and marks[at] < levels[-1].marks:
            levels.pop()
        found = attribution.find(bare, at) if _same_marks(marks, at) else None
        if found is not None:
            after = _next_words(bare, at + found.lines)
            deeper = after < len(lines) and marks[after] > marks[at]
            if found.forwarded or found.strong or deeper:
                at = _introduce(out, found, at, marks, levels, authors, offsets, deeper, forward)
                continue
        depth = marks[at] + len(levels)
        _extend(out, _kind(depth, levels), depth, offsets[at], offsets[at + 1], authors.get(depth))
        at += 1
    if out:
        out[-1] = replace(out[-1], end=len(text))
    return out


def _unmarked(lines: list[str]) -> tuple[list[int], list[str]]:
    """How many quote marks each line has, and the line without them."""
    marks, bare = [], []
    for line in lines:
        match = _PREFIX.match(line) if ">" in line[:8] else None
        if match is None:
            marks.append(0)
            bare.append(line)
        else:
            marks.append(min(_INLINE_DEPTH, match[0].count(">")))
            bare.append(line[match.end() :])
    return marks, bare


def _same_marks(marks: list[int], at: int) -> bool:
    """An introduction is looked for only where it may begin: quotes deeper than the limit are left alone."""
    return marks[at] < _INLINE_DEPTH


def _next_words(bare: list[str], at: int) -> int:
    while at < len(bare) and not bare[at].strip():
        at += 1
    return at


def _blank(
    out: list[Zone], lines: list[str], marks: list[int], levels: list[_Level], at: int, offsets: list[int]
) -> None:
    """Blank lines go on with what is above them."""
    if out:
        out[-1] = replace(out[-1], end=offsets[at + 1])
    else:
        out.append(Zone("new", 0, offsets[at + 1]))


def _introduce(
    out: list[Zone],
    found: attribution.Introduction,
    at: int,
    marks: list[int],
    levels: list[_Level],
    authors: dict[int, attribution.Introduction],
    offsets: list[int],
    deeper: bool,
    forward: bool,
) -> int:
    """Opens the quote that `found` introduces; the next line to look at."""
    first_of_quote = marks[at] > 0 and (not out or out[-1].depth < marks[at] + len(levels))
    kind_of_block = found.forwarded or (forward and not levels and marks[at] == 0)
    if not deeper and not first_of_quote:
        levels.append(_Level(marks[at], kind_of_block))
    depth = marks[at] + len(levels) + (1 if deeper else 0)
    for known in [level for level in authors if level >= depth]:
        del authors[known]
    authors[depth] = found
    _extend(out, _kind(depth, levels), depth, offsets[at], offsets[at + found.lines], found, fresh=True)
    return at + found.lines


def _kind(depth: int, levels: list[_Level]) -> str:
    if depth == 0:
        return "new"
    return "forward" if levels and levels[-1].forwarded and depth == len(levels) else "quote"


def _extend(
    out: list[Zone],
    kind: str,
    depth: int,
    start: int,
    end: int,
    author: attribution.Introduction | None,
    fresh: bool = False,
) -> None:
    if out and out[-1].kind == kind and out[-1].depth == depth and not fresh:
        out[-1] = replace(out[-1], end=end)
        return
    if author is None:
        out.append(Zone(kind, start, end, depth))
    else:
        out.append(Zone(kind, start, end, depth, author.name, author.email, author.sent_at))
