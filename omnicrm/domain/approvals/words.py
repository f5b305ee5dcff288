"""The source of a proposal, cut at its evidence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict


class Segment(BaseModel):
    """A stretch of the words. `badge` 0: plain text; else the number that ties it to its fields."""

    model_config = ConfigDict(frozen=True)

    text: str
    badge: int = 0


class Mark(BaseModel):
    """One numbered quote."""

    model_config = ConfigDict(frozen=True)

    badge: int
    field: str
    start: int
    end: int
    quote: str
    slots: tuple[str, ...]


def marks(evidence: Sequence[dict[str, Any]]) -> list[Mark]:
    """Quotes numbered in reading order (subject first); those that overlap are one."""
    ordered = sorted(evidence, key=lambda one: (one.get("field") != "subject", one["start"], one["end"]))
    merged: list[dict[str, Any]] = []
    for one in ordered:
        last = merged[-1] if merged else None
        field, slot = one.get("field") or "text", one.get("slot")
        if last is not None and last["field"] == field and one["start"] < last["end"]:
            if one["end"] > last["end"]:
                last["quote"] += one["quote"][last["end"] - one["start"] :]
                last["end"] = one["end"]
            last["slots"] += (slot,) if slot else ()
        else:
            merged.append(
                {
                    "field": field,
                    "start": one["start"],
                    "end": one["end"],
                    "quote": one["quote"],
                    "slots": (slot,) if slot else (),
                }
            )
    return [Mark(badge=number, **one) for number, one in enumerate(merged, 1)]


def segments(text: str, numbered: Sequence[Mark], field: str = "text") -> list[Segment]:
    """`text` cut at its marks, in order; joined together they are the text again."""
    found: list[Segment] = []
    position = 0
    for mark in numbered:
        if mark.field != field or mark.end > len(text):
            continue
        if mark.start > position:
            found.append(Segment(text=text[position : mark.start]))
        found.append(Segment(text=text[mark.start : mark.end], badge=mark.badge))
        position = mark.end
    if position < len(text):
        found.append(Segment(text=text[position:]))
    return found


def excerpt(text: str, numbered: Sequence[Mark], *, around: int = 90) -> list[Segment]:
    """About three lines around the first quote, for a phone; the quotes alone where the words are gone."""
    own = [mark for mark in numbered if mark.field == "text" and mark.end <= len(text)]
    if not own:
        return [Segment(text=mark.quote, badge=mark.badge) for mark in numbered] or segments(text[: 3 * around], [])
    first = own[0]
    last = max((mark for mark in own if mark.end - first.start <= 3 * around), key=lambda mark: mark.end, default=first)
    begin = _word_start(text, max(0, first.start - around))
    end = _word_end(text, min(len(text), last.end + around))
    shifted = [
        mark.model_copy(update={"start": mark.start - begin, "end": mark.end - begin})
        for mark in own
        if mark.start >= begin and mark.end <= end
    ]
    cut = segments(" ".join(text[begin:end].split("\n")), shifted)
    head = [Segment(text="… ")] if begin > 0 else []
    tail = [Segment(text=" …")] if end < len(text) else []
    return [*head, *cut, *tail]


def _word_start(text: str, position: int) -> int:
    space = text.find(" ", position, position + 30) if position else -1
    return space + 1 if space >= 0 else position


def _word_end(text: str, position: int) -> int:
    space = text.rfind(" ", max(0, position - 30), position) if position < len(text) else -1
    return space if space >= 0 else position
