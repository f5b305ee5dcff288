"""Synthetic cases: scenarios with their truth, rendered from the patterns of `patterns/*.txt`.

A pattern is one line; {a|b} are alternatives, <…> is filled in from the scenario, and what is filled in is the truth.
Around it come greetings, small talk, distractors (other people's times), signatures, quotes and noise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from omnicrm.domain.cases import Address, Case, Contact, Invoice, MailItem, Practitioner, Service, Session
from training import machines, phrases

PATTERNS = Path(__file__).parent / "patterns"
WEIGHTS = {
    "create": 14, "create.two": 3, "create.offer": 6, "move": 8, "move.hour": 4, "move.shift": 2, "move.same": 2,
    "move.offer": 3, "cancel": 9, "cancel.today": 1, "cancel+task": 5, "cancel+create": 2, "cancel.two": 2, "cancel.one": 3,
    "task": 14, "task.call": 3, "task.due": 4, "task.complaint": 4, "task.supplier": 3, "enquiry": 7, "intro": 2, "pay": 6,
    "pay.invoice": 4, "pay.two": 2, "update.phone": 2, "update.email": 2, "update.address": 2, "update.name": 2,
    "update.company": 1, "none": 48, "none.advert": 10, "machine": 14,
}  # fmt: skip
GREETINGS = (
    "Hi {p},",
    "Hello {p},",
    "Dear {p},",
    "Hey {p}",
    "{p},",
    "Hi {p}!",
    "Good morning {p},",
    "Hiya",
    "",
    "",
    "Dear Ms {l},",
    "Hello,",
    "Hi there,",
)
CLOSINGS = (
    "Best,\n{n}",
    "{n}",
    "Thanks,\n{n}",
    "Kind regards,\n{n} {l}",
    "Cheers\n{n}",
    "Warm wishes,\n{n}",
    "",
    "{i}",
    "{n} x",
    "Best regards\n{n} {l}",
    "Sent from my iPhone",
    "Love,\n{n}",
    "Yours sincerely,\n{n} {l}",
)
DISCLAIMER = (
    "\n\nThis e-mail is confidential and intended for the addressee only. If you received it in error please delete it."
)


@dataclass
class Draft:
    """What a scenario collects while its words are made."""

    rng: random.Random
    zone: str
    currency: str
    base: date
    sent: datetime
    services: list[Service]
    client: Contact
    practitioner: Practitioner
    known: bool = True
    sessions: list[Session] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    expect: list[dict[str, object]] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    quote: str = ""
    subject: str = ""
    words: dict[str, str] = field(default_factory=dict)
    named: bool = False

    @property
    def email(self) -> str:
        return str(self.client.email)


@lru_cache(maxsize=1)
def patterns() -> dict[str, tuple[str, ...]]:
    """All patterns by scenario."""
    found: dict[str, list[str]] = {}
    for path in sorted(PATTERNS.glob("*.txt")):
        name = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if match := re.fullmatch(r"\[([\w.+]+)\]", line.strip()):
                name = match[1]
            else:
                found.setdefault(name, []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def expand(rng: random.Random, pattern: str) -> str:
    """One of the readings of {a|b} in a pattern."""
    while match := re.search(r"\{([^{}]*)\}", pattern):
        pattern = pattern[: match.start()] + rng.choice(match[1].split("|")) + pattern[match.end() :]
    return pattern


def cases(count: int, seed: int, *, held_out: int | None = None) -> Iterator[tuple[Case, list[dict[str, object]], str]]:
    """`count` cases with their truth and scenario. With `held_out`, only every fifth pattern from that one on."""
    rng = random.Random(seed)
    names = list(WEIGHTS)
    for number in range(count):
        scenario = rng.choices(names, [WEIGHTS[n] for n in names])[0]
        made = _case(rng, scenario, number, held_out)
        if made is not None:
            yield (*made, scenario)


def _case(
    rng: random.Random, scenario: str, number: int, held_out: int | None
) -> tuple[Case, list[dict[str, object]]] | None:
    draft = _start(rng)
    if scenario == "machine":
        return machines.case(draft, number)
    known = patterns()[scenario]
    if held_out is not None:
        known = tuple(p for i, p in enumerate(known) if (i % 5 == held_out)) or known
    pattern = expand(rng, rng.choice(known))
    _SCENARIOS[scenario.split(".")[0].split("+")[0]](draft, scenario, pattern)
    core = fill(draft, pattern)
    text = _mail_text(draft, core, scenario)
    sender = Address(name=_header_name(draft), email=draft.email)
    if scenario == "task.supplier":
        sender = Address(name=rng.choice(("Northgate Properties", "Elm Street Lettings", "Ledgerline Accounts", "Office of Works")), email="office@northgate-lettings.example")  # fmt: skip
    if scenario == "none.advert":
        sender = Address(name=rng.choice(("Growth Studio", "Zenbox", "Marla from LeadKit", "ParcelRun")), email="hello@leadkit.example")  # fmt: skip
    contacts = [_someone(rng) for _ in range(rng.randint(0, 3))]
    if draft.known and scenario not in ("task.supplier", "none.advert"):
        contacts.append(draft.client)
    rng.shuffle(contacts)
    mail = MailItem(
        subject=draft.subject or _subject(draft, core, scenario), sender=sender, cc=tuple(draft.cc),
        to=(Address(email=draft.practitioner.email),), sent_at=draft.sent, text=text,
        bulk=scenario == "none.advert" and rng.random() < 0.4,
    )  # fmt: skip
    return build(draft, mail, contacts, number), draft.expect


def build(draft: Draft, mail: MailItem, contacts: list[Contact], number: int) -> Case:
    return Case(
        id=f"syn-{number:05d}", practitioner=draft.practitioner, now=draft.sent + timedelta(minutes=9), mail=mail,
        contacts=tuple(contacts), services=tuple(draft.services), sessions=tuple(draft.sessions), invoices=tuple(draft.invoices),
    )  # fmt: skip


def _start(rng: random.Random) -> Draft:
    zone, currency, services = rng.choice(phrases.PRACTICES)
    base = date(2026, 1, 5) + timedelta(days=rng.randrange(350))
    sent = datetime(base.year, base.month, base.day, rng.randint(7, 21), rng.randint(0, 59), tzinfo=ZoneInfo(zone))
    first, last = rng.choice(phrases.FIRST), rng.choice(phrases.LAST)
    client = Contact(
        first_name=first,
        last_name=last,
        email=f"{first}.{last}@{rng.choice(('inbox', 'letterbox', 'postfix'))}.example".lower(),
    )
    owner = f"{rng.choice(phrases.FIRST)} {rng.choice(phrases.LAST)}"
    practitioner = Practitioner(name=owner, email="me@practice.example", timezone=zone, currency=currency)
    offered = [Service(name=n, duration_minutes=d, price=p) for n, d, p in services]
    return Draft(rng, zone, currency, base, sent, offered, client, practitioner)


def _someone(rng: random.Random) -> Contact:
    first, last = rng.choice(phrases.FIRST), rng.choice(phrases.LAST)
    return Contact(first_name=first, last_name=last, email=f"{first}{rng.randint(1, 99)}@other.example".lower())


def session(draft: Draft, ahead: int | None = None, minute: int | None = None) -> Session:
    """A session of the client to come, added to the case."""
    rng = draft.rng
    day = draft.base + timedelta(days=ahead if ahead is not None else rng.randint(1, 7))
    minute = minute if minute is not None else rng.choice(range(9, 19)) * 60 + rng.choice((0, 0, 30))
    service = rng.choice(draft.services)
    at = phrases.Moment("", day, minute).at(ZoneInfo(draft.zone))
    made = Session(ref=f"s{len(draft.sessions) + 1}", contact_email=draft.email, title=service.name, scheduled_at=at, duration_minutes=service.duration_minutes)  # fmt: skip
    draft.sessions.append(made)
    return made


def old_words(draft: Draft, made: Session) -> str:
    """Some way to speak of a session that exists."""
    rng = draft.rng
    local = made.scheduled_at.astimezone(ZoneInfo(draft.zone))
    day = phrases.day_words(rng, local.date(), draft.base, draft.zone)
    hour = phrases.hour_words(rng, local.hour * 60 + local.minute)
    return rng.choice([day, day, day, day, f"{day} at {hour}", f"{day} {hour}" if not hour.isdigit() else day])


def fill(draft: Draft, pattern: str) -> str:
    """The pattern with all <…> filled in."""
    for name in re.findall(r"<([A-Z0-9]+)>", pattern):
        pattern = pattern.replace(f"<{name}>", draft.words.get(name) or _free(draft, name), 1)
    return pattern


def _free(draft: Draft, name: str) -> str:
    """A filler without meaning for the truth."""
    rng = draft.rng
    if name in ("W", "W2"):
        return phrases.moment(rng, draft.base, draft.zone).text
    if name in ("D", "D2"):
        return phrases.day_words(rng, draft.base + timedelta(days=rng.randint(1, 12)), draft.base, draft.zone)
    if name in ("T", "T2", "OLT", "NT"):
        return phrases.hour_words(rng, rng.choice(range(8, 20)) * 60 + rng.choice((0, 30)))
    if name == "V":
        return rng.choice(
            (
                "next week",
                "some time next week",
                "this month",
                "in the next couple of weeks",
                "before Christmas",
                "one evening",
                "at the weekend",
                "soon",
                "the week after next",
                "later this week",
            )
        )
    if name == "S":
        service = rng.choice(draft.services)
        return rng.choice((service.name, service.name.lower(), service.name.lower()))
    if name in ("AMT", "AMT2"):
        return phrases.amount_words(rng, f"{rng.choice((20, 35, 60, 85, 120))}.00", draft.currency)
    if name == "PHONE":
        return "+44 7700 900" + str(rng.randint(100, 999))
    if name == "ADDR":
        return rng.choice(phrases.STREETS)
    if name == "OLD":
        return phrases.day_words(rng, draft.base + timedelta(days=rng.randint(1, 7)), draft.base, draft.zone)
    return rng.choice(("it", "that"))


# ------------------------------------------------------------------ scenarios


def _create(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    if scenario == "create.offer":
        _offer(draft, pattern)
        return
    first = phrases.moment(rng, draft.base, draft.zone)
    if "<T> on <D>" in pattern or "<T>" in pattern:
        draft.words |= {
            "D": phrases.day_words(rng, first.day, draft.base, draft.zone),
            "T": phrases.hour_words(rng, first.minute),
        }
    draft.words["W"] = first.text
    moments = [first]
    if scenario == "create.two":
        second = phrases.moment(rng, draft.base, draft.zone, earliest=8, latest=20)
        if second.day == first.day:
            second = phrases.said(rng, first.day + timedelta(days=1), second.minute, draft.base, draft.zone)
        draft.words["W2"] = second.text
        moments.append(second)
    draft.known = rng.random() < 0.72
    if draft.known and rng.random() < 0.2 and scenario == "create":
        session(draft, ahead=rng.choice((1, 9, 13)))
        if draft.sessions[0].scheduled_at.date() == first.day:
            draft.sessions.clear()
    _expect_sessions(draft, pattern, moments)


def _expect_sessions(draft: Draft, pattern: str, moments: list[phrases.Moment]) -> None:
    named = _name_service(draft) if "<S>" in pattern else None
    if not draft.known:
        _expect_contact(draft)
    for moment in moments:
        wanted: dict[str, object] = {
            "type": "session.create",
            "contact_email": draft.email,
            "scheduled_at": moment.at(ZoneInfo(draft.zone)).isoformat(),
        }
        if named is not None:
            wanted |= {"service": named.name, "duration_minutes": named.duration_minutes}
        draft.expect.append(wanted)


def _name_service(draft: Draft) -> Service:
    service = draft.rng.choice(draft.services)
    draft.words["S"] = draft.rng.choice((service.name, service.name.lower(), service.name.lower()))
    draft.named = True
    return service


def _expect_contact(draft: Draft) -> None:
    draft.expect.append(
        {
            "type": "contact.create",
            "email": draft.email,
            "first_name": draft.client.first_name,
            "last_name": draft.client.last_name,
        }
    )


def _offer(draft: Draft, pattern: str) -> None:
    rng = draft.rng
    several = "<OD>" in pattern or "<OT>" in pattern
    offers: list[phrases.Moment] = []
    while len(offers) < (rng.choice((1, 2, 2, 3)) if several else 1):
        offer = phrases.moment(rng, draft.base, draft.zone, earliest=2)
        if all(o.day != offer.day and o.minute % 720 != offer.minute % 720 for o in offers):
            offers.append(offer)
        elif len(offers) > 0 and rng.random() < 0.2:
            break
    taken = rng.choice(offers)
    draft.words |= {
        "OT": rng.choice(("the ", "")) + phrases.hour_words(rng, taken.minute),
        "OD": phrases.WEEKDAYS[taken.day.weekday()],
    }
    service = rng.choice(draft.services)
    told = rng.random() < 0.6
    listed = " or ".join(_clear(draft, o) for o in offers)
    line = rng.choice(("I can offer you {s}{w}.", "I have {w} free{t}.", "Would {w} suit you{t}?", "How about {w}{t}?"))
    words = line.format(
        w=listed, s=f"{service.name.lower()} on " if told else "", t=f" for {service.name.lower()}" if told else ""
    )
    _quote(draft, words)
    wanted: dict[str, object] = {
        "type": "session.create",
        "contact_email": draft.email,
        "scheduled_at": taken.at(ZoneInfo(draft.zone)).isoformat(),
    }
    if service.name.lower() in words.lower():
        wanted |= {"service": service.name, "duration_minutes": service.duration_minutes}
    draft.expect.append(wanted)


def _clear(draft: Draft, moment: phrases.Moment) -> str:
    hour = f"{moment.minute // 60:02}:{moment.minute % 60:02}"
    return f"{phrases.WEEKDAYS[moment.day.weekday()]} {moment.day.day} {phrases.MONTHS[moment.day.month - 1]} at {hour}"


def _quote(draft: Draft, words: str) -> None:
    earlier = draft.sent - timedelta(hours=draft.rng.randint(1, 20))
    name, email = draft.practitioner.name, draft.practitioner.email
    stamp = earlier.strftime("%a, %d %b %Y at %H:%M")
    draft.quote = (
        f"\n\nOn {stamp}, {name} <{email}> wrote:\n> Hi {draft.client.first_name},\n> {words}\n> {name.split()[0]}"
    )
    draft.subject = draft.rng.choice(("Re: your appointment", "Re: times", "Re: Hello", "RE: next week"))


def _move(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    zone = ZoneInfo(draft.zone)
    kind = scenario.partition(".")[2]
    if kind == "shift" and "<OLD>" not in pattern:
        made = session(draft, ahead=0, minute=draft.sent.hour * 60 + 120) if draft.sent.hour < 17 else session(draft)
    else:
        made = session(draft)
    if rng.random() < 0.3 and "<OLD>" in pattern:
        session(draft, ahead=rng.randint(9, 14))
    local = made.scheduled_at.astimezone(zone)
    draft.words |= {"OLD": old_words(draft, made), "OLT": phrases.hour_words(rng, local.hour * 60 + local.minute)}
    old_day, minute = local.date(), local.hour * 60 + local.minute
    if kind == "shift":
        minutes, words = rng.choice(
            (
                (30, "half an hour"),
                (15, "15 minutes"),
                (60, "an hour"),
                (30, "30 min"),
                (45, "45 mins"),
                (90, "an hour and a half"),
            )
        )
        at = made.scheduled_at + timedelta(minutes=-minutes if "earlier" in pattern else minutes)
        draft.words["SHIFT"] = words
        at = at.astimezone(zone)
        if at <= draft.sent:
            at = at + timedelta(0)
    elif kind == "hour":
        hour = rng.choice([h for h in range(8, 20) if abs(h * 60 - minute) >= 60])
        if "forward" in pattern:
            hour = rng.choice([h for h in range(8, 20) if h * 60 < minute] or [8])
        moment = phrases.Moment("", old_day, hour * 60)
        draft.words["NT"] = phrases.hour_words(rng, moment.minute)
        draft.words["OLD"] = phrases.day_words(rng, old_day, draft.base, draft.zone)
        if "<OLD>" not in pattern and "today" in pattern:
            draft.sessions.clear()
            made = session(draft, ahead=0, minute=min(20, draft.sent.hour + 2) * 60)
            moment = phrases.Moment("", draft.base, made.scheduled_at.hour * 60 + 60)
            draft.words["NT"] = (
                f"{(moment.minute // 60 - 1) % 12 + 1}pm" if moment.minute >= 720 else f"{moment.minute // 60}am"
            )
        at = moment.at(zone)
    elif kind in ("same", "offer"):
        day = old_day + timedelta(days=rng.choice((1, 2, 3, 7)))
        draft.words["D"] = phrases.day_words(rng, day, draft.base, draft.zone)
        moment = phrases.Moment("", day, minute if kind == "same" else rng.choice(range(9, 18)) * 60)
        at = moment.at(zone)
        if kind == "offer":
            draft.words["OT"] = phrases.hour_words(rng, moment.minute)
            _quote(
                draft,
                rng.choice(
                    (
                        "I am sorry, could we move your session on {o} to {n}?",
                        "Something came up on my side: can you come {n} instead of {o}?",
                        "Would it be possible to reschedule {o}? I could do {n}.",
                    )
                ).format(
                    o=_clear(draft, phrases.Moment("", old_day, local.hour * 60 + local.minute)),
                    n=_clear(draft, moment),
                ),
            )
    else:
        moment = phrases.moment(rng, draft.base, draft.zone)
        if moment.day == old_day and moment.minute == minute:
            moment = phrases.said(rng, moment.day + timedelta(days=1), moment.minute, draft.base, draft.zone)
        draft.words["W"] = moment.text
        at = moment.at(zone)
    draft.expect.append({"type": "session.reschedule", "session_ref": made.ref, "scheduled_at": at.isoformat()})


def _cancel(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    made = (
        session(draft, ahead=0, minute=min(21, draft.sent.hour + 2) * 60)
        if scenario == "cancel.today"
        else session(draft, ahead=rng.randint(1, 6))
    )
    draft.words["OLD"] = old_words(draft, made)
    draft.expect.append({"type": "session.cancel", "session_ref": made.ref})
    if scenario in ("cancel.two", "cancel.one") or rng.random() < 0.25:
        other = session(draft, ahead=rng.randint(8, 14))
        draft.words["OLD2"] = old_words(draft, other)
        if scenario == "cancel.two":
            draft.expect.append({"type": "session.cancel", "session_ref": other.ref})
    if scenario == "cancel+task":
        draft.expect.append({"type": "task.create", "contact_email": draft.email})
    if scenario == "cancel+create":
        moment = phrases.moment(rng, draft.base, draft.zone, earliest=8, latest=20)
        draft.words["W"] = moment.text
        _expect_sessions(draft, pattern, [moment])


def _task(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    if rng.random() < 0.3:
        session(draft, ahead=rng.randint(2, 12))
    wanted: dict[str, object] = {"type": "task.create", "contact_email": draft.email}
    if scenario == "task.supplier":
        wanted["contact_email"] = None
    if "<DUE>" in pattern:
        day = draft.base + timedelta(days=rng.randint(1, 14))
        draft.words["DUE"] = phrases.day_words(rng, day, draft.base, draft.zone)
        wanted["due_date"] = day.isoformat()
    draft.expect.append(wanted)


def _enquiry(draft: Draft, scenario: str, pattern: str) -> None:
    draft.known = False
    _expect_contact(draft)
    draft.expect.append({"type": "task.create", "contact_email": draft.email})
    if draft.rng.random() < 0.5:
        draft.subject = draft.rng.choice(("Enquiry", "Question", "your services", "New client?", "Hello"))


def _intro(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    first, last = rng.choice([n for n in phrases.FIRST if n != draft.client.first_name]), rng.choice(phrases.LAST)
    email = f"{first}{last}@newmail.example".lower()
    draft.words["FRIEND"] = first
    draft.cc.append(Address(name=f"{first} {last}", email=email))
    draft.expect.append({"type": "contact.create", "email": email, "first_name": first, "last_name": last})
    draft.expect.append({"type": "task.create", "contact_email": email})


def _pay(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    numbers = rng.choice(
        (("2026-014", "2026-022"), ("311", "318"), ("INV-77", "INV-81"), ("RE-104", "RE-109"), ("1042", "1057"))
    )
    values = [f"{rng.choice((35, 45, 60, 65, 80, 95, 120, 150, 240, 1200))}.00" for _ in range(2)]
    if values[0] == values[1]:
        values[1] = "77.50"
    named = scenario != "pay"
    if named or rng.random() < 0.4:
        count = 2 if scenario == "pay.two" or (named and rng.random() < 0.5) else 1
        for index in range(count):
            draft.invoices.append(
                Invoice(
                    ref=f"i{index + 1}",
                    contact_email=draft.email,
                    number=numbers[index],
                    total=values[index],
                    currency=draft.currency,
                )
            )
    for index in range(2 if scenario == "pay.two" else 1):
        suffix = str(index + 1) if index else ""
        draft.words[f"AMT{suffix}"] = phrases.amount_words(rng, values[index], draft.currency)
        draft.words[f"INV{suffix}"] = (
            rng.choice(("", "no. ", "#")) + numbers[index]
            if not numbers[index].startswith(("INV", "RE"))
            else numbers[index]
        )
        wanted: dict[str, object] = {
            "type": "payment.record",
            "contact_email": draft.email,
            "amount": values[index],
            "currency": draft.currency,
        }
        if draft.invoices:
            wanted["invoice_ref"] = f"i{index + 1}"
        draft.expect.append(wanted)


def _update(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    name = scenario.partition(".")[2]
    value, key = {
        "phone": ("+4477009" + str(rng.randint(10000, 99999)), "PHONE"),
        "email": (f"{draft.client.first_name}@{rng.choice(('nova', 'heron'))}.example".lower(), "EMAIL"),
        "address": (rng.choice(phrases.STREETS), "ADDR"),
        "name": (rng.choice([n for n in phrases.LAST if n != draft.client.last_name]), "LAST2"),
        "company": (rng.choice(phrases.COMPANIES), "COMP"),
    }[name]  # fmt: skip
    draft.words |= {key: value, "FIRST": draft.client.first_name}
    if name == "phone":
        draft.words["PHONE"] = f"{value[:3]} {value[3:7]} {value[7:]}"
        draft.client = draft.client.model_copy(update={"phone": "+447700900001"} if rng.random() < 0.6 else {})
    draft.expect.append(
        {
            "type": "contact.update",
            "contact_email": draft.email,
            "field": {"name": "last_name"}.get(name, name),
            "value": value,
        }
    )


def _none(draft: Draft, scenario: str, pattern: str) -> None:
    rng = draft.rng
    if "<OLD>" in pattern or rng.random() < 0.4:
        made = session(draft)
        draft.words["OLD"] = old_words(draft, made)
    if "You're booked" in pattern:
        draft.known = False
    if rng.random() < 0.2:
        draft.invoices.append(
            Invoice(ref="i1", contact_email=draft.email, number="2026-031", total="60.00", currency=draft.currency)
        )


_SCENARIOS = {
    "create": _create, "move": _move, "cancel": _cancel, "task": _task, "enquiry": _enquiry, "intro": _intro, "pay": _pay,
    "update": _update, "none": _none,
}  # fmt: skip


# ------------------------------------------------------------------ the mail around it


def _mail_text(draft: Draft, core: str, scenario: str) -> str:
    rng = draft.rng
    owner = draft.practitioner.name.split()
    parts = [core]
    if rng.random() < 0.45:
        parts.insert(0, expand(rng, rng.choice(patterns()["talk"])))
    if rng.random() < 0.2:
        parts.insert(0, expand(rng, rng.choice(patterns()["talk"])))
    if rng.random() < 0.22 and not draft.quote:
        parts.append(fill(_without_words(draft), expand(rng, rng.choice(patterns()["distract"]))))
    if rng.random() < 0.3:
        parts.append(expand(rng, rng.choice(patterns()["after"])))
    if scenario == "none" and rng.random() < 0.3:
        parts.append(fill(_without_words(draft), expand(rng, rng.choice(patterns()["talk"]))))
    body = " ".join(part.strip() for part in parts)
    body = _noise(rng, body)
    greeting = rng.choice(GREETINGS).format(p=owner[0], l=owner[-1])
    closing = rng.choice(CLOSINGS).format(
        n=draft.client.first_name, l=draft.client.last_name, i=draft.client.first_name[0]
    )
    text = "\n\n".join(part for part in (greeting, body, closing) if part)
    if rng.random() < 0.1:
        text += DISCLAIMER
    return text + draft.quote + "\n"


def _without_words(draft: Draft) -> Draft:
    return Draft(
        draft.rng, draft.zone, draft.currency, draft.base, draft.sent, draft.services, draft.client, draft.practitioner
    )


def _noise(rng: random.Random, body: str) -> str:
    chance = rng.random()
    if chance < 0.14:
        body = body.lower()
    elif chance < 0.16:
        body = body.upper()
    if rng.random() < 0.12:
        body = body.replace("'", "")
    if rng.random() < 0.1:
        body = body.rstrip(".!?")
    if rng.random() < 0.1:
        body = body.replace("you", "u").replace("please", "pls")
    return body


def _header_name(draft: Draft) -> str:
    rng, client = draft.rng, draft.client
    return rng.choice([client.name] * 6 + [client.first_name, client.name.lower()]) if draft.known else client.name


def _subject(draft: Draft, core: str, scenario: str) -> str:
    rng = draft.rng
    general = ("", "Hello", "hi", "quick one", "Question", "Re: hello", draft.services[0].name)
    special = {
        "create": ("booking", "Appointment", "Next session"), "move": ("Change", "our appointment", "Rescheduling"),
        "cancel": ("Cancel", "sorry", "can't make it", "Appointment"), "pay": ("Payment", "Invoice", "paid"),
        "update": ("New details", "change of details", "update"), "none": ("thank you", "news", "Hello!"),
        "task": ("question", "help", "request"),
    }  # fmt: skip
    return rng.choice(general + special.get(scenario.split(".")[0].split("+")[0], ()))
