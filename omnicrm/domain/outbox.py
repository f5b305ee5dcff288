"""What must happen outside, written down with the change that caused it, carried out after the commit.

Exactly once, in effect: a message is stored in the transaction of its cause (no cause without message, no message
without cause) and its `idempotency_key` is unique, so that asking twice stores once. One worker claims it (`FOR UPDATE
SKIP LOCKED`, for a limited time), talks to the outside with no transaction open, and books the answer. A worker that
dies in between leaves the claim to run out; the next one repeats the call, which is harmless, because the call carries
an id of ours (the event id made from the session's). Messages on one subject are carried out in their order.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col

from omnicrm.core import clock, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, NotFound, OmniError, Unavailable
from omnicrm.models.activity import OutboxMessage, OutboxStatus

CLAIM = timedelta(seconds=25)  # a killed worker holds nothing up for longer; one that lives has a lock besides
MAX_TRIES = 8
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(hours=1)


class Due(BaseModel):
    """A claimed message. `subject` is the id of what it is about."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: str
    payload: dict[str, Any]
    approval_id: UUID | None
    attempts: int

    @property
    def subject(self) -> UUID:
        return UUID(self.payload["subject"])


def put(
    db: Db,
    kind: str,
    subject: UUID,
    *,
    key: str,
    payload: dict[str, Any] | None = None,
    approval_id: UUID | None = None,
    not_before: datetime | None = None,
) -> UUID:
    """Ask for `kind` on `subject`; the id of the message, of the first one where `key` was used before."""
    new = ids.new()
    stored: UUID | None = db.scalar(
        insert(OutboxMessage)
        .values(
            id=new,
            kind=kind,
            payload={**(payload or {}), "subject": str(subject)},
            approval_id=approval_id,
            idempotency_key=key,
            status=OutboxStatus.WAITING,
            not_before=not_before or clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["user_id", "idempotency_key"])
        .returning(col(OutboxMessage.id))
    )
    if stored is not None:
        return stored
    return db.scalars(select(col(OutboxMessage.id)).where(col(OutboxMessage.idempotency_key) == key)).one()


def claim(db: Db, *, limit: int = 20, kinds: Sequence[str] | None = None) -> list[Due]:
    """Take up to `limit` messages that are due, oldest first, for `CLAIM`.

    Messages that another worker holds are passed over, and so are those on a subject with an older one under way.
    """
    now = clock.now()
    older = aliased(OutboxMessage)
    due = or_(
        and_(col(OutboxMessage.status) == OutboxStatus.WAITING, col(OutboxMessage.not_before) <= now),
        and_(col(OutboxMessage.status) == OutboxStatus.CLAIMED, col(OutboxMessage.claimed_until) < now),
    )
    in_front = (
        select(col(older.id))
        .where(
            col(older.status).in_((OutboxStatus.WAITING, OutboxStatus.CLAIMED)),
            col(older.id) < col(OutboxMessage.id),
            older.payload["subject"].astext == OutboxMessage.payload["subject"].astext,
        )
        .exists()
    )
    query = select(OutboxMessage).where(due, ~in_front).order_by(col(OutboxMessage.id)).limit(limit)
    if kinds is not None:
        query = query.where(col(OutboxMessage.kind).in_(kinds))
    taken = db.scalars(query.with_for_update(skip_locked=True, of=OutboxMessage)).all()
    for message in taken:
        message.status = OutboxStatus.CLAIMED
        message.claimed_until = now + CLAIM
        message.attempts += 1
    db.flush()
    return [_due(message) for message in taken]


def delivered(db: Db, message_id: UUID) -> bool:
    """It happened. False where that was booked before, so that a receipt counts once."""
    message = _locked(db, message_id)
    if message is None or message.status == OutboxStatus.DELIVERED:
        return False
    message.status, message.delivered_at = OutboxStatus.DELIVERED, clock.now()
    message.claimed_until = message.last_error = None
    db.flush()
    return True


def failed(db: Db, message_id: UUID, error: OmniError) -> bool:
    """It did not happen. True where it is given up (for good, or after 8 tries), False where it is tried again.

    Only what passes by itself (Unavailable, Conflict) is tried again: after 15 s, then twice as long each time up to
    an hour, with jitter; never before the moment that the outside named.
    """
    message = _locked(db, message_id)
    if message is None or message.status in (OutboxStatus.DELIVERED, OutboxStatus.CANCELLED):
        return False
    message.last_error, message.claimed_until = error.message, None
    if not isinstance(error, (Unavailable, Conflict)) or message.attempts >= MAX_TRIES:
        message.status = OutboxStatus.FAILED
        db.flush()
        return True
    wait = min(_FIRST_WAIT * 2 ** max(0, message.attempts - 1), _LONGEST_WAIT)
    message.not_before = clock.now() + wait * random.uniform(0.75, 1.25)  # noqa: S311  # jitter, no secret
    if isinstance(error, Unavailable) and error.retry_at is not None:
        message.not_before = max(message.not_before, error.retry_at)
    message.status = OutboxStatus.WAITING
    db.flush()
    return False


def cancel(db: Db, approval_id: UUID) -> int:
    """Take back what an approval asked for and nobody has begun; how many. What is under way is left alone."""
    taken_back = db.scalars(
        update(OutboxMessage)
        .where(
            col(OutboxMessage.approval_id) == approval_id,
            col(OutboxMessage.status).in_((OutboxStatus.WAITING, OutboxStatus.FAILED)),
        )
        .values(status=OutboxStatus.CANCELLED)
        .returning(col(OutboxMessage.id))
    ).all()
    return len(taken_back)


def again(db: Db, approval_id: UUID) -> int:
    """Give what failed for an approval another round of tries, from now on; how many messages."""
    revived = db.scalars(
        update(OutboxMessage)
        .where(col(OutboxMessage.approval_id) == approval_id, col(OutboxMessage.status) == OutboxStatus.FAILED)
        .values(status=OutboxStatus.WAITING, attempts=0, not_before=clock.now(), last_error=None)
        .returning(col(OutboxMessage.id))
    ).all()
    return len(revived)


def hurry(db: Db) -> int:
    """What waits for its next try is due now (an account was connected again); how many messages."""
    due = db.scalars(
        update(OutboxMessage)
        .where(col(OutboxMessage.status) == OutboxStatus.WAITING, col(OutboxMessage.not_before) > clock.now())
        .values(not_before=clock.now())
        .returning(col(OutboxMessage.id))
    ).all()
    return len(due)


def is_stuck(kind: str) -> ColumnElement[bool]:
    """Whether a message of this kind was given up with no proposal to say so: a change by hand that was refused."""
    return and_(
        col(OutboxMessage.status) == OutboxStatus.FAILED,
        col(OutboxMessage.kind) == kind,
        col(OutboxMessage.approval_id).is_(None),
    )


def stuck(db: Db, kind: str, *, limit: int = 20) -> list[OutboxMessage]:
    """The newest of them."""
    query = select(OutboxMessage).where(is_stuck(kind)).order_by(col(OutboxMessage.id).desc())
    return list(db.scalars(query.limit(limit)))


def retry(db: Db, message_id: UUID) -> None:
    """Give one that is stuck another round of tries, from now on. Raises NotFound."""
    message = _stuck(db, message_id)
    message.status, message.attempts = OutboxStatus.WAITING, 0
    message.not_before, message.last_error = clock.now(), None
    db.flush()


def leave(db: Db, message_id: UUID) -> None:
    """Ask for one that is stuck no more. Raises NotFound."""
    _stuck(db, message_id).status = OutboxStatus.CANCELLED
    db.flush()


def of_approval(db: Db, approval_id: UUID) -> list[OutboxMessage]:
    """What an approval asked for, oldest first."""
    query = select(OutboxMessage).where(col(OutboxMessage.approval_id) == approval_id)
    return list(db.scalars(query.order_by(col(OutboxMessage.id)).execution_options(populate_existing=True)))


def asked(db: Db, approval_id: UUID) -> bool:
    """Whether an approval asked for anything."""
    query = select(col(OutboxMessage.id)).where(col(OutboxMessage.approval_id) == approval_id).limit(1)
    with db.no_autoflush:  # messages are never written by a flush
        return db.scalar(query) is not None


def under_way(db: Db, subject: UUID) -> bool:
    """Whether anything about `subject` is still to be carried out."""
    waiting = select(func.count()).where(
        col(OutboxMessage.status).in_((OutboxStatus.WAITING, OutboxStatus.CLAIMED)),
        OutboxMessage.payload["subject"].astext == str(subject),
    )
    return bool(db.scalar(waiting))


def delivered_since(db: Db, subject: UUID, moment: datetime) -> bool:
    """Whether anything about `subject` was carried out at `moment` or later."""
    query = select(func.count()).where(
        col(OutboxMessage.status) == OutboxStatus.DELIVERED,
        col(OutboxMessage.delivered_at) >= moment,
        OutboxMessage.payload["subject"].astext == str(subject),
    )
    return bool(db.scalar(query))


def postpone(db: Db, message_id: UUID, until: datetime, why: str) -> None:
    """Nobody could be asked (the account has to be connected again): it waits, and no try is counted."""
    message = _locked(db, message_id)
    if message is None or message.status is not OutboxStatus.CLAIMED:
        return
    message.status, message.not_before, message.claimed_until = OutboxStatus.WAITING, until, None
    message.attempts -= 1
    message.last_error = why
    db.flush()


def begun(db: Db, keys: Sequence[str]) -> bool:
    """Whether the outside may have heard of any message with these idempotency keys: it was tried."""
    tried = select(func.count()).where(col(OutboxMessage.idempotency_key).in_(keys), col(OutboxMessage.attempts) > 0)
    return bool(db.scalar(tried))


def _stuck(db: Db, message_id: UUID) -> OutboxMessage:
    message = _locked(db, message_id)
    if message is None or message.status is not OutboxStatus.FAILED or message.approval_id is not None:
        raise NotFound("Nothing of this waits for you any more.")
    return message


def last_of(db: Db, keys: Sequence[str]) -> tuple[str, str]:
    """(status, error) of the newest message with one of these idempotency keys; empty where there is none."""
    found = db.execute(
        select(col(OutboxMessage.status), col(OutboxMessage.last_error))
        .where(col(OutboxMessage.idempotency_key).in_(keys))
        .order_by(col(OutboxMessage.id).desc())
        .limit(1)
    ).first()
    return (str(found[0]), found[1] or "") if found else ("", "")


def revive(db: Db, keys: Sequence[str]) -> int:
    """Give what failed under these keys another round of tries; how many messages."""
    revived = db.scalars(
        update(OutboxMessage)
        .where(col(OutboxMessage.idempotency_key).in_(keys), col(OutboxMessage.status) == OutboxStatus.FAILED)
        .values(status=OutboxStatus.WAITING, attempts=0, not_before=clock.now(), last_error=None)
        .returning(col(OutboxMessage.id))
    ).all()
    return len(revived)


def _locked(db: Db, message_id: UUID) -> OutboxMessage | None:
    return db.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)


def _due(message: OutboxMessage) -> Due:
    return Due(
        id=message.id,
        kind=message.kind,
        payload=message.payload,
        approval_id=message.approval_id,
        attempts=message.attempts,
    )
