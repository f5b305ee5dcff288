"""The facts at the side of a client's page, each of which opens where it stands."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from omnicrm.domain.contacts import ContactCard
from omnicrm.domain.contacts.smart import Option
from omnicrm.domain.settings import OwnField
from omnicrm.domain.words import STAGES

OWN = "own:"
_FIELDS = (
    ("phone", "Phone", "tel"),
    ("email", "Mail", "email"),
    ("lifecycle_stage", "Stage", "choice"),
    ("tags", "Tags", "text"),
    ("pronouns", "Pronouns", "text"),
    ("date_of_birth", "Born", "date"),
    ("company", "Company", "text"),
    ("job_title", "Work", "text"),
    ("website", "Website", "url"),
    ("address_street", "Street", "text"),
    ("address_postal_code", "Postal code", "text"),
    ("address_city", "Town", "text"),
    ("address_state", "Region", "text"),
    ("address_country", "Country", "text"),
    ("time_zone", "Time zone", "text"),
    ("calendar_name", "Name in Google", "text"),
    ("notes", "About", "long"),
)
EDITED = tuple(name for name, _, _ in _FIELDS)
_STAGES = [Option(value=value, words=words) for value, words in STAGES.items()]


class Detail(BaseModel):
    """One fact. `value` is what a form is filled with, `shown` its words; `kind` that of its control."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    value: str
    shown: str
    kind: str
    options: list[Option] = []


def shown(card: ContactCard, own: tuple[OwnField, ...]) -> tuple[list[Detail], list[Detail]]:
    """(what is known, what is still empty)."""
    words = {"phone": card.phone_shown, "lifecycle_stage": card.stage_label, "date_of_birth": card.birthday}
    every = [
        Detail(
            name=name,
            label=label,
            value=known(card, name),
            shown=words.get(name) or known(card, name),
            kind=kind,
            options=_STAGES if kind == "choice" else [],
        )
        for name, label, kind in _FIELDS
    ]
    every += [_own(card, field) for field in own]
    return [one for one in every if one.value], [one for one in every if not one.value]


def known(card: ContactCard, name: str) -> str:
    """A field as a form shows it; one of the practitioner's own as `own:NAME`."""
    if name.startswith(OWN):
        return card.own.get(name.removeprefix(OWN), "")
    return plain(getattr(card, {"lifecycle_stage": "stage"}.get(name, name)))


def plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def _own(card: ContactCard, field: OwnField) -> Detail:
    value = card.own.get(field.name, "")
    control = {"text": "text", "number": "number", "date": "date", "choice": "choice"}[field.kind]
    options = [Option(value="", words="Nothing"), *(Option(value=word, words=word) for word in field.choices)]
    return Detail(
        name=OWN + field.name,
        label=field.name,
        value=value,
        shown=value,
        kind=control,
        options=options if field.kind == "choice" else [],
    )
