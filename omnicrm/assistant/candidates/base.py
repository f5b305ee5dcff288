"""What a candidate is, and the signs that all kinds of candidates share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from omnicrm.assistant import wording
from omnicrm.assistant.context import Context, Placed
from omnicrm.assistant.people import Person
from omnicrm.assistant.reading import Sentence
from omnicrm.domain.cases import Session

Span = tuple[str, int, int]  # field ("text" or "subject"), start, end
_FROM_CLAUSE = (
    "other_appt",
    "third",
    "if",
    "might",
    "past",
    "keep",
    "cancel",
    "cant_come",
    "no_good",
    "instead",
    "accept",
    "ask_modal",
    "book_word",
    "planned",
    "usual",
    "paid_me",
    "question",
    "ask_book",
    "book_imper",
    "wish",
    "lets",
    "how_about",
)
_FROM_NEIGHBOUR = (
    "ask_book",
    "wish",
    "accept",
    "yes",
    "move",
    "cancel",
    "cant_come",
    "if",
    "other_appt",
    "third",
    "past",
    "no_good",
    "question",
    "vague",
    "have_time",
    "might",
    "paid",
    "complaint",
)


@dataclass
class Candidate:
    """Something that could be proposed. `evidence` maps a slot (or "" for the whole) to where its words stand."""

    type: str
    slots: dict[str, object]
    features: dict[str, float]
    evidence: dict[str, Span] = field(default_factory=dict)
    at: datetime | None = None
    session: Session | None = None
    client: Person | None = None
    score: float = 0.0
    probability: float = 0.0
    mention: tuple[int, int] | None = None  # where day and hour stand: one mention is one proposal
    certain: bool = False  # decided by rules alone


def shared(ctx: Context, person: Person | None) -> dict[str, float]:
    """Signs of the whole mail."""
    signs = {f"m:{name}": 1.0 for name in ctx.all_signs}
    signs |= {f"subj:{name}": 1.0 for name in ctx.signs(None)}
    signs |= {f"k:{kind}": 1.0 for kind in ctx.kinds} if ctx.by_machine else {}
    words = sum(any(letter.isalnum() for letter in word) for word in ctx.reading.new_text.split())
    signs |= {
        "machine": float(ctx.by_machine),
        "bulk": float(ctx.mail.bulk),
        "auto": float(ctx.mail.auto_submitted),
        "fields": float(len(ctx.fields) >= 3),
        "short": float(words < 15),
        "long": float(words > 120),
        "reply": float(ctx.is_reply),
        "quoted": float(bool(ctx.quotes)),
        "known": float(person is not None and person.known is not None),
        "stranger": float(person is not None and person.known is None),
        "nobody": float(person is None),
        "service": float(ctx.service is not None),
        "subject_service": float(ctx.subject_service is not None),
        "sessions": float(bool(person and ctx.scheduled(person.email))),
    }
    if person is not None:
        signs[f"role:{person.role}"] = 1.0
    return {key: value for key, value in signs.items() if value}


def around(ctx: Context, sentence: Sentence | None, clause: str | None = None) -> dict[str, float]:
    """Signs of a sentence, of its clause, and of its neighbours."""
    found = {f"s:{name}": 1.0 for name in ctx.signs(sentence)}
    if clause is not None:
        from omnicrm.assistant import cues

        found |= {f"c:{name}": 1.0 for name in cues.of(clause) if name in _FROM_CLAUSE}
    if sentence is not None:
        for step, letter in ((-1, "p"), (1, "n")):
            if (other := ctx.neighbour(sentence, step)) is not None:
                found |= {f"{letter}:{name}": 1.0 for name in ctx.signs(other) if name in _FROM_NEIGHBOUR}
        found["first"] = float(sentence.index == 0)
    else:
        found["in_subject"] = 1.0
    words = wording.of(ctx.subject_line if sentence is None else sentence.text)
    found |= dict.fromkeys((f"w:{word}" for word in words), 1.0)
    return {key: value for key, value in found.items() if value}


def of_when(ctx: Context, placed: Placed) -> dict[str, float]:
    """Signs of how a moment is written."""
    when, clock = placed.when, placed.when.clock
    found = {
        f"joined:{when.joined or 'none'}": 1.0,
        "uncertain_half": float(bool(clock and not clock.certain and clock.other is not None)),
        "bare": float(bool(clock and clock.bare)),
        "from": float(bool(clock and clock.kind == "from")),
        "range": float(bool(clock and clock.kind == "range")),
        "before": float(bool(clock and clock.kind == "before")),
        "zone": float(when.zone is not None),
        "date": float(bool(when.day and when.day.kind == "date")),
        "weekday": float(bool(when.day and when.day.kind == "weekday")),
    }
    if placed.sentence is not None:
        others = [
            p
            for p in ctx.whens
            if p.sentence is placed.sentence
            and p is not placed
            and p.when.clock
            and p.when.clock.kind in ("point", "from", "range")
        ]
        found["alone"] = float(not others)
        text = placed.sentence.text.lower()
        found["or"] = float(bool(others) and " or " in text)
    return {key: value for key, value in found.items() if value}


def span_of_sentence(sentence: Sentence) -> Span:
    return ("text", sentence.start, sentence.end)
