"""What the frame around every page shows: whose practice, what waits, how the sync is."""

from __future__ import annotations

from omnicrm.core.db import Db
from omnicrm.domain.accounts import Practitioner
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


class ShellState(PageState):
    practice: str = ""
    person: str = ""
    waiting: int = 0
    due: int = 0
    sync_words: str = "Google is not connected"
    sync_icon: str = "plug"
    problem: str = ""
    problem_more: str = ""
    single_keys: bool = True

    @signed_in
    def refresh(self, db: Db, me: Practitioner):
        """Part of every page's on_load."""
        self.practice = me.business_name or me.name
        self.person = me.name if me.business_name else me.email
