"""Somebody who may be the client of a mail, and how the book knows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from omnicrm.assistant import names
from omnicrm.assistant.context import Context
from omnicrm.domain.cases import Contact


@dataclass(frozen=True)
class Person:
    """Somebody who may be the client of a mail. `known` is the contact in the book; spans are where the text names them."""

    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    known: Contact | None = None
    role: str = "sender"  # sender, cc, named, form, forward, moved (a known person at a new address)
    name_span: tuple[int, int] | None = None
    email_span: tuple[int, int] | None = None
    phone_span: tuple[int, int] | None = None
    signs: frozenset[str] = field(default=frozenset())


def known(ctx: Context, email: str) -> Contact | None:
    """The contact with that address, whichever of theirs it is."""
    wanted = email.casefold()
    for contact in ctx.case.contacts:
        if wanted in {(contact.email or "").casefold(), *(e.casefold() for e in contact.emails)}:
            return contact
    return None


def email_of(contact: Contact) -> str:
    return contact.email or (contact.emails[0] if contact.emails else "")


def by_name(ctx: Context, name: str) -> Contact | None:
    """The one contact of that full name (short forms count), or None."""
    first, last = names.split(name)
    if not first or not last:
        return None
    found = [
        c
        for c in ctx.case.contacts
        if c.last_name and names.plain(c.last_name) == names.plain(last) and names.same_first(c.first_name, first)
    ]
    return found[0] if len(found) == 1 else None


def span_of(ctx: Context, words: str) -> tuple[int, int] | None:
    if not words:
        return None
    at = ctx.reading.level.casefold().find(words.casefold())
    return (at, at + len(words)) if at >= 0 else None
