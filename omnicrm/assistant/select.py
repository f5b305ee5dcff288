"""Choosing among candidates: what excludes what, and what needs what."""

from __future__ import annotations

from omnicrm.assistant.candidates.base import Candidate

KEPT = 0.3  # below this nothing leaves the generator
ANSWERED_WITH = ("session.create", "session.reschedule", "payment.record")
BESIDE = 0.7  # how much of a task's probability a certain session or payment takes


def choose(candidates: list[Candidate]) -> list[Candidate]:
    """A consistent subset, most probable first within each kind.

    One proposal a session and moment; a move excludes creating at that moment and cancelling that session; a session
    that exists gives nothing; one task; a new contact only beside a task or a session of theirs.
    """
    chosen: list[Candidate] = []
    ranked = sorted(candidates, key=lambda c: -c.probability)
    sessions_used: set[str] = set()
    moments: set[object] = set()
    mentions: set[tuple[int, int]] = set()
    for candidate in ranked:
        if candidate.probability < KEPT or not candidate.type.startswith("session."):
            continue
        if candidate.type == "session.create":
            if "exists" in candidate.features or candidate.at in moments:
                continue
        elif candidate.session is None or candidate.session.ref in sessions_used:
            continue
        elif candidate.type == "session.reschedule" and candidate.at in moments:
            continue
        if candidate.mention in mentions:
            continue
        chosen.append(candidate)
        if candidate.mention is not None:
            mentions.add(candidate.mention)
        if candidate.session is not None:
            sessions_used.add(candidate.session.ref)
        if candidate.at is not None:
            moments.add(candidate.at)
    chosen += _payments(ranked)
    chosen += [c for c in ranked if c.type == "contact.update" and c.probability >= KEPT]
    chosen += _tasks(ranked, chosen)
    return chosen + _contacts(ranked, chosen)


def _tasks(ranked: list[Candidate], chosen: list[Candidate]) -> list[Candidate]:
    """At most one; a question beside a session or a payment is answered with that."""
    answered = max((c.probability for c in chosen if c.type in ANSWERED_WITH), default=0.0)
    found = []
    for candidate in ranked:
        if candidate.type == "task.create":
            candidate.probability *= 1 - BESIDE * answered
            if candidate.probability >= KEPT:
                found.append(candidate)
    return found[:1]


def _payments(ranked: list[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for candidate in ranked:
        if candidate.type != "payment.record" or candidate.probability < KEPT:
            continue
        same = [
            k
            for k in kept
            if k.slots["amount"] == candidate.slots["amount"]
            and k.slots.get("invoice_ref") == candidate.slots.get("invoice_ref")
        ]
        if not same:
            kept.append(candidate)
    return kept


def _contacts(ranked: list[Candidate], chosen: list[Candidate]) -> list[Candidate]:
    created = [c for c in ranked if c.type == "contact.create"]
    if not created:
        return []
    contact = created[0]
    email = str(contact.slots["email"])
    needing = [
        c for c in chosen if c.slots.get("contact_email") == email and c.type in ("session.create", "task.create")
    ]
    if not needing:
        return []
    contact.probability = max(contact.probability, max(c.probability for c in needing) * 0.9)
    return [contact] if contact.probability >= KEPT else []
