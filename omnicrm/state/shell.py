"""What the frame around every page shows: whose practice, what waits, how the sync is."""

from __future__ import annotations

from omnicrm.core.db import Db
from omnicrm.domain import activity, approvals, connections, settings, tasks
from omnicrm.domain.accounts import Practitioner
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


class ShellState(PageState):
    owner: str = ""  # whose drafts a shared device may send
    practice: str = ""
    person: str = ""
    waiting: int = 0
    due: int = 0
    sync_words: str = "Google is not connected"
    sync_icon: str = "plug"
    problem: str = ""
    single_keys: bool = True

    @signed_in
    def refresh(self, db: Db, me: Practitioner):
        """Part of every page's on_load."""
        self.owner = str(me.id)
        self.practice = me.business_name or me.name
        self.person = me.name if me.business_name else me.email
        self.waiting = approvals.counts(db).badge
        self.due = tasks.counts(db)["today"]
        self.single_keys = settings.of(db).single_key_shortcuts
        self._sync(db)

    def _sync(self, db: Db) -> None:
        linked = connections.listed(db)
        self.problem = connections.banner(db)
        if not linked:
            self.sync_words, self.sync_icon = "Google is not connected", "plug"
        elif self.problem:
            self.sync_words, self.sync_icon = "Google: connect again", "unplug"
        elif all(row.status == "paused" for row in linked):
            self.sync_words, self.sync_icon = "Reading Google is paused", "circle-pause"
        else:
            self.sync_words, self.sync_icon = activity.last_sync_line(db) or "Google is connected", "refresh-cw"
