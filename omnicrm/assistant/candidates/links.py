"""Which of a client's sessions the words speak of."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

from omnicrm.assistant import cues, services
from omnicrm.assistant.candidates.base import Span
from omnicrm.assistant.context import Context, Placed
from omnicrm.assistant.dates.clocks import Clock
from omnicrm.assistant.dates.days import Day
from omnicrm.assistant.dates.whens import When
from omnicrm.assistant.reading import Sentence
from omnicrm.core import zones
from omnicrm.domain.cases import Session

_OLD_BEFORE = re.compile(
    r"\b(?:instead of|rather than|not|from|in place of|my|our|the one on|the one at|was|is (?:booked|scheduled|down)|booked (?:for|in)|scheduled (?:for|on)|move|moving|reschedule|change|cancel|scrap|make|the|for|swap|switch|push|postpone)\s+(?:\w+\s+){0,4}?(?:on\s+|at\s+|the\s+)?$",
    re.IGNORECASE,
)
_KEEP = re.compile(
    r"\b(?:don't|do not|dont|no need to) (?:\w+ ){0,3}cancel\b|(?<!not )(?<!n't )\b(?:keep|leave|stays?|still (?:on|good|perfect|fine|coming|works|stands|ok)|stick with|remain\w*|as (?:planned|is|it is|usual)|not touch|happy with|fine with|see (?:you|u|ya)|looking forward|will (?:come|be there)|be there|coming on|count (?:me|us) in|is (?:good|fine|unaffected|safe|still)|put me down)\b",
    re.IGNORECASE,
)
_NOT_KEPT = re.compile(
    r"\b(?:not|n't|cannot|can't|won't|unable|neither)\b[^,.;]{0,24}\b(?:keep|leave|come|be there|see)\b", re.IGNORECASE
)


_WEEK_ON = re.compile(
    r"\b(?:back|later|on|forward)\s+(?:by\s+)?(?:a|one|1|two|2)\s+weeks?\b|\b(?:a|one|two)\s+weeks?\s+(?:later|on|back)\b(?!\s+(?:mon|tue|wed|thu|fri|sat|sun))|\bsame\s+(?:time|day|slot)(?:\s+and\s+\w+)?,?\s+(?:the\s+)?(?:following|next)\s+week\b|\bthe\s+(?:following|next)\s+week,?\s+(?:at\s+)?(?:the\s+)?same\s+(?:time|day)",
    re.IGNORECASE,
)


def mentions(ctx: Context, session: Session) -> list[When]:
    """The whens, of the new words and the subject, that name the session's day, its week, or its very hour."""
    return [when for when in _all(ctx) if _names(ctx, when, session)]


def _all(ctx: Context) -> list[When]:
    return [p.when for p in ctx.whens] + ctx.subject_whens


def _names(ctx: Context, when: When, session: Session) -> bool:
    local = ctx.local(session.scheduled_at)
    day, clock = when.day, when.clock
    if day is not None and not day.past:
        if day.vague:
            return (
                day.kind == "span"
                and day.last is not None
                and (day.last - day.day).days <= 7
                and _alone_in(ctx, day, session)
            )
        if day.day == local.date():
            return True
        taken = any(ctx.local(s.scheduled_at).date() == day.day for s in _siblings(ctx, session))
        return local.date() in day.others and not taken
    if day is None and clock is not None and clock.kind in ("point", "old", "from"):
        return local.hour * 60 + local.minute in (clock.minute_of_day, clock.other)
    return False


def _siblings(ctx: Context, session: Session) -> list[Session]:
    return [s for s in ctx.case.sessions if s.contact_email == session.contact_email and s.status == "scheduled"]


def _alone_in(ctx: Context, day: Day, session: Session) -> bool:
    """Whether the session is the client's only one in a stretch of days."""
    first, last = day.day, day.last or day.day
    if "this week" in ctx.reading.level[day.start : day.end].lower():
        last = ctx.base + timedelta(days=6 - ctx.base.weekday())
    inside = [s for s in _siblings(ctx, session) if first <= ctx.local(s.scheduled_at).date() <= last]
    return inside == [session]


def kept(ctx: Context, session: Session, sessions: list[Session]) -> bool:
    """Whether the words leave this session alone ("keep the Thursday one")."""
    for when in mentions(ctx, session):
        for placed in ctx.whens:
            if placed.when is when and placed.sentence is not None and _keeps(_near(ctx, placed)):
                return True
    return False


def _keeps(clause: str) -> bool:
    return bool(_KEEP.search(clause)) and not _NOT_KEPT.search(clause)


def _near(ctx: Context, placed: Placed) -> str:
    return ctx.clause(placed)


def linked(ctx: Context, sessions: list[Session]) -> list[Session]:
    """The sessions spoken of, likeliest first: those named by day or hour, else the only one, else the next."""
    named = [s for s in sessions if mentions(ctx, s) and not kept(ctx, s, sessions)]
    if named:
        return named
    left = [s for s in sessions if not kept(ctx, s, sessions)]
    return left[:1]


def signs(ctx: Context, session: Session, sessions: list[Session]) -> dict[str, float]:
    """How the words point to `session`, among the client's `sessions`."""
    local = ctx.local(session.scheduled_at)
    found: dict[str, float] = {}
    named = mentions(ctx, session)
    others_named = [s for s in sessions if s is not session and mentions(ctx, s)]
    found["link:named"] = float(bool(named))
    found["link:hour"] = float(any(w.clock is not None and w.clock.kind in ("point", "old", "from") for w in named))
    found["link:old"] = float(any(w.clock is not None and w.clock.kind == "old" for w in named))
    found["link:only"] = float(len(sessions) == 1)
    found["link:other"] = float(not named and bool(others_named))
    everything = any("both" in signs_ and {"cancel", "cant_come"} & signs_ for signs_ in map(ctx.signs, ctx.sentences))
    found["link:next"] = float(sessions[0] is session and len(sessions) > 1 and not named and not others_named)
    found["link:not_next"] = float(sessions[0] is not session and not named and not everything)
    found["link:all"] = float(len(sessions) > 1 and everything)
    found["link:kept"] = float(kept(ctx, session, sessions))
    found["link:today"] = float(local.date() == ctx.base)
    found["link:tomorrow"] = float(local.date() == ctx.base + timedelta(days=1))
    service = ctx.service or ctx.subject_service
    if service is not None and len(sessions) > 1:
        found["link:title" if service.service.name.casefold() in session.title.casefold() else "link:other_title"] = 1.0
    elif (
        service is None
        and services.pick(session.title, ctx.case.services)
        and session.title.casefold() in ctx.reading.new_text.casefold()
    ):
        found["link:title"] = 1.0
    return {key: value for key, value in found.items() if value}


def span(ctx: Context, session: Session) -> Span | None:
    """Where the words name the session."""
    subject = {id(w) for w in ctx.subject_whens}
    for when in mentions(ctx, session):
        where = when.day or when.clock
        if where is not None:
            return ("subject" if id(when) in subject else "text", where.start, where.end)
    return None


def shifted(ctx: Context, sessions: list[Session]) -> list[tuple[Session, datetime, Placed, dict[str, float]]]:
    """Each session moved by a shift that the words tell ("push it by half an hour")."""
    found = []
    for placed in ctx.whens:
        clock = placed.when.clock
        if clock is None or clock.kind != "shift" or placed.sentence is None:
            continue
        for session in sessions:
            found.append((session, session.scheduled_at + timedelta(minutes=clock.minutes), placed, {"src:shift": 1.0}))
    for sentence in ctx.sentences:
        match = _WEEK_ON.search(sentence.text)
        if match is None or not {"move", "instead", "clash", "cant_come", "other_time", "later"} & ctx.signs(sentence):
            continue
        weeks = 2 if re.search(r"two|2", match.group()) else 1
        when = When(
            sentence.start + match.start(),
            sentence.start + match.end(),
            None,
            Clock(sentence.start + match.start(), sentence.start + match.end(), "shift"),
        )
        section = next((s for s in ctx.reading.new if s.start <= sentence.start < s.end), None)
        for session in sessions:
            at = zones.shift_wall(session.scheduled_at, ctx.home, days=7 * weeks)
            found.append((session, at, Placed(when, sentence, section), {"src:shift": 1.0}))
    return found


def cancelling(ctx: Context, session: Session, sessions: list[Session]) -> Sentence | None:
    """The sentence that calls off this session: one with a cancelling word, best where it names the session too."""
    candidates = [s for s in ctx.sentences if {"cancel", "cant_come"} & ctx.signs(s)]
    candidates = candidates or [s for s in ctx.sentences if {"clash", "sick"} & ctx.signs(s)]
    if not candidates:
        return next((s for s in ctx.sentences if linked_in(ctx, session, sessions, s)), None)
    for sentence in candidates:
        if linked_in(ctx, session, sessions, sentence):
            return sentence
    return candidates[0]


_CUT = re.compile(r",\s+(?!nor\b|or the\b|and the\b)|;\s+|\s+-\s+|\s+(?=(?:but|and|so|because|as)\s)")


def cancelling_clause(sentence: Sentence) -> str:
    """The clause of a sentence that calls off."""
    start, end = _clause_span(sentence)
    return sentence.text[start:end]


def _clause_span(sentence: Sentence) -> tuple[int, int]:
    cuts = [0, *(match.end() for match in _CUT.finditer(sentence.text)), len(sentence.text)]
    for start, end in pairwise(cuts):
        if {"cancel", "cant_come", "clash"} & cues.of(sentence.text[start:end]):
            return start, end
    return 0, len(sentence.text)


_BY_ORDER = re.compile(
    r"\b(?:the|my)\s+(?:(?P<next>next|following|second|later|last)|(?P<other>other))\s+(?:one|session|appointment|appt|lesson|class|visit)\b|\bthe\s+one\s+after\b",
    re.IGNORECASE,
)


def ordered(sentence_text: str, sessions: list[Session]) -> Session | None:
    """The session that words like "the next one" or "the one after" speak of, beside one that is spoken of by name."""
    return sessions[1] if len(sessions) == 2 and _BY_ORDER.search(sentence_text) else None


def places(ctx: Context, session: Session, sessions: list[Session], sentence: Sentence) -> dict[str, float]:
    """Whether the very clause that calls off names this session, or another one."""
    first, last = (sentence.start + at for at in _clause_span(sentence))

    def inside(one: Session) -> bool:
        return any(first <= (w.day or w.clock).start < last for w in mentions(ctx, one) if w.day or w.clock)  # type: ignore[union-attr]  # a when has one

    here = inside(session)
    by_order = None if here else ordered(ctx.reading.level[first:last], sessions)
    others = by_order is not None or any(inside(s) for s in sessions if s is not session)
    elsewhere = not here and by_order is not session and others
    found = {"link:here": float(here), "link:elsewhere": float(elsewhere), "link:order": float(by_order is session)}
    return {key: value for key, value in found.items() if value}


def linked_in(ctx: Context, session: Session, sessions: list[Session], sentence: Sentence) -> bool:
    named = {id(w) for w in mentions(ctx, session)}
    return any(p.sentence is sentence and id(p.when) in named for p in ctx.whens)
