"""The database: one engine a role, one transaction for one practitioner."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session as SqlSession
from sqlalchemy.pool import ConnectionPoolEntry

from omnicrm.core import postgres
from omnicrm.core.errors import Unavailable

Role: TypeAlias = Literal["app", "jobs", "owner"]
Actor: TypeAlias = Literal["practitioner", "assistant", "google", "stripe", "client", "system"]
Db: TypeAlias = SqlSession
T = TypeVar("T")

QUIET = 1.0  # seconds: a connection that was free for longer is asked whether it lives before it is used
_WHOSE = text(
    "select set_config('app.user_id', :user_id, true), set_config('app.actor', :actor, true),"
    " set_config('app.reason', :reason, true)"
)
RETRIABLE = ("40001", "40P01", "55P03")  # serialisation failure, deadlock, lock not available


_engines: dict[Role, Engine] = {}
_making = threading.Lock()


def engine(role: Role = "app") -> Engine:
    """One small pool a role; connections that died (a restarted server) are replaced unseen."""
    with _making:
        if role not in _engines:
            _engines[role] = _new_engine(role)
        return _engines[role]


def _new_engine(role: Role) -> Engine:
    made = create_engine(
        postgres.url(role),
        pool_size=8,
        max_overflow=8,
        pool_timeout=10,
        pool_recycle=1800,
        hide_parameters=True,  # an error's text goes to the log: never what was written
        connect_args={"connect_timeout": 5, "options": "-c statement_timeout=60000 -c lock_timeout=15000"},
    )

    def freed(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["freed_at"] = time.monotonic()

    def taken(connection: Any, record: ConnectionPoolEntry, proxy: Any) -> None:
        if time.monotonic() - record.info.get("freed_at", time.monotonic()) > QUIET:
            try:
                made.dialect.do_ping(connection)
            except psycopg.Error as error:
                raise InvalidatePoolError from error  # the pool makes new ones

    event.listen(made, "checkin", freed)
    event.listen(made, "checkout", taken)
    return made


@contextmanager
def transaction(
    user_id: UUID | None, *, actor: Actor = "practitioner", reason: str | None = None, role: Role = "app"
) -> Iterator[Db]:
    """One transaction that sees one practitioner's rows only; None: no tenant's rows at all.

    Commits at the end of the block, rolls back on any exception. Raises Unavailable while the database is away.
    """
    db = SqlSession(engine(role), expire_on_commit=False)
    try:
        _begin(db, {"user_id": str(user_id) if user_id else "", "actor": actor, "reason": reason or ""})
        yield db
        db.commit()
    except (OperationalError, PoolTimeout) as error:
        _rollback(db)
        if isinstance(error, OperationalError) and _state(error) in RETRIABLE:
            raise
        raise Unavailable(
            "The database cannot be reached just now. Nothing was changed; try again in a moment."
        ) from error
    except BaseException:
        _rollback(db)
        raise
    finally:
        db.close()


def after_commit(db: Db, work: Callable[[], None]) -> None:
    """Do `work` once the transaction of `db` is committed; not at all where it is rolled back."""
    event.listen(db, "after_commit", lambda session: work(), once=True)


def _begin(db: Db, whose: dict[str, str]) -> None:
    """A connection that died since it was last used is found out here, and another one is taken."""
    try:
        db.execute(_WHOSE, whose)
    except OperationalError as error:
        if not error.connection_invalidated:
            raise
        db.rollback()
        db.execute(_WHOSE, whose)


def retrying(work: Callable[[], T], *, tries: int = 4) -> T:
    """Run `work` (which opens its own transaction) again after a deadlock or serialisation failure.

    Raises Unavailable where it still fails after `tries`.
    """
    for attempt in range(tries):
        try:
            return work()
        except DBAPIError as error:
            if _state(error) not in RETRIABLE:
                raise
            if attempt == tries - 1:
                raise Unavailable("Something else is changing this just now. Nothing was saved; try again.") from error
            time.sleep(0.02 * 3**attempt)
    raise AssertionError("unreachable")


def dispose() -> None:
    """Close the pools (tests, forks, the end)."""
    with _making:
        for made in _engines.values():
            made.dispose()
        _engines.clear()


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _rollback(db: Db) -> None:
    try:
        db.rollback()
    except DBAPIError:
        pass  # the connection is gone, and with it the transaction
