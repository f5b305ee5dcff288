"""Everything read from one mail, before anything is proposed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property
from itertools import islice
from zoneinfo import ZoneInfo

from omnicrm.assistant import amounts, cues, machine, phones, reading, services
from omnicrm.assistant.amounts import Amount
from omnicrm.assistant.dates import places, whens
from omnicrm.assistant.dates.whens import When
from omnicrm.assistant.machine import Field
from omnicrm.assistant.phones import Phone
from omnicrm.assistant.reading import Reading, Section, Sentence
from omnicrm.domain.cases import Case, MailItem, Session

MOST_WHENS = 40  # a mail that names more times than these is a list, and each costs a look at the others

_SKIP = re.compile(r"https?://\S+|www\.\S+|[^\s@]{1,64}@[^\s@]{1,120}\.\w{2,20}")
_CLAUSE = re.compile(
    r"\s*[;:()]\s+|\s+-+\s+|,\s+|\s+(?:but|because|although|though|while|whereas|since|as|so that|and then|then also)\s+|\s+(?=(?:before|after)\s+(?:the|my|your|his|her|our|school|work|lunch|i|we|she|he|that)\b)|"
    r"\s+(?:and|so|or)\s+(?=(?:i|we|you|he|she|they|it|can|could|would|will|please|my|his|her|then|also|let|the|that|if|not|to|add|keep|leave|move|cancel|book)\b)|[?!.]\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A when with the sentence it stands in; `sentence` None: in the subject."""

    when: When
    sentence: Sentence | None
    section: Section | None
    pointer: When | None = None  # the words that point to it, where it stands in a quote itself


@dataclass
class Context:
    """One mail of one case, read once; everything else asks it."""

    case: Case
    mail: MailItem
    reading: Reading
    home: ZoneInfo
    base: date
    sent: datetime
    region: str
    month_first: bool
    masks: list[tuple[int, int]] = field(default_factory=list)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return self.reading.sentences

    def signs(self, sentence: Sentence | None) -> frozenset[str]:
        """The signs of a sentence; None stands for the subject."""
        return cues.of(reading.level(self.subject_line) if sentence is None else sentence.text)

    @cached_property
    def subject_line(self) -> str:
        return re.sub(r"^(?:(?:re|fwd?|aw|wg|sv|vs|antw|tr|rv|res|enc)\s*:\s*)+", "", self.reading.subject, flags=re.I)

    @cached_property
    def is_reply(self) -> bool:
        return bool(re.match(r"\s*(?:re|aw|sv|antw|res)\s*:", self.reading.subject, re.IGNORECASE)) or bool(
            self.reading.of("quote")
        )

    @cached_property
    def all_signs(self) -> frozenset[str]:
        found: set[str] = set()
        for sentence in self.sentences:
            found |= self.signs(sentence)
        return frozenset(found)

    def neighbour(self, sentence: Sentence, step: int) -> Sentence | None:
        index = self._places.get(sentence.start, -9) + step
        return self.sentences[index] if 0 <= index < len(self.sentences) else None

    @cached_property
    def _places(self) -> dict[int, int]:
        return {sentence.start: index for index, sentence in enumerate(self.sentences)}

    @cached_property
    def amounts(self) -> list[Amount]:
        return [
            Amount(a.start + s.start, a.end + s.start, a.value, a.currency)
            for s in self.reading.new
            for a in amounts.find(s.text)
        ]

    @cached_property
    def phones(self) -> list[Phone]:
        return [
            Phone(p.start + s.start, p.end + s.start, p.e164, p.cued or s.kind == "signature")
            for s in self.reading.of("new", "signature")
            for p in phones.find(s.text, self.region)
        ]

    @cached_property
    def fields(self) -> list[Field]:
        found = []
        for section in self.reading.new:
            found += [
                Field(
                    f.key,
                    f.label,
                    f.value,
                    f.start + section.start,
                    f.end + section.start,
                    f.line_start + section.start,
                )
                for f in machine.fields(section.text)
            ]
        return found

    @cached_property
    def kinds(self) -> frozenset[str]:
        return machine.kinds(self.mail, self.reading.new_text)

    @cached_property
    def by_machine(self) -> bool:
        return machine.by_machine(self.mail)

    @cached_property
    def whens(self) -> list[Placed]:
        """The whens of the new words, in order; the first ones, where they are a list without end."""
        found = (placed for section in self.reading.new for placed in self.whens_of(section, self.base))
        return list(islice(found, MOST_WHENS))

    @cached_property
    def days(self) -> list[Placed]:
        """Each day mentioned in the new words once, with the sentence in which it stands itself."""
        found: dict[int, Placed] = {}
        for placed in self.whens:
            day = placed.when.day
            if day is not None and placed.section is not None and day.start not in found:
                found[day.start] = Placed(placed.when, placed.section.sentence_at(day.start), placed.section)
        return [found[start] for start in sorted(found)]

    def whens_of(self, section: Section, base: date) -> list[Placed]:
        masks = [match.span() for match in _SKIP.finditer(section.text)]
        masks += [(a.start, a.end) for a in amounts.find(section.text)]
        masks += [
            (p.start - section.start, p.end - section.start)
            for p in self.phones
            if section.start <= p.start < section.end
        ]
        stated = places.stated(section.text) if self.fields and len(self.fields) >= 3 else None
        found = whens.find(
            section.text,
            base,
            month_first=self.month_first,
            breaks=section.breaks,
            offset=section.start,
            masks=tuple(masks),
            sender_zone=self.sender_zone,
        )
        if stated is not None:
            found = [
                w if w.zone or not w.clock else When(w.start, w.end, w.day, w.clock, w.joined, stated) for w in found
            ]
        return [Placed(w, section.sentence_at((w.clock or w.day).start), section) for w in found]  # type: ignore[union-attr]  # a when has one

    @cached_property
    def subject_whens(self) -> list[When]:
        return whens.find(self.reading.subject, self.base, month_first=self.month_first)

    @cached_property
    def sender_zone(self) -> tzinfo | None:
        return self.mail.sent_at.tzinfo if self.mail.sent_at else None

    @cached_property
    def quotes(self) -> tuple[Section, ...]:
        return self.reading.of("quote")

    def base_of(self, section: Section) -> date:
        """The local day on which a quoted section was written."""
        if section.sent_at is None:
            return self.base
        sent = section.sent_at
        return sent.astimezone(self.home).date() if sent.tzinfo else sent.date()

    def by_practitioner(self, section: Section) -> bool:
        """Whether a quote is of the practitioner's own words, as far as can be told."""
        own = self.case.practitioner
        if section.author_email:
            return section.author_email.casefold() == own.email.casefold()
        if section.author_name:
            return bool(set(section.author_name.lower().split()) & set(own.name.lower().split()))
        return section.depth <= 1

    @cached_property
    def service(self) -> services.Named | None:
        """The one service that the new words pick."""
        return services.pick(self.reading.new_text, self.case.services)

    @cached_property
    def subject_service(self) -> services.Named | None:
        return services.pick(self.subject_line, self.case.services)

    def clause(self, placed: Placed) -> str:
        """The clause around the hour (or day) of a when."""
        if placed.sentence is None:
            return self.subject_line
        when = placed.pointer or placed.when
        anchor = when.clock or when.day
        position = anchor.start - placed.sentence.start  # type: ignore[union-attr]  # a when has one
        if not 0 <= position < len(placed.sentence.text):
            return placed.sentence.text
        start, end = 0, len(placed.sentence.text)
        for match in _CLAUSE.finditer(placed.sentence.text):
            if match.end() <= position:
                start = match.end()
            elif match.start() >= position:
                end = match.start()
                break
        return placed.sentence.text[start:end]

    def scheduled(self, email: str | None) -> list[Session]:
        """The client's sessions still to come (or under way), in order of time."""
        if not email:
            return []
        mine = [
            s
            for s in self.case.sessions
            if s.status == "scheduled" and (s.contact_email or "").casefold() == email.casefold()
        ]
        today = self.base
        return sorted(
            (s for s in mine if s.scheduled_at.astimezone(self.home).date() >= today), key=lambda s: s.scheduled_at
        )

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.home)

    def iso(self, moment: datetime) -> str:
        """An instant as written in slots: with the offset of the practitioner's zone."""
        return self.local(moment).isoformat()


def of(case: Case) -> Context:
    """Reads the mail of a case. The case must be one of a mail."""
    mail = case.mail
    if mail is None:
        raise ValueError("not a mail")
    home = case.practitioner.zone
    sent = mail.sent_at or case.now
    return Context(
        case=case,
        mail=mail,
        reading=reading.read(
            mail.text, mail.subject, mail.sender.name if mail.sender else "", signed=not machine.by_machine(mail)
        ),
        home=home,
        base=sent.astimezone(home).date(),
        sent=sent,
        region=places.country(case.practitioner.timezone),
        month_first=places.month_first(case.practitioner.timezone),
    )
