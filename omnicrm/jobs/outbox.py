"""What the practice asked of the outside, carried out: network first, with no transaction open, then the books."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from omnicrm.core import clock, signals
from omnicrm.core.db import Db
from omnicrm.core.errors import NeedsReconnect, OmniError, Refused
from omnicrm.core.wire import EventReceipt, EventWrite, Tokens
from omnicrm.domain import approvals, connections, outbox, sessions
from omnicrm.domain.outbox import Due
from omnicrm.integrations import google_oauth
from omnicrm.integrations.google_calendar import GoogleCalendar
from omnicrm.jobs import google
from omnicrm.jobs.runner import Run, job

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=10)  # at a connection that has to be connected again


@dataclass(frozen=True)
class Delivery:
    """How a kind of message leaves: what to ask for (read now; None: nothing is left to do), asking, booking."""

    wish: Callable[[Db, Due], Any]
    send: Callable[[Run, Any], Any]
    settled: Callable[[Db, Due, Any], None]


class NobodyToAsk(Exception):
    """The account is there, but has to be connected again first: the message waits."""


@job("outbox", every=timedelta(seconds=2), recorded=False)
def deliver_all(run: Run) -> None:
    """Everything of a practitioner's that is due, in order. What fails is tried again later, or given up with a
    reason; neither stops the rest."""
    while True:
        run.check()
        with run.transaction() as db:
            claimed = outbox.claim(db, limit=1, kinds=list(DELIVERIES))
        if not claimed:
            return
        deliver(run, claimed[0])


def deliver(run: Run, message: Due) -> None:
    """Carry out one claimed message. A repeat is harmless, because our key goes along (the event's id)."""
    delivery = DELIVERIES[message.kind]
    receipt, failure = None, None
    try:
        with run.transaction() as db:
            wish = delivery.wish(db, message)
        if wish is not None:
            receipt = delivery.send(run, wish)
    except NobodyToAsk as error:
        with run.transaction() as db:
            outbox.postpone(db, message.id, clock.now() + LOOK_AGAIN, str(error))
        return
    except OmniError as error:
        failure = error
    with run.transaction() as db:
        if failure is not None:
            outbox.failed(db, message.id, failure)
        elif outbox.delivered(db, message.id):
            delivery.settled(db, message, receipt)
        if message.approval_id is not None:
            approvals.settle(db, message.approval_id)
        signals.changed(db)


def _event(db: Db, message: Due) -> tuple[UUID, EventWrite] | None:
    """The event, and the connection that it is written through.

    Raises Refused where there is none, NobodyToAsk where it has to be connected again.
    """
    wish = sessions.event_write(db, message)
    if wish is None:
        return None
    found = [
        connection
        for connection in connections.of(db, "google_calendar", status=None)
        if set(connections.CALENDAR_WRITE) & set(connection.scopes)
    ]
    if not found:
        raise Refused("There is no Google calendar to write to any more. Connect one, then try again.")
    for connection in found:
        if connection.status == "active":
            return connection.id, wish
    raise NobodyToAsk("Google Calendar has to be connected again first.")


def _write(run: Run, asked: tuple[UUID, EventWrite]) -> EventReceipt:
    connection_id, wish = asked
    try:
        return GoogleCalendar(google.access(run.user_id, connection_id)).write(wish)
    except NeedsReconnect as error:
        with run.transaction() as db:
            connections.needs_reconnect(db, connection_id, error.message)
            signals.changed(db)
        raise NobodyToAsk(error.message) from error


def _revoke(run: Run, asked: tuple[Tokens, bool]) -> None:
    tokens, sample = asked
    google_oauth.revoke(tokens, base=google.base(sample))


def _nothing(db: Db, message: Due, receipt: Any) -> None:
    """There is nothing to book."""


DELIVERIES: dict[str, Delivery] = {
    sessions.WRITE: Delivery(_event, _write, sessions.calendar_written),
    connections.REVOKE: Delivery(connections.revocation, _revoke, _nothing),
}
