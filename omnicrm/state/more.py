"""The phone's fifth tab: what needs attention in each further place."""

from __future__ import annotations

from omnicrm.core.db import Db
from omnicrm.core.show import counted
from omnicrm.domain import programs, tasks
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


class MoreState(PageState):
    tasks_words: str = ""
    tasks_late: bool = False
    programs_words: str = ""

    @signed_in
    def load(self, db: Db):
        counts = tasks.counts(db)
        late = counts["overdue"]
        today = counts["today"] - late
        parts = [f"{late} overdue" if late else "", f"{today} today" if today else ""]
        upcoming = counts["upcoming"]
        is_open = programs.counts(db)["active"]
        self.programs_words = f"{is_open} open" if is_open else ""
        self.tasks_late = late > 0
        self.tasks_words = ", ".join(part for part in parts if part) or (
            counted(upcoming, "later one") if upcoming else ""
        )
