"""What the date asks for: words purged, series carried on, snoozed proposals awake, old proposals and credits away."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from omnicrm.core import clock, signals
from omnicrm.domain import accounts, activity, approvals, credits, everything, files, inbox, sessions
from omnicrm.jobs.runner import Run, job

ATTEMPTS_KEPT = timedelta(days=2)


@job("housekeeping", every=timedelta(hours=1), recorded=False)
def housekeeping(run: Run) -> None:
    """Once an hour for each practitioner; done twice, it is the same."""
    with run.transaction("kept no longer than set") as db:
        inbox.purge(db)
        activity.abandon(db)
        accounts.forget_old_logins(db)
        files.forget(db)
        everything.forget(db)
        if credits.expire(db):
            signals.changed(db)
        db.execute(text("select prune_attempts(:before)"), {"before": clock.now() - ATTEMPTS_KEPT})


@job("series", every=timedelta(hours=6), recorded=False, due="housekeeping")
def carry_on(run: Run) -> None:
    """Series without an end are booked as far ahead as their horizon; done twice, it is the same."""
    with run.transaction("a series goes on") as db:
        if sessions.extend(db):
            signals.changed(db)


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
