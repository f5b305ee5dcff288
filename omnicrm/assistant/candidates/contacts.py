"""Contacts to create, and lasting facts about known ones."""

from __future__ import annotations

import re
from datetime import date
from difflib import SequenceMatcher

from omnicrm.assistant import names, people
from omnicrm.assistant.candidates.base import Candidate, Span, around, shared, span_of_sentence
from omnicrm.assistant.context import Context
from omnicrm.assistant.people import Person
from omnicrm.assistant.reading import Sentence

_ADDRESS = re.compile(
    r"\b(?P<a>(?:(?i:flat|apt\.?|apartment|unit|suite|no\.?|house|#)\s*\w{1,5},?\s+)?\d{1,5}[a-z]?(?:[/-]\d{1,4}[a-z]?)?\s+(?:[A-Z][\w'.-]*\s+){0,4}[A-Z][\w'.-]+(?:,\s*(?:(?:flat|apt|apartment|unit|suite)\s*\w{1,5}|[A-Z0-9][\w'.-]*(?:\s+[A-Z0-9][\w'.-]*){0,3}|\d{3,6}(?:\s?[A-Z]{2})?))*|"
    r"(?:[A-Z][\w'.-]*(?:straße|strasse|str\.|gasse|weg|platz|gata|gatan|gate|veien|vägen|vei|laan|straat|allee|vej)|(?:Rue|Via|Calle|Rua|Avenida|Avenue|Boulevard|Place|Plaza|Piazza|Praça|Chemin|Impasse)(?:\s+(?:de|du|des|la|le|del|della|dos|da|do|das))*(?:\s+[A-Z][\w'.-]*){1,3}),?\s+\d{1,4}[a-z]?(?:,\s*[A-Z0-9][\w'.-]*(?:\s+[A-Z0-9][\w'.-]*){0,3})*)"
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_COMPANY_IS = re.compile(
    r"\b(?i:(?:i'm|i am|im|i|i've|i have)\s+(?:now\s+|just\s+|recently\s+)*(?:with|at|working (?:for|at|with)|work (?:for|at|with)|joined|have joined|started (?:work(?:ing)? |a job |a new job )?(?:at|with|for)|moved to|employed (?:by|at))|(?:my|the)\s+(?:new\s+)?(?:company|employer|firm|business|workplace)\s+(?:is|name is|is called|is now)|(?:i've|i have|just|recently|i)\s+(?:just\s+|recently\s+)?joined|started (?:a new job |my new job |work )?(?:at|with)|(?:invoices?|receipts?|bill(?:s|ed|ing)?)\s+(?:\w+\s+){0,4}?(?:to|in the name of|made out to)(?:\s+my (?:company|firm|employer|business),?)?)\s+(?P<v>[A-Z][\w&'.-]*(?:\s+(?:&|and|of|[A-Z][\w&'.-]*)){0,4})"
)
_LAST_NAME = re.compile(
    r"(?:\b(?i:(?:i'm|i am|it's|its|i'll be|am|is|become|became|be)\s+(?:(?:now|officially|legally|finally|happily|proudly|to be|called)\s+)*(?:mrs?\.?\s+|ms\.?\s+)?)(?P<full>[A-Z][\w'-]+\s+(?:(?:van|von|de|der|da|dos|del|la|di|al|el|mc|mac|o')\s+)*[A-Z][\w'-]+)(?:\s+now)?|"
    r"\b(?i:(?:new|married|maiden|last|family|sur) ?(?:sur|last |family )?name(?:\s+is)?(?:\s+now)?(?:\s+(?:is|to|will be|has changed to|changed to|becomes))?|surname (?:is|to|has changed to|changed to|will be)(?: now)?|name (?:has )?changed to|change my (?:sur|last |family )?name to|changed my (?:sur|last |family )?name to|go(?:ing)? back to(?: my maiden name,?)?|back to (?:my maiden name,?|being)|now (?:called|known as)|known as|mrs\.?|i'm|i am)[\s:,]+(?i:mrs?\.?\s+|ms\.?\s+)?(?P<v>[A-Z][\w'-]+(?:[\s-][A-Z][\w'-]+){0,2}))"
)
_FIRST_NAME = re.compile(
    r"\b(?i:my (?:first |given )?name is (?:actually |really |spelled |spelt |written )?|it's (?:actually |really |spelled |spelt )?|its (?:actually )?|(?:spelled|spelt|written|spelling is|spell (?:it|my name)|correct (?:name|spelling) is|first name (?:is|to)|name (?:is|to)|call me|go(?:es)? by|prefer|known as|should be|be)\s+(?:now\s+)?(?:as\s+)?)['\"]?(?P<v>[A-Z][\w'-]+)"
)
_BORN = re.compile(
    r"\b(?:born|birthday|date of birth|dob|d\.o\.b|birth date|birthdate|turn(?:ing|ed|s)?|years old)\b", re.IGNORECASE
)
_AGE = re.compile(
    r"\b(?:turn(?:ing|s)?|be|will be|hit(?:ting)?|reach(?:ing)?|celebrat\w+ my)\s+(?:the big\s+)?(?P<n>\d{2}|thirty|forty|fifty|sixty|seventy|eighty|ninety|twenty)(?:th)?\b",
    re.IGNORECASE,
)
_AGES = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ABOUT_OTHERS = re.compile(
    r"\b(?:her|his|their|my (?:son|daughter|husband|wife|partner|mother|mum|mom|dad|father|sister|brother|boss|friend|niece|nephew|cousin|colleague|neighbou?r|secretary|assistant)(?:'s)?|ward|school|office|reception|secretary|doctor)\b",
    re.IGNORECASE,
)


def create(ctx: Context, person: Person | None, siblings: list[Candidate]) -> list[Candidate]:
    """contact.create for an unknown client; its features carry how likely a session or task for them is."""
    if person is None or person.known is not None or not person.first_name:
        return []
    features = shared(ctx, person)
    features["supplier"] = float(people.supplier(ctx))
    features["last_name"] = float(bool(person.last_name))
    features["phone"] = float(bool(person.phone))
    features["moment"] = float(any(c.type == "session.create" for c in siblings))
    features["company_sender"] = float(bool(ctx.mail.sender and names.is_company(ctx.mail.sender.name)))
    features["practice_word"] = float(
        any("practice_word" in c.features for c in siblings) or bool(ctx.service or ctx.subject_service)
    )
    slots: dict[str, object] = {"email": person.email, "first_name": person.first_name}
    evidence: dict[str, Span] = {}
    if person.last_name:
        slots["last_name"] = person.last_name
    if person.phone:
        slots["phone"] = person.phone
        if person.phone_span:
            evidence["phone"] = ("text", *person.phone_span)
        else:
            phone = next((p for p in ctx.phones if p.e164 == person.phone), None)
            if phone:
                evidence["phone"] = ("text", phone.start, phone.end)
    if person.name_span:
        evidence["first_name"] = evidence["last_name"] = ("text", *person.name_span)
    if person.email_span:
        evidence["email"] = ("text", *person.email_span)
    task = next((c for c in siblings if "" in c.evidence), None)
    if task is not None:
        evidence[""] = task.evidence[""]
    return [Candidate("contact.create", slots, {k: v for k, v in features.items() if v}, evidence, client=person)]


def update(ctx: Context, person: Person | None) -> list[Candidate]:
    """contact.update candidates: phones, addresses, names, birthdays, companies that the new words announce."""
    if person is None or person.known is None:
        return []
    found: list[Candidate] = []
    sentences = list(ctx.sentences)
    found += _emails(ctx, person)
    for phone in ctx.phones:
        sentence = next((s for s in sentences if s.start <= phone.start < s.end), None)
        if sentence is None or phone.e164 in (person.known.phone, *person.known.phones):
            continue
        found.append(_fact(ctx, person, sentence, "phone", phone.e164, (phone.start, phone.end)))
    for sentence in sentences:
        found += _of_sentence(ctx, person, sentence)
    unique: dict[tuple[object, object], Candidate] = {}
    for candidate in found:
        unique.setdefault((candidate.slots["field"], str(candidate.slots["value"]).casefold()), candidate)
    return list(unique.values())


def _emails(ctx: Context, person: Person) -> list[Candidate]:
    known = {e.casefold() for e in ((person.known.email or ""), *person.known.emails)} if person.known else set()
    own = ctx.case.practitioner.email.casefold()
    sender = ctx.mail.sender
    found = []
    listed = {e.casefold() for c in ctx.case.contacts for e in ((c.email or ""), *c.emails)}
    for sentence in ctx.sentences:
        for match in _MAIL.finditer(sentence.text):
            email = match.group().rstrip(".")
            if email.casefold() not in known | {own} | listed:
                span = (sentence.start + match.start(), sentence.start + match.start() + len(email))
                found.append(_fact(ctx, person, sentence, "email", email, span))
                if sender is not None and sender.email.casefold() == email.casefold():
                    found[-1].features["is_sender"] = 1.0
    if (
        person.role == "moved"
        and sender is not None
        and not any(str(c.slots["value"]).casefold() == sender.email.casefold() for c in found)
    ):
        sentence = next(
            (s for s in ctx.sentences if {"mail_word", "new_fact"} & ctx.signs(s)),
            ctx.sentences[0] if ctx.sentences else None,
        )
        if sentence is not None:
            candidate = _fact(ctx, person, sentence, "email", sender.email, None)
            candidate.features["is_sender"] = 1.0
            found.append(candidate)
    return found


def _of_sentence(ctx: Context, person: Person, sentence: Sentence) -> list[Candidate]:
    found = []
    text = sentence.text
    known = person.known
    if known is None:
        return []
    for match in _ADDRESS.finditer(text):
        value = re.sub(r"^(?:now|at|is)\s+", "", match["a"].strip(" ,."), flags=re.IGNORECASE)
        if len(value) > 8 and re.search(r"[a-z]", value):
            found.append(
                _fact(
                    ctx,
                    person,
                    sentence,
                    "address",
                    value,
                    _at(sentence, match.start("a") + match["a"].find(value), len(value)),
                )
            )
    for match in _LAST_NAME.finditer(text):
        value, at = match["v"], match.start("v")
        if match["full"]:
            first, last = names.split(match["full"])
            if not names.same_first(first, known.first_name):
                continue
            value, at = last, match.start("full") + match["full"].rfind(last)
        taken = (known.last_name, known.first_name, *ctx.case.practitioner.name.split())
        if not value or names.plain(value) in map(names.plain, taken):
            continue
        words = value.split()
        if len(words) > 1 and (names.same_first(words[0], known.first_name) or _alike(words[0], known.first_name)):
            value = " ".join(words[1:])
            at += match["v"].find(value) if match["v"] else 0
        found.append(_fact(ctx, person, sentence, "last_name", value, _at(sentence, at, len(value))))
    for match in _FIRST_NAME.finditer(text):
        value = match["v"]
        if names.plain(value) == names.plain(known.first_name) or not _alike(value, known.first_name):
            continue
        found.append(_fact(ctx, person, sentence, "first_name", value, _at(sentence, match.start("v"), len(value))))
    for match in _COMPANY_IS.finditer(text):
        value = match["v"].strip(" .,")
        found.append(_fact(ctx, person, sentence, "company", value, _at(sentence, match.start("v"), len(value))))
    if _BORN.search(text) and (born := _birth(ctx, sentence)) is not None:
        value, span = born
        found.append(_fact(ctx, person, sentence, "date_of_birth", value.isoformat(), span))
    return found


def _alike(one: str, other: str) -> bool:
    a, b = names.plain(one), names.plain(other)
    return names.same_first(a, b) or a[:1] == b[:1] or SequenceMatcher(None, a, b).ratio() > 0.6


def _birth(ctx: Context, sentence: Sentence) -> tuple[date, tuple[int, int]] | None:
    for placed in ctx.whens:
        day = placed.when.day
        if placed.sentence is not sentence or day is None or day.kind not in ("date", "ordinal") or day.vague:
            continue
        words = ctx.reading.text[day.start : day.end]
        if re.search(r"\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d\d\b", words) and day.day.year < ctx.base.year:
            return day.day, (day.start, day.end)
        if match := _AGE.search(sentence.text):
            age = int(match["n"]) if match["n"].isdigit() else _AGES[match["n"].lower()]
            return day.day.replace(year=day.day.year - age), (day.start, day.end)
    if match := re.search(
        r"\b(\d{1,2})(?:st|nd|rd|th)?[\s./-]+(?:of\s+)?([A-Za-z]+|\d{1,2})[\s.,/-]+(19\d\d|20[01]\d)\b|\b([A-Z][a-z]+)\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(19\d\d|20[01]\d)\b|\b(19\d\d|20[01]\d)-(\d\d)-(\d\d)\b",
        sentence.text,
    ):
        from omnicrm.assistant.dates.words import MONTH_OF

        try:
            if match[7]:
                value = date(int(match[7]), int(match[8]), int(match[9]))
            elif match[4]:
                value = date(int(match[6]), MONTH_OF[match[4].lower()], int(match[5]))
            elif match[2].isdigit():
                a, b = int(match[1]), int(match[2])
                day, month = (b, a) if (ctx.month_first and b <= 31 and a <= 12) or b > 12 else (a, b)
                value = date(int(match[3]), month, day)
            else:
                value = date(int(match[3]), MONTH_OF[match[2].lower()], int(match[1]))
        except (KeyError, ValueError):
            return None
        return value, (sentence.start + match.start(), sentence.start + match.end())
    return None


def _at(sentence: Sentence, offset: int, length: int) -> tuple[int, int]:
    return sentence.start + offset, sentence.start + offset + length


def _fact(
    ctx: Context, person: Person, sentence: Sentence, name: str, value: str, span: tuple[int, int] | None
) -> Candidate:
    if span is not None and name in ("address", "last_name", "first_name", "company"):
        value = " ".join(ctx.reading.text[span[0] : span[1]].split())
    features = shared(ctx, person) | around(ctx, sentence)
    features[f"field:{name}"] = 1.0
    before = sentence.text[: max(0, (span[0] - sentence.start) if span else 0)]
    features["others"] = float(bool(_ABOUT_OTHERS.search(before[-60:])))
    features["mine"] = float(
        bool(re.search(r"\b(?:my|our|i|i'm|i've|we|we've|me|mine)\b", before or sentence.text, re.IGNORECASE))
    )
    features["moved"] = float(person.role == "moved")
    word = {
        "phone": "phone_word",
        "email": "mail_word",
        "address": "address_word",
        "last_name": "name_word",
        "first_name": "name_word",
        "date_of_birth": "birth_word",
        "company": "company_word",
    }[name]
    previous = ctx.neighbour(sentence, -1)
    features["cue"] = float(word in ctx.signs(sentence) or (previous is not None and word in ctx.signs(previous)))
    features["cue_new"] = float("new_fact" in ctx.signs(sentence) or (word in ctx.signs(None)))
    features["replaces"] = float(bool(person.known and getattr(person.known, name, None)))
    evidence: dict[str, Span] = {"": span_of_sentence(sentence)}
    if span is not None:
        evidence["value"] = ("text", *span)
    slots: dict[str, object] = {"contact_email": person.email, "field": name, "value": value}
    return Candidate("contact.update", slots, {k: v for k, v in features.items() if v}, evidence, client=person)
