"""Mail that came back: delivery status notifications (RFC 3464) and their older relatives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omnicrm.formats.mail import charset, headers
from omnicrm.formats.mail.mime import Part

_DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail delivery (sub)?system)", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(undeliver|delivery (status notification|failure|has failed|report)|returned mail|mail delivery (failed|system)"
    r"|failure notice|unzustellbar|zustellung.{0,30}fehl|non remis|échec de la remise|no se puede entregar"
    r"|onbestelbaar)",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^(final-recipient|original-recipient|action|status|diagnostic-code)\s*:\s*(.{0,500})$",
    re.IGNORECASE | re.MULTILINE,
)
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Bounce:
    """`recipients` did not get it. `permanent` False: a delay, or a failure that may pass. `status` such as 5.1.1."""

    recipients: tuple[str, ...]
    permanent: bool
    status: str
    reason: str


def bounce(root: Part, text: str) -> Bounce | None:
    """What a delivery report says, or None where the message is none."""
    status_part = _find(root, "message/delivery-status")
    subject = headers.text(root.headers, "subject")
    sender = headers.text(root.headers, "from", 200)
    failed = tuple(person.email for person in headers.people(root.headers, "x-failed-recipients"))
    if status_part is None and not failed and not (_DAEMON.match(sender) and _SUBJECT.search(subject)):
        return None
    report = charset.decode(status_part.body(100_000))[0].replace("\r\n", "\n") if status_part else text[:20_000]
    recipients = list(failed)
    actions, status, reason = [], "", ""
    for match in _FIELD.finditer(report):
        name, value = match[1].lower(), match[2].strip()
        if name in ("final-recipient", "original-recipient"):
            recipients += [person.email for person in headers.addresses(value.rpartition(";")[2])]
        elif name == "action":
            actions.append(value.lower())
        elif name == "status":
            status = status or value.split(" ", 1)[0]
        elif name == "diagnostic-code":
            reason = reason or headers.line(value.partition(";")[2] or value, 300)
    if actions and all(action.startswith(("delivered", "relayed", "expanded")) for action in actions):
        return None
    if not status and (found := _STATUS.search(report)):
        status = found[0]
    permanent = not status.startswith(("2", "4")) and not any(action.startswith("delayed") for action in actions)
    return Bounce(tuple(dict.fromkeys(recipients)), permanent, status[:20], reason)


def _find(part: Part, media_type: str) -> Part | None:
    if part.media_type == media_type:
        return part
    for child in part.children:
        if found := _find(child, media_type):
            return found
    return None
