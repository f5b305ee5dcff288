"""The clock's door: what is due is run, once however many processes there are, and written down as it goes.

`due_work` in the database says whose turn it is; an advisory lock for each piece of work keeps every other process (and
a second scheduler of this one) away from it. Work that a stopped machine missed is still due when it comes back.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import pkgutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from omnicrm.core import clock, ids, signals
from omnicrm.core.db import Actor, Db, engine, transaction
from omnicrm.core.errors import Conflict, OmniError, Unavailable
from omnicrm.domain import activity, connections

log = logging.getLogger(__name__)

WORKERS = 4
DRAIN = timedelta(seconds=8)  # how long a stop waits for work to reach a safe place


@dataclass(frozen=True)
class Job:
    """A kind of work, looked for `every` so often; whose turn it is says `due_work(due)` in the database.

    `recorded`: each run stands under Activity.
    """

    kind: str
    every: timedelta
    work: Callable[[Run], None]
    actor: Actor
    recorded: bool
    due: str


@dataclass
class Run:
    """One run for one practitioner. `target` is what it is about (a connection, a message); None: all of theirs."""

    kind: str
    user_id: UUID
    target: UUID | None
    actor: Actor
    full: bool = False
    id: UUID | None = None
    counts: dict[str, int] = field(default_factory=lambda: {"seen": 0, "changed": 0, "skipped": 0, "proposed": 0})

    def transaction(self, reason: str | None = None) -> AbstractContextManager[Db]:
        """One item's transaction."""
        return transaction(self.user_id, actor=self.actor, reason=reason or self.kind, role="jobs")

    def progress(self, db: Db, *, estimate: int | None = None, reasons: dict[str, str] | None = None, **counts: int):
        """Count what was done, in the transaction that did it; open pages of the practitioner hear of it."""
        for name, number in counts.items():
            self.counts[name] += number
        if self.id is not None:
            activity.progress(db, self.id, estimate=estimate, reasons=reasons, **counts)
        if counts.get("changed") or counts.get("proposed") or estimate is not None:
            signals.changed(db)

    def check(self) -> None:
        """Called between items. Raises Stopped where the process is to end: the rest stays due."""
        if _stopping.is_set():
            raise Stopped


class Stopped(Exception):
    """The process ends; what is left to do is found again by the next one."""


JOBS: dict[str, Job] = {}
_scheduler: BackgroundScheduler | None = None
_pool: ThreadPoolExecutor | None = None
_guard = threading.Lock()
_stopping = threading.Event()
_running: dict[str, Future[bool]] = {}


def job(
    kind: str, *, every: timedelta, actor: Actor = "system", recorded: bool = True, due: str = ""
) -> Callable[[Callable[[Run], None]], Callable[[Run], None]]:
    """Declares a kind of work; `due` is its name in the database's `due_work` where that is another one."""

    def declare(work: Callable[[Run], None]) -> Callable[[Run], None]:
        JOBS[kind] = Job(kind, every, work, actor, recorded, due or kind)
        return work

    return declare


def load() -> dict[str, Job]:
    """All kinds of work: every module of this package declares its own."""
    package = importlib.import_module("omnicrm.jobs")
    for module in pkgutil.iter_modules(package.__path__, "omnicrm.jobs."):
        importlib.import_module(module.name)
    return JOBS


def start() -> bool:
    """Look for work from now on, in threads of this process. False where it does already."""
    global _scheduler, _pool
    load()
    with _guard:
        if _scheduler is not None:
            return False
        _stopping.clear()
        _pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="job")
        _scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
        for kind, one in JOBS.items():
            _scheduler.add_job(
                tick,
                "interval",
                args=(kind,),
                seconds=one.every.total_seconds(),
                jitter=min(2, one.every.total_seconds() / 4),
                next_run_time=clock.now(),
                misfire_grace_time=None,  # late is better than never: a tick only asks what is due
            )
        _scheduler.start()
        return True


def stop() -> None:
    """Take no new work, let what runs reach a safe place, and end; what remains stays due."""
    global _scheduler, _pool
    with _guard:
        if _scheduler is None or _pool is None:
            return
        _stopping.set()
        _scheduler.shutdown(wait=False)
        deadline = time.monotonic() + DRAIN.total_seconds()
        for future in list(_running.values()):
            try:
                future.result(timeout=max(0.0, deadline - time.monotonic()))
            except Exception:
                log.warning("A job did not stop in time; it goes on where it was left.")
        _pool.shutdown(wait=False, cancel_futures=True)
        if all(future.done() for future in _running.values()):
            _stopping.clear()
        _scheduler = _pool = None
        _running.clear()


def tick(kind: str) -> None:
    """Hand what is due to the workers. Called by the scheduler; the database being away is no reason to end."""
    pool = _pool
    if pool is None or _stopping.is_set():
        return
    try:
        waiting = due(kind)
    except OmniError:
        log.warning("Looking for %s has to wait: the database cannot be reached.", kind)
        return
    except SQLAlchemyError as error:  # no outage, a fault of ours: said as what it is, and the other kinds go on
        log.error("Looking for %s does not work: %s", kind, error)
        return
    for user_id, target in waiting:
        name = _name(kind, user_id, target)
        if name not in _running or _running[name].done():
            _running[name] = pool.submit(run_one, kind, user_id, target, when_due=True)
    for name in [name for name, future in _running.items() if future.done()]:
        del _running[name]


def due(kind: str) -> list[tuple[UUID, UUID | None]]:
    """Whose turn it is: (practitioner, what about)."""
    with transaction(None, actor="system", role="jobs") as db:
        asked = {"kind": JOBS[kind].due, "now": clock.now()}
        found = db.execute(text("select user_id, id from due_work(:kind, :now)"), asked)
        rows = [(row.user_id, row.id) for row in found]
    return rows if kind in _BY_TARGET else list(dict.fromkeys((user_id, None) for user_id, _ in rows))


# work with a lock of its own for each connection; everything else is one piece of work a practitioner
_BY_TARGET = ("sync_mail", "sync_calendar")


def run_due(kind: str) -> int:
    """Everything of `kind` that is due, here and now, one after the other (worker threads aside); how many ran."""
    return sum(run_one(kind, user_id, target) for user_id, target in due(kind))


def run_one(
    kind: str,
    user_id: UUID,
    target: UUID | None = None,
    *,
    full: bool = False,
    wait: timedelta = timedelta(0),
    when_due: bool = False,
) -> bool:
    """Run one piece of work, unless somebody else has it (after `wait`); whether it ran. Never raises."""
    try:
        attempt(kind, user_id, target, full=full, wait=wait, when_due=when_due)
    except (Busy, Stopped):
        return False
    except OmniError as error:
        log.info("%s for %s: %s", kind, user_id, error.message)
    except Exception:
        reference = ids.token()[:8]
        log.exception("%s for %s failed (reference %s)", kind, user_id, reference)
    return True


class Busy(Conflict):
    """Another process (or thread) is at it."""


def run_now(kind: str, user_id: UUID, *, full: bool = False) -> list[Run]:
    """Run `kind` for a practitioner now, due or not, and wait for it: "sync now", the command line.

    Waits up to two minutes for a run under way elsewhere. Raises the first OmniError, after all were tried.
    """
    finished, problems = [], []
    for target in _targets(kind, user_id):
        try:
            finished.append(attempt(kind, user_id, target, full=full, wait=timedelta(minutes=2)))
        except OmniError as error:
            problems.append(error)
    if problems:
        raise problems[0]
    return finished


def attempt(
    kind: str, user_id: UUID, target: UUID | None, *, full: bool = False, wait: timedelta, when_due: bool = False
) -> Run:
    """One run under its lock, recorded. Raises Busy, Stopped, and what the work raised.

    `when_due`: another scheduler may have done it between our look and our lock; then it is not done again.
    """
    one = JOBS.get(kind) or load()[kind]
    with _locked(_name(kind, user_id, target), wait):
        run = Run(kind, user_id, target, one.actor, full)
        if when_due and one.recorded and target is None and (user_id, None) not in due(kind):
            raise Busy("This has just been done.")
        if one.recorded:
            with run.transaction() as db:
                if target is not None:
                    connection = connections.get(db, target)  # NotFound: disconnected since it was due
                    if when_due and connection.next_sync_at is not None and connection.next_sync_at > clock.now():
                        raise Busy("This has just been done.")
                connection_id = target if kind in _BY_TARGET else None
                activity.abandon_former(db, kind, connection_id)
                run.id = activity.start(db, kind, connection_id=connection_id)
                signals.changed(db)
        try:
            one.work(run)
        except Stopped:
            _finish(run, cancelled=True)
            raise
        except OmniError as error:
            _finish(run, error=error.message, retry=error if isinstance(error, Unavailable) else None)
            raise
        except BaseException:
            _finish(run, error="Something went wrong on our side. It is tried again by itself.")
            raise
        _finish(run)
        return run


def _finish(run: Run, *, error: str = "", cancelled: bool = False, retry: Unavailable | None = None) -> None:
    if run.id is None:
        return
    try:
        with run.transaction() as db:
            next_retry_at = retry.retry_at if retry else None
            activity.finish(db, run.id, error=error, cancelled=cancelled, next_retry_at=next_retry_at)
            signals.changed(db)
    except (OmniError, SQLAlchemyError):
        log.warning("The end of a run could not be written down: the database cannot be reached.")


def _targets(kind: str, user_id: UUID) -> list[UUID | None]:
    if kind not in _BY_TARGET:
        return [None]
    provider = "google_gmail" if kind == "sync_mail" else "google_calendar"
    with transaction(user_id, actor="system", role="jobs") as db:
        return [connection.id for connection in connections.of(db, provider)]


@contextmanager
def _locked(name: str, wait: timedelta) -> Iterator[None]:
    """A lock of the database's on a connection of its own: it ends with the process, however that ends."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with engine("jobs").connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
        deadline = time.monotonic() + wait.total_seconds()
        while not holder.scalar(text("select pg_try_advisory_lock(:key)"), {"key": key}):
            if time.monotonic() >= deadline:
                raise Busy("This is being done already.")
            time.sleep(0.2)
        try:
            yield
        finally:
            try:
                holder.execute(text("select pg_advisory_unlock(:key)"), {"key": key})
            except SQLAlchemyError:
                holder.invalidate()  # the connection is gone, and the lock with it


def _name(kind: str, user_id: UUID, target: UUID | None) -> str:
    return f"{kind}:{user_id}:{target or ''}"
