"""Mail, calendars and address books from files, through the same pipeline as the sync."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DataError, IntegrityError

from omnicrm.core import db as database
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, OmniError
from omnicrm.core.wire import CalendarEvent
from omnicrm.domain import contacts, imports, inbox, practice
from omnicrm.domain.imports import Tally
from omnicrm.formats import Refusal, ics, mail, takeout, vcard
from omnicrm.integrations import google_calendar
from omnicrm.models.imports import ImportKind, ImportStatus

CHUNK = 100
PROVIDER = "takeout"
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Report:
    """What an import did. `batch_id` None: a rehearsal, nothing was written."""

    batch_id: UUID | None
    counts: dict[str, int]
    reasons: list[tuple[str, str]]


def read(
    user_id: UUID,
    path: Path,
    *,
    since: datetime | None = None,
    dry_run: bool = False,
    progress: Progress = lambda seen: None,
) -> Report:
    """Read a Takeout archive, a folder or a single file into the practitioner's inbox and book.

    What cannot be read is refused with its reason and stops nothing else; the same file twice makes nothing new.
    `since` leaves older mails and events out. Raises Unreadable where `path` itself cannot be read.
    """
    whole = Tally()
    with database.transaction(user_id) as db:
        me = practice.of(db)
        batch_id = None if dry_run else imports.begin(db, ImportKind.TAKEOUT, path.name)
    reader = _Reader(me.zone, me.region, (me.email,), since)
    items = takeout.walk(path)
    seen = 0
    try:
        while chunk := list(islice(items, CHUNK)):
            whole.merge(_keep(user_id, batch_id, whole, chunk, reader))
            seen += len(chunk)
            progress(seen)
    except BaseException:
        _finish(user_id, batch_id, whole, ImportStatus.FAILED)
        raise
    _finish(user_id, batch_id, whole, ImportStatus.DONE)
    return Report(batch_id, dict(whole.counts), whole.reasons)


def _keep(user_id: UUID, batch_id: UUID | None, whole: Tally, chunk: list[takeout.Item], reader: _Reader) -> Tally:
    def work() -> Tally:
        tally = Tally()
        with database.transaction(user_id) as db:
            for kind, name, content in chunk:
                reader.take(db if batch_id is not None else None, tally, kind, name, content)
            if batch_id is not None:
                so_far = Tally()
                so_far.merge(whole)
                so_far.merge(tally)
                imports.advance(db, batch_id, so_far)
        return tally

    return database.retrying(work)


def _finish(user_id: UUID, batch_id: UUID | None, whole: Tally, status: ImportStatus) -> None:
    if batch_id is not None:
        with database.transaction(user_id) as db:
            imports.advance(db, batch_id, whole, status=status)


@dataclass(frozen=True)
class _Reader:
    zone: ZoneInfo
    region: str | None
    own_addresses: tuple[str, ...]
    since: datetime | None

    def take(self, db: Db | None, tally: Tally, kind: str, name: str, content: bytes | Refusal) -> None:
        """One item of the archive; `db` None: look, but write nothing."""
        if isinstance(content, Refusal):
            tally.refuse(content.name, content.reason, kind)
            return
        try:
            {"mail": self._mail, "calendar": self._calendar, "contacts": self._contacts}[kind](db, tally, name, content)
        except OmniError as error:
            tally.refuse(name, _words(error), kind)

    def _mail(self, db: Db | None, tally: Tally, name: str, content: bytes) -> None:
        parsed = mail.parse(content)
        item = inbox.mail_item(
            parsed,
            provider=PROVIDER,
            external_id=f"{parsed.message_id[:400]}#{parsed.content_hash[:24]}",  # other words, another mail
            own_addresses=self.own_addresses,
        )
        self._store(db, tally, name, "mail", item)

    def _calendar(self, db: Db | None, tally: Tally, name: str, content: bytes) -> None:
        file = ics.read(content, self.zone)
        for refusal in file.refused:
            tally.refuse(f"{name}: {refusal.name}", refusal.reason, "event")
        found: dict[str, CalendarEvent] = {}
        for one in file.events:
            label = f"{name}: {one.summary or one.uid}"
            try:
                event = google_calendar.event(ics.as_google_event(one, self.own_addresses[0]), name, self.zone.key)
            except (OmniError, ValueError) as error:
                tally.refuse(label, _words(error), "event")
            else:
                found[event.id] = event  # an entry that stands there twice counts as it stands last
        for event in found.values():
            item = inbox.event_item(event, provider=PROVIDER)
            item = item.model_copy(update={"external_id": f"{name[-300:]}#{event.id}"})
            self._store(db, tally, f"{name}: {event.summary}", "event", item)

    def _contacts(self, db: Db | None, tally: Tally, name: str, content: bytes) -> None:
        file = vcard.read(content)
        for refusal in file.refused:
            tally.refuse(f"{name}: {refusal.name}", refusal.reason, "contact")
        for card in file.cards:
            try:
                self._contact(db, tally, name, card)
            except Invalid as error:
                tally.refuse(f"{name}: {card.name or 'a card without a name'}", _words(error), "contact")

    def _store(self, db: Db | None, tally: Tally, name: str, kind: str, item: inbox.IncomingItem) -> None:
        if self.since is not None and item.occurred_at < self.since:
            tally.count(kind, "older")
        elif db is None:
            tally.count(kind, "readable")
        else:
            try:
                with db.begin_nested():
                    stored = inbox.store(db, item)
            except (DataError, IntegrityError) as error:
                raise Invalid(f"The database does not take this item: {error.orig}".splitlines()[0]) from error
            tally.count(kind, "skipped" if stored.skipped else stored.change)
            if stored.change == "stored":
                tally.created("source_items", stored.id)

    def _contact(self, db: Db | None, tally: Tally, name: str, card: vcard.Card) -> None:
        label = f"{name}: {card.name or 'without a name'}"
        reachable, unusable = self._reachable(card)
        form = contacts.checked(_fields(card, reachable, unusable))
        if db is None:
            tally.count("contact", "readable")
        elif _known(db, form):
            tally.count("contact", "unchanged")
        else:
            with db.begin_nested():
                added = contacts.add(db, form)
                for value, kind in reachable:
                    if value not in (form.email, form.phone):
                        contacts.add_identifier(db, added.id, value, label=kind or None)
            tally.count("contact", "stored")
            tally.created("contacts", added.id)
        for value in unusable:
            tally.note(label, f"“{value}” is kept in the notes, because it is no address or number that can be used.")

    def _reachable(self, card: vcard.Card) -> tuple[list[tuple[str, str]], list[str]]:
        """(addresses and numbers that somebody can be reached by, with their labels; the others)."""
        good: list[tuple[str, str]] = []
        bad: list[str] = []
        for one in (*card.emails, *card.phones):
            if contacts.identifier(one.value, self.region):
                good.append((one.value, one.label))
            else:
                bad.append(one.value)
        return good, bad


def _known(db: Db, form: contacts.ContactForm) -> bool:
    """Somebody of that name has the card's address or number; without any, the name alone decides."""
    if form.email or form.phone:
        return contacts.same_name_and_address(db, form) is not None
    return bool(contacts.called(db, f"{form.first_name} {form.last_name or ''}".strip()))


def _fields(card: vcard.Card, reachable: list[tuple[str, str]], unusable: list[str]) -> dict[str, Any]:
    """A contact form's fields. A card without a name goes by its firm, then by its address."""
    values = [value for value, _ in reachable]
    address = card.addresses[0] if card.addresses else vcard.PostalAddress()
    lines = {
        "first_name": card.first_name or card.last_name or card.name or card.organisation or next(iter(values), ""),
        "last_name": card.last_name if card.first_name else "",
        "email": next((value for value in values if "@" in value), ""),
        "phone": next((value for value in values if "@" not in value), ""),
        "company": card.organisation,
        "job_title": card.title,
        "website": card.urls[0].value if card.urls else "",
        "address_street": address.street,
        "address_city": address.city,
        "address_state": address.region,
        "address_postal_code": address.postal_code,
        "address_country": address.country,
    }
    return {
        **{name: value[:200] for name, value in lines.items()},
        "date_of_birth": card.birthday,
        "tags": [tag[:200] for tag in card.categories],
        "notes": "\n".join([card.note, *unusable]).strip(),
        "source": "takeout",
    }


def _words(error: Exception) -> str:
    if isinstance(error, Invalid) and error.fields:
        return "; ".join(f"{field.replace('_', ' ')}: {sentence}" for field, sentence in error.fields.items())
    return error.message if isinstance(error, OmniError) else "It has a time that does not exist."
