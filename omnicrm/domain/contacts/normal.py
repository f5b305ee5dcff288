"""Addresses, numbers and names in the one form that they are compared by. Pure."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from omnicrm.core.errors import Invalid

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]")
_LONGEST_ADDRESS = 254


def email(value: str) -> str:
    """What an address is matched by: NFC, lower case, no spaces around. Raises Invalid for what is no address."""
    cleaned = unicodedata.normalize("NFC", value).strip().removeprefix("mailto:").lower()
    if len(cleaned) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(cleaned):
        raise Invalid(f"“{value.strip()[:60]}” is not an e-mail address.", {"email": "Write it like name@example.com."})
    return cleaned


def phone(value: str, region: str | None) -> str:
    """E.164, such as +358401234567. A number without a prefix belongs to `region` (ISO 3166).

    Raises Invalid where it is too short, too long or no number.
    """
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        hint = "Begin with + and the country’s prefix." if region is None else "That is not a phone number."
        raise Invalid(f"“{value.strip()[:40]}” is not a phone number.", {"phone": hint}) from error
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == phonenumbers.ValidationResult.TOO_SHORT:
        raise Invalid("The phone number is too short.", {"phone": "Too short. Add the rest of the number."})
    if possible == phonenumbers.ValidationResult.TOO_LONG:
        raise Invalid("The phone number is too long.", {"phone": "Too long. Take off what does not belong to it."})
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Invalid("That is not a whole phone number.", {"phone": "Begin with + and the country’s prefix."})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(value: str) -> str:
    """`+49 171 5550142`: an E.164 number in groups; anything else as it is."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def identifier(value: str, region: str | None) -> tuple[str, str] | None:
    """(`email` or `phone`, normalised value) of whatever somebody is known by; None where it is neither."""
    try:
        return ("email", email(value)) if "@" in value else ("phone", phone(value, region))
    except Invalid:
        return None


def name(value: str) -> str:
    """A name for comparing: without accents, case, punctuation and order: “Núñez, Ana” is “ana nunez”."""
    plain = unicodedata.normalize("NFKD", value)
    words = re.findall(r"[^\W\d_]+", "".join(c for c in plain if not unicodedata.combining(c)).casefold())
    return " ".join(sorted(words))


def same_person(one: str, other: str) -> bool:
    """Whether two names may mean one person: equal, or one is part of the other (“Jo” and “Jo Park”)."""
    first, second = set(name(one).split()), set(name(other).split())
    return bool(first and second) and (first <= second or second <= first)
