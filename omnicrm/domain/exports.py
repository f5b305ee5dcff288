"""The book for elsewhere: CSV that no spreadsheet runs, vCard, JSON. A page of clients at a time, however many."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.domain import contacts
from omnicrm.formats import csv_contacts, vcard_writing
from omnicrm.formats.vcard import Card, Labelled, PostalAddress
from omnicrm.models.contacts import Contact, ContactIdentifier

Kind: TypeAlias = Literal["csv", "vcf3", "vcf4", "json"]
_PAGE = 500
_FIELDS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "company",
    "job_title",
    "date_of_birth",
    "pronouns",
    "website",
    "address_street",
    "address_city",
    "address_state",
    "address_postal_code",
    "address_country",
    "notes",
    "client_since",
    "referral_source",
    "lifecycle_stage",
    "time_zone",
    "preferred_channel",
)


def written(db: Db, kind: Kind, *, contact_id: UUID | None = None, group_id: UUID | None = None) -> Iterator[str]:
    """All clients (archived ones too, merged ones not), one, or those of a group (in the lists), in pieces of text.

    Raises NotFound for an unknown id.
    """
    if contact_id is not None:
        contacts.get(db, contact_id)
    narrowed = None if group_id is None else contacts.of_group(db, group_id)
    pages = _pages(db, contact_id, narrowed)
    if kind == "csv":
        yield from _csv(pages)
    elif kind == "json":
        yield from _json(pages)
    else:
        version: vcard_writing.Version = "3.0" if kind == "vcf3" else "4.0"
        for page in pages:
            yield "".join(vcard_writing.write(_card(*person), version) for person in page)


_Page: TypeAlias = list[tuple[Contact, list[ContactIdentifier]]]


def _pages(db: Db, contact_id: UUID | None, narrowed: ColumnElement[bool] | None) -> Iterator[_Page]:
    after: tuple[str, UUID] | None = None
    while True:
        query = select(Contact).where(col(Contact.merged_into_id).is_(None))
        if contact_id is not None:
            query = query.where(col(Contact.id) == contact_id)
        if narrowed is not None:
            query = query.where(narrowed, col(Contact.archived_at).is_(None))
        if after is not None:
            query = query.where(tuple_(col(Contact.display_name), col(Contact.id)) > after)
        people = list(db.scalars(query.order_by(col(Contact.display_name), col(Contact.id)).limit(_PAGE)))
        if not people:
            return
        known: dict[UUID, list[ContactIdentifier]] = {contact.id: [] for contact in people}
        further = select(ContactIdentifier).where(
            col(ContactIdentifier.contact_id).in_(known), col(ContactIdentifier.is_primary).is_(False)
        )
        for one in db.scalars(further.order_by(col(ContactIdentifier.id))):
            known[one.contact_id].append(one)
        yield [(contact, known[contact.id]) for contact in people]
        after = (people[-1].display_name, people[-1].id)
        db.expunge_all()  # memory stays flat


def _csv(pages: Iterator[_Page]) -> Iterator[str]:
    heading = True
    for page in pages:
        out = io.StringIO(newline="")
        csv_contacts.write(out, [_cells(*person) for person in page], heading=heading)
        heading = False
        yield out.getvalue()
    if heading:
        out = io.StringIO(newline="")
        csv_contacts.write(out, [])
        yield out.getvalue()


def _cells(contact: Contact, further: list[ContactIdentifier]) -> dict[str, str]:
    cells = {name: _text(getattr(contact, name)) for name in _FIELDS}
    for kind, names in (("email", ("email_2", "email_3")), ("phone", ("phone_2",))):
        values = [one.value for one in further if one.kind == kind]
        cells.update(zip(names, values, strict=False))
    return {**cells, "tags": ";".join(contact.tags)}


def _json(pages: Iterator[_Page]) -> Iterator[str]:
    separator = "[\n"
    for page in pages:
        for contact, further in page:
            one: dict[str, Any] = {"id": str(contact.id)}
            one |= {name: _text(getattr(contact, name)) or None for name in _FIELDS}
            one |= {
                "tags": list(contact.tags),
                "further": [
                    {"kind": known.kind.value, "value": known.value, "label": known.label} for known in further
                ],
                "archived": contact.archived_at is not None,
            }
            yield separator + json.dumps(one, ensure_ascii=False)
            separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _card(contact: Contact, further: list[ContactIdentifier]) -> Card:
    def reached(kind: Literal["email", "phone"]) -> tuple[Labelled, ...]:
        own = getattr(contact, kind)
        rest = [Labelled(one.value, one.label or "") for one in further if one.kind == kind]
        return (*([Labelled(own)] if own else []), *rest)

    address = PostalAddress(
        contact.address_street or "",
        contact.address_city or "",
        contact.address_state or "",
        contact.address_postal_code or "",
        contact.address_country or "",
    )
    return Card(
        name=contact.display_name,
        first_name=contact.first_name,
        last_name=contact.last_name or "",
        emails=reached("email"),
        phones=reached("phone"),
        addresses=(address,) if address.text else (),
        organisation=contact.company or "",
        title=contact.job_title or "",
        birthday=contact.date_of_birth,
        urls=(Labelled(contact.website),) if contact.website else (),
        note=contact.notes or "",
        categories=tuple(contact.tags),
        uid=str(contact.id),
    )


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
