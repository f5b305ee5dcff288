"""Clients, leads and others: the book, who a sender is, the list, the page and its timeline."""

from omnicrm.domain.contacts import many, own_fields, private, rules, smart
from omnicrm.domain.contacts.book import (
    ContactChange,
    ContactForm,
    add,
    add_identifier,
    archive,
    change,
    checked,
    get,
    identifiers,
    locked,
    remove,
    remove_identifier,
    same_name_and_address,
    unarchive,
)
from omnicrm.domain.contacts.card import ContactCard, card
from omnicrm.domain.contacts.journal import JournalEntry, JournalPage, journal
from omnicrm.domain.contacts.listing import ContactPage, ContactRow, Owing, Sessions, Sort, counts, listed, of_group
from omnicrm.domain.contacts.match import by_identifier, called, choose, is_known, with_identifier, with_identifiers
from omnicrm.domain.contacts.normal import identifier

__all__ = [
    "ContactCard",
    "ContactChange",
    "ContactForm",
    "ContactPage",
    "ContactRow",
    "JournalEntry",
    "JournalPage",
    "Owing",
    "Sessions",
    "Sort",
    "add",
    "add_identifier",
    "archive",
    "by_identifier",
    "called",
    "card",
    "change",
    "checked",
    "choose",
    "counts",
    "get",
    "identifier",
    "identifiers",
    "is_known",
    "journal",
    "listed",
    "locked",
    "many",
    "of_group",
    "own_fields",
    "private",
    "remove",
    "remove_identifier",
    "rules",
    "same_name_and_address",
    "smart",
    "unarchive",
    "with_identifier",
    "with_identifiers",
]
