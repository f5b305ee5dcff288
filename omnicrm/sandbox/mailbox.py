"""A Gmail mailbox in memory: messages, threads, labels, and the history that an incremental sync reads."""

from __future__ import annotations

import base64
import email
import email.policy
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message as Mime
from email.parser import BytesHeaderParser
from email.utils import make_msgid, parsedate_to_datetime
from typing import Any

from omnicrm.core import clock
from omnicrm.sandbox.answers import not_found

SYSTEM_LABELS = (
    "INBOX SENT DRAFT SPAM TRASH UNREAD STARRED IMPORTANT CHAT CATEGORY_PERSONAL CATEGORY_SOCIAL"
    " CATEGORY_PROMOTIONS CATEGORY_UPDATES CATEGORY_FORUMS"
).split()
HISTORY_TYPES = ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved")


@dataclass
class Message:
    id: str
    thread_id: str
    labels: list[str]
    at_ms: int
    history_id: int
    raw: bytes

    @property
    def mime(self) -> Mime:
        try:
            return email.message_from_bytes(self.raw, policy=email.policy.compat32)
        except RecursionError:  # thousands of parts within parts: its headers will do
            return _headers(self.raw)


@dataclass
class Change:
    id: int
    kind: str
    message_id: str
    thread_id: str
    labels: list[str] = field(default_factory=list)


class Mailbox:
    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.history: list[Change] = []
        self.history_id = 1000
        self.history_floor = 1000  # what is older has been forgotten: 404
        self.user_labels: dict[str, str] = {}
        self._next = 0x19A0000000000000
        self._threads: dict[str, str] = {}  # Message-ID → thread
        self._newest_first: list[Message] | None = None

    def deliver(self, raw: bytes, labels: Iterable[str] = ("INBOX", "UNREAD", "CATEGORY_PERSONAL")) -> Message:
        """A message arrives (or was sent: label SENT). It is dated by its Date header, else now; threads by its
        References."""
        mime = _headers(raw)
        own = str(mime.get("Message-ID") or make_msgid(domain="sandbox.example")).strip()
        self._next += 1
        identity = f"{self._next:016x}"
        earlier = f"{mime.get('In-Reply-To', '')} {mime.get('References', '')}".split()
        thread = next((self._threads[ref] for ref in earlier if ref in self._threads), identity)
        self._threads[own] = thread
        message = Message(identity, thread, list(labels), _date_ms(mime), 0, raw)
        self.messages[identity] = message
        self._note("messageAdded", message)
        self._newest_first = None
        return message

    def relabel(self, message_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Message:
        message = self.get(message_id)
        added = [label for label in add if label not in message.labels]
        removed = [label for label in remove if label in message.labels]
        message.labels = [label for label in message.labels if label not in removed] + added
        if added:
            self._note("labelAdded", message, added)
        if removed:
            self._note("labelRemoved", message, removed)
        return message

    def remove(self, message_id: str) -> None:
        message = self.messages.pop(message_id, None)
        if message is None:
            raise not_found("gmail")
        self._note("messageDeleted", message)
        self._newest_first = None

    def get(self, message_id: str) -> Message:
        message = self.messages.get(message_id)
        if message is None:
            raise not_found("gmail")
        return message

    def newest_first(self) -> list[Message]:
        if self._newest_first is None:
            self._newest_first = sorted(self.messages.values(), key=lambda m: (m.at_ms, m.id), reverse=True)
        return self._newest_first

    def since(self, history_id: int) -> list[Change]:
        if history_id < self.history_floor or history_id > self.history_id:
            raise not_found("gmail")
        return self.history[bisect_right(self.history, history_id, key=lambda change: change.id) :]

    def forget_history(self) -> None:
        """What Google does after about a week: older history ids answer 404."""
        self.history_id += 1
        self.history_floor = self.history_id
        self.history.clear()

    def labels(self) -> list[dict[str, Any]]:
        system = [
            {
                "id": name,
                "name": name,
                "type": "system",
                "messageListVisibility": "hide",
                "labelListVisibility": "labelHide",
            }
            for name in SYSTEM_LABELS
        ]
        return system + [{"id": key, "name": name, "type": "user"} for key, name in self.user_labels.items()]

    def dump(self) -> dict[str, Any]:
        return {
            "history_id": self.history_id,
            "next": self._next,
            "user_labels": self.user_labels,
            "messages": [
                [m.id, m.thread_id, m.labels, m.at_ms, m.history_id, base64.b64encode(m.raw).decode()]
                for m in self.messages.values()
            ],
            "history": [[c.id, c.kind, c.message_id, c.thread_id, c.labels] for c in self.history],
            "history_floor": self.history_floor,
        }

    @classmethod
    def load(cls, data: dict[str, Any]) -> Mailbox:
        box = cls()
        box.history_id, box.history_floor, box._next = data["history_id"], data["history_floor"], data["next"]
        box.user_labels = data["user_labels"]
        for identity, thread, labels, at_ms, history_id, raw in data["messages"]:
            message = Message(identity, thread, labels, at_ms, history_id, base64.b64decode(raw))
            box.messages[identity] = message
            box._threads[str(message.mime.get("Message-ID", "")).strip()] = thread
        box.history = [Change(*entry) for entry in data["history"]]
        return box

    def _note(self, kind: str, message: Message, labels: Iterable[str] = ()) -> None:
        self.history_id += 1
        message.history_id = self.history_id
        self.history.append(Change(self.history_id, kind, message.id, message.thread_id, list(labels)))


def _headers(raw: bytes) -> Mime:
    return BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)


def _date_ms(mime: Mime) -> int:
    try:
        at: datetime = parsedate_to_datetime(str(mime["Date"]))
        return int((at if at.tzinfo else at.replace(tzinfo=clock.now().tzinfo)).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return int(clock.now().timestamp() * 1000)
