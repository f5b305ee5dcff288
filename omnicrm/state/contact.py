"""One client's page: who this is, last note, timeline, and what can be done."""

from __future__ import annotations

from typing import Literal

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import contacts
from omnicrm.domain.contacts import ContactCard, ContactChange, JournalEntry
from omnicrm.domain.contacts.journal import KINDS as JOURNAL
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

Switch = Literal["ai_allowed", "mail_allowed"]


class ContactState(PageState):
    card: ContactCard | None = None
    entries: list[JournalEntry] = []
    older: str = ""
    kind: str = ""
    gone: bool = False
    editing: bool = False
    _filled: ContactCard | None = None  # what the form was filled from

    @signed_in
    def load(self, db: Db):
        """`?show=note` opens the timeline with the notes alone, where a search led here."""
        asked = str(self.router.url.query_parameters.get("show", ""))
        self.kind, self.editing = asked if asked in JOURNAL else "", False
        try:
            self._read(db)
        except NotFound:
            self.card, self.entries, self.gone = None, [], True

    @signed_in
    def reload(self, db: Db):
        """After something was booked or noted, here or elsewhere."""
        if not self.gone:
            self._read(db)

    @signed_in
    def show(self, db: Db, kind: str):
        self.kind = kind
        self._journal(db, "")

    @signed_in
    def show_older(self, db: Db):
        if self.older:
            self._journal(db, self.older)

    @signed_in
    def open_edit(self):
        self.field_errors = {}
        self.editing, self._filled = True, self.card

    @signed_in
    def close(self):
        self.editing = False

    @signed_in(busy=True)
    def save(self, db: Db, form: ContactChange):
        """Only what was typed anew is written. Where the same field was changed elsewhere meanwhile, that is said
        beside it, and saving again keeps what is in the form."""
        key = inputs.key(self._known().id)
        typed = form.model_dump(exclude_unset=True)
        shown, now = self._filled or self._known(), contacts.card(db, key)
        mine = {name: value for name, value in typed.items() if _same(shown, name) != _plain(value)}
        theirs = {name: _same(now, name) for name in mine if _same(now, name) != _same(shown, name)}
        differ = {name: value for name, value in theirs.items() if value != _plain(mine[name])}
        if differ:
            self._filled = now
            raise Invalid(
                "Someone changed this client meanwhile. Nothing was overwritten.",
                {
                    name: f"Changed meanwhile to “{value[:80] or 'nothing'}”. Save again to keep yours."
                    for name, value in differ.items()
                },
            )
        contacts.change(db, key, ContactChange.model_validate(mine), version=now.version)
        self.editing = False
        self._read(db)
        self.say("Saved.")

    @signed_in
    def switch(self, db: Db, what: Switch, on: bool):
        known = self._known()
        contacts.change(db, inputs.key(known.id), ContactChange.model_validate({what: on}))
        self._read(db)
        words = {"ai_allowed": "Mail is read for proposals", "mail_allowed": "Mail may be sent"}[what]
        self.say(f"{words}: {'yes' if on else 'no'}.")

    @signed_in
    def archive(self, db: Db):
        known = self._known()
        contacts.archive(db, inputs.key(known.id))
        self._read(db)
        self.say(f"{known.name} is archived. Nothing of the history went.", undo=ContactState.unarchive)

    @signed_in
    def unarchive(self, db: Db):
        contacts.unarchive(db, inputs.key(self._known().id))
        self._read(db)
        self.say("Back in the lists.")

    def _known(self) -> ContactCard:
        if self.card is None:
            raise NotFound("This client no longer exists.")
        return self.card

    def _read(self, db: Db) -> None:
        self.card, self.gone = contacts.card(db, inputs.key(str(self.client))), False
        self._journal(db, "")

    def _journal(self, db: Db, before: str) -> None:
        kinds = (self.kind,) if self.kind else JOURNAL
        page = contacts.journal(db, inputs.key(self._known().id), kinds=kinds, before=before)
        entries = (self.entries if before else []) + page.entries
        self.entries, self.older = entries[-200:], page.next


def _same(card: ContactCard, field: str) -> str:
    """The field as the form shows it."""
    shown = {"lifecycle_stage": "stage"}.get(field, field)
    return _plain(getattr(card, shown))


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)
