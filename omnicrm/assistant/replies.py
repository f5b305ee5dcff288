"""A reply to go with the proposals: a few plain sentences from the facts at hand, for the practitioner to change."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from omnicrm.assistant.candidates.base import Candidate
from omnicrm.assistant.context import Context

_SURE_ENOUGH = 0.5
_PRICE = re.compile(r"\b(?:how much|price|prices|cost|costs|charge|fee|fees|rates?)\b", re.IGNORECASE)


def draft(ctx: Context, chosen: list[Candidate]) -> Candidate | None:
    """A reply to the writer, or None: never to programs, lists and automatic answers, nor where none is wanted."""
    mail = ctx.mail
    sender = mail.sender
    if (
        sender is None
        or mail.bulk
        or mail.auto_submitted
        or mail.no_reply
        or ctx.by_machine
        or "no_answer" in ctx.all_signs
    ):
        return None
    carried = [c for c in chosen if c.probability >= _SURE_ENOUGH and c.type != "contact.create"]
    if not carried or any(c.client is None or c.client.role not in ("sender", "moved") for c in carried):
        return None  # somebody writes for the client
    known = all(c.client is not None and c.client.known is not None for c in carried)
    if not known and not any(c.type == "contact.create" for c in chosen):
        return None
    if any(c.type == "task.create" and c.slots.get("contact_email") is None for c in carried):
        return None
    if not any(c.type.startswith("session.") or c.type == "task.create" for c in carried):
        return None  # a payment or a new number needs no letter
    sentences = [line for c in carried if (line := _sentence(ctx, c, carried))]
    if not sentences:
        return None
    client = carried[0].client
    first = client.first_name if client else ""
    body = (
        f"Hi {first},".replace(" ,", ",")
        + "\n\n"
        + "\n".join(dict.fromkeys(sentences))
        + f"\n\n{ctx.case.practitioner.name.split()[0]}"
    )
    subject = mail.subject.strip() or "your message"
    if not re.match(r"(?:re|aw|sv)\s*:", subject, re.IGNORECASE):
        subject = f"Re: {subject}"
    slots: dict[str, object] = {"contact_email": sender.email, "subject": subject, "body": body}
    evidence = {"": span} if (span := carried[0].evidence.get("")) else {}
    lowest = min(c.probability for c in carried)
    return Candidate("reply.draft", slots, {}, evidence, client=client, probability=lowest, certain=True)


def _sentence(ctx: Context, candidate: Candidate, carried: list[Candidate]) -> str:
    """What a proposal says to the client, as if it had been approved."""
    kind = candidate.type
    if kind == "session.create" and candidate.at is not None:
        if _taken(ctx, candidate.at, _minutes(candidate), None):
            return (
                f"Let me look at {_when(ctx, candidate.at)} and come back to you: something else is near it in my book."
            )
        service = str(candidate.slots.get("service") or "").lower()
        return f"{_when(ctx, candidate.at)} it is{f', for {service}' if service else ''}. I have put you down."
    if kind == "session.reschedule" and candidate.at is not None and candidate.session is not None:
        if _taken(ctx, candidate.at, candidate.session.duration_minutes or 60, candidate.session.ref):
            return (
                f"Let me look at {_when(ctx, candidate.at)} and come back to you: something else is near it in my book."
            )
        return f"No problem: I have moved you from {_when(ctx, candidate.session.scheduled_at)} to {_when(ctx, candidate.at)}."
    if kind == "session.cancel" and candidate.session is not None:
        return f"Thank you for letting me know. I have taken {_when(ctx, candidate.session.scheduled_at)} out."
    if kind == "payment.record":
        return f"Thank you for your payment of {candidate.slots['amount']} {candidate.slots['currency']}."
    if kind == "contact.update":
        return "Thank you, I have changed that in my book."
    if kind == "task.create":
        return _answer(ctx, candidate, carried)
    return ""


def _answer(ctx: Context, candidate: Candidate, carried: list[Candidate]) -> str:
    named = ctx.service or ctx.subject_service
    price = ""
    if named is not None and named.service.price and _PRICE.search(ctx.reading.new_text):
        length = f" takes {named.service.duration_minutes} minutes and" if named.service.duration_minutes else ""
        price = f"{named.service.name}{length} costs {named.service.price} {ctx.case.practitioner.currency}. "
    if any(c.type == "session.cancel" for c in carried):
        return "I will send you other dates."
    due = candidate.slots.get("due_date")
    by = f" by {datetime.fromisoformat(str(due)):%A}" if due else ""
    return f"{price}Thank you for your message. I will come back to you{by}."


def _minutes(candidate: Candidate) -> int:
    minutes = candidate.slots.get("duration_minutes")
    return minutes if isinstance(minutes, int) else 60


def _taken(ctx: Context, at: datetime, minutes: int, moving: str | None) -> bool:
    """Whether another session that is known overlaps."""
    end = at + timedelta(minutes=minutes)
    others = [s for s in ctx.case.sessions if s.status == "scheduled" and s.ref != moving]
    return any(
        s.scheduled_at < end and at < s.scheduled_at + timedelta(minutes=s.duration_minutes or 60) for s in others
    )


def _when(ctx: Context, at: datetime) -> str:
    local = ctx.local(at)
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}"
