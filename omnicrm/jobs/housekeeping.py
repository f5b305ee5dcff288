"""What the calendar date asks for: words purged, snoozed proposals awake, old proposals and logins away."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from omnicrm.core import clock, signals
from omnicrm.domain import accounts, activity, approvals, inbox
from omnicrm.jobs.runner import Run, job

ATTEMPTS_KEPT = timedelta(days=2)


@job("housekeeping", every=timedelta(hours=1), recorded=False)
def housekeeping(run: Run) -> None:
    """Once an hour for each practitioner; done twice, it is the same."""
    with run.transaction("kept no longer than set") as db:
        inbox.purge(db)
        activity.abandon(db)
        accounts.forget_old_logins(db)
        db.execute(text("select prune_attempts(:before)"), {"before": clock.now() - ATTEMPTS_KEPT})


@job("snooze", every=timedelta(seconds=30), recorded=False)
def wake(run: Run) -> None:
    with run.transaction("snoozed until now") as db:
        if approvals.wake(db):
            signals.changed(db)


@job("expire", every=timedelta(minutes=5), recorded=False)
def expire(run: Run) -> None:
    with run.transaction("its day has passed") as db:
        if approvals.expire(db):
            signals.changed(db)
