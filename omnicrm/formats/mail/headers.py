"""What the header fields say: people, dates, identifiers, and whether a machine wrote the message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from omnicrm.formats.mail import charset
from omnicrm.formats.mail.mime import Headers

MAX_ADDRESSES = 500
MAX_SUBJECT = 1000
MAX_NAME = 200

# Characters that change how the rest of a line looks, and zero-width ones that hide differences.
UNSEEN = "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
_CONTROLS = re.compile(f"[\x00-\x1f\x7f-\x9f{UNSEEN}\ud800-\udfff]+")
_SPACES = re.compile(r"\s+")
_ID = re.compile(r"<([^<>\s]{1,500})>")
_NO_REPLY = re.compile(
    r"(^|[._+-])(no|not|non|do-?not|don-?t|ne-?pas|nicht|ej|ikke)[._-]?(reply|respond|repondre|antworten|svar)"
    r"|^(mailer-daemon|postmaster|bounces?|notifications?-noreply|unattended|auto-?(reply"
    r"|confirm))([._+-]|$)"
    r"|noreply|donotreply"
)
_AUTO_SUBJECT = re.compile(
    r"(automatic reply|auto(matic)?[- ]?(response|reply)|out of (the )?office|away from (the|my) office|autosvar"
    r"|frånvaro"
    r"|fravær|automatisch(e)? (antwort|antwoord)|abwesenheits?(notiz|meldung|assistent)|abwesend|afwezig"
    r"|réponse automatique"
    r"|absence du bureau|respuesta automática|fuera de la oficina|risposta automatica|fuori sede|resposta automática"
    r"|automaattinen vastaus|poissaolo|autoodpowiedź|automatická odpověď|автоответ)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """A person as a header names them: `email` in lower case, `name` cleaned or empty."""

    name: str
    email: str


def line(value: str, limit: int = MAX_SUBJECT) -> str:
    """`value` as one visible line: encoded words read, control and direction characters gone, spaces joined."""
    value = charset.words(value) if "=?" in value else value
    if not value.isascii() or not value.isprintable():
        value = _CONTROLS.sub(" ", value)
    return _SPACES.sub(" ", value).strip()[:limit]


def text(headers: Headers, name: str, limit: int = MAX_SUBJECT) -> str:
    """The first `name` header as a clean line, or an empty string."""
    values = headers.get(name)
    return line(charset.header(values[0][: limit * 12]), limit) if values else ""


def ids(headers: Headers, name: str) -> tuple[str, ...]:
    """Message ids (without angle brackets) in the order of the header, at most 200."""
    values = headers.get(name)
    if not values:
        return ()
    value = charset.header(b" ".join(values)[:60000])
    found = [found for found in _ID.findall(value) if found.isprintable()][:200]
    if not found and (bare := line(value, 500)) and " " not in bare:
        found = [bare.strip("<>")]
    return tuple(found)


def people(headers: Headers, name: str) -> tuple[Address, ...]:
    """Everybody whom the `name` headers list."""
    values = headers.get(name)
    if not values:
        return ()
    found: list[Address] = []
    for value in values[:20]:
        found.extend(addresses(charset.header(value[:200_000])))
    return tuple(found[:MAX_ADDRESSES])


def addresses(value: str) -> list[Address]:
    """The address list `value`: groups, quoted names, comments, stray commas and semicolons. Never raises."""
    found = []
    for before, angle, comment in _pieces(value):
        if angle is None:
            email, name = before, comment
        else:
            email, name = angle, before or comment
        email = email.strip().strip("<>\"'").removeprefix("mailto:").replace(" ", "")
        name = display_name(name)
        if "@" not in email or not email.isprintable() or _CONTROLS.search(email) or len(email) > 320:
            continue
        email = email.lower()
        found.append(Address("" if name.lower() == email else name, email))
        if len(found) >= MAX_ADDRESSES:
            break
    return found


def display_name(name: str) -> str:
    name = line(name, MAX_NAME)
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    return name


def _pieces(value: str) -> Iterator[tuple[str, str | None, str]]:
    """(text, what stands in angle brackets or None, comments) for each member of an address list, in one pass."""
    words: list[str] = []
    angle: str | None = None
    comments: list[str] = []
    at, size = 0, len(value)
    while at <= size:
        sign = value[at] if at < size else ","
        if sign == '"':
            end, content = _quoted(value, at)
            words.append(content)
            at = end
        elif sign == "(":
            end, content = _comment(value, at)
            comments.append(content)
            at = end
        elif sign == "<":
            end = value.find(">", at)
            end = size if end < 0 else end
            angle = value[at + 1 : end].rpartition(":")[2] if value[at + 1 : at + 2] == "@" else value[at + 1 : end]
            at = end + 1
        elif sign in ",;":
            if angle is not None or words or comments:
                yield "".join(words).strip(), angle, " ".join(comments)
            words, angle, comments = [], None, []
            at += 1
        elif sign == ":" and angle is None and "@" not in "".join(words[-8:]) and "mailto" not in words[-1:]:
            words, comments = [], []  # the name of a group
            at += 1
        else:
            end = at + 1
            while end < size and value[end] not in '"(<,;:':
                end += 1
            words.append(value[at:end])
            at = end


def _quoted(value: str, at: int) -> tuple[int, str]:
    out = []
    at += 1
    while at < len(value) and value[at] != '"':
        if value[at] == "\\" and at + 1 < len(value):
            at += 1
        out.append(value[at])
        at += 1
    return at + 1, "".join(out)


def _comment(value: str, at: int) -> tuple[int, str]:
    depth, out = 0, list[str]()
    while at < len(value):
        sign = value[at]
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return at + 1, "".join(out[1:])
        elif sign == "\\" and at + 1 < len(value):
            at += 1
            sign = value[at]
        out.append(sign)
        at += 1
    return at, "".join(out[1:])


def date(headers: Headers, problems: list[str]) -> datetime | None:
    """The Date header as an instant; None, with a note, where it is missing or makes no sense."""
    value = text(headers, "date", 200)
    if not value:
        problems.append("The message has no date.")
        return None
    try:
        read = parsedate_tz(value)
        if read is None or not 1900 <= read[0] <= 2100:
            raise ValueError(value)
        offset = read[9]
        if offset is None:
            problems.append("The date names no time zone: taken as UTC.")
        zone = timezone(timedelta(seconds=offset)) if offset else UTC
        return datetime(*read[:5], min(read[5], 59), tzinfo=zone)
    except (ValueError, TypeError, OverflowError, IndexError):
        problems.append(f"The date “{value[:60]}” makes no sense.")
        return None


def auto_submitted(headers: Headers, subject: str, media_type: str) -> bool:
    """Written by a machine in answer to something, or by a system: RFC 3834 and what came before it."""
    said = text(headers, "auto-submitted", 100).lower()
    return (
        (said != "" and not said.startswith("no"))
        or any(
            name in headers
            for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-failed-recipients")
        )
        or text(headers, "precedence", 40).lower() in ("auto_reply", "auto-reply")
        or headers.get("return-path", [b""])[0].strip() == b"<>"
        or media_type == "multipart/report"
        or _AUTO_SUBJECT.match(subject) is not None
    )


def bulk(headers: Headers) -> bool:
    """Sent to many: a list or a campaign."""
    return any(
        name in headers for name in ("list-id", "list-unsubscribe", "list-post", "feedback-id", "x-campaign-id")
    ) or text(headers, "precedence", 40).lower() in ("bulk", "list", "junk")


def no_reply(sender: Address | None, reply_to: Address | None) -> bool:
    """Nobody reads answers to this address. Judged by the local part alone, never by who hosts the mail."""
    return any(
        person is not None and _NO_REPLY.search(person.email.rpartition("@")[0]) is not None
        for person in ((reply_to,) if reply_to else (sender,))
    )
