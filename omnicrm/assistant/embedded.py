"""The embedded generator: reads one case, offline, and answers with drafts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omnicrm.assistant import asking, candidates, context, events, injection, language, ranker, replies, select
from omnicrm.assistant.candidates.base import Candidate, Span
from omnicrm.assistant.context import Context
from omnicrm.domain.cases import Case, Draft, Quote

HIGHEST = 0.97  # nothing is surer
LONGEST = 10_000  # characters of a mail; nobody asks for something after them


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: drafts, or the reason in plain words why there are none.

    `unread`: the assistant cannot read it, which somebody should know.
    """

    drafts: tuple[Draft, ...]
    reason: str = ""
    unread: bool = False


def generate(case: Case) -> list[Draft]:
    """The proposals for one case, most probable first. Pure: no clock, no files but the weights, no network."""
    return list(consider(case).drafts)


def consider(case: Case) -> Outcome:
    """As `generate`, with a reason where nothing is proposed."""
    if case.event is not None:
        return _outcome(case, events.propose(case), "The event is no appointment, or is in the book already.")
    mail = case.mail
    if mail is None or mail.direction == "out":
        return Outcome((), "The practitioner wrote it.")
    if mail.sender is None:
        return Outcome((), "It has no sender.")
    changes: dict[str, object] = {}
    if injection.commands(mail.sender.name):
        changes["sender"] = mail.sender.model_copy(update={"name": ""})
    if len(mail.text) > LONGEST:
        changes["text"] = mail.text[:LONGEST]
    if changes:
        case = case.model_copy(update={"mail": mail.model_copy(update=changes)})
    ctx = context.of(case)
    if not language.is_english(ctx.reading.new_text):
        reason = "The new words are not in English, which is all that the embedded assistant reads."
        return Outcome((), reason, unread=True)
    return _outcome(case, of_mail(ctx, candidates.propose(ctx)), "Nothing in it asks for anything.")


def of_mail(ctx: Context, found: list[Candidate], using: ranker.Model | None = None) -> list[Candidate]:
    """What is chosen of the candidates of a mail, with what its invitations decide; by the shipped weights or these."""
    decided, about_sessions = events.of_mail(ctx)
    if about_sessions:
        found = [c for c in found if not c.type.startswith("session.")]
    if any(c.type == "contact.create" for c in decided):
        found = [c for c in found if c.type != "contact.create"]
    ranker.judge(found, asking.signs(ctx), using)
    if about_sessions:
        for candidate in found:
            if candidate.type == "task.create" and any(
                c.type in ("session.create", "session.reschedule") for c in decided
            ):
                candidate.probability *= 0.3
    chosen = select.choose(found + decided)
    chosen += [c for c in decided if c.type == "contact.create" and c not in chosen]
    reply = replies.draft(ctx, chosen)
    return [*chosen, reply] if reply is not None else chosen


def _outcome(case: Case, chosen: list[Candidate], reason: str) -> Outcome:
    drafts = [draft for candidate in chosen if (draft := _draft(case, candidate)) is not None]
    drafts.sort(key=lambda draft: -draft.confidence)
    return Outcome(tuple(drafts), "" if drafts else reason)


def _draft(case: Case, candidate: Candidate) -> Draft | None:
    """The draft of a candidate, or None where no words carry it."""
    quotes = [q for slot, span in candidate.evidence.items() if (q := _quote(case, slot, span)) is not None]
    if not quotes:
        return None
    said = {quote.slot for quote in quotes}
    inferred = tuple(slot for slot in candidate.slots if slot not in said)
    probability = round(min(HIGHEST, max(0.0, candidate.probability)), 3)
    return Draft(
        type=candidate.type,  # type: ignore[arg-type]  # one of the scored types
        slots=candidate.slots,  # type: ignore[arg-type]  # strings and whole numbers
        confidence=probability,
        evidence=tuple(quotes),
        inferred=inferred,
        group=case.id,
    )


def _quote(case: Case, slot: str, span: Span) -> Quote | None:
    """The words of a span, trimmed; None where nothing is left."""
    name, start, end = span
    source = case.subject if name == "subject" else case.text
    words = source[start:end]
    start += len(words) - len(words.lstrip())
    words = words.strip()
    if not re.search(r"\w", words):
        return None
    return Quote(
        slot=slot or None,
        field="subject" if name == "subject" else "text",
        start=start,
        end=start + len(words),
        quote=words,
    )
