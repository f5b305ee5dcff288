"""The only clock. Tests move it; nothing else asks the system for the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_offset = timedelta(0)
_fixed: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return (_fixed if _fixed is not None else datetime.now(UTC)) + _offset


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """For tests and replays: the clock stands at `moment` inside the block."""
    global _fixed
    if moment.tzinfo is None:
        raise ValueError("clock.at needs an aware datetime")
    before, _fixed = _fixed, moment.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before


def advance(by: timedelta) -> None:
    """For tests: shift the clock from here on."""
    global _offset
    _offset += by
