"""Notices of machines: lines of "label: value" and what kind of notice they make."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omnicrm.domain.cases import MailItem

_LABELS: dict[str, str] = {
    "first_name": r"first ?name|given name|forename|vorname",
    "last_name": r"last ?name|surname|family name|nachname",
    "name": r"(?:your |full |client |customer |patient |guest |student |contact |invitee |attendee |participant |payer |sender |child'?s? )?name|client|customer|patient|guest|participant|invitee|attendee|student|member|booked by|booked for|payer|ordered by|ordering party|paid by|sender|remitter|originator|who|applicant|enquirer|contact|person|from",
    "email": r"(?:your |client |customer |contact |invitee |patient |payer )?(?:e-?mail|email address|e-?mail address|mail|email id|mail id)(?: address)?",
    "phone": r"(?:your |client |contact |mobile |cell |tele)?(?:phone|mobile|cell|tel|telephone|phone number|mobile number|contact number|contact no|number|telefon|mob|ph|whatsapp)(?: number| no\.?)?",
    "service": r"service|services|appointment type|event type|event|class|what|treatment|session type|type|booking|appointment|lesson|item|product|what would you like.*|interested in|subject|reason|referral to|programme",
    "new": r"new (?:time|date|appointment|start|slot|date and time|date/time|when|session)|now|rescheduled to|moved to|changed to|updated (?:time|date)",
    "old": r"old (?:time|date|appointment|start|slot)|previous(?:ly)?(?: time| date| appointment)?|original(?:ly)?(?: time| date)?|former(?:ly)?(?: time| date| date/time)?|was|rescheduled from|before|cancelled time",
    "date": r"(?:preferred |appointment |booking |session |requested |start )?(?:date|day)|date and time|date/time|date & time|when|scheduled(?: for)?|appointment|starts?(?: at)?|time and date|preferred slot|slot",
    "time": r"(?:preferred |start |appointment |booking |session |requested )?(?:time|hour)",
    "zone": r"time ?zone|invitee time zone|timezone",
    "amount": r"amount(?: paid| received| credited)?|gross(?: amount)?|payment(?: amount)?|sum|total paid|paid|received|you received|betrag|credit|total received|subtotal",
    "net": r"fee|fees|net|net amount|total|your fee|processing fee|deposit amount|new balance|balance|available|payout|vat|tax|transaction fee|you keep|amount deposited",
    "invoice": r"invoice(?: number| no\.?| #| id)?|inv|reference|ref(?:erence)?(?: number| no)?|payment reference|remittance|verwendungszweck|description|memo|for|regarding|purpose|details|narrative",
    "note": r"note(?: from .*)?|message|comments?|question|notes|additional (?:info|notes)|how can we help.*|anything else.*|tell us.*|your message|enquiry|inquiry|reason given.*|diagnosis|goal",
    "duration": r"duration|length",
    "status": r"status|event status",
    "born": r"born|date of birth|dob|birthday|d\.o\.b\.?",
    "other": r"location|where|address|id|transaction id|payment id|card|method|payment method|date paid|booking id|order|confirmation|price|cost|practitioner|with|provider|staff|therapist|teacher|coach|organi[sz]er|host|source|page|url|ip|website|to|for your records|cancelled by|booking reference",
}  # fmt: skip
_LABEL = [(key, re.compile(rf"(?:{pattern})", re.IGNORECASE)) for key, pattern in _LABELS.items()]
_LINE = re.compile(
    r"^[ \t>*•\-]*(?P<label>[A-Za-z][A-Za-z0-9 /().'&,?#*-]{0,48}?)[ ]?(?::|\t+|\s\|\s| {3,})[ \t]*(?P<value>\S[^\n]*?)[ \t]*$",
    re.MULTILINE,
)
_ALONE = re.compile(
    r"^[ \t]*(?P<label>[A-Za-z][A-Za-z /'-]{1,24}):?[ \t]*\n[ \t]*(?P<value>\S[^\n]{0,80}?)[ \t]*$", re.MULTILINE
)

_SENDER = re.compile(
    r"^(?:no-?reply|do-?not-?reply|notif\w*|notify|alerts?|forms?|payments?|service|bookings?|billing|receipts?|mailer|mailer-daemon|postmaster|updates?|automated|system|robot|bot|reminders?|calendar|scheduling|appointments?|news|newsletter|digest|mitteilung|noreply\w*|donotreply|messages?|submissions?|web|website|webform|wordpress|donotreply|accounts?|transactions?|statements?|track|tracking|invoices?|security)(?:[+._-].*)?$",
    re.IGNORECASE,
)
_KINDS: dict[str, str] = {
    "cancelled": r"\b(?:cancell?ed|cancellation|has been cancell?ed|booking cancell?ed|no longer (?:attending|coming)|declined)\b",
    "moved": r"\b(?:re-?scheduled|was changed|has been changed|booking (?:was )?(?:changed|updated|moved|modified)|changed (?:their|his|her) (?:booking|appointment)|new time|time change[d]?|moved (?:to|from)|updated (?:booking|appointment|time))\b",
    "booked": r"\b(?:new (?:booking|appointment|event|session|reservation|lesson)|booking (?:confirmed|confirmation|received|request)|has (?:just )?(?:booked|scheduled|reserved)|(?:just )?booked (?:a|an|with|you|your)|booked:|appointment (?:confirmed|booked|scheduled|request)|scheduled:|you have a new|was booked|confirmed:|new event|requested (?:a|an) (?:appointment|booking|session)|book(?:ing)? request|is booked)\b",
    "paid": r"\b(?:payment (?:of|from|received|notification|confirmation|successful|has been (?:made|received))|sent you|has (?:sent|paid)|you(?:'ve| have)? (?:received|got)(?: a)? (?:payment|money|a transfer|[$€£])|you received|incoming (?:payment|transfer)|credited|paid (?:you|invoice|your invoice)|(?:money|payment|funds|transfer) received|received a payment|invoice (?:\S+ )?(?:was |has been |is )?paid|deposit(?:ed)?|bank transfer|you got paid|made a payment|new payment|paid in)\b",
    "form": r"\b(?:form submission|new submission|contact form|website (?:form|enquiry|inquiry|contact)|new (?:enquiry|inquiry|lead|message|contact|request)|submitted|referral|enquiry (?:from|via)|message from your|via your (?:website|site|page|profile)|through your (?:website|site))\b",
    "digest": r"\b(?:digest|daily|your day|summary|agenda|weekly|this week|today's|reminder|upcoming|overview|statement|newsletter|report)\b",
    "own": r"\b(?:your \w+ bill|bill (?:\w+ ){0,6}paid|your (?:receipt|order|purchase|subscription|payment to|bill|invoice from|renewal|delivery|parcel|package|trip|booking with us|flight|reservation|account)|receipt from|payout|you paid|amount paid|thank you for your (?:order|purchase|payment)|order confirmation|your booking at|charged|refund(?:ed)?|dispute|failed|past due|renew\w*|trial|upgrade|invoice from)\b",
    "failed": r"\b(?:failed|unsuccessful|declined|could not be|disputed|reversed|refund(?:ed)?|pending|expired|incomplete|authori[sz]ed only|attempted|action required|payment due|overdue)\b",
}  # fmt: skip
_COMPILED_KINDS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value; `text[start:end]` is the value. `key` is the label's meaning, "other" for the rest."""

    key: str
    label: str
    value: str
    start: int
    end: int
    line_start: int


def fields(text: str) -> list[Field]:
    """All labelled values of `text`, in order."""
    found = []
    for match in _LINE.finditer(text):
        key = _key(match["label"])
        if key:
            found.append(
                Field(
                    key,
                    match["label"].strip(),
                    match["value"],
                    match.start("value"),
                    match.end("value"),
                    match.start("label"),
                )
            )
    if len(found) < 3:
        taken = {f.start for f in found}
        for match in _ALONE.finditer(text):
            key = _key(match["label"])
            if key and key not in ("other", "note") and match.start("value") not in taken:
                found.append(
                    Field(
                        key,
                        match["label"].strip(),
                        match["value"],
                        match.start("value"),
                        match.end("value"),
                        match.start("label"),
                    )
                )
    return sorted(found, key=lambda f: f.start)


def _key(label: str) -> str:
    label = label.strip(" ?*#")
    for key, pattern in _LABEL:
        if pattern.fullmatch(label):
            return key
    return ""


def kinds(mail: MailItem, text: str) -> frozenset[str]:
    """What kinds of notice the subject and the text look like: signs, not decisions."""
    words = f"{mail.subject}\n{text[:3000]}"
    found = {kind for kind, pattern in _COMPILED_KINDS.items() if pattern.search(words)}
    return frozenset(found | {f"s_{kind}" for kind, pattern in _COMPILED_KINDS.items() if pattern.search(mail.subject)})


def by_machine(mail: MailItem) -> bool:
    """Whether a program sent the mail, by its flags and the sender's address."""
    if mail.no_reply or mail.bulk or mail.auto_submitted:
        return True
    return mail.sender is not None and bool(_SENDER.match(mail.sender.email.split("@", 1)[0]))
