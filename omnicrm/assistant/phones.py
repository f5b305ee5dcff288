"""Telephone numbers in a text, as E.164."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = re.compile(r"(?<![\w@/#.,:-])(?:\+|00)?\(?\d[\d\s().\-/·]{5,20}\d(?![\w@%]|[.,:/]\d)")
_NOT_BEFORE = re.compile(
    r"(?:ref(?:erence)?|inv(?:oice)?|order|id|iban|account|acct|no\.?|nr\.?|number of|tracking|parcel|case|vat|tax|hrb|policy|card|code|pin|#)\s*(?:no\.?|number|nr\.?|is|was)?\s*[:#]?\s*$",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:tel|phone|mobile|mob|cell|call|ring|text|texts|sms|whatsapp|number|handy|reach|mobil|fon|t|m|p|ph)\b\.?:?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"^\s*\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\s*$|^\d{1,2}[:.]\d\d\s*-\s*\d{1,2}[:.]\d\d$|^\s*\(?20\d\d-\d\d-\d\d|^\s*\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d\b"
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number, `text[start:end]`; `cued` where a word such as "mobile" stands by it."""

    start: int
    end: int
    e164: str
    cued: bool


def find(text: str, region: str) -> list[Phone]:
    """The possible numbers of `text`, national ones read as of `region` (ISO 3166), in order."""
    found = []
    for match in _DIGITS.finditer(text):
        written = match.group()
        digits = re.sub(r"\D", "", written)
        before = text[max(0, match.start() - 28) : match.start()]
        line_before = before.rsplit("\n", 1)[-1]
        if not 7 <= len(digits) <= 15 or _DATE.match(written) or "\n" in written.strip():
            continue
        international = written.startswith(("+", "00"))
        if _NOT_BEFORE.search(line_before) and not _CUE.search(line_before) and not international:
            continue
        number = e164(written, region)
        if number is None:
            continue
        cued = bool(_CUE.search(before)) or international
        found.append(Phone(match.start(), match.end(), number, cued))
    return found


def e164(written: str, region: str) -> str | None:
    """`written` as E.164, or None where no number of that length is possible."""
    import phonenumbers  # takes 100 ms to load, and most mails have no number

    try:
        number = phonenumbers.parse(written, None if written.startswith("+") else region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
