"""One session's page: what it is, how it ended, and what is written about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.domain import practice, sessions, tasks
from omnicrm.domain.sessions import HistoryLine, Roster, RosterRow, SessionPage
from omnicrm.domain.sessions.waitlist import Offer, Waiting
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.clients import ClientChoice
from omnicrm.state.guard import signed_in
from omnicrm.state.notes import NoteState
from omnicrm.state.shell import ShellState

FOLLOW_UP = timedelta(days=3)
Sheet = Literal["", "move", "cancel", "edit", "walk_in", "place", "wait", "person", "history"]


class SessionState(PageState):
    card: SessionPage | None = None
    roster: Roster | None = None
    waiting: list[Waiting] = []
    offers: list[Offer] = []
    history: list[HistoryLine] = []
    choices: list[ClientChoice] = []
    sought: str = ""
    person: RosterRow | None = None
    sheet: Sheet = ""
    gone: bool = False

    @signed_in
    def load(self, db: Db):
        self.sheet, self.history = "", []
        try:
            self._read(db)
        except NotFound:
            self.card, self.roster, self.waiting, self.offers, self.gone = None, None, [], [], True

    @signed_in
    def reload(self, db: Db):
        """After it was changed, here or elsewhere. While a sheet is open, what it was filled from stays."""
        if not self.gone and not self.sheet:
            self._read(db)

    @signed_in
    def close(self):
        self.sheet = ""

    @signed_in
    def show_history(self, db: Db):
        self.history, self.sheet = sessions.history(db, self._key()), "history"

    @signed_in
    def finish(self, db: Db, came: bool):
        """Done, or a no-show. What was one to one is written up at once."""
        known = self._known()
        sessions.close(db, self._key(), came=came)
        self._read(db)
        if came and known.kind == "session":
            return NoteState.write("", known.id, "", "")
        left = f" {self._known().credits}." if self._known().credits else ""
        words = "Done" if came else "Marked as a no-show"
        self.say(f"{words}: {known.who or known.title}.{left}", undo=SessionState.reopen)
        return None

    @signed_in
    def reopen(self, db: Db):
        """The undo of both."""
        sessions.reopen(db, self._key())
        self._read(db)
        self.say("Open again.")

    @signed_in
    def follow_up(self, db: Db):
        """A task on the client and the session in one tap; its words and its day are changed where tasks are."""
        known = self._known()
        task = tasks.add(
            db,
            tasks.TaskForm(
                title=f"Follow up with {known.first_name or known.title}",
                contact_id=inputs.key(known.contact_id) if known.contact_id else None,
                session_id=self._key(),
                due_on=practice.of(db).today() + FOLLOW_UP,
            ),
        )
        self._read(db)
        due = practice.of(db).viewer().near_day(practice.of(db).today() + FOLLOW_UP)
        self.say(f"Task added for {due}: {task.title}", undo=SessionState.drop_task(str(task.id)))
        return ShellState.refresh

    @signed_in
    def drop_task(self, db: Db, task: UUID):
        """The toast's Undo."""
        tasks.remove(db, task)
        self._read(db)
        self.say("The task is taken back.")
        return ShellState.refresh

    @signed_in
    def ask_again(self, db: Db):
        """Google is asked once more for what it did not take."""
        sessions.ask_again(db, self._key())
        self._read(db)
        self.say("Google is asked again.")

    @signed_in
    def put_series_back(self, db: Db, series: UUID):
        """The last change of the whole series, taken back. The session that is open may be gone with it."""
        words = sessions.changes.undo(db, series)
        self.sheet = ""
        try:
            self._read(db)
        except NotFound:
            self.card, self.roster, self.gone = None, None, True
        self.say(words)

    def _key(self) -> UUID:
        return inputs.key(str(self.session_id))

    def _known(self) -> SessionPage:
        if self.card is None:
            raise NotFound("This session no longer exists.")
        return self.card

    def _read(self, db: Db) -> None:
        key = self._key()
        self.card, self.gone = sessions.page(db, key), False
        is_class = self.card.kind == "class"
        self.roster = sessions.roster(db, key) if is_class else None
        self.waiting = sessions.waitlist.waiting(db, session_id=key) if is_class or not self.card.open else []
        self.offers = sessions.waitlist.offers(db, session_id=key) if self.waiting else []
