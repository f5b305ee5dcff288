"""What was read becomes proposals: a case of each item, the assistant's drafts, the queue."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from uuid import UUID

from omnicrm import assistant
from omnicrm.core.errors import NotFound
from omnicrm.domain import approvals, inbox
from omnicrm.domain.approvals import Proposed
from omnicrm.domain.cases import Case
from omnicrm.domain.inbox import Disallowed
from omnicrm.jobs.runner import Run, job

log = logging.getLogger(__name__)

TOGETHER = 50
_MADE = ("new", "amended")


@job("propose", every=timedelta(seconds=3), actor="assistant")
def propose(run: Run) -> None:
    """Everything that nothing was made of yet, newest first; a transaction an item, and no item stops the rest."""
    tried: set[UUID] = set()
    while True:
        with run.transaction() as db:
            waiting = [item for item in inbox.waiting(db, limit=TOGETHER) if item not in tried]
        if not waiting:
            return
        for item_id in waiting:
            run.check()
            tried.add(item_id)
            _one(run, item_id)


def _one(run: Run, item_id: UUID) -> None:
    try:
        with run.transaction() as db:
            case = inbox.case_for(db, item_id)
    except NotFound:
        return  # deleted outside meanwhile
    except Disallowed as refusal:
        _mark(run, item_id, "skipped", refusal.message)
        return
    try:
        outcome = assistant.consider(case)
    except Exception:  # the words of strangers: whatever they do to the assistant ends here
        log.exception("The assistant failed on item %s", item_id)
        _mark(run, item_id, "failed", "The assistant could not make sense of it.")
        return
    if outcome.unread:
        _mark(run, item_id, "skipped", outcome.reason)
        return
    with run.transaction(_reason(case)) as db:
        try:
            made = approvals.propose_all(db, item_id, outcome.drafts)
        except NotFound:
            return
        new = sum(one.outcome in _MADE for one in made)
        if any(one.approval_id is not None for one in made):
            inbox.mark(db, item_id, "proposed")
        else:
            inbox.mark(db, item_id, "nothing", _why(made) or outcome.reason)
        run.progress(db, seen=1, proposed=new)


def _mark(run: Run, item_id: UUID, outcome: inbox.Verdict, reason: str) -> None:
    with run.transaction() as db:
        try:
            inbox.mark(db, item_id, outcome, reason)
        except NotFound:
            return
        run.progress(db, seen=1, skipped=1, reasons={str(item_id): reason})


def _why(made: list[Proposed]) -> str:
    """The reason that most drafts were left out for."""
    notes = Counter(one.note for one in made if one.note)
    return notes.most_common(1)[0][0] if notes else ""


def _reason(case: Case) -> str:
    return "read from the mail" if case.mail is not None else "read from the calendar"
