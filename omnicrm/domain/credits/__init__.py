"""Credits of packages and courses: a ledger that only grows, whose sum is what a client has left."""

from omnicrm.domain.credits.attendance import Attendance, Settled, release, settle_attendance, settle_session, told
from omnicrm.domain.credits.ledger import (
    Movement,
    adjust,
    balance,
    balances,
    expire,
    extend,
    grant,
    history,
    reverse,
    transfer,
)

__all__ = [
    "Attendance",
    "Movement",
    "Settled",
    "adjust",
    "balance",
    "balances",
    "expire",
    "extend",
    "grant",
    "history",
    "release",
    "reverse",
    "settle_attendance",
    "settle_session",
    "told",
    "transfer",
]
