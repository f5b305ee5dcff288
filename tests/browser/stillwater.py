"""The practice of the design's screens: Maya's clients, sessions, notes, tasks, and a queue with each type in it.

Everything goes through the domain, as the application does it. Days count from today of the practitioner's zone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from omnicrm.core import clock, zones
from omnicrm.core.db import Db, transaction
from omnicrm.domain import (
    approvals,
    contacts,
    groups,
    inbox,
    notes,
    programs,
    projects,
    services,
    sessions,
    tasks,
)
from omnicrm.domain.cases import Draft, Quote
from tests import factories

ZONE = ZoneInfo("Europe/Helsinki")
CLIENTS = (
    ("Aino", "Korhonen", "neck, lavender", "she/her", "Helsinki"),
    ("Priya", "Raman", "coaching", "she/her", "London"),
    ("Jonas", "Berg", "knee, runner", "", ""),
    ("Hanna", "Virtanen", "sleep", "", ""),
    ("Tomás", "Ferreira", "back", "", ""),
    ("Elena", "Petrova", "knee", "", ""),
    ("Kwame", "Mensah", "coaching", "", ""),
    ("Ingrid", "Solberg", "prenatal", "", ""),
    ("Lucas", "Meyer", "shoulder", "", ""),
    ("Beatriz", "Almeida", "sleep, anxiety", "", ""),
    ("Yuki", "Tanaka", "runner", "", ""),
    ("Marta", "Kowalska", "back", "", ""),
    ("Daniel", "Okafor", "stress", "", ""),
    ("Lena", "Fischer-Brandt", "", "", ""),
    ("Mei-Ling", "Chen", "", "", ""),
)
SERVICES = (
    ("Aroma massage", 75, "95", "Treatment room"),
    ("Deep tissue massage", 60, "85", "Treatment room"),
    ("Coaching", 60, "110", "Online"),
    ("First consultation", 30, "0", "Treatment room"),
)
AINO = (
    "Hi Maya,\n\nI am so sorry, my son has a dentist’s appointment and I can’t make our 14:30. "
    "Could we do Friday at ten instead? Same length is perfect.\n\n"
    "Your oil from last time was lovely, what was it called?\n\nAino"
)
NOOR = (
    "Hello,\n\nmy name is Noor Haddad, and Hanna told me about you. I would love to come for a first consultation. "
    "Could it be tomorrow at 16:15?\n\nBest,\nNoor\n+358 40 555 0177"
)


@dataclass
class Practice:
    """What a test may want to open."""

    user_id: UUID
    clients: dict[str, UUID]
    proposals: dict[str, UUID]
    groups: dict[str, UUID] = field(default_factory=dict)
    programs: dict[str, UUID] = field(default_factory=dict)
    projects: dict[str, UUID] = field(default_factory=dict)
    sessions: dict[str, UUID] = field(default_factory=dict)


def make() -> Practice:
    """A new practitioner with all of it, committed."""
    user_id = factories.make_user(
        name="Maya Lindqvist", business_name="Stillwater", time_zone=ZONE.key, currency="EUR", locale="en_IE"
    )
    with transaction(user_id) as db:
        clients = _clients(db)
        booked = _sessions(db, clients)
        workshop = _notes_and_tasks(db, clients)
        sold = _programs(db, clients)
    with transaction(user_id) as db:
        proposals = _proposals(db)
        kept = _smart_groups(db)
    return Practice(user_id, clients, proposals, kept, sold, {"Workshop": workshop}, booked)


def today() -> date:
    return clock.now().astimezone(ZONE).date()


def at(days: int, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time, `days` from today."""
    return zones.at_wall(today() + timedelta(days=days), time(hour, minute), ZONE)


def _clients(db: Db) -> dict[str, UUID]:
    for name, minutes, price, place in SERVICES:
        services.add(db, services.ServiceForm(name=name, duration_minutes=minutes, price=price, location=place))
    regulars, leads, room = (
        groups.add(db, name, color=colour).id
        for name, colour in (("Regulars", "jade"), ("Leads", "amber"), ("Tuesday room", "sky"))
    )
    found = {}
    for number, (first, last, tags, pronouns, city) in enumerate(CLIENTS):
        contact = contacts.add(
            db,
            contacts.ContactForm(
                first_name=first,
                last_name=last,
                email=f"{first}.{last}@example.fi".lower().replace("á", "a"),
                phone=f"+3584055510{number:02}",
                tags=tags,
                pronouns=pronouns or None,
                address_city=city or None,
                client_since=date(2024, 3, 4),
                time_zone="Europe/London" if city == "London" else None,
            ),
        )
        groups.join(db, regulars if number % 2 == 0 else room, contact.id)
        found[first] = contact.id
    groups.join(db, leads, found["Daniel"])
    return found


def _smart_groups(db: Db) -> dict[str, UUID]:
    either = [
        {"subject": "credits", "verb": "at_least", "value": "1"},
        {"subject": "sessions", "verb": "at_least", "value": "3"},
    ]
    seen = [{"subject": "last_session", "verb": "newer", "value": "60"}, {"any": either}]
    group = contacts.smart.add(db, "Seen lately", color="amber", rule=contacts.rules.Rule.model_validate({"all": seen}))
    return {row.name: UUID(row.id) for row in groups.listed(db)} | {"Seen lately": group.id}


def _sessions(db: Db, clients: dict[str, UUID]) -> dict[str, UUID]:
    known = {row.name: UUID(row.id) for row in services.listed(db)}

    def book(name: str, when: datetime, service: str, **more: Any) -> UUID:
        booking = sessions.Booking(
            contact_id=clients[name] if name else None,
            service_id=known[service] if service else None,
            scheduled_at=when,
            **more,
        )
        return sessions.book(db, booking, allow_overlap=True).id

    for days in (-13, -27, -41):
        sessions.close(db, book("Aino", at(days, 14, 30), "Aroma massage"))
    flow = book("", at(0, 8), "", title="Morning Flow", duration_minutes=60, capacity=12, location="Studio")
    sessions.close(db, flow)
    coaching = book("Priya", at(0, 10, 30), "Coaching", meeting_url="https://meet.example/priya")
    book("Jonas", at(0, 12), "Deep tissue massage")
    slow = book("", at(0, 17, 30), "", title="Slow Flow", duration_minutes=60, capacity=12, location="Studio")
    for name, mark in (("Hanna", "present"), ("Tomás", "late"), ("Yuki", "no_show"), ("Ingrid", "registered")):
        sessions.register(db, slow, clients[name])
        sessions.mark(db, slow, clients[name], mark)
    book("Aino", at(2, 14, 30), "Aroma massage")
    for name, days, hour in (("Ingrid", 1, 9), ("Yuki", 1, 11), ("Elena", 2, 10), ("Tomás", 2, 17), ("Marta", 3, 13)):
        book(name, at(days, hour), "Deep tissue massage")
    book("Kwame", at(9, 15), "Coaching")
    book("Beatriz", at(4, 10), "Coaching")
    return {"Slow Flow": slow, "Priya's": coaching}


def _programs(db: Db, clients: dict[str, UUID]) -> dict[str, UUID]:
    """A course in the middle of its weeks, and a package of which Beatriz has used three of five."""
    first = today() - timedelta(days=21)
    course = programs.add(
        db,
        programs.ProgramForm(
            kind="course",
            name="Six Weeks to Steady",
            price="290",
            capacity=16,
            start_date=first,
            end_date=first + timedelta(days=42),
            total_sessions=6,
        ),
    )
    came = {"Hanna": "ppp", "Elena": "plp", "Yuki": "ppp", "Kwame": "pnn", "Marta": "ppl", "Ingrid": "ppp"}
    for name in came:
        programs.enrol(db, course.id, clients[name])
    for paid, name in ((290, "Hanna"), (170, "Elena"), (290, "Yuki")):
        factories.make_payment(
            db, contact_id=clients[name], program_id=course.id, amount=paid, currency="EUR", paid_at=at(-25, 10)
        )
    for week in (-21, -14, -7, 7, 14, 21):
        evening = programs.SittingForm(first_on=today() + timedelta(days=week), begins_at=time(18))
        (session,) = programs.add_sittings(db, course.id, evening, allow_overlap=True)
        if week < 0:
            for name, marks in came.items():
                mark = {"p": "present", "l": "late", "n": "no_show"}[marks[(week + 21) // 7]]
                sessions.register(db, session, clients[name])
                sessions.mark(db, session, clients[name], mark)
            sessions.close(db, session)
    programs.change_enrollment(db, course.id, clients["Ingrid"], "paused")
    package = programs.add(
        db,
        programs.ProgramForm(kind="package", name="5 coachings", price="500", credits_per_enrollment=5, valid_days=180),
    )
    programs.enrol(db, package.id, clients["Beatriz"])
    for days in (-30, -20, -10):
        booking = sessions.Booking(contact_id=clients["Beatriz"], title="Coaching", scheduled_at=at(days, 9))
        sessions.close(db, sessions.book(db, booking, allow_overlap=True).id)
    return {"Steady": course.id, "Package": package.id}


def _notes_and_tasks(db: Db, clients: dict[str, UUID]) -> UUID:
    """Gives the project that one of the tasks belongs to."""
    for name, words in (
        (
            "Aino",
            "Less pressure on the shoulders, more time on the jaw and neck. She sleeps better since the magnesium. "
            "Goes to Rovaniemi with her son until Sunday; ask about the northern lights.",
        ),
        ("Priya", "Said yes to the team lead role; sleeps badly. How was Monday?"),
        ("Jonas", "Left knee still stiff after the run; easy on the hip flexors."),
    ):
        notes.add(db, notes.NoteForm(contact_id=clients[name], content=words))
    for title, days, who, priority in (
        ("Ask the insurer about Jonas’s form", -4, "Jonas", "medium"),
        ("Confirm the room for the solstice workshop", 0, "", "high"),
        ("Remind Jonas of his invoice", 0, "Jonas", "high"),
        ("Buy lavender oil", 0, "", "medium"),
        ("Send Hanna the breathing audio", 2, "Hanna", "medium"),
        ("Print 14 workbooks", 3, "", "medium"),
    ):
        due = today() + timedelta(days=days)
        form = tasks.TaskForm(title=title, due_on=due, contact_id=clients.get(who), priority=priority)
        task = tasks.add(db, form)
        if "room" in title:
            room = task.id
    workshop = projects.add(db, projects.ProjectForm(name="Solstice workshop", due_on=today() + timedelta(days=18)))
    for name in ("Room", "People"):
        projects.add_section(db, workshop.id, name)
    known = tasks.TaskForm(title="Confirm the room for the solstice workshop", due_on=today(), priority="high")
    tasks.change(db, room, known.model_copy(update={"project_id": workshop.id, "section": "Room"}))
    for step in ("Ask for two dates", "Compare the price", "Send the signed form", "Put it in the calendar"):
        made = tasks.add(db, tasks.TaskForm(title=step, parent_task_id=room))
        if step.startswith(("Ask", "Compare")):
            tasks.finish(db, made.id)
    tasks.add(db, tasks.TaskForm(title="Payment links", project_id=workshop.id, section="People"))
    projects.link(db, workshop.id, contact_id=clients["Ingrid"])
    notes.add(db, notes.NoteForm(project_id=workshop.id, content="Candles only at the **front**."))
    return workshop.id


def _proposals(db: Db) -> dict[str, UUID]:
    """One mail for each, with its drafts; named by what they propose."""
    friday = at(3, 10)
    found: dict[str, UUID] = {}

    def mail(sender: str, name: str, subject: str, text: str, minutes: int, **drafts: Draft) -> None:
        item = inbox.store(
            db,
            inbox.IncomingItem(
                kind="mail",
                provider="google_gmail",
                external_id=hashlib.sha256(text.encode()).hexdigest()[:16],
                occurred_at=clock.now() - timedelta(minutes=minutes),
                sender=sender,
                sender_name=name,
                subject=subject,
                body_text=text,
                content_hash=hashlib.sha256(text.encode()).hexdigest(),
            ),
        )
        for key, result in zip(drafts, approvals.propose_all(db, item.id, list(drafts.values())), strict=True):
            if result.approval_id is None:
                raise AssertionError(f"{key}: {result.outcome} {result.note}")
            found[key] = result.approval_id
        inbox.mark(db, item.id, "proposed")  # as the job does: it is not looked at again

    session = _next_session(db, "Aino")
    mail(
        "aino.korhonen@example.fi",
        "Aino Korhonen",
        "Sorry!",
        AINO,
        51,
        move=_draft(
            "session.reschedule",
            AINO,
            {"session_ref": session, "scheduled_at": friday.isoformat(), "contact_email": "aino.korhonen@example.fi"},
            0.93,
            "aino",
            session_ref="I can’t make our 14:30",
            scheduled_at="Friday at ten instead",
        ),
        reply=_draft(
            "reply.draft",
            AINO,
            {
                "contact_email": "aino.korhonen@example.fi",
                "subject": "Re: Sorry!",
                "body": "Friday at ten is perfect, Aino. The oil was lavender and cedar, I will keep some for you.",
            },
            0.7,
            "aino",
        ),
    )
    mail(
        "noor.haddad@example.org",
        "Noor Haddad",
        "First time",
        NOOR,
        90,
        contact=_draft(
            "contact.create",
            NOOR,
            {"email": "noor.haddad@example.org", "first_name": "Noor", "last_name": "Haddad", "phone": "+358405550177"},
            0.9,
            "noor",
            first_name="Noor Haddad",
            phone="+358 40 555 0177",
        ),
        book=_draft(
            "session.create",
            NOOR,
            {
                "contact_email": "noor.haddad@example.org",
                "scheduled_at": at(1, 16, 15).isoformat(),
                "service": "First consultation",
            },
            0.66,
            "noor",
            service="first consultation",
            scheduled_at="tomorrow at 16:15",
        ),
    )
    paid = "Hello Maya,\n\nI have paid 120 euros today, thank you for the three sessions.\n\nElena"
    mail(
        "elena.petrova@example.fi",
        "Elena Petrova",
        "Paid",
        paid,
        60 * 20,
        payment=_draft(
            "payment.record",
            paid,
            {"contact_email": "elena.petrova@example.fi", "amount": "120.00", "currency": "EUR"},
            0.86,
            None,
            amount="120 euros",
        ),
    )
    number = "Hi, a quick one: my new number is +49 171 555 0142. Please use it from now on. Lucas"
    mail(
        "lucas.meyer@example.fi",
        "Lucas Meyer",
        "New number",
        number,
        60 * 22,
        phone=_draft(
            "contact.update",
            number,
            {"contact_email": "lucas.meyer@example.fi", "field": "phone", "value": "+491715550142"},
            0.92,
            None,
            value="my new number is +49 171 555 0142",
        ),
    )
    audio = "Dear Maya, could you send me the breathing audio by Thursday? Sleep is better. Hanna"
    mail(
        "hanna.virtanen@example.fi",
        "Hanna Virtanen",
        "Audio",
        audio,
        60 * 25,
        task=_draft(
            "task.create",
            audio,
            {
                "contact_email": "hanna.virtanen@example.fi",
                "title": "Send Hanna the breathing audio",
                "due_date": (today() + timedelta(days=2)).isoformat(),
            },
            0.88,
            None,
            title="could you send me the breathing audio",
            due_date="by Thursday",
        ),
    )
    maybe = "Maya, I think next week gets too full for our coaching, can we see? Kwame"
    mail(
        "kwame.mensah@example.fi",
        "Kwame Mensah",
        "Next week",
        maybe,
        60 * 60,
        cancel=_draft(
            "session.cancel",
            maybe,
            {"session_ref": _next_session(db, "Kwame"), "contact_email": "kwame.mensah@example.fi"},
            0.45,
            None,
            session_ref="next week gets too full for our coaching",
        ),
    )
    return found


def _draft(kind: Any, text: str, slots: dict[str, Any], confidence: float, group: str | None, **quotes: str) -> Draft:
    evidence = []
    for slot, quote in quotes.items():
        start = text.index(quote)
        evidence.append(Quote(slot=slot, start=start, end=start + len(quote), quote=quote))
    return Draft(type=kind, slots=slots, confidence=confidence, evidence=tuple(evidence), group=group)


def _next_session(db: Db, name: str) -> str:
    rows = sessions.on_range(db, clock.now(), clock.now() + timedelta(days=30))
    return next(row.id for row in rows if row.who.startswith(name))
