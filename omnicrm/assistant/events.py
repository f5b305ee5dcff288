"""Calendar events: structure, decided by rules alone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from omnicrm.assistant import injection, itip, names, phones, services
from omnicrm.assistant.candidates.base import Candidate, Span
from omnicrm.assistant.context import Context
from omnicrm.assistant.dates import places, whens
from omnicrm.assistant.people import Person, known
from omnicrm.domain.cases import Case, Contact, Session
from omnicrm.formats import html

_OWN_TYPES = frozenset({"focusTime", "outOfOffice", "workingLocation", "fromGmail", "birthday"})
_PERSONAL = re.compile(
    r"\b(?:birthday|dinner|lunch|brunch|breakfast|drinks?|coffee|party|wedding|funeral|dentist|zahnarzt|doctor|gp\b|vet|haircut|hairdresser|flight|train|pickup|pick-up|school run|school|kids?|nursery|holiday|"
    r"vacation|travel|trip|gym|run with|date night|anniversary|concert|cinema|movie|theatre|match|game|block|hold\b|admin|bookkeeping|accounts|tax|webinar|networking|supervision|team meeting|staff|interview|"
    r"plumber|electrician|delivery|supplier|landlord|inspection|mot\b|mum|mom|dad|sister|brother|aunt|grandma|family|christmas|closed|day off|lunch break|break|buffer|prep|cleaning|invoice|invoicing|shopping|errands|focus|do not book|unavailable|busy)\b",
    re.IGNORECASE,
)
_BOOKING = re.compile(
    r"\b(?:session|appointment|appt|consult(?:ation)?|lesson|class|treatment|visit|intake|assessment|check-?in|follow-?up|booking|booked|client|call|coaching|therapy)\b",
    re.IGNORECASE,
)
_MOVED = re.compile(r"\b(?:re-?scheduled|moved|changed|time change)\b", re.IGNORECASE)
_OLD = re.compile(
    r"\b(?:previous(?:ly)?|old|original(?:ly)?|former(?:ly)?|was|from)\b[^:\n]{0,20}:\s*(?P<when>[^\n]+)", re.IGNORECASE
)
_SURE = 0.94


def propose(case: Case) -> list[Candidate]:
    """What a calendar event asks for: at most a contact and one change of one session."""
    if case.event is None:
        return []
    event = case.event.resource
    if event.get("eventType") in _OWN_TYPES:
        return []
    start, end = _moment(event.get("start"), case), _moment(event.get("end"), case)
    original = _moment(event.get("originalStartTime"), case)
    if event.get("status") == "cancelled":
        return _cancelled(case, event, original or start)
    if start is None:  # all day
        return []
    client = _client(case, event)
    linked = [
        s
        for s in case.sessions
        if s.google_event_id and s.google_event_id == event.get("id") and s.status == "scheduled"
    ]
    if client is not None and client.known is not None and _declined(event, client):
        gone = [s for s in _sessions(case, client) if s.scheduled_at == start]
        return (
            [
                _decided(
                    "session.cancel", {"session_ref": gone[0].ref}, _summary_span(case), session=gone[0], client=client
                )
            ]
            if gone
            else []
        )
    moved = _moved(case, event, client, start, original) or (
        linked[0] if linked and linked[0].scheduled_at != start else None
    )
    if moved is not None:
        if moved.scheduled_at == start or start <= case.now:
            return []
        slots: dict[str, object] = {
            "session_ref": moved.ref,
            "scheduled_at": start.astimezone(case.practitioner.zone).isoformat(),
        }
        return [_decided("session.reschedule", slots, _summary_span(case), session=moved, client=client)]
    if linked or event.get("visibility") in ("private", "confidential") or start <= case.now:
        return []
    return _created(case, event, client, start, end)


def _moment(value: Any, case: Case) -> datetime | None:
    if not isinstance(value, dict) or not value.get("dateTime"):
        return None
    try:
        moment = datetime.fromisoformat(str(value["dateTime"]))
    except ValueError:
        return None
    if moment.tzinfo is None:
        name = str(value.get("timeZone") or case.practitioner.timezone)
        try:
            return moment.replace(tzinfo=ZoneInfo(name))
        except (ValueError, KeyError, OSError):
            return moment.replace(tzinfo=case.practitioner.zone)
    return moment


def _decided(kind: str, slots: dict[str, object], span: Span | None, **more: Any) -> Candidate:
    probability = more.pop("probability", _SURE)
    evidence: dict[str, Span] = {"": span} if span else {}
    return Candidate(kind, slots, {}, evidence, certain=True, probability=probability, **more)


def _summary_span(case: Case) -> Span | None:
    if case.event is None:
        return None
    summary = str(case.event.resource.get("summary") or "").strip()
    if not summary:
        first = case.event.text.split("\n", 1)[0]
        return ("text", 0, len(first)) if first else None
    at = case.event.text.find(summary)
    return ("text", at, at + len(summary)) if at >= 0 else None


def _sessions(case: Case, client: Person) -> list[Session]:
    return [
        s
        for s in case.sessions
        if s.status == "scheduled" and (s.contact_email or "").casefold() == client.email.casefold()
    ]


def _words(event: dict[str, Any]) -> str:
    description = str(event.get("description") or "")
    if "<" in description:
        description = html.to_text(description)
    return injection.without(f"{event.get('summary') or ''}\n{description}")


def _guests(event: dict[str, Any]) -> list[dict[str, Any]]:
    listed = event.get("attendees")
    guests = (
        [a for a in listed if isinstance(a, dict) and a.get("email") and not a.get("self") and not a.get("resource")]
        if isinstance(listed, list)
        else []
    )
    organizer = event.get("organizer")
    if isinstance(organizer, dict) and organizer.get("email") and not organizer.get("self"):
        if all(str(g["email"]).casefold() != str(organizer["email"]).casefold() for g in guests):
            guests.append(organizer)
    return [
        g
        for g in guests
        if not str(g["email"]).endswith(("@group.calendar.google.com", "@resource.calendar.google.com"))
    ]


def _client(case: Case, event: dict[str, Any]) -> Person | None:
    """The client of an event: a guest, an address or name in its words, a nickname beside a service."""
    own = case.practitioner.email.casefold()
    guests = [g for g in _guests(event) if str(g["email"]).casefold() != own]
    for guest in guests:
        contact = _by_email(case, str(guest["email"]))
        if contact is not None:
            return _person(contact, "guest")
    words = _words(event)
    for match in re.finditer(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", words):
        if (contact := _by_email(case, match.group())) is not None:
            return _person(contact, "words")
    folded = names.plain(words)
    full = [
        c
        for c in case.contacts
        if c.last_name and c.email and re.search(rf"\b{re.escape(names.plain(c.name))}\b", folded)
    ]
    if len(full) == 1:
        return _person(full[0], "words")
    if guests:
        return _guest(case, guests[0], words)
    summary = str(event.get("summary") or "")
    if services.named(summary, case.services) or _BOOKING.search(summary):
        return _nicknamed(case, summary)
    return None


def _by_email(case: Case, email: str) -> Contact | None:
    wanted = email.casefold()
    return next(
        (c for c in case.contacts if wanted in {(c.email or "").casefold(), *(e.casefold() for e in c.emails)}), None
    )


def _person(contact: Contact, role: str) -> Person:
    email = contact.email or (contact.emails[0] if contact.emails else "")
    return Person(email, contact.first_name, contact.last_name, known=contact, role=role)


def _guest(case: Case, guest: dict[str, Any], words: str) -> Person | None:
    email = str(guest["email"])
    first, last = names.split(str(guest.get("displayName") or ""))
    labelled = re.search(r"(?im)^\s*(?:name|client|invitee|who|guest)\s*:\s*(.+)$", words)
    if not last and labelled:
        first, last = names.split(labelled[1])
    if not first:
        guess = names.from_address(email)
        first, last = guess[0].title(), guess[1].title()
    if not first:
        return None
    found = phones.find(words, places.country(case.practitioner.timezone))
    return Person(email, first, last, found[0].e164 if found else "", None, "guest")


def _nicknamed(case: Case, summary: str) -> Person | None:
    tokens = re.findall(r"[^\W\d_]+", summary)
    found: list[Contact] = []
    for contact in case.contacts:
        if not contact.email:
            continue
        for index, token in enumerate(tokens):
            if len(token) < 2 or not (
                names.plain(token) == names.plain(contact.first_name)
                or (len(token) >= 3 and token[:1].isupper() and names.same_first(token, contact.first_name))
            ):
                continue
            following = tokens[index + 1] if index + 1 < len(tokens) else ""
            if (
                len(following) == 1
                and contact.last_name
                and names.plain(following) != names.plain(contact.last_name)[:1]
            ):
                continue
            found.append(contact)
            break
        else:
            if (
                contact.last_name
                and len(contact.last_name) > 2
                and re.search(rf"\b{re.escape(names.plain(contact.last_name))}\b", names.plain(summary))
            ):
                found.append(contact)
    return _person(found[0], "nickname") if len(found) == 1 else None


def _declined(event: dict[str, Any], client: Person) -> bool:
    return any(
        str(g["email"]).casefold() == client.email.casefold() and g.get("responseStatus") == "declined"
        for g in _guests(event)
    )


def _cancelled(case: Case, event: dict[str, Any], at: datetime | None) -> list[Candidate]:
    sessions = [s for s in case.sessions if s.status == "scheduled"]
    linked = [s for s in sessions if s.google_event_id and s.google_event_id == event.get("id")]
    if not linked:
        if at is None:
            return []
        linked = [s for s in sessions if s.scheduled_at == at]
        client = _client(case, event)
        if client is not None:
            linked = [s for s in linked if (s.contact_email or "").casefold() == client.email.casefold()]
        elif len(linked) > 1:
            return []
        elif linked and event.get("summary") and not _about(case, linked[0], str(event["summary"])):
            return []
    if len(linked) != 1:
        return []
    return [_decided("session.cancel", {"session_ref": linked[0].ref}, _summary_span(case), session=linked[0])]


def _about(case: Case, session: Session, summary: str) -> bool:
    contact = _by_email(case, session.contact_email or "")
    words = names.plain(summary)
    if contact is not None and re.search(rf"\b{re.escape(names.plain(contact.first_name))}\b", words):
        return True
    return bool(services.named(summary, case.services)) or session.title.casefold() in summary.casefold()


def _moved(
    case: Case, event: dict[str, Any], client: Person | None, start: datetime, original: datetime | None
) -> Session | None:
    """The session that an event moves: an instance with another original start, or a notice of a change in its words."""
    sessions = _sessions(case, client) if client is not None and client.known is not None else []
    if original is not None and original != start:
        found = [s for s in sessions if s.scheduled_at == original]
        return found[0] if found else None
    words = str(event.get("description") or "")
    if not sessions or not _MOVED.search(words + str(event.get("summary") or "")):
        return None
    if match := _OLD.search(words):
        base = case.now.astimezone(case.practitioner.zone).date()
        for when in whens.find(match["when"], base, month_first=places.month_first(case.practitioner.timezone)):
            at = when.at(case.practitioner.zone)
            found = [s for s in sessions if at is not None and s.scheduled_at == at]
            if found:
                return found[0]
    others = [s for s in sessions if s.scheduled_at != start]
    return others[0] if len(others) == 1 and len(sessions) == 1 else None


def _created(
    case: Case, event: dict[str, Any], client: Person | None, start: datetime, end: datetime | None
) -> list[Candidate]:
    summary = injection.without(str(event.get("summary") or ""))
    words = _words(event)
    if client is None:
        return []
    named = services.pick(summary, case.services) or services.pick(words, case.services)
    about = (
        named is not None
        or services.mentions_practice(summary, case.services)
        or bool(services.named(summary, case.services))
    )
    booked = about or (bool(_BOOKING.search(words)) and client.role in ("guest", "words"))
    if not booked or (_PERSONAL.search(summary) and not about):
        return []
    organizer = event.get("organizer")
    outside = isinstance(organizer, dict) and not organizer.get("self")
    if client.known is None and (not about or (outside and named is None)):
        return []
    if any(s.scheduled_at == start for s in _sessions(case, client)):
        return []
    probability = _SURE if named is not None else 0.7
    if event.get("status") == "tentative":
        probability -= 0.25
    slots: dict[str, object] = {
        "contact_email": client.email,
        "scheduled_at": start.astimezone(case.practitioner.zone).isoformat(),
    }
    if end is not None and end > start:
        slots["duration_minutes"] = round((end - start).total_seconds() / 60)
    if named is not None:
        slots["service"] = named.service.name
    found = []
    if client.known is None:
        found.append(_contact(case, client, probability))
    found.append(
        _decided("session.create", slots, _summary_span(case), at=start, client=client, probability=probability)
    )
    return found


def _contact(case: Case, client: Person, probability: float) -> Candidate:
    slots: dict[str, object] = {"email": client.email, "first_name": client.first_name}
    if client.last_name:
        slots["last_name"] = client.last_name
    if client.phone:
        slots["phone"] = client.phone
    return _decided("contact.create", slots, _summary_span(case), client=client, probability=probability)


def of_mail(ctx: Context) -> tuple[list[Candidate], bool]:
    """What the calendar part of a mail decides, and whether it decides about sessions at all."""
    for part in ctx.mail.calendar_parts:
        invitation = itip.read(part, ctx.home)
        if invitation is not None and invitation.start is not None:
            return _invited(ctx, invitation), True
    return [], False


def _invited(ctx: Context, invitation: itip.Invitation) -> list[Candidate]:
    sender = ctx.mail.sender
    start = invitation.start
    if sender is None or start is None or invitation.whole_day:
        return []
    case = ctx.case
    own = case.practitioner.email.casefold()
    who = [a for a in (*invitation.replies, invitation.organizer) if a and a != own] + [sender.email]
    contact = next((c for a in who if (c := known(ctx, a)) is not None), None)
    client = _person(contact, "sender") if contact is not None else None
    span: Span | None = ("text", ctx.sentences[0].start, ctx.sentences[0].end) if ctx.sentences else None
    if span is None and ctx.mail.subject:
        span = ("subject", 0, len(ctx.mail.subject))
    sessions = _sessions(case, client) if client is not None else []
    here = [s for s in sessions if s.scheduled_at == (invitation.original or start)]
    if invitation.method == "CANCEL" or invitation.status == "CANCELLED":
        return (
            [_decided("session.cancel", {"session_ref": here[0].ref}, span, session=here[0], client=client)]
            if here
            else []
        )
    if invitation.method == "REPLY":
        declined = any(status == "DECLINED" for address, status in invitation.replies.items() if address != own)
        return (
            [_decided("session.cancel", {"session_ref": here[0].ref}, span, session=here[0], client=client)]
            if declined and here
            else []
        )
    if start <= ctx.sent or any(s.scheduled_at == start for s in sessions):
        return []
    iso = start.astimezone(ctx.home).isoformat()
    changed = invitation.method == "COUNTER" or bool(
        re.match(r"\s*(?:updated|new time proposed|changed|rescheduled)", ctx.mail.subject, re.IGNORECASE)
    )
    if (changed or invitation.original is not None) and sessions:
        moved = (
            here[0]
            if here and invitation.original
            else (
                sessions[0]
                if len(sessions) == 1
                else next((s for s in sessions if ctx.local(s.scheduled_at).date() == ctx.local(start).date()), None)
            )
        )
        if moved is not None:
            return [
                _decided(
                    "session.reschedule",
                    {"session_ref": moved.ref, "scheduled_at": iso},
                    span,
                    session=moved,
                    client=client,
                )
            ]
    return _invitation_creates(ctx, invitation, client, span, iso)


def _invitation_creates(
    ctx: Context, invitation: itip.Invitation, client: Person | None, span: Span | None, iso: str
) -> list[Candidate]:
    case, sender, start = ctx.case, ctx.mail.sender, invitation.start
    if sender is None or start is None:
        return []
    named = services.pick(invitation.summary, case.services) or ctx.service or ctx.subject_service
    if client is None and (named is None or ctx.mail.bulk or "advert" in ctx.all_signs):
        return []
    found = []
    probability = _SURE if named is not None else 0.6
    if client is None:
        first, last = names.split(sender.name or invitation.organizer_name)
        if not first:
            return []
        phone = ctx.phones[0].e164 if ctx.phones else ""
        client = Person(sender.email, first, last, phone)
        found.append(_contact_of_mail(client, span, probability))
    slots: dict[str, object] = {"contact_email": client.email, "scheduled_at": iso}
    if invitation.end is not None and invitation.end > start:
        slots["duration_minutes"] = round((invitation.end - start).total_seconds() / 60)
    if named is not None:
        slots["service"] = named.service.name
    found.append(_decided("session.create", slots, span, at=start, client=client, probability=probability))
    return found


def _contact_of_mail(client: Person, span: Span | None, probability: float) -> Candidate:
    slots: dict[str, object] = {"email": client.email, "first_name": client.first_name}
    if client.last_name:
        slots["last_name"] = client.last_name
    if client.phone:
        slots["phone"] = client.phone
    return _decided("contact.create", slots, span, client=client, probability=probability)
