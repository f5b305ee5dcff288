"""Offers in quoted mails, and which of them the new words take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from omnicrm.assistant.context import Context, Placed
from omnicrm.assistant.dates.whens import When
from omnicrm.assistant.reading import Section, Sentence

_ORDINAL = {
    "first": 0,
    "1st": 0,
    "former": 0,
    "earlier": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "last": -1,
    "latter": -1,
    "later": -1,
}
_PICK = re.compile(
    r"\b(?:the\s+)?(?P<word>first|1st|former|earlier|second|2nd|third|3rd|fourth|last|latter|later)(?:\s+(?:one|option|slot|time|date|of (?:those|these|the)|offer|choice|suggestion))?\b",
    re.IGNORECASE,
)
_LETTER = re.compile(
    r"(?:^|\b(?:option|slot|choice|number|no\.?|answer)\s+|[\s(])(?P<letter>[a-e]|[1-5])(?=\)|\s+(?:suits|works|is|please|pls|for|would|then|sounds|it is|\u2705)|\s*[.,!]?\s*$)",
    re.IGNORECASE,
)
_NTH = re.compile(r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)\b")
_REST = re.compile(r"\bthe other\b(?!\s+(?:day|week|night|hand|side))", re.IGNORECASE)
_REFUSED = re.compile(r"\b(?:not|rather than|instead of|than)\s+(?:at\s+)?$", re.IGNORECASE)
_COUNTER = re.compile(r"\b(?:but|rather|instead|could|can|not|only|if|possible|bit|later|earlier)\b", re.IGNORECASE)
_MARK = re.compile(r"(?:^|[\s(])(?:option\s+)?(?P<letter>[a-e]|[1-5])[).:]\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A moment that the practitioner offered, with the letter or number that stands before it."""

    when: When
    at: datetime
    section: Section
    letter: str


def found(ctx: Context) -> list[Offer]:
    """The moments offered in the nearest quotes of the practitioner's words, in order."""
    offers: list[Offer] = []
    for section in ctx.quotes:
        if section.depth > 1 or not ctx.by_practitioner(section):
            continue
        for placed in ctx.whens_of(section, ctx.base_of(section)):
            when = placed.when
            if not when.concrete:
                continue
            at = when.at(ctx.home)
            if at is None or at <= ctx.sent:
                continue
            before = section.text[max(0, when.start - section.start - 12) : when.start - section.start]
            mark = list(_MARK.finditer(before + " "))
            offers.append(Offer(when, at, section, mark[-1]["letter"].lower() if mark else ""))
    return _without_taken(ctx, offers)


def _without_taken(ctx: Context, offers: list[Offer]) -> list[Offer]:
    """Offers that are no existing session's time ("move your 11:00 to 2:15")."""
    starts = {s.scheduled_at for s in ctx.case.sessions if s.status == "scheduled"}
    free = [o for o in offers if not any(abs((o.at - s).total_seconds()) < 60 for s in starts)]
    seen: set[datetime] = set()
    return [o for o in free if not (o.at in seen or seen.add(o.at))]  # type: ignore[func-returns-value]  # remembers as it goes


def accepted(ctx: Context) -> list[tuple[Placed, datetime, dict[str, float]]]:
    """The offers that the new words may take, each with how they point to it."""
    offers = found(ctx)
    if not offers:
        return []
    taken: list[tuple[Placed, datetime, dict[str, float]]] = []
    own_concrete = [p for p in ctx.whens if p.when.concrete]
    for offer in offers:
        best: tuple[float, Sentence, dict[str, float]] | None = None
        for sentence in ctx.sentences:
            strength, how = _points(ctx, sentence, offer, offers)
            if how and (best is None or strength > best[0]):
                best = (strength, sentence, how)
        if best is None:
            continue
        _strength, sentence, how = best
        if own_concrete and "src:offer_plain" in how:
            continue
        if (other := _counter(ctx, sentence, offer, offers)) is not None:
            taken.append(other)
            continue
        section = replace(offer.section, kind="accept")
        taken.append(
            (
                Placed(offer.when, sentence, section, _pointer(ctx, sentence, offer)),
                offer.at,
                how | {"src:offer": 1.0, "offers": float(min(3, len(offers)))},
            )
        )
    picked = [t for t in taken if "src:offer_plain" not in t[2]]
    return picked or taken


def _pointer(ctx: Context, sentence: Sentence, offer: Offer) -> When | None:
    """The words of the sentence that name the offer's hour, else its day."""
    local = ctx.local(offer.at)
    minute = local.hour * 60 + local.minute
    here = [p.when for p in ctx.whens if p.sentence is sentence]
    hours = [w for w in here if w.clock is not None and minute in (w.clock.minute_of_day, w.clock.other)]
    days = [w for w in here if w.day is not None and w.day.weekday == local.weekday()]
    return next(iter(hours + days), None)


def _counter(
    ctx: Context, sentence: Sentence, offer: Offer, offers: list[Offer]
) -> tuple[Placed, datetime, dict[str, float]] | None:
    """Another hour on the offered day ("Monday, but could it be 3 rather than 2?")."""
    local = ctx.local(offer.at)
    if not _COUNTER.search(sentence.text):
        return None
    minutes = {ctx.local(o.at).hour * 60 + ctx.local(o.at).minute for o in offers}
    for placed in ctx.whens:
        when, clock = placed.when, placed.when.clock
        if placed.sentence is not sentence or clock is None or clock.kind != "point":
            continue
        if when.day is not None and when.day.day != local.date():
            continue
        if minutes & {clock.minute_of_day, clock.other}:
            continue
        readings = [m for m in (clock.minute_of_day, clock.other) if m is not None]
        near = min(readings, key=lambda m: abs(m - (local.hour * 60 + local.minute)))
        at = local.replace(hour=near // 60 % 24, minute=near % 60)
        return Placed(when, sentence, placed.section), at, {"src:offer_counter": 1.0, "src:offer": 1.0}
    return None


def _points(ctx: Context, sentence: Sentence, offer: Offer, offers: list[Offer]) -> tuple[float, dict[str, float]]:
    local = ctx.local(offer.at)
    minute = local.hour * 60 + local.minute
    signs = ctx.signs(sentence)
    yes = bool({"accept", "yes", "can_come", "book_imper", "lets", "book_word"} & signs)
    wants = yes or bool({"ask_modal", "ask_book", "wish", "request"} & signs) or "prefer" in sentence.text.lower()
    same_day = [o for o in offers if ctx.local(o.at).date() == local.date()]
    for placed in ctx.whens:
        if placed.sentence is not sentence:
            continue
        when = placed.when
        hour = (
            when.clock is not None
            and when.clock.kind in ("point", "from", "before")
            and minute in (when.clock.minute_of_day, when.clock.other)
        )
        day = when.day is not None and (
            when.day.day == local.date()
            or (when.day.weekday is not None and when.day.weekday == local.weekday() and when.day.kind == "weekday")
        )
        if hour and when.clock is not None and _REFUSED.search(ctx.reading.level[: when.clock.start][-16:]):
            continue
        wrong_day = when.day is not None and not day and when.joined in ("near", "sentence", "")
        if hour and not wrong_day:
            others = [
                o
                for o in offers
                if o is not offer and (ctx.local(o.at).hour * 60 + ctx.local(o.at).minute) % 720 == minute % 720
            ]
            if not others or day or when.day is not None:
                return 3.0, {"src:offer_hour": 1.0}
        part = when.clock.part if when.clock is not None and when.clock.kind == "part" else ""
        if day and (when.clock is None or when.clock.kind in ("part", "same")):
            if len(same_day) == 1 or (
                part
                and _in_part(minute, part)
                and sum(_in_part(ctx.local(o.at).hour * 60, part) for o in same_day) == 1
            ):
                return 2.5, {"src:offer_day": 1.0}
        if (
            part
            and when.day is None
            and _in_part(minute, part)
            and sum(_in_part(ctx.local(o.at).hour * 60, part) for o in offers) == 1
            and wants
        ):
            return 2.0, {"src:offer_part": 1.0}
    if offer.letter and (match := _LETTER.search(sentence.text)) and match["letter"].lower() == offer.letter:
        return 2.5, {"src:offer_letter": 1.0}
    if (
        len(offers) > 1
        and yes
        and "both" in signs
        and re.search(r"\b(?:both|all|each|either way)\b", sentence.text, re.IGNORECASE)
    ):
        return 2.0, {"src:offer_all": 1.0}
    if len(offers) > 1 and wants and (match := _PICK.search(sentence.text)):
        index = _ORDINAL[match["word"].lower()]
        ordered = (
            sorted(offers, key=lambda o: o.at) if match["word"].lower() in ("earlier", "later", "last") else offers
        )
        if -len(ordered) <= index < len(ordered) and ordered[index] is offer:
            return 2.2, {"src:offer_order": 1.0}
    if (match := _NTH.search(sentence.text)) and int(match["day"]) == local.day and len(same_day) == 1:
        return 2.4, {"src:offer_day": 1.0}
    if len(offers) == 2 and _REST.search(sentence.text):
        spoken = [o for o in offers if _spoken_of(ctx, sentence, o)]
        if len(spoken) == 1 and spoken[0] is not offer:
            return 2.1, {"src:offer_rest": 1.0}
        if len(spoken) == 1:
            return 0.0, {}
    if len(offers) == 1 and yes:
        return 1.0, {"src:offer_plain": 1.0}
    return 0.0, {}


def _spoken_of(ctx: Context, sentence: Sentence, offer: Offer) -> bool:
    local = ctx.local(offer.at)
    minute = local.hour * 60 + local.minute
    for placed in ctx.whens:
        day, clock = placed.when.day, placed.when.clock
        if placed.sentence is sentence and (
            (clock is not None and minute in (clock.minute_of_day, clock.other))
            or (day is not None and day.day == local.date())
        ):
            return True
    return bool(re.search(rf"\b{_HOURS[local.hour % 12]}(?:'s)?\b", sentence.text, re.IGNORECASE))


_HOURS = ("twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")


def _in_part(minute: int, part: str) -> bool:
    first, last = {
        "morning": (0, 720),
        "afternoon": (720, 1080),
        "arvo": (720, 1080),
        "evening": (1020, 1440),
        "eve": (1020, 1440),
        "night": (1080, 1440),
    }.get(part, (-1, -1))
    return first <= minute < last
