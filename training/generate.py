"""Synthetic cases: scenarios with their truth, rendered from the patterns of `patterns/*.txt`.

A pattern is one line; {a|b} are alternatives, <…> is filled in from the scenario, and what is filled in is the truth.
Around it come greetings, small talk, distractors (other people's times), signatures, quotes and noise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from omnicrm.domain.cases import Address, Case, Contact, MailItem, Practitioner, Service
from training import machines, phrases
from training.drafts import Draft, someone
from training.scenarios import SCENARIOS

PATTERNS = Path(__file__).parent / "patterns"
WEIGHTS = {
    "create": 14, "create.two": 3, "create.offer": 6, "move": 8, "move.hour": 4, "move.shift": 2, "move.same": 2,
    "move.offer": 3, "cancel": 9, "cancel.today": 1, "cancel+task": 5, "cancel+create": 2, "cancel.two": 2, "cancel.one": 3,
    "task": 14, "task.call": 3, "task.due": 4, "task.complaint": 4, "task.supplier": 3, "enquiry": 7, "intro": 2, "pay": 6,
    "pay.invoice": 4, "pay.two": 2, "update.phone": 2, "update.email": 2, "update.address": 2, "update.name": 2,
    "update.company": 1, "none": 78, "none.advert": 18, "machine": 14,
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
    SCENARIOS[scenario.split(".")[0].split("+")[0]](draft, scenario, pattern)
    core = fill(draft, pattern)
    text = _mail_text(draft, core, scenario)
    sender = Address(name=_header_name(draft), email=draft.email)
    if scenario == "task.supplier":
        sender = Address(name=rng.choice(("Northgate Properties", "Elm Street Lettings", "Ledgerline Accounts", "Office of Works")), email="office@northgate-lettings.example")  # fmt: skip
    if scenario == "none.advert":
        sender = Address(name=rng.choice(("Growth Studio", "Zenbox", "Marla from LeadKit", "ParcelRun")), email="hello@leadkit.example")  # fmt: skip
    contacts = [someone(rng) for _ in range(rng.randint(0, 3))]
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
