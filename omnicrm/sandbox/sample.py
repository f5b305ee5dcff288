"""A believable practice, the same for the same seed: clients, sessions, a mailbox and a calendar, relative to now."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any
from zoneinfo import ZoneInfo

from omnicrm.core import zones
from omnicrm.sandbox import content
from omnicrm.sandbox.control import AccountIn, CalendarIn, MailIn

PERSONAL = ("INBOX", "CATEGORY_PERSONAL")
DAILY_HOURS = (time(9), time(10, 30), time(12, 30), time(14), time(15, 30), time(17))

# what older mails are about: nothing with a day that has passed by now, and mostly nothing that asks
OLDER = (
    *("thanks", "thanks", "chat", "chat", "newsletter", "newsletter", "out_of_office", "looking_forward"),
    *("question", "phone", "address", "paid", "wish", "enquiry"),
)


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Service:
    name: str
    duration_minutes: int
    price: str


@dataclass(frozen=True)
class Booked:
    """A session that the practice has in its book; `event_id` where it stands in the calendar too."""

    person: Person
    service: Service
    scheduled_at: datetime
    event_id: str | None = None


@dataclass(frozen=True)
class Bill:
    number: str
    person: Person
    total: str
    currency: str = "EUR"


@dataclass
class Practice:
    """What the practice knows (people, services, sessions, invoices), and what lies in its Google account."""

    name: str
    email: str
    time_zone: str
    people: list[Person] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    sessions: list[Booked] = field(default_factory=list)
    invoices: list[Bill] = field(default_factory=list)
    mail: list[tuple[bytes, tuple[str, ...]]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def account(self) -> AccountIn:
        """The Google side, as the sandbox takes it (POST /sandbox/accounts)."""
        return AccountIn(
            email=self.email,
            name=self.name,
            time_zone=self.time_zone,
            fresh=True,
            mail=[MailIn(raw=base64.urlsafe_b64encode(raw).decode(), labels=list(labels)) for raw, labels in self.mail],
            calendars=[CalendarIn(id="primary", summary=self.email, time_zone=self.time_zone, events=self.events)],
        )


def practice(
    now: datetime,
    *,
    time_zone: str = "Europe/Helsinki",
    email: str = "maya@stillwater.example",
    name: str = "Maya Lindqvist",
    seed: int = 1,
    people: int = 24,
    mails: int = 40,
    events: int = 30,
) -> Practice:
    """A mail of every kind in the last two days, and before them as many more (28 days back) as asked for.

    `people` are the known clients; enquiries come from strangers beyond them. Reproducible: the same arguments give
    the same bytes.
    """
    return _Writer(now, time_zone, email, name, seed).write(people, mails, events)


class _Writer:
    def __init__(self, now: datetime, time_zone: str, email: str, name: str, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  # sample data, not a secret
        self.now = now
        self.zone = ZoneInfo(time_zone)
        self.me = Practice(name, email, time_zone)
        self.used: set[str] = set()
        self.serial = 0

    def write(self, people: int, mails: int, events: int) -> Practice:
        me = self.me
        me.services = [Service(*service) for service in content.SERVICES]
        me.people = [self._person() for _ in range(max(people, 6))]
        self._book()
        me.invoices = [
            Bill(f"{self.now.year}-{14 + i:03d}", person, me.services[i % len(me.services)].price)
            for i, person in enumerate(me.people[:8])
        ]
        self._events(events)
        self._mail(mails)
        return me

    def _person(self) -> Person:
        while True:
            first, last = self.random.choice(content.FIRST_NAMES), self.random.choice(content.LAST_NAMES)
            number = "" if len(self.used) < len(content.FIRST_NAMES) * 20 else str(self.random.randrange(100, 99999))
            address = f"{first}.{last}{number}@{self.random.choice(content.MAIL_HOSTS)}".lower()
            if address not in self.used:
                self.used.add(address)
                return Person(first, last, address, f"+35840{self.random.randrange(1000000, 9999999)}")

    # the book and the calendar

    def _book(self) -> None:
        """For each of the first dozen clients a coming session and a past one, one at a time."""
        for place, person in enumerate(self.me.people[:12]):
            service = self.me.services[place % len(self.me.services)]
            coming = self._slot(2 + place // 3, place % 3 * 2)
            self.me.sessions.append(Booked(person, service, coming, f"sample{self._next():06d}"))
            self.me.sessions.append(Booked(person, service, self._slot(-14 + place // 3, place % 3 * 2)))
        for place, person in enumerate(self.me.people[15:18]):  # and three for today, which no mail speaks of
            service = self.me.services[place % len(self.me.services)]
            self.me.sessions.append(Booked(person, service, self._slot(0, place * 2), f"sample{self._next():06d}"))
            self.me.sessions.append(Booked(person, service, self._slot(-7, place * 2)))

    def _events(self, wanted: int) -> None:
        for booked in self.me.sessions:
            if booked.event_id is not None:
                title = f"{booked.service.name}: {booked.person.first_name[0]}{booked.person.last_name[0]}"
                self._event(title, booked.scheduled_at, booked.service.duration_minutes, booked.event_id)
        known = self.me.people
        series_at = self._slot(3, 5)
        master = f"sample{self._next():06d}"
        self._event(f"Private yoga {known[-1].name}", series_at, 75, master, recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"])
        moved_from = zones.shift_wall(series_at, self.zone, days=7)
        self.me.events.append(
            {
                "id": f"{master}_{moved_from:%Y%m%dT%H%M%SZ}",
                "recurringEventId": master,
                **self._times(zones.shift_wall(moved_from, self.zone, days=1), 75),
            }
        )
        dropped = zones.shift_wall(series_at, self.zone, days=14)
        self.me.events.append(
            {"id": f"{master}_{dropped:%Y%m%dT%H%M%SZ}", "recurringEventId": master, "status": "cancelled"}
        )
        self._event(f"Breathwork with {known[-2].name}", self._slot(4, 1), 45, attendees=[{"email": known[-2].email}])
        for title, days, place in (("Dentist", 2, 3), ("Lunch with Kaisa", 5, 2), ("Focus: tax papers", 6, 0)):
            self._event(title, self._slot(days, place), 60)
        day = self._day(8)
        self.me.events.append(
            {
                "id": f"sample{self._next():06d}",
                "summary": "Stocktaking",
                "transparency": "transparent",
                "start": {"date": f"{day}"},
                "end": {"date": f"{day + timedelta(days=1)}"},
            }
        )
        while len(self.me.events) < wanted:
            person, service = self.random.choice(known), self.random.choice(self.me.services)
            at = self._slot(self.random.randrange(-28, 60), self.random.randrange(len(DAILY_HOURS)))
            title = self.random.choice((f"{service.name} {person.name}", f"Call {person.first_name}", "Errands"))
            self._event(title, at, service.duration_minutes)

    def _event(self, title: str, at: datetime, minutes: int, identity: str | None = None, **more: Any) -> None:
        identity = identity or f"sample{self._next():06d}"
        self.me.events.append({"id": identity, "summary": title, **self._times(at, minutes), **more})

    def _times(self, at: datetime, minutes: int) -> dict[str, Any]:
        local, zone = at.astimezone(self.zone), self.me.time_zone
        ends = (at + timedelta(minutes=minutes)).astimezone(self.zone)
        return {
            "start": {"dateTime": local.isoformat(), "timeZone": zone},
            "end": {"dateTime": ends.isoformat(), "timeZone": zone},
        }

    # the mailbox

    def _mail(self, wanted: int) -> None:
        known = self.me.people
        story: list[tuple[str, Person]] = [
            ("thanks", known[0]),
            ("newsletter", known[0]),
            ("enquiry", self._person()),
            ("reschedule", known[1]),
            ("bank", known[2]),
            ("question", known[13 % len(known)]),
            ("cancel", known[3]),
            ("looking_forward", known[4]),
            ("phone", known[5]),
            ("out_of_office", known[6 % len(known)]),
            ("booking", known[12 % len(known)]),
            ("paid", known[1]),
            ("landlord", known[0]),
            ("exchange", known[14 % len(known)]),
            ("pushy", known[0]),
            ("enquiry_with_time", self._person()),
            ("wish", known[7 % len(known)]),
            ("address", known[8 % len(known)]),
            ("chat", known[9 % len(known)]),
        ]
        more = max(wanted - len(story), 0)
        for place in range(more):
            kind = self.random.choice(OLDER)
            person = self._person() if kind == "enquiry" else self.random.choice(known)
            if kind == "paid":
                person = self.random.choice(self.me.invoices).person
            self._tell(kind, person, self._by_day(self.now - timedelta(days=28 - 25 * place / more)))
        for place, (kind, person) in enumerate(story):
            self._tell(kind, person, self._by_day(self.now - timedelta(hours=50 * (1 - (place + 1) / len(story)) + 1)))

    def _by_day(self, at: datetime) -> datetime:
        """People write between seven and ten; what falls into the night was written the evening before."""
        local = at.astimezone(self.zone)
        if local.hour >= 7:
            return at
        return zones.at_wall(local.date() - timedelta(days=1), time(18 + local.hour % 4, local.minute), self.zone)

    def _tell(self, kind: str, person: Person, at: datetime) -> None:
        words = self._words(person, at)
        if kind in content.SCENARIOS:
            subjects, texts = content.SCENARIOS[kind]
            self._letter(person, self.random.choice(subjects), self.random.choice(texts), words, at)
        elif kind == "exchange":
            self._exchange(person, words, at)
        elif kind == "newsletter":
            sender = Person("Mat", "World", "news@matworld.example", "")
            headers = {"List-Unsubscribe": "<https://news.matworld.example/u>", "Precedence": "bulk"}
            labels = ("INBOX", "CATEGORY_PROMOTIONS")
            self._letter(sender, *content.NEWSLETTER, words, at, labels=labels, headers=headers)
        elif kind == "out_of_office":
            self._letter(person, *content.OUT_OF_OFFICE, words, at, headers={"Auto-Submitted": "auto-replied"})
        else:
            sender, text = {
                "bank": (Person("Lakeside", "Bank", "notices@lakesidebank.example", ""), content.BANK),
                "landlord": (Person("Harbour", "Property", "office@harbourproperty.example", ""), content.LANDLORD),
                "pushy": (Person("System", "Notice", "notice@shadow.example", ""), content.PUSHY),
            }[kind]
            self._letter(sender, *text, words, at)

    def _exchange(self, person: Person, words: dict[str, str], at: datetime) -> None:
        """The client asks, the practitioner offers a time, the client accepts with the offer quoted below."""
        subjects, texts = content.SCENARIOS["wish"]
        asked = self._letter(person, subjects[0], texts[0], words, at - timedelta(hours=5))
        subject, offer = content.OFFER
        words = words | {"subject": subjects[0]}
        headers = {"In-Reply-To": asked, "References": asked}
        offered = self._letter(
            person, subject, offer, words, at - timedelta(hours=3), labels=("SENT",), headers=headers, out=True
        )
        quoted = "\n".join(f"> {line}" for line in offer.format(**words).split("\n"))
        told = (at - timedelta(hours=3)).astimezone(self.zone)
        wrote = f"On {told:%a, %d %b %Y at %H:%M}, {self.me.name} <{self.me.email}> wrote:"
        answer = f"{content.ACCEPTANCE}\n\n{wrote}\n{quoted}\n"
        headers = {"In-Reply-To": offered, "References": f"{asked} {offered}"}
        self._letter(person, subject, answer, words, at, headers=headers)

    def _letter(
        self,
        person: Person,
        subject: str,
        text: str,
        words: dict[str, str],
        at: datetime,
        *,
        labels: tuple[str, ...] = PERSONAL,
        headers: dict[str, str] | None = None,
        out: bool = False,
    ) -> str:
        mail = EmailMessage()
        parties = [formataddr((person.name, person.email)), formataddr((self.me.name, self.me.email))]
        mail["From"], mail["To"] = reversed(parties) if out else parties
        mail["Subject"] = subject.format(**words)
        mail["Date"] = format_datetime(at.astimezone(self.zone))
        mail["Message-ID"] = f"<sample-{self._next()}@{person.email.rpartition('@')[2]}>"
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content(text.format(**words) + "\n")
        self.me.mail.append((mail.as_bytes(), labels))
        return str(mail["Message-ID"])

    def _words(self, person: Person, at: datetime) -> dict[str, str]:
        own = next((s for s in self.me.sessions if s.person == person and s.scheduled_at > at), None)
        bill = next((b for b in self.me.invoices if b.person == person), self.me.invoices[0])
        service = own.service if own else self.random.choice(self.me.services)
        wished = self._slot(self.random.randrange(3, 15), self.random.choice((1, 3, 5)), after=at)
        old = own.scheduled_at if own else wished + timedelta(days=2)
        return {
            "me": self.me.name.split()[0],
            "first": person.first_name,
            "last": person.last_name,
            "name": person.name,
            "email": person.email,
            "phone": f"+35840{self.random.randrange(1000000, 9999999)}" if person in self.me.people else person.phone,
            "service": service.name,
            "service_lower": service.name.lower(),
            "day": self._said(wished),
            "time": f"{wished.astimezone(self.zone):%H:%M}",
            "old_day": self._said(old),
            "old_time": f"{old.astimezone(self.zone):%H:%M}",
            "deadline": self._said(wished - timedelta(days=2)),
            "number": bill.number,
            "amount": bill.total,
            "street": f"{self.random.choice(content.STREETS)} Street {self.random.randrange(1, 90)}",
            "city": f"00{self.random.randrange(100, 990)} Helsinki",
        }

    def _said(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{local:%A} {local.day} {local:%B}"

    def _slot(self, days: int, place: int, after: datetime | None = None) -> datetime:
        return zones.at_wall(self._day(days, after), DAILY_HOURS[place % len(DAILY_HOURS)], self.zone)

    def _day(self, days: int, after: datetime | None = None) -> date:
        """That many working days from now, or from `after`."""
        day = (after or self.now).astimezone(self.zone).date()
        step = timedelta(days=1 if days >= 0 else -1)
        while days or day.isoweekday() > 5:
            day += step
            if day.isoweekday() <= 5 and days:
                days -= step.days
        return day

    def _next(self) -> int:
        self.serial += 1
        return self.serial
