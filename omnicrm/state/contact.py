"""One client's page: who this is, last note, timeline, and what can be done."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import contacts
from omnicrm.domain.contacts import ContactCard, ContactChange, JournalEntry
from omnicrm.domain.contacts.journal import KINDS as JOURNAL
from omnicrm.state import details, inputs
from omnicrm.state.base import PageState
from omnicrm.state.details import Detail
from omnicrm.state.guard import signed_in

Switch = Literal["ai_allowed", "mail_allowed"]


class FieldTyped(BaseModel):
    model_config = ConfigDict(extra="ignore")

    value: str = ""


class ContactState(PageState):
    card: ContactCard | None = None
    entries: list[JournalEntry] = []
    older: str = ""
    kind: str = ""
    gone: bool = False
    editing: bool = False
    details: list[Detail] = []
    blanks: list[Detail] = []
    field: str = ""  # the fact that is open where it stands
    _filled: ContactCard | None = None  # what the form was filled from

    @signed_in
    def load(self, db: Db):
        """`?show=note` opens the timeline with the notes alone, where a search led here."""
        asked = str(self.router.url.query_parameters.get("show", ""))
        self.kind, self.editing, self.field = asked if asked in JOURNAL else "", False, ""
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
        typed = form.model_dump(exclude_unset=True, exclude={"custom_fields"})
        shown, now = self._filled or self._known(), contacts.card(db, key)
        mine = {name: value for name, value in typed.items() if details.known(shown, name) != details.plain(value)}
        theirs = {
            name: details.known(now, name) for name in mine if details.known(now, name) != details.known(shown, name)
        }
        differ = {name: value for name, value in theirs.items() if value != details.plain(mine[name])}
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
    def open_field(self, name: str):
        """A fact opens where it stands."""
        if any(one.name == name for one in (*self.details, *self.blanks)):
            self.field_errors = {}
            self.field, self._filled = name, self.card

    @signed_in
    def close_field(self, db: Db):
        """Escape: what stands in the book is shown."""
        self.field, self.field_errors = "", {}
        self._read(db)

    @signed_in(busy=True)
    def save_field(self, db: Db, form: FieldTyped):
        """One fact is written. Changed elsewhere meanwhile: both values are shown, and nothing is overwritten before
        it is saved again."""
        key, name = inputs.key(self._known().id), self.field
        if not name:
            return
        now, value = contacts.card(db, key), form.value.strip()
        before = details.known(now, name)
        if before not in (details.known(self._filled or now, name), value):
            self._filled = now
            words = f"Changed meanwhile to “{before[:80] or 'nothing'}”. Save again for yours, Escape for theirs."
            raise Invalid("Someone changed this meanwhile. Nothing was overwritten.", {"value": words})
        self._write(db, key, name, value)
        label = next((one.label for one in (*self.details, *self.blanks) if one.name == name), "It")
        self.field = ""
        self._read(db)
        if value != before:
            self.say(f"{label} saved.", undo=ContactState.put_back(name, before))

    @signed_in
    def put_back(self, db: Db, name: str, value: str):
        """The toast's Undo."""
        self._write(db, inputs.key(self._known().id), name, value)
        self._read(db)
        self.say("As it was before.")

    @signed_in
    def switch(self, db: Db, what: Switch, on: bool):
        known = self._known()
        contacts.change(db, inputs.key(known.id), ContactChange.model_validate({what: on}))
        self._read(db)
        words = {"ai_allowed": "Mail is read for proposals", "mail_allowed": "Mail may be sent"}[what]
        gone = " What was kept of their mail is gone for good." if what == "ai_allowed" and not on else ""
        self.say(f"{words}: {'yes' if on else 'no'}.{gone}", undo=ContactState.switch(what, not on))

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

    def _write(self, db: Db, key: UUID, name: str, value: str) -> None:
        if name.startswith(details.OWN):
            own, now = name.removeprefix(details.OWN), contacts.get(db, key).custom_fields
            contacts.own_fields.write(db, key, own, value, before=str(now.get(own, "")))
        elif name in details.EDITED:
            try:
                contacts.change(db, key, contacts.checked({name: value}, partial=True))
            except Invalid as error:
                words = next(iter(error.fields.values()), error.message)
                raise Invalid(error.message, {"value": words}) from None
        else:
            raise NotFound(inputs.GONE)

    def _known(self) -> ContactCard:
        if self.card is None:
            raise NotFound("This client no longer exists.")
        return self.card

    def _read(self, db: Db) -> None:
        self.card, self.gone = contacts.card(db, inputs.key(str(self.client))), False
        self.details, self.blanks = details.shown(self.card, contacts.own_fields.listed(db))
        self._journal(db, "")

    def _journal(self, db: Db, before: str) -> None:
        kinds = (self.kind,) if self.kind else JOURNAL
        page = contacts.journal(db, inputs.key(self._known().id), kinds=kinds, before=before)
        entries = (self.entries if before else []) + page.entries
        self.entries, self.older = entries[-200:], page.next
