"""The sheets over the queue: why not, approve many, the whole mail, changed since."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, NaiveDatetime

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import counted
from omnicrm.domain import approvals, practice
from omnicrm.domain.approvals import ApprovalCard, ApprovalRow, ChangedSince, Choice, DifferenceRow
from omnicrm.state.approvals import later
from omnicrm.state.approvals.later import Moment
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

Reason = Literal["wrong", "done", "sender", "kind", "none"]


class ReasonView(BaseModel):
    value: str
    words: str
    more: str = ""


class Sum(BaseModel):
    """One consequence of approving many, with its icon."""

    icon: str
    words: str


class OwnTime(BaseModel):
    """A moment that was picked, on the practitioner's wall."""

    until: NaiveDatetime


class SheetsState(PageState):
    decided: int = 0  # grows with each decision: the page then reads the queue again
    rejecting: str = ""
    rejecting_sentence: str = ""
    reasons: list[ReasonView] = []
    reason: str = "none"
    putting_off: str = ""
    putting_off_sentence: str = ""
    moments: list[Moment] = []
    many: list[ApprovalRow] = []
    ticked: list[str] = []
    many_words: str = ""
    sums: list[Sum] = []
    reading: ApprovalCard | None = None
    undoing: str = ""
    undoing_words: str = ""
    difference: list[DifferenceRow] = []
    ways: list[Choice] = []
    way: str = ""

    @signed_in
    def ask(self, db: Db, approval: UUID):
        """Why not? The reasons that fit this proposal, and what each one teaches."""
        card = approvals.card(db, approval)
        self.rejecting, self.rejecting_sentence, self.reason = card.id, card.sentence, "none"
        reasons = [ReasonView(value="wrong", words="Some detail is wrong")]
        reasons.append(ReasonView(value="done", words=approvals.ALREADY_DONE))
        rule = "Settings lists this rule, and you can forget it there."
        if card.sender:
            more = f"Mail from {card.sender} is left out from now on. {rule}"
            reasons.append(ReasonView(value="sender", words="Nothing from this sender", more=more))
        what = f"“{card.type_label}”"
        whom = f" from {card.sender}" if card.sender else ""
        reasons.append(
            ReasonView(value="kind", words=f"No {what}{whom}", more=f"Such proposals are not made any more. {rule}")
        )
        self.reasons = [*reasons, ReasonView(value="none", words="No reason")]

    @signed_in
    def choose_reason(self, reason: Reason):
        self.reason = reason

    @signed_in(busy=True)
    def reject(self, db: Db):
        words = {"wrong": "Some detail is wrong", "done": approvals.ALREADY_DONE}.get(self.reason, "")
        if self.reason in ("sender", "kind"):
            words = next(view.words for view in self.reasons if view.value == self.reason)
        teaches = self.reason if self.reason in ("sender", "kind") else ""
        decided = approvals.reject(db, UUID(self.rejecting), words, teaches=teaches)
        self.say(decided.sentence, undo=SheetsState.undo(self.rejecting))
        self.rejecting = ""
        self.decided += 1

    @signed_in
    def ask_when(self, db: Db, approval: UUID):
        """Later: when?"""
        card = approvals.card(db, approval)
        self.putting_off, self.putting_off_sentence, self.field_errors = card.id, card.sentence, {}
        self.moments = later.moments(practice.of(db).viewer())

    @signed_in
    def put_off(self, db: Db, until: NaiveDatetime):
        self._put_off(db, until)

    @signed_in(busy=True)
    def put_off_until(self, db: Db, form: OwnTime):
        self._put_off(db, form.until)

    @signed_in
    def wake(self, db: Db, approval: UUID):
        """The toast's Undo: it waits again, at once."""
        approvals.wake(db, approval)
        self.say("Waits for your yes again.")
        self.decided += 1

    @signed_in
    def preview_clear(self, db: Db):
        self._preview(db, approvals.listed(db, folded=True).clear_ids)

    @signed_in
    def preview_picked(self, db: Db, picked: list[str]):
        self._preview(db, picked)

    @signed_in
    def tick(self, approval: str, on: bool):
        others = [one for one in self.ticked if one != approval]
        self.ticked = [*others, approval] if on else others
        self._sum()

    @signed_in(busy=True)
    def approve_many(self, db: Db):
        """One by one: what cannot be done does not stop the others, and waits on."""
        result = approvals.approve_many(db, [UUID(one) for one in self.ticked])
        self.many, self.ticked = [], []
        if result.done:
            undo = SheetsState.undo_many([one.id for one in result.done])
            self.say(f"{counted(len(result.done), 'proposal')} approved.", undo=undo)
        if result.not_done:
            first = result.not_done[0].failed
            self._fault(f"{len(result.done)} approved, {len(result.not_done)} not: {first}")
        self.decided += 1

    @signed_in
    def read_all(self, db: Db, approval: UUID):
        self.reading = approvals.card(db, approval)

    @signed_in
    def undo(self, db: Db, approval: UUID):
        """Takes a decision back; asks where the row changed since."""
        try:
            decided = approvals.undo(db, approval)
        except ChangedSince as changed:
            self.undoing, self.undoing_words = str(approval), changed.difference.title
            self.difference, self.ways = changed.difference.rows, changed.difference.choices
            self.way = self.ways[0].value
            return
        self.say(decided.sentence)
        self.decided += 1

    @signed_in
    def undo_many(self, db: Db, done: list[UUID]):
        """The toast after approving many. What changed since stays, and is undone under Done."""
        taken = 0
        for approval in reversed(done[:200]):
            try:
                with db.begin_nested():
                    approvals.undo(db, approval)
                    taken += 1
            except ChangedSince:
                continue
        left = "" if taken == len(done) else " The others changed since: undo them under Done."
        self.say(f"{counted(taken, 'proposal')} taken back.{left}")
        self.decided += 1

    @signed_in
    def choose_way(self, way: str):
        if way not in [one.value for one in self.ways]:
            raise Invalid("Choose one of the ways.")
        self.way = way

    @signed_in(busy=True)
    def undo_as_chosen(self, db: Db):
        decided = approvals.undo(db, UUID(self.undoing), choice=self.way)
        self.undoing = ""
        self.say(decided.sentence)
        self.decided += 1

    @signed_in
    def close(self):
        self.rejecting, self.undoing, self.putting_off = "", "", ""
        self.many, self.ticked, self.reading = [], [], None

    def _put_off(self, db: Db, until: datetime) -> None:
        if not self.putting_off:
            raise Invalid("Choose the proposal again.")
        zone = practice.of(db).zone
        decided = approvals.snooze(db, UUID(self.putting_off), zones.at_wall(until.date(), until.time(), zone))
        self.putting_off = ""
        self.say(decided.sentence, undo=SheetsState.wake(decided.id))
        self.decided += 1

    def _preview(self, db: Db, chosen: list[str]) -> None:
        try:
            ids = [UUID(one) for one in chosen]
        except ValueError:
            raise Invalid("Select the proposals again.") from None
        self.many = approvals.previewed(db, ids)
        if not self.many:
            raise Invalid("Nothing of this waits any more.")
        self.ticked = [row.id for row in self.many]
        self.many_words = approvals.listed(db, folded=True).clear_words
        self._sum()

    def _sum(self) -> None:
        rows = [row for row in self.many if row.id in self.ticked]
        written = sum(row.group == "sessions" for row in rows)
        events = f"{counted(written, 'session')} and what Google shows of them" if written else ""
        sums = [Sum(icon="mail-x", words="No mail is sent.")]
        if events:
            sums.append(Sum(icon="calendar-check", words=f"{events} are changed."))
        self.sums = [*sums, Sum(icon="undo-2", words="Undo for 30 days, one by one or all together.")]
