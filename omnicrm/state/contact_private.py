"""On a client's page: consents, health notes, further addresses and numbers."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.domain import contacts
from omnicrm.domain.contacts import private
from omnicrm.domain.contacts.private import ConsentRow
from omnicrm.domain.words import CONSENTS
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.contact import ContactState
from omnicrm.state.guard import signed_in


class HealthTyped(BaseModel):
    health: str = ""


class Further(BaseModel):
    model_config = ConfigDict(extra="ignore")

    value: str = Field(min_length=3, max_length=200)
    label: str = Field(default="", max_length=40)


class PrivateState(PageState):
    consents: list[ConsentRow] = []
    health: str = ""
    shown: bool = False
    writing: bool = False
    adding: bool = False

    @signed_in
    def load(self, db: Db):
        """Health notes stay closed until somebody asks for them."""
        self.shown, self.health, self.writing, self.adding = False, "", False, False
        self.consents = private.consents(db, self._client())

    @signed_in
    def consent(self, db: Db, kind: private.ConsentKind, on: bool):
        (private.grant if on else private.withdraw)(db, self._client(), kind)
        self.consents = private.consents(db, self._client())
        words = "granted today" if on else "withdrawn today. When it was granted is kept"
        also = " Their mail is no longer read." if not on and kind == private.ConsentKind.AI_PROCESSING else ""
        self.say(f"{CONSENTS[kind]}: {words}.{also}")
        return ContactState.reload

    @signed_in
    def show(self, db: Db):
        self.health, self.shown = private.health_notes(db, self._client()), True

    @signed_in
    def hide(self):
        self.health, self.shown = "", False

    @signed_in
    def write(self, db: Db):
        self.field_errors = {}
        self.health, self.shown, self.writing = private.health_notes(db, self._client()), True, True

    @signed_in(busy=True)
    def save_health(self, db: Db, form: HealthTyped):
        private.write_health_notes(db, self._client(), form.health, before=self.health)
        self.health, self.writing = form.health.strip(), False
        self.say("Health notes kept, encrypted.")
        return ContactState.reload

    @signed_in
    def open_adding(self):
        self.field_errors = {}
        self.adding = True

    @signed_in
    def close(self):
        self.writing = self.adding = False

    @signed_in(busy=True)
    def add(self, db: Db, form: Further):
        known = contacts.add_identifier(db, self._client(), form.value, label=form.label.strip() or None)
        self.adding = False
        self.say(f"{known.value} is known. Mail from there is theirs.")
        return ContactState.reload

    @signed_in
    def forget(self, db: Db, value: str):
        contacts.remove_identifier(db, self._client(), value)
        self.say(f"{value} is forgotten.", undo=PrivateState.remember(value))
        return ContactState.reload

    @signed_in
    def remember(self, db: Db, value: str):
        """The toast's Undo."""
        contacts.add_identifier(db, self._client(), value)
        self.say(f"{value} is known again.")
        return ContactState.reload

    def _client(self) -> UUID:
        return inputs.key(str(self.client))
