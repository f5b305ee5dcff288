"""The approvals queue: proposed, decided, carried out exactly once, taken back."""

from omnicrm.domain.approvals.card import ApprovalCard, FieldRow, Mate, Try, card
from omnicrm.domain.approvals.deciding import (
    Decided,
    DecidedMany,
    approve,
    approve_many,
    expire,
    keep_here,
    locked,
    reject,
    retry,
    settle,
    snooze,
    wake,
)
from omnicrm.domain.approvals.learning import ALREADY_DONE, Record, Scale, effect, records, scale_of, scales
from omnicrm.domain.approvals.listing import ApprovalPage, ApprovalRow, Counts, Shelf, counts, listed, previewed
from omnicrm.domain.approvals.preview import preview
from omnicrm.domain.approvals.proposing import LEAST_CONFIDENCE, Proposed, propose, propose_all
from omnicrm.domain.approvals.rules import RuleRow, forget, sentence, taught
from omnicrm.domain.approvals.undoing import UNDO_FOR, difference, undo
from omnicrm.domain.approvals.words import Segment
from omnicrm.domain.proposals.base import ChangedSince, Choice, Difference, DifferenceRow

__all__ = [
    "ALREADY_DONE",
    "LEAST_CONFIDENCE",
    "UNDO_FOR",
    "ApprovalCard",
    "ApprovalPage",
    "ApprovalRow",
    "ChangedSince",
    "Choice",
    "Counts",
    "Decided",
    "DecidedMany",
    "Difference",
    "DifferenceRow",
    "FieldRow",
    "Mate",
    "Proposed",
    "Record",
    "RuleRow",
    "Scale",
    "Segment",
    "Shelf",
    "Try",
    "approve",
    "approve_many",
    "card",
    "counts",
    "difference",
    "effect",
    "expire",
    "forget",
    "keep_here",
    "listed",
    "locked",
    "preview",
    "previewed",
    "propose",
    "propose_all",
    "records",
    "reject",
    "retry",
    "scale_of",
    "scales",
    "sentence",
    "settle",
    "snooze",
    "taught",
    "undo",
    "wake",
]
