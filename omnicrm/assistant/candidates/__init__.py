"""All that could be proposed for one mail: wide, without deciding."""

from __future__ import annotations

from omnicrm.assistant import people
from omnicrm.assistant.candidates import bookings, contacts, payments, tasks
from omnicrm.assistant.candidates.base import Candidate
from omnicrm.assistant.context import Context


def propose(ctx: Context) -> list[Candidate]:
    """The candidates of one mail, at most one for each mention."""
    person = people.client(ctx)
    found = bookings.propose(ctx, person)
    updates = contacts.update(ctx, person)
    paid = payments.propose(ctx, person)
    wanted = tasks.propose(ctx, person, found, updates)
    created = contacts.create(ctx, person, [c for c in found if c.type == "session.create"] + wanted)
    return [*created, *updates, *found, *wanted, *paid]


__all__ = ["Candidate", "propose"]
