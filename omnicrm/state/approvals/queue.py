"""The queue: its lines, the open card with the next ones behind it, edits in place, and the decisions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound, OmniError
from omnicrm.domain import approvals, connections, inbox
from omnicrm.domain.approvals import ApprovalCard, ApprovalRow, FieldRow
from omnicrm.state.approvals import editing
from omnicrm.state.approvals.editing import Editor
from omnicrm.state.approvals.sheets import SheetsState
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState

AHEAD = 3  # cards: the open one, and those that are there before the thumb is
Kind = Literal["all", "sessions", "people", "money", "tasks", "replies", "later", "done"]
Act = Literal["approve", "copied"]
Value = Annotated[str, Field(max_length=20_000)]


class ApprovalsState(PageState):
    kind: Kind = "all"
    lines: list[ApprovalRow] = []
    cards: list[ApprovalCard] = []
    done: list[ApprovalRow] = []
    counts: dict[str, int] = {}
    clear_count: int = 0
    clear_words: str = ""
    open_id: str = ""
    picked: list[str] = []
    refused: str = ""  # "id:n": this card left the screen too early, and comes back
    edits: str = ""  # the card that is being changed
    changed: list[str] = []
    editor: Editor = Editor()
    approve_words: str = ""
    connected: bool = False
    being_read: bool = False
    _values: dict[str, Any] = {}
    _left_out: list[str] = []
    _refusals: int = 0
    _week: str = ""

    @signed_in
    def load(self, db: Db):
        self._forget_edits()
        self.picked, self.kind = [], "all"
        self.open_id = str(self.router.url.query_parameters.get("open", ""))[:36]
        self._read(db)

    @signed_in
    def reload(self, db: Db):
        """Something changed elsewhere: read again, what is being edited stays."""
        self._read(db)

    @signed_in
    def show(self, db: Db, kind: Kind):
        self.kind, self.picked = kind, []
        self._forget_edits()
        self._read(db)

    @signed_in
    def open(self, db: Db, approval: UUID):
        self._forget_edits()
        self.open_id = str(approval)
        self._read(db)

    @signed_in
    def step(self, db: Db, by: int):
        """J and K: down and up the list."""
        ids = [line.id for line in self.lines]
        if ids:
            at = ids.index(self.open_id) if self.open_id in ids else 0
            self._forget_edits()
            self.open_id = ids[max(0, min(at + by, len(ids) - 1))]
            self._read(db)

    @signed_in
    def act(self, db: Db, approval: UUID, what: Act, allow_overlap: bool = False, add_contact: bool = False):
        """What a card's buttons, keys and swipes say. The card has left already; where it may not, it comes back."""
        if what == "copied":
            self.say("Copied. Nothing was sent.")
            return None
        try:
            decided = self._approve(db, approval, allow_overlap, add_contact)
        except OmniError:
            self._refuse(approval)
            raise
        self._read(db)
        if decided.failed:
            self._refuse(approval)
            self._fault(f"{decided.failed} Nothing was changed.")
        else:
            self.say(" ".join([*decided.also, decided.sentence]), undo=SheetsState.undo(decided.id))
        return ShellState.refresh

    @signed_in
    def retry(self, db: Db, approval: UUID, allow_overlap: bool = False):
        decided = approvals.retry(db, approval, allow_overlap=allow_overlap)
        self._read(db)
        if decided.failed:
            self._fault(f"Still not: {decided.failed}")
        else:
            self.say(decided.sentence)
        return ShellState.refresh

    @signed_in
    def keep_here(self, db: Db, approval: UUID):
        """A failed one stays done here, without Google."""
        decided = approvals.keep_here(db, approval)
        self._read(db)
        self.say(decided.sentence)
        return ShellState.refresh

    @signed_in
    def pick(self, approval: str, on: bool):
        others = [one for one in self.picked if one != approval]
        self.picked = [*others, approval][-200:] if on else others

    @signed_in
    def pick_open(self):
        """X."""
        if self.open_id:
            others = [one for one in self.picked if one != self.open_id]
            self.picked = others if len(others) < len(self.picked) else [*others, self.open_id]

    @signed_in
    def pick_none(self):
        self.picked = []

    @signed_in
    def edit(self, db: Db, approval: UUID):
        """E: the field that is changed most, the time, else the first one that can be."""
        card = self._card(approval)
        fields = [field for field in card.fields if field.editable]
        chosen = next((field for field in fields if field.kind == "datetime"), fields[0] if fields else None)
        if chosen is None:
            raise Invalid("This proposal is approved or rejected as it is.")
        self._open_editor(db, card, chosen)

    @signed_in
    def open_field(self, db: Db, approval: UUID, slot: str):
        card = self._card(approval)
        self._open_editor(db, card, self._field(card, slot))

    @signed_in
    def close_editor(self):
        self.editor = Editor()
        if not self._values and not self._left_out:
            self._forget_edits()

    @signed_in
    def set_value(self, db: Db, approval: UUID, slot: str, value: Value):
        """Every change is tried at once: the sentence follows, and what cannot be is said under the field."""
        self._change(db, self._card(approval), slot, value)

    @signed_in
    def set_day(self, db: Db, approval: UUID, day: date):
        card = self._card(approval)
        field = self._field(card, "scheduled_at")
        self._change(db, card, field.name, f"{day.isoformat()}T{field.raw[11:16]}")

    @signed_in
    def set_time(self, db: Db, approval: UUID, at: Annotated[str, Field(pattern=r"^\d{1,2}:\d\d$")]):
        card = self._card(approval)
        field = self._field(card, "scheduled_at")
        self._change(db, card, field.name, f"{field.raw[:10]}T{at:0>5}")

    @signed_in
    def shift(self, db: Db, approval: UUID, begins: int, length: int):
        """The steppers."""
        card = self._card(approval)
        if begins:
            field = self._field(card, "scheduled_at")
            self._change(db, card, field.name, editing.shifted(field.raw, max(-720, min(begins, 720))))
        if length:
            self._change(db, card, "duration_minutes", max(editing.STEP, editing.length_of(card) + length))

    @signed_in
    def move_days(self, db: Db, approval: UUID, by: int):
        """Another week in the strip of days."""
        card = self._card(approval)
        shown = self.editor.days[0].date if self.editor.days else self._field(card, "scheduled_at").raw[:10]
        self._week = (date.fromisoformat(shown) + timedelta(days=7 if by > 0 else -7)).isoformat()
        self._show_editor(db, card)

    @signed_in
    def find_client(self, db: Db, approval: UUID, query: Annotated[str, Field(max_length=200)]):
        card = self._card(approval)
        self.editor = editing.of(db, card, self._field(card, self.editor.slot), query=query)

    @signed_in
    def leave_out(self, db: Db, approval: UUID, slot: str):
        card = self._card(approval)
        self._begin(card)
        self._left_out = [*self._left_out, slot]
        self._preview(db, card)

    @signed_in
    def drop_change(self, db: Db, approval: UUID):
        self._forget_edits()
        self._read(db)

    def _approve(self, db: Db, approval: UUID, allow_overlap: bool, add_contact: bool) -> approvals.Decided:
        mine = self.edits == str(approval)
        known = next((card for card in self.cards if card.id == str(approval)), None)
        decided = approvals.approve(
            db,
            approval,
            edits=self._values if mine else None,
            leave_out=self._left_out if mine else (),
            version=known.version if known else None,
            allow_overlap=allow_overlap or bool(known and known.clashes),  # the card said so before
            add_contact=add_contact,
        )
        if mine:
            self._forget_edits()
        return decided

    def _refuse(self, approval: UUID) -> None:
        self._refusals += 1
        self.refused = f"{approval}:{self._refusals}"

    def _card(self, approval: UUID) -> ApprovalCard:
        for card in self.cards:
            if card.id == str(approval):
                return card
        raise NotFound("This proposal is not open any more. Choose it again.")

    def _field(self, card: ApprovalCard, slot: str) -> FieldRow:
        for field in card.fields:
            if field.name == slot and field.editable:
                return field
        raise Invalid("This cannot be changed here.")

    def _begin(self, card: ApprovalCard) -> None:
        if self.edits != card.id:
            self._forget_edits()
            self.edits, self.open_id = card.id, card.id

    def _open_editor(self, db: Db, card: ApprovalCard, field: FieldRow) -> None:
        self._begin(card)
        self._week = ""
        self.editor = editing.of(db, card, field)

    def _show_editor(self, db: Db, card: ApprovalCard) -> None:
        field = next((field for field in card.fields if field.name == self.editor.slot), None)
        self.editor = editing.of(db, card, field, week=self._week) if field else Editor()

    def _change(self, db: Db, card: ApprovalCard, slot: str, value: Any) -> None:
        self._begin(card)
        before = dict(self._values)
        self._values = {**self._values, slot: value}
        try:
            self._preview(db, card)
        except Invalid as error:
            self._values = before
            words = " ".join(error.fields.values()) or error.message
            self.editor = self.editor.model_copy(update={"error": words, "value": str(value)})

    def _preview(self, db: Db, card: ApprovalCard) -> None:
        """The card as it would be carried out; nothing of it is kept."""
        shown = approvals.preview(db, UUID(card.id), edits=self._values, leave_out=self._left_out)
        self.cards = [shown if one.id == card.id else one for one in self.cards]
        self.changed = list(self._values)
        self._show_editor(db, shown)
        at = next((field.raw[11:16] for field in shown.fields if field.name == "scheduled_at"), "")
        self.approve_words = f"Approve with {at}" if "scheduled_at" in self._values else "Approve the change"

    def _forget_edits(self) -> None:
        self.edits, self.editor, self.changed = "", Editor(), []
        self._values, self._left_out, self._week = {}, [], ""
        self.approve_words = ""

    def _read(self, db: Db) -> None:
        counts = approvals.counts(db)
        self.counts = counts.model_dump()
        linked = connections.of(db)
        self.connected = bool(linked)
        unread = any(one.last_synced_at is None for one in linked)
        self.being_read = self.connected and not counts.all and (unread or bool(inbox.waiting(db, limit=1)))
        if self.kind == "done":
            self.done, self.lines, self.cards = approvals.listed(db, shelf="done").rows, [], []
            return
        self.done = []
        group = "" if self.kind in ("all", "later") else self.kind
        shelf: approvals.Shelf = "later" if self.kind == "later" else "waiting"
        page = approvals.listed(db, shelf=shelf, group=group, folded=shelf == "waiting", opened=_key(self.open_id))
        ids = [line.id for line in page.rows]
        self.open_id = self._still_there(ids)
        self.lines = page.rows
        self.clear_count, self.clear_words = len(page.clear_ids), page.clear_words
        self.picked = [one for one in self.picked if one in ids]
        start = ids.index(self.open_id) if ids else 0
        kept = next((card for card in self.cards if card.id == self.edits), None)
        wanted = ids[start : start + AHEAD]
        self.cards = [kept if kept and one == kept.id else approvals.card(db, UUID(one)) for one in wanted]
        if self.edits and not kept:
            self._forget_edits()

    def _still_there(self, ids: list[str]) -> str:
        """The card to show of those that wait now: the open one; where it has gone, the reply drafted with it, else
        the one that stood behind it, else the first."""
        if self.open_id in ids:
            return self.open_id
        if not ids or not self.open_id:
            return ids[0] if ids else ""
        before = [line.id for line in self.lines]
        reply = next((card.reply_id for card in self.cards if card.id == self.open_id), "")
        at = before.index(self.open_id) if self.open_id in before else len(before)
        return next((one for one in (reply, *before[at:], *reversed(before[:at])) if one in ids), ids[0])


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
