"""Whether a mail as a whole asks for anything: its signs and words, for one model over all types."""

from __future__ import annotations

from omnicrm.assistant import people, wording
from omnicrm.assistant.candidates.base import shared
from omnicrm.assistant.context import Context


def signs(ctx: Context) -> dict[str, float]:
    """The signs of the whole mail, with the words of the subject and of the first thirty sentences."""
    found = shared(ctx, people.client(ctx))
    for sentence in ctx.sentences[:30]:
        found |= dict.fromkeys((f"w:{word}" for word in wording.of(sentence.text)), 1.0)
    found |= dict.fromkeys((f"v:{word}" for word in wording.of(ctx.subject_line)), 1.0)
    return found
