"""Mail as it arrives: `scan` reads the headers, `parse` the whole message, `zones` tells new words from old."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from omnicrm.formats import Unreadable, html
from omnicrm.formats.mail import charset, headers, mime
from omnicrm.formats.mail.bounces import Bounce, bounce
from omnicrm.formats.mail.headers import Address
from omnicrm.formats.mail.zoner import Zone, zones

__all__ = ["Address", "Attachment", "Bounce", "Headers", "ParsedMail", "Unreadable", "Zone", "parse", "scan", "zones"]

MAX_TEXT = 200_000
MAX_CALENDARS = 20
MAX_CALENDAR = 1024 * 1024
MAX_ATTACHMENTS = 200

_FAKE_TEXT = re.compile(
    r"\s*(.{0,80}(html[- ](e-?)?mail|view (it|this|the).{0,30}(html|browser|web)|does not support html"
    r"|not support html"
    r"|html[- ]compatible|browser version|im browser|unterstützt kein html).{0,200}\s*){1,4}\Z",
    re.IGNORECASE | re.DOTALL,
)
_NEWLINES = re.compile(r"\r\n?|\x0b|\x0c|\u2028|\u2029|\x85")
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """`size` in bytes, decoded. The bytes themselves are not kept."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Headers:
    """What a sync decides by, from the header fields alone. Ids are without angle brackets."""

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    date: datetime | None
    subject: str
    sender: Address | None
    reply_to: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    auto_submitted: bool
    bulk: bool
    no_reply: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedMail(Headers):
    """A whole message. `text` has \\n line ends and at most 200,000 characters; all offsets elsewhere refer to it."""

    text: str
    attachments: tuple[Attachment, ...]
    calendar_parts: tuple[bytes, ...]
    bounce: Bounce | None
    content_hash: str


def scan(raw: bytes) -> Headers:
    """The header fields only. Raises Unreadable for what is no mail at all."""
    _refuse(raw)
    fields, _ = mime.headers(raw, 0, min(len(raw), mime.MAX_HEADER_BYTES))
    _refuse_headers(fields)
    problems: list[str] = []
    media_type = headers.text(fields, "content-type", 200).partition(";")[0].strip().lower()
    return _headers(fields, media_type, problems)


def parse(raw: bytes) -> ParsedMail:
    """The whole message, within the limits of `mime` and 200,000 characters of text.

    Broken parts become `problems`. Raises Unreadable for more than 25 MB and for what is no mail at all.
    """
    _refuse(raw)
    problems: list[str] = []
    root = mime.tree(raw, problems)
    _refuse_headers(root.headers)
    known = _headers(root.headers, root.media_type, problems)
    body = _Body(problems)
    body.take(root)
    text = body.text()
    attachments = tuple(body.attachments)
    values = {name: getattr(known, name) for name in Headers.__slots__} | {"problems": tuple(problems)}
    return ParsedMail(
        **values,
        text=text,
        attachments=attachments,
        calendar_parts=tuple(body.calendars),
        bounce=bounce(root, text),
        content_hash=_hash(known, text, attachments),
    )


def _refuse(raw: bytes) -> None:
    if len(raw) > mime.MAX_RAW:
        raise Unreadable(f"The message is larger than {mime.MAX_RAW // 1024 // 1024} MB.")
    if not raw.strip():
        raise Unreadable("The message is empty.")


def _refuse_headers(fields: mime.Headers) -> None:
    if not fields.keys() & {
        "from",
        "date",
        "subject",
        "message-id",
        "received",
        "to",
        "sender",
        "mime-version",
        "content-type",
    }:
        raise Unreadable("This is not an e-mail: it has no sender, no date and no subject.")


def _headers(fields: mime.Headers, media_type: str, problems: list[str]) -> Headers:
    subject = headers.text(fields, "subject")
    senders = headers.people(fields, "from") or headers.people(fields, "sender")
    sender = senders[0] if senders else None
    if sender is None:
        problems.append("The message names no sender.")
    reply_to = next(iter(headers.people(fields, "reply-to")), None)
    return Headers(
        next(iter(headers.ids(fields, "message-id")), ""),
        next(iter(headers.ids(fields, "in-reply-to")), ""),
        headers.ids(fields, "references"),
        headers.date(fields, problems),
        subject,
        sender,
        reply_to,
        headers.people(fields, "to"),
        headers.people(fields, "cc"),
        headers.auto_submitted(fields, subject, media_type),
        headers.bulk(fields),
        headers.no_reply(sender, reply_to),
        tuple(problems),
    )


def _hash(known: Headers, text: str, attachments: tuple[Attachment, ...]) -> str:
    """The same for one message however it came (API, export, file): routes and labels in its headers do not count."""
    sent, sender = known.date, known.sender
    parts = [known.message_id, sent.isoformat() if sent else "", known.subject, sender.email if sender else "", text]
    parts += [f"{one.name}/{one.media_type}/{one.size}" for one in attachments]
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


class _Body:
    """Gathers text, calendars and attachments from the parts of one message, in their order."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.pieces: list[str] = []
        self.length = 0
        self.attachments: list[Attachment] = []
        self.calendars: list[bytes] = []

    def text(self) -> str:
        text = "\n\n".join(piece for piece in self.pieces if piece.strip())
        if len(text) > MAX_TEXT:
            self.problems.append(f"The text is long: only its first {MAX_TEXT:,} characters were kept.")
            text = text[:MAX_TEXT]
        return text

    def take(self, part: mime.Part) -> None:
        if part.media_type == "multipart/alternative":
            self._alternative(part)
        elif part.media_type == "multipart/related":
            for index, child in enumerate(part.children):
                self.take(child) if index == 0 else self._attach_all(child)
        elif part.media_type == "multipart/report":
            for index, child in enumerate(part.children):
                self.take(child) if index == 0 else self._attach(child)
        elif part.media_type.startswith("multipart/"):
            for child in part.children:
                self.take(child)
        elif _is_calendar(part):
            self._calendar(part)
        elif part.media_type in ("text/plain", "text/html") and not _is_file(part):
            self._add(self._read(part))
        elif part.media_type == "message/rfc822" and part.children:
            self._forwarded(part)
        else:
            self._attach(part)

    def _alternative(self, part: mime.Part) -> None:
        plain = next((one for one in part.children if one.media_type == "text/plain" and not _is_file(one)), None)
        text = self._read(plain) if plain else ""
        if not text.strip() or (len(text) < 600 and _FAKE_TEXT.match(text)):
            rich = [one for one in part.children if one is not plain and not _is_calendar(one)]
            before = self.length
            for one in reversed(rich):
                self.take(one)
                if self.length > before:
                    break
            else:
                self._add(text)
        else:
            self._add(text)
        for child in part.children:
            if _is_calendar(child):
                self._calendar(child)
            elif child is not plain and child.media_type.startswith("multipart/") and text.strip():
                self._files_only(child)

    def _files_only(self, part: mime.Part) -> None:
        """Files beside the HTML of an alternative whose plain text was taken."""
        for child in part.children:
            if child.media_type.startswith("multipart/"):
                self._files_only(child)
            elif _is_calendar(child):
                self._calendar(child)
            elif child.media_type not in ("text/plain", "text/html") or _is_file(child):
                self._attach(child)

    def _forwarded(self, part: mime.Part) -> None:
        """A message attached to a message reads like a forward, so that its words are found."""
        inner = part.children[0]
        self._attach(part)
        if part.depth > 3 or not inner.headers:
            return
        head = ["---------- Forwarded message ----------"]
        for label in ("from", "date", "subject", "to"):
            if value := headers.text(inner.headers, label):
                head.append(f"{label.capitalize()}: {value}")
        before = self.length
        mark = len(self.pieces)
        self.take(inner)
        if self.length > before:
            self.pieces[mark:] = ["\n".join(head) + "\n\n" + "\n\n".join(self.pieces[mark:])]

    def _add(self, text: str) -> None:
        if text.strip():
            if self.length <= MAX_TEXT:
                self.pieces.append(text)
            self.length += len(text)

    def _read(self, part: mime.Part) -> str:
        rich = part.media_type == "text/html"
        data = part.body(MAX_TEXT * (10 if rich else 4))
        declared = part.parameters.get("charset", "")
        if rich and not declared:
            declared = html.declared_charset(data)
        text, guessed = charset.decode(data, declared)
        if guessed:
            self.problems.append(
                f"The text did not fit its charset “{declared[:40] or 'none'}”: read as best it could be."
            )
        if rich:
            return _clean(html.to_text(text))
        text = _clean(text)
        if part.parameters.get("format", "").lower() == "flowed":
            text = _unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
        return text

    def _calendar(self, part: mime.Part) -> None:
        if len(self.calendars) < MAX_CALENDARS and part.size() <= MAX_CALENDAR:
            data = part.body(MAX_CALENDAR)
            if data not in self.calendars:
                self.calendars.append(data)
        else:
            self.problems.append("An invitation is too large, or one too many: left out.")

    def _attach(self, part: mime.Part) -> None:
        if len(self.attachments) < MAX_ATTACHMENTS:
            name = headers.line(part.name, 200).replace("/", "_").replace("\\", "_")
            self.attachments.append(Attachment(name, headers.line(part.media_type, 100), part.size()))

    def _attach_all(self, part: mime.Part) -> None:
        if part.children and part.media_type.startswith("multipart/"):
            for child in part.children:
                self._attach_all(child)
        else:
            self._attach(part)


def _is_calendar(part: mime.Part) -> bool:
    return part.media_type in ("text/calendar", "application/ics") or (
        part.media_type in ("application/octet-stream", "text/plain") and part.name.lower().endswith(".ics")
    )


def _is_file(part: mime.Part) -> bool:
    return part.disposition == "attachment" or (part.disposition != "inline" and bool(part.name))


def _clean(text: str) -> str:
    """Line ends are \\n; what no database stores is gone. Nothing else is changed."""
    if "\r" in text or not text.isascii() or not text.isprintable():
        text = _UNSTORABLE.sub("", _NEWLINES.sub("\n", text))
    return text.removeprefix("\ufeff")


def _unflowed(text: str, delete_space: bool) -> str:
    """Paragraphs of format=flowed (RFC 3676) joined again; quote marks and the signature mark are kept."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if open_depth == depth and content != "-- ":
            out[-1] += content
        else:
            out.append(">" * depth + (" " if depth else "") + content if depth else content)
        if flows and delete_space:
            out[-1] = out[-1][:-1]
        open_depth = depth if flows else -1
    return "\n".join(out)
