"""Gmail into the inbox: the practitioner's window first, newest first, resumable at any point; then what changed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NeedsReconnect, Refused, Unavailable
from omnicrm.core.wire import RemoteMail
from omnicrm.domain import connections, inbox, practice, settings
from omnicrm.domain.inbox import IncomingItem
from omnicrm.formats import Unreadable, mail
from omnicrm.integrations import gmail, google_oauth
from omnicrm.integrations.gmail import Gmail
from omnicrm.integrations.google import Gone
from omnicrm.jobs import google
from omnicrm.jobs.runner import Run, job

log = logging.getLogger(__name__)

PROVIDER = "google_gmail"
PAGE = 500
State = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What the practitioner lets us read, and whose mailbox it is."""

    categories: tuple[str, ...]
    window: timedelta
    every: timedelta
    own: tuple[str, ...]

    @property
    def mark(self) -> str:
        """Changes when the limits do: then the window is read again, and only what is missing is fetched."""
        return f"{','.join(sorted(self.categories))}/{self.window.days}"


@job("sync_mail", every=timedelta(seconds=10), actor="google")
def sync_mail(run: Run) -> None:
    """One mailbox. Raises OmniErrors; what was read until then is kept, and the next run goes on behind it."""
    with google.trouble(run):
        _Sync(run).everything()


class _Sync:
    """One run over one mailbox."""

    def __init__(self, run: Run) -> None:
        if run.target is None:
            raise ValueError("a mailbox is synced by its connection")
        self.run = run
        self.connection_id: UUID = run.target
        with run.transaction() as db:
            connection = connections.get(db, self.connection_id)
            if google_oauth.GMAIL_READ not in connection.scopes:
                raise NeedsReconnect("Google does not let us read your mail. Connect it again.")
            self.state: State = connections.sync_state(db, self.connection_id)
            self.limits = _limits(db, connection.account_email)
        self.gmail = Gmail(google.access(run.user_id, self.connection_id))

    def everything(self) -> None:
        if self.run.full or "history_id" not in self.state or self.state.get("limits") != self.limits.mark:
            self._begin_window()
        if "window" in self.state:
            self._read_window()
        try:
            self._read_changes()
        except Gone:  # Gmail keeps about a week of history: the window again, what is known is not fetched
            self._begin_window()
            self._read_window()
            self._read_changes()

    def _begin_window(self) -> None:
        """Changes from now on are found by this history id, so the window can be read at leisure."""
        if "window" in self.state and self.state["window"]["limits"] == self.limits.mark and not self.run.full:
            return
        _, history_id = self.gmail.profile()
        since = clock.now() - self.limits.window
        self.state["window"] = {
            "history_id": history_id,
            "query": gmail.query(since, self.limits.categories),
            "limits": self.limits.mark,
            "page": None,
            "seen": 0,
        }
        self._keep()

    def _read_window(self) -> None:
        window = self.state["window"]
        seen_pages = {window["page"]}
        while True:
            self.run.check()
            page = self._page(window)
            if page.estimate is not None and window["page"] is None:
                with self.run.transaction() as db:
                    self.run.progress(db, estimate=max(page.estimate, len(page.ids)))
            self._take(page.ids)
            window["seen"] += len(page.ids)
            if page.next_page is None:
                break
            if page.next_page in seen_pages:
                raise Unavailable("Gmail gave the same page twice. It is tried again by itself.")
            seen_pages.add(page.next_page)
            window["page"] = page.next_page
            self._keep()
        self.state["history_id"] = window["history_id"]
        self.state["limits"] = window["limits"]
        del self.state["window"]
        self._keep()

    def _page(self, window: State) -> Any:
        try:
            return self.gmail.page(window["query"], window["page"], PAGE)
        except Refused:
            if window["page"] is None:
                raise
            window["page"] = None  # a page token that Gmail does not take any more: from the top, past what is known
            return self.gmail.page(window["query"], None, PAGE)

    def _read_changes(self) -> None:
        begin = int(self.state["history_id"])
        page_token: str | None = None
        while True:
            self.run.check()
            page = self.gmail.changes(begin, page_token)
            self._take([*page.added, *page.relabelled], changed=frozenset(page.relabelled))
            if page.removed:
                with self.run.transaction() as db:
                    gone = inbox.forget(db, self.connection_id, list(page.removed))
                    self.run.progress(db, seen=len(page.removed), changed=gone)
            if page.next_page is None or page.next_page == page_token:
                break
            page_token = page.next_page
        self.state["history_id"] = page.history_id
        self.state.pop("failures", None)
        self._keep(finished=True)

    def _take(self, ids: Sequence[str], changed: frozenset[str] = frozenset()) -> None:
        """Fetch and store what is not here yet (or has `changed` its place), newest first, a batch a transaction."""
        with self.run.transaction() as db:
            known = inbox.known(db, self.connection_id, ids)
        wanted = [key for key in dict.fromkeys(ids) if key not in known or key in changed]
        if len(wanted) < len(ids):
            with self.run.transaction() as db:
                self.run.progress(db, seen=len(ids) - len(wanted))
        for start in range(0, len(wanted), gmail.BATCH):
            self.run.check()
            fetched = self.gmail.fetch(wanted[start : start + gmail.BATCH])
            with self.run.transaction() as db:
                google.still_connected(db, self.connection_id)
                self._store(db, fetched.mails, dict(fetched.failed))
            if fetched.unavailable is not None:
                raise Unavailable(fetched.unavailable, fetched.retry_at)

    def _store(self, db: Db, mails: Sequence[RemoteMail], reasons: dict[str, str]) -> None:
        """Single mails fail singly, each with its reason."""
        stored, seen = 0, len(mails) + len(reasons)
        for remote in mails:
            if not gmail.wanted(remote.labels, self.limits.categories):
                inbox.forget(db, self.connection_id, [remote.id])  # moved to spam, trash, or a category left out
                continue
            try:
                with db.begin_nested():
                    result = self._keep_mail(db, remote)
            except SQLAlchemyError:
                log.exception("A mail could not be stored")
                reasons[remote.id] = "This mail could not be stored. It stays in Gmail."
                continue
            if result.skipped:
                reasons[remote.id] = result.skipped
            elif result.change != "unchanged":
                stored += 1
        self.run.progress(db, seen=seen, changed=stored, skipped=len(reasons), reasons=reasons or None)

    def _keep_mail(self, db: Db, remote: RemoteMail) -> inbox.Stored:
        try:
            parsed = mail.parse(remote.raw)
        except Unreadable as error:
            stored = inbox.store(db, self._unreadable(remote))
            inbox.mark(db, stored.id, "failed", error.reason)
            return stored.model_copy(update={"skipped": error.reason})
        item = inbox.mail_item(
            parsed,
            provider=PROVIDER,
            external_id=remote.id,
            own_addresses=self.limits.own,
            connection_id=self.connection_id,
            thread_id=remote.thread_id,
            labels=tuple(sorted(gmail.PLACES.intersection(remote.labels))),
            received_at=remote.internal_date,
        )
        if "SENT" in remote.labels and item.direction != "out":  # sent by an alias of the practitioner's
            item = item.model_copy(update={"direction": "out"})
        return inbox.store(db, item)

    def _unreadable(self, remote: RemoteMail) -> IncomingItem:
        return IncomingItem(
            kind="mail",
            provider=PROVIDER,
            external_id=remote.id,
            connection_id=self.connection_id,
            thread_id=remote.thread_id,
            occurred_at=remote.internal_date,
            content_hash=hashlib.sha256(remote.raw).hexdigest(),
        )

    def _keep(self, *, finished: bool = False) -> None:
        next_sync_at: datetime | None = clock.now() + self.limits.every if finished else None
        with self.run.transaction() as db:
            connections.keep_sync_state(
                db, self.connection_id, dict(self.state), finished=finished, next_sync_at=next_sync_at
            )


def _limits(db: Db, account_email: str) -> Limits:
    chosen = settings.of(db)
    return Limits(
        categories=tuple(chosen.scan_mail_categories),
        window=timedelta(days=chosen.mail_window_days),
        every=timedelta(minutes=chosen.ai_scan_frequency_gmail),
        own=(account_email, practice.of(db).email),
    )
