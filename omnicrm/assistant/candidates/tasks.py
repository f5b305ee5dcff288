"""One task a mail: something to answer, send, call back or look into."""

from __future__ import annotations

import re
from datetime import date

from omnicrm.assistant import people
from omnicrm.assistant.candidates.base import Candidate, around, shared, span_of_sentence
from omnicrm.assistant.context import Context, Placed
from omnicrm.assistant.people import Person
from omnicrm.assistant.reading import Sentence

_DUE_BEFORE = re.compile(
    r"\b(?:by|before|until|till?|no later than|not later than|latest|deadline(?: is)?|due(?: on| by)?|in time for|in hand by|needed (?:by|on|for)|up to)\s+(?:(?:my|our)\s+(?:\w+\s+){1,3}?on\s+)?(?:the\s+|next\s+|this\s+|close of (?:play|business)\s+(?:on\s+)?|end of (?:day|play)\s+(?:on\s+)?|noon (?:on\s+)?|\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?\s+(?:on\s+)?)?$",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\b(?:let (?:me|us) know|get back to (?:me|us)|reply|answer|respond|hear (?:back )?from you|come back to (?:me|us)|confirm)\b[^.?!]{0,30}\b(?:today|tonight|tomorrow|on|this|mon|tues|wednes|thurs|fri|satur|sun)",
    re.IGNORECASE,
)
_NEEDED = re.compile(
    r"\b(?:need\w*|deadline|due|laps\w+|expir\w+|require\w*|must|wants?|wanted|latest|hand in|submit\w*|lodge|return|sign)\b",
    re.IGNORECASE,
)
_ASKS = (
    "question",
    "request",
    "call_me",
    "send_me",
    "complaint",
    "vague",
    "problem",
    "enquiry",
    "have_time",
    "ask_book",
    "wish",
    "by_when",
    "other_time",
    "wait",
)
_WEIGHT = {
    "question": 1.5,
    "request": 1.2,
    "call_me": 2.0,
    "send_me": 1.8,
    "complaint": 1.4,
    "problem": 1.2,
    "vague": 0.7,
    "enquiry": 1.2,
    "have_time": 1.0,
    "ask_book": 0.8,
    "wish": 0.8,
    "by_when": 1.0,
    "other_time": 0.8,
}


def propose(ctx: Context, person: Person | None, bookings: list[Candidate], others: list[Candidate]) -> list[Candidate]:
    """The one candidate of task.create; `bookings` and `others` are what else the mail may ask for."""
    sentence = _asking(ctx)
    supplier = people.supplier(ctx)
    features = shared(ctx, person)
    features |= around(ctx, sentence) if sentence is not None else {"no_sentence": 1.0}
    creates = [c for c in bookings if c.type == "session.create" and "exists" not in c.features]
    features |= {
        "has_moment": float(bool(creates)),
        "has_offer": float(any("src:offer" in c.features for c in creates)),
        "moment_in_sentence": float(
            any(c.evidence.get("") == span_of_sentence(sentence) for c in creates) if sentence else 0
        ),
        "cancel_here": float(
            bool(sentence and {"cancel", "cant_come"} & ctx.signs(sentence))
            and bool(person and ctx.scheduled(person.email))
        ),
        "has_shift": float(any("src:shift" in c.features for c in bookings)),
        "has_amount": float(bool(ctx.amounts)),
        "has_update": float(any(c.type == "contact.update" for c in others)),
        "asks": float(
            min(3, sum(bool({"question", "request", "call_me", "send_me"} & ctx.signs(s)) for s in ctx.sentences))
        ),
        "supplier": float(supplier),
        "vague_when": float(
            any(p.when.day and (p.when.day.vague or p.when.clock is None) and not p.when.day.past for p in ctx.whens)
        ),
        "range_when": float(any(p.when.clock and p.when.clock.kind in ("range", "after") for p in ctx.whens)),
        "stranger_service": float(bool(person and person.known is None and (ctx.service or ctx.subject_service))),
    }
    due, where = due_date(ctx)
    features["due"] = float(due is not None)
    features["forwarded"] = float(bool(ctx.reading.of("forward")))
    slots: dict[str, object] = {"contact_email": _whose(ctx, person, supplier)}
    evidence = {"": span_of_sentence(sentence)} if sentence is not None else _fallback(ctx)
    if due is not None:
        slots["due_date"] = due.isoformat()
        if where is not None:
            anchor = where.when.day or where.when.clock
            evidence["due_date"] = ("text", anchor.start, anchor.end)  # type: ignore[union-attr]  # a when has one
    if not evidence:
        return []
    if supplier and person is not None and person.known is None:
        features["supplier_stranger"] = 1.0
    return [Candidate("task.create", slots, {k: v for k, v in features.items() if v}, evidence, client=person)]


def _whose(ctx: Context, person: Person | None, supplier: bool) -> str | None:
    if person is None:
        return None
    if person.known is not None:
        return person.email
    if supplier or not person.first_name:
        return None
    return person.email


def _fallback(ctx: Context) -> dict[str, tuple[str, int, int]]:
    for section in ctx.reading.of("forward"):
        wanted = [s for s in section.sentences if {"enquiry", "question", "wish", "request", "call_me"} & ctx.signs(s)]
        if wanted or section.sentences:
            return {"": span_of_sentence((wanted or list(section.sentences))[0])}
    if ctx.sentences:
        return {"": span_of_sentence(ctx.sentences[0])}
    return {"": ("subject", 0, len(ctx.mail.subject))} if ctx.mail.subject.strip() else {}


def _asking(ctx: Context) -> Sentence | None:
    """The sentence that asks the most."""
    best: tuple[float, Sentence] | None = None
    for sentence in ctx.sentences:
        signs = ctx.signs(sentence)
        weight = sum(_WEIGHT.get(sign, 0.0) for sign in signs)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, sentence)
    return best[1] if best else None


def due_date(ctx: Context) -> tuple[date | None, Placed | None]:
    """The day by which an answer is wanted, or on which a call is: stated, or implied by "tonight"."""
    text = ctx.reading.level
    for placed in ctx.days:
        day = placed.when.day
        if day is None or day.past or placed.sentence is None:
            continue
        before = text[max(placed.sentence.start, day.start - 50) : day.start]
        if _DUE_BEFORE.search(before) and (not day.vague or day.kind == "span"):
            signs = ctx.signs(placed.sentence)
            if not {"request", "send_me", "call_me"} & signs and not _NEEDED.search(_words(ctx, placed.sentence)):
                continue
            if {"third", "other_appt"} & signs and not {"request", "send_me", "question", "call_me", "by_when"} & signs:
                continue
            return (day.last or day.day) if day.vague else _soonest(ctx, placed), placed
    for placed in ctx.days:
        day = placed.when.day
        if day is None or day.past or day.vague or placed.sentence is None:
            continue
        signs = ctx.signs(placed.sentence)
        about = re.search(r"\babout\b[^.?!]{0,25}$", text[placed.sentence.start : day.start])
        if "call_me" in signs and not about and not {"cancel", "move"} & signs:
            return _soonest(ctx, placed), placed
        if (
            _ANSWER.search(ctx.reading.level[placed.sentence.start : placed.sentence.end])
            and not {"past", "third"} & signs
        ):
            return day.day, placed
        if "send_me" in signs and re.search(r"\b(?:today|tonight|tomorrow)\b", text[day.start : day.end], re.I):
            return day.day, placed
        if re.search(
            r"\b(?:need|want|have)\s+(?:it|them|this|that|these)\b[^.]{0,25}$",
            text[placed.sentence.start : day.start],
            re.I,
        ):
            return day.day, placed
    named = [p for p in ctx.days if p.when.day and not p.when.day.past and not p.when.day.vague]
    if len(named) == 1 and re.search(r"\b(?:by|before) then\b", ctx.reading.new_text, re.IGNORECASE):
        return _soonest(ctx, named[0]), named[0]
    for sentence in ctx.sentences:
        signs = ctx.signs(sentence)
        if (
            "call_me" in signs
            and "request" not in signs
            and re.search(r"\b(?:asap|urgent|right away|immediately)\b", sentence.text, re.I)
        ):
            return None, None
    return None, None


def _words(ctx: Context, sentence: Sentence) -> str:
    return ctx.reading.level[sentence.start : sentence.end]


def _soonest(ctx: Context, placed: Placed) -> date:
    day = placed.when.day
    if day is None:
        return ctx.base
    return day.day
