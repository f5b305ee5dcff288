"""From a row of a table or a card of an address book to a person, or the reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from omnicrm.core.errors import Invalid
from omnicrm.domain import contacts
from omnicrm.domain.contacts import ContactForm
from omnicrm.formats import csv_contacts, vcard
from omnicrm.formats.csv_contacts import Mapping, Row

Choice: TypeAlias = Literal["same", "new", "leave_out"]

_LINES = (
    "first_name",
    "last_name",
    "company",
    "job_title",
    "pronouns",
    "website",
    "address_street",
    "address_city",
    "address_state",
    "address_postal_code",
    "address_country",
    "referral_source",
)
OWN = "own:"  # begins the target of a column that becomes a field of the practitioner's own
_SEVERAL = re.compile(r"\s*(?: ::: |[;\n])\s*")
_TAGS = re.compile(r"\s*(?: ::: |[;,\n])\s*")
_NO_TAG = re.compile(r"\* ?|system group: *")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is brought in. `perhaps` is done with a row that may be somebody in the book, unless `choices` (row →
    choice) says otherwise; `days_first` and `targets` as in csv_contacts.Mapping, empty for an address book."""

    targets: tuple[str, ...] = ()
    days_first: bool = True
    perhaps: Choice = "new"
    choices: dict[int, Choice] = field(default_factory=dict)

    def choice(self, number: int) -> Choice:
        return self.choices.get(number, self.perhaps)


@dataclass(frozen=True, slots=True)
class Person:
    """`number` is the row of the file or the place of the card. `identifiers`: (kind, normalised value, label), the
    primary ones of `form` among them. `remarks` are sentences on what could not be taken as it stood."""

    number: int
    name: str
    form: ContactForm
    identifiers: tuple[tuple[str, str, str], ...]
    remarks: tuple[str, ...] = ()


def reader(plan: Plan, region: str | None, source: str) -> Callable[[Row], Person]:
    """What reads the rows of a file under `plan`. `region` as for phone numbers without a prefix."""
    mapping = Mapping(plan.targets, plan.days_first)
    places = {target: mapping.columns(target) for target in set(plan.targets) if target}
    return lambda row: of_row(row, places, region, source, days_first=plan.days_first)


def of_row(row: Row, places: dict[str, list[int]], region: str | None, source: str, *, days_first: bool) -> Person:
    """Raises Invalid with a sentence for a row that cannot be read."""

    def texts(target: str) -> list[str]:
        return [row.cells[place] for place in places.get(target, ()) if row.cells[place]]

    values: dict[str, Any] = {name: next(iter(texts(name)), "") for name in _LINES}
    emails = [part for cell in texts("email") for part in _SEVERAL.split(cell) if part]
    phones = [part for cell in texts("phone") for part in _SEVERAL.split(cell) if part]
    for email in emails:
        if contacts.identifier(email, region) is None or "@" not in email:
            raise Invalid(f"“{email[:60]}” is no mail address")
    for name in ("date_of_birth", "client_since"):
        for text in texts(name)[:1]:
            try:
                values[name] = csv_contacts.read_date(text, day_comes_first=days_first)
            except ValueError as error:
                raise Invalid(f"{'Birthday' if name == 'date_of_birth' else 'Client since'}: {error}") from None
    values["tags"] = [
        _NO_TAG.sub("", tag) for cell in texts("tags") for tag in _TAGS.split(cell) if tag and tag != "* myContacts"
    ]
    values["notes"] = "\n".join(texts("notes"))
    values["custom_fields"] = {
        target.removeprefix(OWN): cell[:200]
        for target in places
        if target.startswith(OWN)
        for cell in texts(target)[:1]
    }
    return _person(row.number, values, " ".join(texts("full_name")[:1]), emails, phones, region, source)


def of_card(number: int, card: vcard.Card, region: str | None, source: str) -> Person:
    """Raises Invalid for a card that names nobody. What is no address or number goes into the notes."""
    emails = [one.value for one in card.emails if contacts.identifier(one.value, region)]
    unusable = [one.value for one in card.emails if not contacts.identifier(one.value, region)]
    address = card.addresses[0] if card.addresses else vcard.PostalAddress()
    values: dict[str, Any] = {
        "first_name": card.first_name,
        "last_name": card.last_name,
        "company": card.organisation,
        "job_title": card.title,
        "website": card.urls[0].value if card.urls else "",
        "address_street": address.street,
        "address_city": address.city,
        "address_state": address.region,
        "address_postal_code": address.postal_code,
        "address_country": address.country,
        "date_of_birth": card.birthday,
        "tags": card.categories,
        "notes": "\n".join([card.note, *unusable]).strip(),
    }
    labels = {one.value: one.label for one in (*card.emails, *card.phones) if one.label}
    phones = [one.value for one in card.phones]
    return _person(number, values, card.name, emails, phones, region, source, labels)


def _person(
    number: int,
    values: dict[str, Any],
    whole: str,
    emails: list[str],
    phones: list[str],
    region: str | None,
    source: str,
    labels: dict[str, str] | None = None,
) -> Person:
    reached: dict[tuple[str, str], str] = {}
    remarks = []
    for text in (*emails, *phones):
        found = contacts.identifier(text, region)
        if found is not None:
            reached.setdefault(found, (labels or {}).get(text, ""))
            values.setdefault(found[0], text if found[0] == "email" else found[1])
        else:
            values["notes"] = "\n".join(part for part in (values.get("notes", ""), text) if part)
            remarks.append(f"“{text[:40]}” is no number that can be called: it is kept in the notes.")
    if not values["first_name"] and not values["last_name"]:
        first, _, last = whole.strip().partition(" ")
        values["first_name"], values["last_name"] = first, last.strip()
    if not values["first_name"]:
        known_by = values["last_name"] or values["company"] or values.get("email", "") or values.get("phone", "")
        values["first_name"], values["last_name"] = known_by, ""
    if not values["first_name"]:
        raise Invalid("No name, no mail and no phone")
    try:
        form = contacts.checked({**values, "source": source})
    except Invalid as error:
        raise Invalid("; ".join(f"{key.replace('_', ' ')}: {words}" for key, words in error.fields.items())) from None
    name = f"{form.first_name} {form.last_name or ''}".strip()
    identifiers = tuple((kind, value, label) for (kind, value), label in reached.items())
    return Person(number, name, form, identifiers, tuple(remarks))
