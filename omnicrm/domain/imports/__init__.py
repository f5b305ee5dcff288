"""Files brought in: people read from them, what would become of each, done in chunks, and taken back as a whole."""

from omnicrm.domain.imports.batches import (
    MAX_REASONS,
    BatchRow,
    Tally,
    advance,
    begin,
    finish,
    get,
    listed,
    note,
    unfinished,
)
from omnicrm.domain.imports.files import Look, look
from omnicrm.domain.imports.judging import Judge, Verdict
from omnicrm.domain.imports.people import Person, Plan, of_card, of_row, reader
from omnicrm.domain.imports.reverting import Reverted, mark_reverted, take_back, waiting
from omnicrm.domain.imports.writing import keep

__all__ = [
    "MAX_REASONS",
    "BatchRow",
    "Judge",
    "Look",
    "Person",
    "Plan",
    "Reverted",
    "Tally",
    "Verdict",
    "advance",
    "begin",
    "finish",
    "get",
    "keep",
    "listed",
    "look",
    "mark_reverted",
    "note",
    "of_card",
    "of_row",
    "reader",
    "take_back",
    "unfinished",
    "waiting",
]
