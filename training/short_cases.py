"""The short mails of `short/*.txt` as cases: one small world in which many things can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from omnicrm.domain.cases import Address, Case, Contact, Draft, Invoice, MailItem, Practitioner, Service, Session

FOLDER = Path(__file__).parent / "short"
HOME = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 9, 12, 0, tzinfo=HOME)
GWEN = Practitioner(name="Gwen Ash", email="gwen@p.example", timezone="Europe/London", currency="GBP")
SERVICES = (
    Service(name="Deep tissue massage", duration_minutes=60, price="65.00"),
    Service(name="Hot stone massage", duration_minutes=90, price="85.00"),
    Service(name="Reflexology", duration_minutes=45, price="40.00"),
)
SAM = Contact(first_name="Sam", last_name="Carter", email="sam@x.example", phone="+447700900111")
JOAN = Contact(first_name="Joan", last_name="Hill", email="joan@y.example")
SENDERS = {
    "sam": Address(name="Sam Carter", email="sam@x.example"),
    "new": Address(name="Tess Oakley", email="tess@new.example"),
    "pete": Address(name="Pete Hill", email="pete@z.example"),
    "tom": Address(name="Tom Bright", email="tom@brightaccounts.example"),
}


def _session(ref: str, who: str, when: str, status: str = "scheduled") -> Session:
    at = datetime.fromisoformat(when).replace(tzinfo=HOME)
    return Session(
        ref=ref, contact_email=who, title="Deep tissue massage", scheduled_at=at, duration_minutes=60, status=status
    )  # type: ignore[arg-type]  # a literal


S1 = _session("s1", "sam@x.example", "2026-06-11T10:00")
S2 = _session("s2", "sam@x.example", "2026-06-18T15:00")
S3 = _session("s3", "joan@y.example", "2026-06-15T09:30")
SESSIONS = {
    "A": (S1, S2, S3),
    "ONE": (S1, S3),
    "LAST": (S2,),
    "DONE": (_session("s0", "sam@x.example", "2026-06-02T17:00", "completed"),),
    "-": (),
}


def cases() -> Iterator[tuple[Case, list[list[str]]]]:
    """Each case with the answers that are right: lists of what `short` writes, any of which will do."""
    number = 0
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                number += 1
                yield _case(number, line)


def _case(number: int, line: str) -> tuple[Case, list[list[str]]]:
    head, want, body = line.split(" :: ", 2)
    names = head.split()
    words, _, quoted = body.partition(" >> ")
    text = words.replace(" / ", "\n")
    if quoted:
        lines = quoted.replace(" / ", "\n").split("\n")
        text += "\n\nOn Mon, 8 Jun 2026 at 16:02, Gwen Ash <gwen@p.example> wrote:\n" + "\n".join(
            f"> {q}" for q in lines
        )
    sender = next((SENDERS[name] for name in names if name in SENDERS), SENDERS["sam"])
    invoices = (Invoice(ref="i1", contact_email="sam@x.example", number="2026-07", total="65.00", currency="GBP"),)
    case = Case(
        id=f"short-{number:03d}", practitioner=GWEN, now=NOW, contacts=(SAM, JOAN), services=SERVICES,
        sessions=SESSIONS[names[0]], invoices=invoices if "inv" in names else (),
        mail=MailItem(subject="Re: hello" if quoted else "hello", sender=sender, to=(Address(email=GWEN.email),), sent_at=NOW, text=text),
    )  # fmt: skip
    return case, [[item for item in answer.split(";") if item != "none"] for answer in want.strip("|").split("|")]


def short(kind: str, slots: dict[str, object]) -> str:
    """A proposal in the words of the table."""
    who = str(slots.get("contact_email") or "")
    if kind == "session.create":
        whose = "" if who.startswith("sam@") else who.split("@")[0] + " "
        return f"create {whose}{str(slots['scheduled_at'])[:16]} {slots.get('service') or ''}".strip()
    if kind == "session.reschedule":
        return f"resch {slots['session_ref']} {str(slots['scheduled_at'])[:16]}"
    if kind == "session.cancel":
        return f"cancel {slots['session_ref']}"
    if kind == "task.create":
        return "task" + ("" if who else " null") + (f" due {slots['due_date']}" if slots.get("due_date") else "")
    if kind == "payment.record":
        return f"pay {slots['amount']} {slots['currency']} {slots.get('invoice_ref') or ''}".strip()
    if kind == "contact.update":
        return f"upd {slots['field']} {slots['value']}"
    return f"contact {slots['email']} {slots['first_name']} {slots.get('last_name') or ''}".strip()


def agrees(wanted: str, given: str) -> bool:
    """Whether a proposal is the wanted one; a service that is not asked for may stand there."""
    return given == wanted or (wanted.startswith(("create ", "task")) and "due" not in wanted and given.startswith(wanted) and " due " not in given and "null" not in given.replace(wanted, ""))  # fmt: skip


def right(drafts: list[Draft], answers: list[list[str]]) -> bool:
    """Whether the drafts that are shown are one of the right answers."""
    given = [
        short(draft.type, dict(draft.slots))
        for draft in drafts
        if draft.confidence >= 0.4 and draft.type != "reply.draft"
    ]
    return any(
        len(answer) == len(given) and all(any(agrees(w, g) for g in given) for w in answer) for answer in answers
    )
