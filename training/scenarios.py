"""The scenarios of synthetic cases: each draws its facts and writes down the truth."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from omnicrm.domain.cases import Address, Invoice, Service
from training import phrases
from training.drafts import Draft, old_words, session


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


SCENARIOS = {
    "create": _create, "move": _move, "cancel": _cancel, "task": _task, "enquiry": _enquiry, "intro": _intro, "pay": _pay,
    "update": _update, "none": _none,
}  # fmt: skip
