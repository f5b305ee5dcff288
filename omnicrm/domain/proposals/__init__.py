"""What the assistant may propose: one module a type, all of the same shape (`base.ProposalType`)."""

from typing import cast

from omnicrm.core.errors import Invalid
from omnicrm.domain.proposals import (
    contact_create,
    contact_update,
    payment_record,
    reply_draft,
    session_cancel,
    session_create,
    session_reschedule,
    task_create,
)
from omnicrm.domain.proposals.base import About, Field, Options, Origin, Payload, ProposalType, UndoLog

TYPES: dict[str, ProposalType] = {
    module.TYPE: cast(ProposalType, module)
    for module in (
        contact_create,
        contact_update,
        session_create,
        session_reschedule,
        session_cancel,
        task_create,
        payment_record,
        reply_draft,
    )
}
GROUPS = {"sessions": "Sessions", "people": "People", "money": "Money", "tasks": "Tasks", "replies": "Replies"}


def of(name: str) -> ProposalType:
    """The type of that name. Raises Invalid for an unknown one."""
    try:
        return TYPES[name]
    except KeyError:
        raise Invalid(f"There is no proposal “{name[:40]}”.", {"type": "Unknown type."}) from None


__all__ = [
    "GROUPS",
    "TYPES",
    "About",
    "Field",
    "Options",
    "Origin",
    "Payload",
    "ProposalType",
    "UndoLog",
    "of",
]
