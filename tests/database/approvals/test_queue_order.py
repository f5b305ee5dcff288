"""The queue: what matters now stands first, and a reply within the card of its message."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from omnicrm.core import clock as the_clock
from omnicrm.core.db import Db
from omnicrm.core.ids import new
from omnicrm.domain import approvals
from omnicrm.models.approvals import PendingApproval
from tests.factories import make_approval, make_source_item


def test_an_event_far_off_stands_behind_the_mails_of_these_days(db: Db):
    def made(kind: str, days: float, title: str) -> None:
        item = make_source_item(db, kind=kind, occurred_at=the_clock.now() + timedelta(days=days))
        make_approval(db, source_item_id=item.id, data_payload={"title": title}, source_trigger=kind)

    made("event", 60, "in two months")
    made("mail", -5, "five days ago")
    made("event", 2, "the day after tomorrow")
    made("mail", -0.1, "this morning")
    made("mail", -90, "last quarter")
    make_approval(db, data_payload={"title": "of no message"})
    sentences = [row.sentence for row in approvals.listed(db).rows]
    order = ["of no message", "this morning", "day after", "five days", "two months", "last quarter"]
    assert [next(n for n, words in enumerate(order) if words in one) for one in sentences] == list(range(6))
    first = approvals.listed(db, limit=2)
    following = approvals.listed(db, limit=50, after=first.next)
    assert [row.sentence for row in (*first.rows, *following.rows)] == sentences


def test_a_reply_stays_with_what_it_was_drafted_for_until_that_is_decided(db: Db):
    move, reply = _with_its_reply(db)
    alone = make_approval(db, type="reply.draft", data_payload=_REPLY)
    waits = lambda **how: {row.id for row in approvals.listed(db, folded=True, **how).rows}  # noqa: E731  # asked often
    assert waits() == {str(move.id), str(alone.id)}
    assert waits(opened=reply.id) == {str(move.id), str(alone.id), str(reply.id)}
    assert waits(group="replies") == {str(reply.id), str(alone.id)}
    assert str(reply.id) in {row.id for row in approvals.listed(db).rows}  # the shell lists everything
    counts = approvals.counts(db)
    assert (counts.all, counts.replies, counts.badge) == (2, 2, 2)
    assert approvals.card(db, move.id).reply_id == str(reply.id)
    approvals.reject(db, move.id)
    assert waits() == {str(reply.id), str(alone.id)}
    assert approvals.counts(db).all == 2


def test_one_that_was_put_off_keeps_its_reply_with_it(db: Db):
    move, _ = _with_its_reply(db)
    approvals.snooze(db, move.id, the_clock.now() + timedelta(hours=3))
    assert approvals.listed(db, folded=True).rows == []
    assert approvals.counts(db).all == 0


_REPLY = {"body": "Friday at ten is perfect.", "contact_email": "jo@park.example"}


def _with_its_reply(db: Db) -> tuple[PendingApproval, PendingApproval]:
    bundle: UUID = new()
    return (
        make_approval(db, bundle_id=bundle),
        make_approval(db, bundle_id=bundle, type="reply.draft", data_payload=_REPLY),
    )
