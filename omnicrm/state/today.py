"""Today: what the morning opens with."""

from __future__ import annotations

from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.core.show import counted
from omnicrm.domain import sessions, tasks, today
from omnicrm.domain.sessions.waitlist import Offer
from omnicrm.domain.today import TodayCard
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState


class TodayState(PageState):
    card: TodayCard | None = None
    next_id: str = ""
    waiting: int = 0
    waiting_words: str = ""
    offers: list[Offer] = []

    @signed_in
    def load(self, db: Db):
        self._read(db)
        self._freed(db)

    @signed_in
    def finish(self, db: Db, task: UUID):
        done = tasks.finish(db, task)
        self._read(db)
        self.say(f"Done: {done.title}", undo=TodayState.reopen(str(task)))
        return ShellState.refresh

    @signed_in
    def reopen(self, db: Db, task: UUID):
        tasks.reopen(db, task)
        self._read(db)
        self.say("Open again.")
        return ShellState.refresh

    @signed_in
    def fulfil(self, db: Db, entry: UUID, session: UUID):
        """A place that has freed, given to who waits for it."""
        given = sessions.waitlist.fulfil(db, entry, session)
        self._read(db)
        self._freed(db)
        self.say("The place is given.", undo=TodayState.unfulfil(str(entry), str(given.id)))

    @signed_in
    def unfulfil(self, db: Db, entry: UUID, session: UUID):
        """The undo of it."""
        sessions.waitlist.unfulfil(db, entry, session)
        self._read(db)
        self._freed(db)
        self.say("They wait again.")

    def _read(self, db: Db) -> None:
        self.card = today.card(db)
        coming = [row for row in self.card.sessions if row.distance and row.kind != "proposed"]
        self.next_id = coming[0].id if coming else ""
        counts = self.card.counts
        self.waiting = counts.all
        seconds = 6 * counts.all  # ten in a minute
        pace = "about a minute" if seconds <= 90 else f"about {round(seconds / 60)} minutes"
        self.waiting_words = f"{counts.clear} clear, {pace}" if counts.clear else counted(counts.all, "decision")

    def _freed(self, db: Db) -> None:
        self.offers = sessions.waitlist.offers(db)[:3]
