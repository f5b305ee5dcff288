"""The roster of a class: one tap a person, walk-ins, places, the waiting list."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.domain import contacts, sessions
from omnicrm.domain.sessions import Mark
from omnicrm.state import clients, inputs
from omnicrm.state.guard import signed_in
from omnicrm.state.sessions.page import SessionState

Way = Literal["walk_in", "place", "wait"]
_SAID = {"registered": "open", "present": "present", "late": "late", "no_show": "a no-show"}


class RosterState(SessionState):
    @signed_in
    def mark(self, db: Db, client: UUID, status: Mark):
        """A tap; the same one again takes it back."""
        rows = self.roster.rows if self.roster else []
        before = next((row.status for row in rows if row.contact_id == str(client)), "")
        sessions.mark(db, self._key(), client, "registered" if before == status else status)
        self.sheet = ""
        self._reread(db)

    @signed_in
    def show(self, client: UUID):
        """What else can be done about one person."""
        rows = self.roster.rows if self.roster else []
        self.person = next((row for row in rows if row.contact_id == str(client)), None)
        self.sheet = "person" if self.person else ""

    @signed_in
    def call_off(self, db: Db, client: UUID):
        """A client gives the place up; late, it may use a credit."""
        sessions.unregister(db, self._key(), client)
        self.sheet = ""
        self._reread(db, whole=True)
        name = contacts.get(db, client).display_name
        self.say(f"{name} called off. The place is free.", undo=RosterState.take_again(str(client)))

    @signed_in
    def take_again(self, db: Db, client: UUID):
        """The undo of it."""
        sessions.register(db, self._key(), client, over_capacity=True)
        self._reread(db, whole=True)
        self.say("The place is theirs again.")

    @signed_in
    def start(self, db: Db, way: Way):
        """Open the sheet that looks for a client: who walked in, who wants a place, who waits for one."""
        self.field_errors = {}
        self.sheet, self.sought = way, ""
        self.choices = clients.choices(db, "", without=self._there())

    @signed_in
    def find(self, db: Db, query: str):
        self.sought = query.strip()
        self.choices = clients.choices(db, query, without=self._there())

    @signed_in
    def choose(self, db: Db, client: UUID, over_capacity: bool = False):
        self._chosen(db, client, over_capacity)

    @signed_in
    def add_client(self, db: Db):
        """Who is not in the book yet."""
        self._chosen(db, inputs.key(clients.added(db, self.sought)), False)

    @signed_in
    def walk_out(self, db: Db, client: UUID):
        """The undo of a walk-in, and of a place given."""
        sessions.walk_out(db, self._key(), client)
        self._reread(db, whole=True)
        self.say("The place is taken back.")

    @signed_in
    def leave(self, db: Db, entry: UUID):
        client, session, service, note = sessions.waitlist.leave(db, entry)
        self._reread(db, whole=True)
        undo = RosterState.wait_again(str(client), str(session or ""), str(service or ""), note)
        self.say("Off the waiting list.", undo=undo)

    @signed_in
    def wait_again(self, db: Db, client: UUID, session: str, service: str, note: str):
        """The undo of it."""
        sessions.waitlist.wait(
            db,
            client,
            session_id=inputs.key(session) if session else None,
            service_id=inputs.key(service) if service else None,
            note=note,
        )
        self._reread(db, whole=True)
        self.say("On the waiting list again.")

    @signed_in
    def fulfil(self, db: Db, entry: UUID):
        """One tap: the place, or the time, is theirs."""
        given = sessions.waitlist.fulfil(db, entry, self._key())
        self._reread(db, whole=True)
        self.say("The place is given.", undo=RosterState.unfulfil(str(entry), str(given.id)))

    @signed_in
    def unfulfil(self, db: Db, entry: UUID, session: UUID):
        sessions.waitlist.unfulfil(db, entry, session)
        self._reread(db, whole=True)
        self.say("They wait again.")

    def _chosen(self, db: Db, client: UUID, over_capacity: bool) -> None:
        name, key = contacts.get(db, client).display_name, self._key()
        if self.sheet == "wait":
            entry = sessions.waitlist.wait(db, client, session_id=key)
            words, undo = f"{name} waits for a place.", RosterState.leave(str(entry.id))
        elif self.sheet == "place":
            sessions.register(db, key, client, over_capacity=over_capacity)
            words, undo = f"{name} has a place.", RosterState.walk_out(str(client))
        else:
            sessions.walk_in(db, key, client)
            words, undo = f"{name} is here.", RosterState.walk_out(str(client))
        self.sheet = ""
        self._reread(db, whole=True)
        self.say(words, undo=undo)

    def _there(self) -> set[str]:
        return {row.contact_id for row in self.roster.rows} if self.roster else set()

    def _reread(self, db: Db, *, whole: bool = False) -> None:
        """After a mark the roster alone: twelve people are twelve quick taps."""
        if whole:
            self._read(db)
        else:
            self.roster = sessions.roster(db, self._key())
