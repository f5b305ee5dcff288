"""Gmail API v1: pages of messages newest first, what changed since, and messages in batches."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from omnicrm.core.errors import NeedsReconnect, NotFound, OmniError, Unavailable
from omnicrm.core.wire import FetchedMail, HistoryPage, MailPage, RemoteMail
from omnicrm.integrations import google
from omnicrm.integrations.google import Access, Gone

BATCH = 50  # Google advises no more: larger ones run into its limit of concurrent calls
# quota units (developers.google.com/workspace/gmail/api/reference/quota)
LIST, HISTORY, GET, PROFILE = 5, 2, 20, 1
CATEGORIES = {
    "CATEGORY_PERSONAL": "primary",
    "CATEGORY_PROMOTIONS": "promotions",
    "CATEGORY_SOCIAL": "social",
    "CATEGORY_FORUMS": "forums",
    "CATEGORY_UPDATES": "updates",
}
PLACES = frozenset({*CATEGORIES, "SPAM", "TRASH", "DRAFT", "SENT", "INBOX"})
NEVER = frozenset({"SPAM", "TRASH", "DRAFT", "CHAT"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Gmail:
    """One mailbox for the length of one job. Every method raises Unavailable, NeedsReconnect or Refused."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.service = access.service("gmail.v1")
        self.users = self.service.users()
        self.messages = self.users.messages()  # kept: the library builds it anew each time it is asked for

    def profile(self) -> tuple[str, int]:
        """The address, and the history id to read changes from."""
        answer = google.run(self.access, self.users.getProfile(userId="me"), PROFILE)
        return answer["emailAddress"], int(answer["historyId"])

    def page(self, query: str, page: str | None = None, size: int = 500) -> MailPage:
        """Message ids, newest first; without spam and trash."""
        call = self.messages.list(userId="me", q=query, maxResults=size, pageToken=page)
        answer = google.run(self.access, call, LIST)
        return MailPage(
            ids=tuple(message["id"] for message in answer.get("messages", ())),
            next_page=answer.get("nextPageToken"),
            estimate=answer.get("resultSizeEstimate"),
        )

    def changes(self, history_id: int, page: str | None = None) -> HistoryPage:
        """What changed after `history_id`; `relabelled` are those that moved between places or categories, not those
        that were merely read or starred. Raises Gone where that is too old: read the window again."""
        call = self.users.history().list(
            userId="me",
            startHistoryId=str(history_id),
            historyTypes=["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"],
            maxResults=500,
            pageToken=page,
        )
        try:
            answer = google.run(self.access, call, HISTORY)
        except NotFound as error:
            raise Gone("Gmail has forgotten that far back.") from error
        records = answer.get("history", ())
        return HistoryPage(
            added=_ids(records, "messagesAdded"),
            removed=_ids(records, "messagesDeleted"),
            relabelled=tuple(
                dict.fromkeys((*_ids(records, "labelsAdded", PLACES), *_ids(records, "labelsRemoved", PLACES)))
            ),
            next_page=answer.get("nextPageToken"),
            history_id=int(answer["historyId"]),
        )

    def fetch(self, ids: Sequence[str]) -> FetchedMail:
        """The messages in full, in batches. Single ones fail singly; what passes by itself is tried again.

        `unavailable` is set where some were still refused in the end: those in `missing` are to be read later.
        """
        round_ = _Round()
        wanted = list(dict.fromkeys(ids))
        try:
            google.patiently(lambda: self._attempt(wanted, round_))
            unavailable = None
        except Unavailable as error:
            unavailable = error
        return FetchedMail(
            mails=tuple(round_.mails[key] for key in wanted if key in round_.mails),
            vanished=tuple(round_.vanished),
            failed=tuple(round_.failed.items()),
            missing=tuple(round_.open(wanted)),
            retry_at=unavailable.retry_at if unavailable else None,
            unavailable=unavailable.message if unavailable else None,
        )

    def _attempt(self, wanted: list[str], done: _Round) -> None:
        still = done.open(wanted)
        for start in range(0, len(still), BATCH):
            self._batch(still[start : start + BATCH], done)
            if done.refused is not None:
                refused, done.refused = done.refused, None
                raise refused

    def _batch(self, ids: list[str], done: _Round) -> None:
        self.access.limiter.spend(GET * len(ids))
        batch = self.service.new_batch_http_request(callback=done.take)
        for key in ids:
            batch.add(self.messages.get(userId="me", id=key, format="raw"), request_id=key)
        try:
            batch.execute()
        except Exception as error:
            raise google.translated(error) from error


class _Round:
    """What came of the parts of batches so far."""

    def __init__(self) -> None:
        self.mails: dict[str, RemoteMail] = {}
        self.vanished: set[str] = set()
        self.failed: dict[str, str] = {}
        self.refused: Unavailable | None = None

    def open(self, wanted: list[str]) -> list[str]:
        return [key for key in wanted if not (key in self.mails or key in self.vanished or key in self.failed)]

    def take(self, key: str, answer: Any, error: Exception | None) -> None:
        try:
            if error is not None:
                raise google.translated(error)
            self.mails[key] = _mail(google.whole(answer))
        except NotFound:
            self.vanished.add(key)
        except Unavailable as problem:
            self.refused = problem
        except NeedsReconnect:
            raise
        except OmniError as problem:
            self.failed[key] = problem.message
        except (KeyError, ValueError, TypeError, binascii.Error):
            self.failed[key] = "Gmail’s answer for this message could not be read."


def query(since: datetime | None, categories: Sequence[str]) -> str:
    """Gmail's search for the practitioner's limits: from `since` on, without the categories not in `categories`
    (of primary, social, promotions, updates, forums). Mail without any category counts as primary."""
    terms = [f"after:{int(since.timestamp())}"] if since else []
    terms += [f"-category:{name}" for name in ("promotions", "social", "forums", "updates") if name not in categories]
    return " ".join(["-in:chats", "-in:drafts", *terms])


def wanted(labels: Sequence[str], categories: Sequence[str]) -> bool:
    """Whether `query` would find a message with these labels."""
    if NEVER & set(labels):
        return False
    own = [CATEGORIES[label] for label in labels if label in CATEGORIES]
    return all(name == "primary" or name in categories for name in own)


def _mail(answer: dict[str, Any]) -> RemoteMail:
    raw = answer["raw"]
    return RemoteMail(
        id=answer["id"],
        thread_id=answer["threadId"],
        history_id=int(answer["historyId"]),
        labels=tuple(answer.get("labelIds", ())),
        internal_date=_EPOCH + timedelta(milliseconds=int(answer["internalDate"])),
        raw=base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)),
    )


def _ids(records: Sequence[dict[str, Any]], name: str, labels: frozenset[str] | None = None) -> tuple[str, ...]:
    """The messages of the entries `name`, in order, once each; with `labels` only where one of them is concerned."""
    entries = (entry for record in records for entry in record.get(name, ()))
    wanted = (entry for entry in entries if labels is None or labels & set(entry.get("labelIds", ())))
    return tuple(dict.fromkeys(entry["message"]["id"] for entry in wanted))
