"""Sessions to create, move or cancel: one candidate for each moment and session that the mail brings together."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from omnicrm.assistant import cues, services
from omnicrm.assistant.candidates import links, offers
from omnicrm.assistant.candidates.base import Candidate, Span, around, of_when, shared, span_of_sentence
from omnicrm.assistant.context import Context, Placed
from omnicrm.assistant.dates.whens import When, instant
from omnicrm.assistant.people import Person
from omnicrm.domain.cases import Service, Session


def propose(ctx: Context, person: Person | None) -> list[Candidate]:
    """Candidates of session.create, session.reschedule and session.cancel for one client."""
    if person is None:
        return []
    common = shared(ctx, person)
    sessions = ctx.scheduled(person.email)
    found: list[Candidate] = []
    moments = _moments(ctx, person, sessions)
    common["moments"] = float(min(3, len({at for _placed, at, _more in moments})))
    for placed, at, more in moments:
        if at <= ctx.sent:
            continue
        found.append(_create(ctx, person, placed, at, common | more))
        for session in sessions:
            if session.scheduled_at != at:
                found.append(_move(ctx, person, placed, at, session, sessions, common | more))
    _rivals(ctx, [c for c in found if c.type == "session.create"], [p for p, at, _m in moments if at > ctx.sent])
    for session, at, placed, more in links.shifted(ctx, sessions):
        if at > ctx.sent:
            found.append(_move(ctx, person, placed, at, session, sessions, common | more))
    for session in sessions:
        found.append(_cancel(ctx, person, session, sessions, common, moments))
    return _best_of_each(found)


_ASKS = frozenset(
    "ask_book ask_modal wish book_imper book_word have_time accept yes can_come lets how_about question request".split()
)


def _rivals(ctx: Context, creates: list[Candidate], placed: list[Placed]) -> None:
    """Marks a moment that nothing asks for, where another moment of the mail is asked for."""
    if len(creates) < 2 or len(creates) != len(placed):
        return
    asked = [bool(_ASKS & cues.of(ctx.clause(p))) for p in placed]
    if all(asked) or not any(asked):
        return
    for index, candidate in enumerate(creates):
        here = ctx.clause(placed[index])
        if asked[index] or re.match(r"\s*(?:and|also|plus|then|or|&)\b", here, re.IGNORECASE):
            continue
        others = [p for p, asks in zip(placed, asked, strict=True) if asks]
        same = any(p.sentence is placed[index].sentence for p in others)
        candidate.features["rival:sentence" if same else "rival:mail"] = 1.0


def _moments(ctx: Context, person: Person, sessions: list[Session]) -> list[tuple[Placed, datetime, dict[str, float]]]:
    """Every moment that could be meant: written out, completed from elsewhere, or taken from an offer."""
    found: list[tuple[Placed, datetime, dict[str, float]]] = []
    concrete = [p for p in ctx.whens if p.when.concrete and not _long_range(ctx, p.when)]
    offered = offers.accepted(ctx)
    offered_at = {at for _placed, at, _more in offered}
    for placed in concrete:
        for at, more in _readings(ctx, person, placed, sessions):
            if offered_at and any(abs((at - o).total_seconds()) in (0, 43200) for o in offered_at):
                continue  # the offer says the same, with more certainty
            found.append((placed, at, more | {"src:words": 1.0}))
    found += offered
    found += _completed(ctx, person, concrete, sessions, bool(offered))
    if not ctx.whens and not offered:
        for when in ctx.subject_whens:
            if when.concrete and (at := when.at(ctx.home)) is not None:
                found.append((Placed(when, None, None), at, {"src:subject": 1.0}))
    return found


def _long_range(ctx: Context, when: When) -> bool:
    clock = when.clock
    if clock is None or clock.kind != "range" or clock.last is None:
        return False
    length = clock.last - clock.minute_of_day
    lengths = {s.duration_minutes for s in ctx.case.services}
    return not (length in lengths or (clock.part == "to" and length <= 60 and not lengths))


def _readings(
    ctx: Context, person: Person, placed: Placed, sessions: list[Session]
) -> list[tuple[datetime, dict[str, float]]]:
    """The reading of a written moment that fits best: day and half of the day weighed by what is known."""
    when = placed.when
    day, clock = when.day, when.clock
    if day is None or clock is None:
        return []
    on = day.day
    at = instant(on, clock.minute_of_day, when.zone or ctx.home)
    more: dict[str, float] = {}
    if not clock.certain and clock.other is not None:
        other = instant(on, clock.other, when.zone or ctx.home)
        usual = [
            ctx.local(s.scheduled_at).hour
            for s in ctx.case.sessions
            if (s.contact_email or "").casefold() == person.email.casefold()
        ]
        if at <= ctx.sent < other and not clock.part:
            at, more = other, {"half:future": 1.0}
        elif not clock.part and usual and clock.minute_of_day // 60 in (7, 8) and min(usual) >= 16:
            at, more = other, {"half:usual": 1.0}
        elif not clock.part and clock.bare and clock.minute_of_day == 7 * 60 and not usual and _after_work(ctx):
            at, more = other, {"half:evening": 1.0}
    return [(at, more)]


def _after_work(ctx: Context) -> bool:
    """Whether a lone "at 7" is an evening's: nobody here comes before eight, and no word says morning."""
    early = any(ctx.local(s.scheduled_at).hour < 8 for s in ctx.case.sessions)
    return not early and not re.search(
        r"\b(?:usual|morning|first thing|early|breakfast|before work)\b", ctx.reading.new_text, re.IGNORECASE
    )


def _completed(
    ctx: Context, person: Person, concrete: list[Placed], sessions: list[Session], offered: bool
) -> list[tuple[Placed, datetime, dict[str, float]]]:
    """Moments of which one half stands elsewhere: "same time", "on the 29th, same hour", a lone hour."""
    found = []
    for placed in ctx.whens:
        when = placed.when
        clock = when.clock
        if when.concrete and when.joined == "before" and sessions and clock is not None:
            found += [(placed, at, more) for at, more in _lone_hour(ctx, placed, sessions)]
        if (
            when.day is not None
            and when.day.vague
            and when.day.kind == "span"
            and clock is not None
            and clock.kind == "point"
        ):
            found += [(placed, at, more) for at, more in _lone_hour(ctx, placed, sessions)]
        if when.concrete or (clock is not None and clock.kind not in ("same", "point", "from")):
            continue
        if when.day is not None and when.day.past:
            continue
        if (
            clock is not None
            and clock.kind == "same"
            and when.day is not None
            and (not when.day.vague or when.day.kind == "span")
        ):
            found += [(placed, at, more) for at, more in _same_time(ctx, person, placed, concrete, sessions)]
        elif (
            clock is None
            and when.day is not None
            and re.match(r"(?:the )?same (?:time|day)|this time", ctx.reading.level[when.start : when.end], re.I)
        ):
            found += [(placed, at, more) for at, more in _same_time(ctx, person, placed, concrete, sessions)]
        elif clock is not None and clock.kind in ("point", "from") and when.day is None and not offered:
            found += [(placed, at, more) for at, more in _lone_hour(ctx, placed, sessions)]
    return found


def _same_time(
    ctx: Context, person: Person, placed: Placed, concrete: list[Placed], sessions: list[Session]
) -> list[tuple[datetime, dict[str, float]]]:
    day = placed.when.day
    if day is None:
        return []
    anchor = placed.when.clock or day
    earlier = [p for p in concrete if (p.when.clock or p.when.day).start < anchor.start]  # type: ignore[union-attr]  # a when has one
    mine = [
        s
        for s in ctx.case.sessions
        if (s.contact_email or "").casefold() == person.email.casefold() and s.status != "cancelled"
    ]
    on, source = day.day, None
    if earlier and earlier[-1].when.clock is not None:
        clock = earlier[-1].when.clock
        return [(instant(on, clock.minute_of_day, ctx.home), {"src:same_words": 1.0})]
    linked = links.linked(ctx, sessions)
    if linked:
        source = linked[0]
    elif mine:
        source = min(mine, key=lambda s: abs((s.scheduled_at - ctx.sent).total_seconds()))
    if source is None:
        return []
    local = ctx.local(source.scheduled_at)
    if day.kind == "span":
        if "week" not in ctx.reading.level[day.start : day.end].lower():
            return []
        on = local.date() + timedelta(days=7)
        if on <= ctx.base:
            on += timedelta(days=7)
    elif day.kind == "relative" and (day.day - ctx.base).days == 7:
        on = local.date() + timedelta(days=7)
    return [(instant(on, local.hour * 60 + local.minute, ctx.home), {"src:same_session": 1.0})]


def _lone_hour(ctx: Context, placed: Placed, sessions: list[Session]) -> list[tuple[datetime, dict[str, float]]]:
    """An hour without a day: on the day of the session spoken of, else of the subject, else today."""
    clock = placed.when.clock
    if clock is None:
        return []
    found = []
    days = []
    for session in links.linked(ctx, sessions):
        days.append((ctx.local(session.scheduled_at).date(), "src:session_day", session))
    for when in ctx.subject_whens:
        if when.day is not None and not when.day.vague and not when.day.past:
            days.append((when.day.day, "src:subject_day", None))
    for on, source, session in days[:2]:
        at = instant(on, clock.minute_of_day, placed.when.zone or ctx.home)
        more = {source: 1.0}
        if not clock.certain and clock.other is not None:
            other = instant(on, clock.other, placed.when.zone or ctx.home)
            if at <= ctx.sent < other and not clock.part:
                at = other
            elif (
                session is not None
                and placed.when.zone is None
                and abs((other - session.scheduled_at).total_seconds()) + 7200
                < abs((at - session.scheduled_at).total_seconds())
            ):
                at = other if not clock.part else at
        found.append((at, more))
    return found


def _service_slots(
    ctx: Context, person: Person, placed: Placed, more: dict[str, float]
) -> tuple[dict[str, object], dict[str, tuple[str, int, int]]]:
    """The service that the words of the sentence, the mail, the subject or the offer pick, and its length."""
    slots: dict[str, object] = {}
    evidence: dict[str, tuple[str, int, int]] = {}
    named = None
    if placed.sentence is not None and placed.section is not None and placed.section.kind == "new":
        named = services.pick(placed.sentence.text, ctx.case.services)
        if named is not None:
            evidence["service"] = ("text", placed.sentence.start + named.start, placed.sentence.start + named.end)
    if named is None:
        for section in ctx.reading.new:
            if (inside := services.pick(section.text, ctx.case.services)) is not None:
                named = inside
                evidence["service"] = ("text", section.start + inside.start, section.start + inside.end)
    if named is None and (named := services.pick(ctx.reading.subject, ctx.case.services)) is not None:
        evidence["service"] = ("subject", named.start, named.end)
    if named is None and any(key.startswith("src:offer") for key in more):
        for section in ctx.quotes:
            if section.depth <= 2 and (inside := services.pick(section.text, ctx.case.services)) is not None:
                named = inside
                evidence["service"] = ("text", section.start + inside.start, section.start + inside.end)
                break
    clock = placed.when.clock
    if clock is not None and clock.kind == "range" and clock.last is not None:
        slots["duration_minutes"] = clock.last - clock.minute_of_day
        evidence["duration_minutes"] = ("text", placed.when.start, placed.when.end)
    if named is not None:
        slots["service"] = named.service.name
        if named.service.duration_minutes:
            slots.setdefault("duration_minutes", named.service.duration_minutes)
        return slots, evidence
    if (length := _length(ctx, placed)) is not None:
        minutes, span = length
        fitting = [s for s in ctx.case.services if s.duration_minutes == minutes]
        if len(fitting) == 1:
            slots["service"], evidence["service"] = fitting[0].name, span
        if fitting:
            slots.setdefault("duration_minutes", minutes)
            evidence.setdefault("duration_minutes", span)
    elif len(ctx.case.services) == 1:
        slots["service"] = ctx.case.services[0].name
        if ctx.case.services[0].duration_minutes:
            slots.setdefault("duration_minutes", ctx.case.services[0].duration_minutes)
    elif "usual" in ctx.all_signs and (usual := _usual(ctx, person)) is not None:
        slots["service"] = usual.name
        if usual.duration_minutes:
            slots.setdefault("duration_minutes", usual.duration_minutes)
    return slots, evidence


_LENGTH = re.compile(
    r"\b(?:(?P<n>\d{2,3})[\s-]*min(?:ute)?s?|(?P<h>an?|one|1|1\.5|two|2)[\s-]*(?:hours?|hr)(?P<half>\s+and\s+a\s+half)?)\b",
    re.IGNORECASE,
)
_NO_LENGTH = re.compile(r"\b(?:late|later|earlier|by|in|away|drive|behind|walk|notice|ago|before)\b", re.IGNORECASE)


def _length(ctx: Context, placed: Placed) -> tuple[int, Span] | None:
    """The minutes that the sentence asks for ("the 90 minute one"), with their place."""
    if placed.sentence is None:
        return None
    text = placed.sentence.text
    for match in _LENGTH.finditer(text):
        if _NO_LENGTH.search(text[max(0, match.start() - 10) : match.end() + 10]):
            continue
        if match["n"]:
            minutes = int(match["n"])
        else:
            hours = {"1": 1.0, "one": 1.0, "an": 1.0, "a": 1.0, "1.5": 1.5, "2": 2.0, "two": 2.0}[match["h"].lower()]
            minutes = round(hours * 60) + (30 if match["half"] else 0)
        return minutes, ("text", placed.sentence.start + match.start(), placed.sentence.start + match.end())
    return None


def _usual(ctx: Context, person: Person) -> Service | None:
    """The service that the client has had, if it is always the same one."""
    mine = [s for s in ctx.case.sessions if (s.contact_email or "").casefold() == person.email.casefold()]
    found = {s.name: s for session in mine for s in ctx.case.services if s.name.casefold() in session.title.casefold()}
    return next(iter(found.values())) if len(found) == 1 else None


def _create(ctx: Context, person: Person, placed: Placed, at: datetime, more: dict[str, float]) -> Candidate:
    slots, evidence = _service_slots(ctx, person, placed, more)
    slots = {"contact_email": person.email, "scheduled_at": ctx.iso(at), **slots}
    features = more | around(
        ctx, placed.sentence if placed.section is None or placed.section.kind == "new" else None, ctx.clause(placed)
    )
    features |= of_when(ctx, placed)
    mine = [
        s
        for s in ctx.case.sessions
        if (s.contact_email or "").casefold() == person.email.casefold() and s.status == "scheduled"
    ]
    features["exists"] = float(any(abs((s.scheduled_at - at).total_seconds()) < 60 for s in mine))
    features["same_day"] = float(any(ctx.local(s.scheduled_at).date() == ctx.local(at).date() for s in mine))
    features["service_here"] = float(bool(placed.sentence and services.pick(placed.sentence.text, ctx.case.services)))
    features["practice_word"] = float(services.mentions_practice(ctx.reading.new_text, ctx.case.services))
    features["odd_hour"] = float(not 6 <= ctx.local(at).hour <= 21)
    features["far"] = float((at - ctx.sent).days > 120)
    evidence |= _time_evidence(placed)
    _who_evidence(person, evidence)
    return Candidate(
        "session.create",
        slots,
        {k: v for k, v in features.items() if v},
        evidence,
        at=at,
        client=person,
        mention=_mention(placed),
    )


def _mention(placed: Placed) -> tuple[int, int] | None:
    """Where day and hour of a moment stand in the body; None for one in the subject."""
    if placed.sentence is None:
        return None
    day, clock = placed.when.day, placed.when.clock
    return (day.start if day else -1, clock.start if clock else -1)


def _time_evidence(placed: Placed) -> dict[str, tuple[str, int, int]]:
    if placed.sentence is None:
        return {
            "scheduled_at": ("subject", placed.when.start, placed.when.end),
            "": ("subject", placed.when.start, placed.when.end),
        }
    if placed.section is not None and placed.section.kind == "accept":
        return {"": span_of_sentence(placed.sentence), "scheduled_at": span_of_sentence(placed.sentence)}
    return {"": span_of_sentence(placed.sentence), "scheduled_at": ("text", placed.when.start, placed.when.end)}


def _who_evidence(person: Person, evidence: dict[str, tuple[str, int, int]]) -> None:
    span = person.email_span or person.name_span
    if span is not None and person.role != "sender":
        evidence["contact_email"] = ("text", *span)


def _move(
    ctx: Context,
    person: Person,
    placed: Placed,
    at: datetime,
    session: Session,
    sessions: list[Session],
    more: dict[str, float],
) -> Candidate:
    features = more | around(
        ctx, placed.sentence if placed.section is None or placed.section.kind == "new" else None, ctx.clause(placed)
    )
    features |= of_when(ctx, placed) | links.signs(ctx, session, sessions)
    features["exists"] = float(any(abs((s.scheduled_at - at).total_seconds()) < 60 for s in sessions))
    features["same_day"] = float(ctx.local(session.scheduled_at).date() == ctx.local(at).date())
    features["old_or_new"] = float(_old_or_new(ctx, placed, session))
    features["near"] = float(abs((at - session.scheduled_at).days) <= 8)
    features["odd_hour"] = float(not 6 <= ctx.local(at).hour <= 21)
    evidence = _time_evidence(placed)
    link = links.span(ctx, session)
    if link is not None:
        evidence["session_ref"] = link
    slots: dict[str, object] = {"session_ref": session.ref, "scheduled_at": ctx.iso(at)}
    return Candidate(
        "session.reschedule",
        slots,
        {k: v for k, v in features.items() if v},
        evidence,
        at=at,
        mention=_mention(placed),
        session=session,
        client=person,
    )


def _old_or_new(ctx: Context, placed: Placed, session: Session) -> bool:
    """Whether the sentence asks which of two hours it is, the booked one among them ("is it 10 or 10.30?")."""
    sentence = placed.sentence
    if sentence is None or not re.search(r"\bor\b", sentence.text, re.IGNORECASE):
        return False
    local = ctx.local(session.scheduled_at)
    minute = local.hour * 60 + local.minute
    clocks = [p.when.clock for p in ctx.whens if p.sentence is sentence and p.when.clock is not None]
    return any(c.kind == "point" and minute in (c.minute_of_day, c.other) for c in clocks)


def _cancel(
    ctx: Context, person: Person, session: Session, sessions: list[Session], common: dict[str, float], moments: list
) -> Candidate:
    sentence = links.cancelling(ctx, session, sessions)
    features = common | links.signs(ctx, session, sessions)
    evidence: dict[str, tuple[str, int, int]] = {}
    if sentence is not None:
        features |= around(ctx, sentence, links.cancelling_clause(sentence))
        evidence[""] = span_of_sentence(sentence)
        features["weak_cancel"] = float(not {"cancel", "cant_come"} & ctx.signs(sentence))
        features["cancel_clause"] = float(links.linked_in(ctx, session, sessions, sentence))
        features |= links.places(ctx, session, sessions, sentence)
    elif ctx.sentences:
        features["no_cancel_sentence"] = 1.0
        evidence[""] = span_of_sentence(ctx.sentences[0])
        if "cancel" in ctx.signs(None) or "cant_come" in ctx.signs(None):
            evidence[""] = ("subject", 0, len(ctx.mail.subject))
    elif ctx.mail.subject:
        evidence[""] = ("subject", 0, len(ctx.mail.subject))
    free = [
        at for _placed, at, _more in moments if all(abs((s.scheduled_at - at).total_seconds()) > 60 for s in sessions)
    ]
    features["new_moment"] = float(bool(free))
    link = links.span(ctx, session)
    if link is not None:
        evidence["session_ref"] = link
    return Candidate(
        "session.cancel",
        {"session_ref": session.ref},
        {k: v for k, v in features.items() if v},
        evidence,
        session=session,
        client=person,
    )


def _best_of_each(found: list[Candidate]) -> list[Candidate]:
    """One candidate for equal slots."""
    seen: dict[tuple, Candidate] = {}
    for candidate in found:
        key = (candidate.type, candidate.at, candidate.session.ref if candidate.session else "")
        if key not in seen:
            seen[key] = replace(candidate)
    return list(seen.values())
