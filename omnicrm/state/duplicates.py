"""The same person twice: the list of likely pairs, and two side by side before they become one."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import reflex as rx

from omnicrm.core.db import Db, after_commit
from omnicrm.domain.accounts import Practitioner
from omnicrm.domain.duplicates import compare, finding, keeping, merging
from omnicrm.domain.duplicates.compare import ComparisonCard
from omnicrm.domain.duplicates.finding import DuplicateRow
from omnicrm.domain.duplicates.keeping import Look
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

NOBODY = ComparisonCard(
    one="",
    other="",
    one_name="",
    other_name="",
    one_initials="",
    other_initials="",
    one_about="",
    other_about="",
    fields=[],
    taken=[],
    comes_over=[],
)


class Work(Protocol):
    """What is done beside the page; a job does it."""

    def begin(self, user_id: UUID) -> None: ...


_work: Work | None = None


def offer(work: Work) -> None:
    """Where the application is put together: who looks for duplicates."""
    global _work
    _work = work


class DuplicatesState(PageState):
    rows: list[DuplicateRow] = []
    looking: bool = False
    percent: int = 0
    looked: bool = False

    @signed_in
    def load(self, db: Db, me: Practitioner):
        """What was found last stands there at once; who changed since is looked at beside."""
        look, work = self._read(db), _work
        if work is not None and look.stale and not look.looking:
            after_commit(db, lambda: work.begin(me.id))
            self.looking = True

    @signed_in
    def again(self, db: Db):
        """While somebody looks."""
        self._read(db)

    @signed_in
    def two_people(self, db: Db, one: str, other: str):
        finding.two_people(db, inputs.key(one), inputs.key(other))
        self.rows = [row for row in self.rows if {row.one, row.other} != {one, other}]
        self.say("They stay two.")

    def _read(self, db: Db) -> Look:
        look = keeping.look(db)
        self.rows, self.looking, self.percent, self.looked = keeping.stored(db), look.looking, look.percent, True
        return look


class MergeState(PageState):
    card: ComparisonCard = NOBODY
    taken: list[str] = []

    @signed_in
    def load(self, db: Db):
        asked = self.router.url.query_parameters
        one, other = str(asked.get("one", "")), str(asked.get("other", ""))
        self.card = NOBODY  # what stands there should one of them be gone
        if one and other:
            self.card = compare.card(db, inputs.key(one), inputs.key(other))
        self.taken = list(self.card.taken)

    @signed_in
    def choose(self, field: str, other: bool):
        """Which of the two values is kept."""
        kept = [name for name in self.taken if name != field]
        self.taken = [*kept, field] if other else kept

    @signed_in
    def two_people(self, db: Db):
        finding.two_people(db, UUID(self.card.one), UUID(self.card.other))
        self.say("They stay two.")
        return rx.redirect("/duplicates")

    @signed_in(busy=True)
    def merge(self, db: Db):
        log = merging.merge(db, inputs.key(self.card.one), inputs.key(self.card.other), take=self.taken)
        self.say("Two are one now.", undo=MergeState.unmerge(str(log.id)), undo_label="Un-merge")
        return rx.redirect(f"/contacts/{log.kept_contact_id}")

    @signed_in
    def unmerge(self, db: Db, merge: str):
        contact = merging.unmerge(db, inputs.key(merge))
        self.say(f"They are two again: {contact.display_name} has what was theirs.")
        return rx.redirect(f"/contacts/{contact.id}")
