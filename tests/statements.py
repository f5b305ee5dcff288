"""Counting SQL statements: a page asks as often at any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from omnicrm.core.db import Db


@contextmanager
def counted(db: Db) -> Iterator[list[str]]:
    """The statements that `db` sends inside the block."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    connection = db.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def number_of(db: Db, read: Callable[[], object]) -> int:
    """How many statements `read` takes, with nothing cached from before."""
    db.flush()
    db.expunge_all()
    db.info.clear()
    with counted(db) as sent:
        read()
    return len(sent)
