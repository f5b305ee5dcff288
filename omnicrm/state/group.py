"""One group: who is in it, by hand or by rules that are worked out as they are written."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.domain import contacts, groups
from omnicrm.domain.contacts import ContactRow, rules, smart
from omnicrm.domain.contacts.smart import Option, Person
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.groups import Color
from omnicrm.state.guard import signed_in
from omnicrm.state.rules import RuleRow, Written, built, shown, written

_FOUND = 8


class GroupCard(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    name: str
    color: str
    smart: bool


class GroupTyped(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", max_length=200)
    color: Color = "gray"


class GroupState(PageState):
    card: GroupCard | None = None
    gone: bool = False
    rows: list[ContactRow] = []
    following: str = ""
    paged: bool = False
    count: int = 0
    everyone: int = 0
    rules: list[RuleRow] = []
    changed: bool = False  # rules are written that are not kept yet
    wrong: bool = False
    left_out: list[Person] = []
    sheet: Literal["", "add", "change"] = ""
    found: list[ContactRow] = []
    _rule: rules.Rule | None = None
    _choices: dict[str, list[Option]] = {}

    @signed_in
    def load(self, db: Db):
        self.sheet, self.found, self.gone = "", [], False
        try:
            self._read(db)
        except NotFound:
            self.card, self.gone = None, True

    @signed_in
    def reload(self, db: Db):
        """After something changed elsewhere; rules that are being written stay."""
        if self.card is not None and not self.changed:
            self._read(db)

    @signed_in
    def page(self, db: Db, after: Literal["", "next"]):
        """The first fifty, or those after the ones that are shown."""
        self._members(db, self.following if after else "")

    @signed_in
    def put(self, db: Db, n: int, what: Literal["subject", "verb", "value"], value: str):
        """Another subject, verb or value in a rule's line; how many match follows."""
        lines = written(self.rules)
        if 0 <= n < len(lines):
            lines[n] = lines[n].put(what, value[:200], self._choices)
            self._work_out(db, lines)

    @signed_in
    def another(self, db: Db, block: int):
        """A line more: 0 beneath all, -1 in a new "either of", else in that one."""
        lines = written(self.rules)
        if len(lines) >= rules.MOST_RULES:
            return
        if block == -1:
            new = max((line.block for line in lines), default=0) + 1
            lines += [Written("tag", "has", "", new), Written("tag", "has", "", new)]
        else:
            places = [n for n, line in enumerate(lines) if line.block == block]
            place = places[-1] + 1 if block and places else len(lines)
            lines.insert(place, Written("tag", "has", "", block if places else 0))
        self._work_out(db, lines)

    @signed_in
    def drop(self, db: Db, n: int):
        lines = [line for place, line in enumerate(written(self.rules)) if place != n]
        if lines:
            self._work_out(db, lines)

    @signed_in
    def discard(self, db: Db):
        """What was written and not kept goes."""
        self._read(db)

    @signed_in(busy=True)
    def keep(self, db: Db):
        card, before = self._known(), self._rule
        rule = inputs.checked(lambda: built(self.rules, before.left_out if before else ()))
        smart.change(db, inputs.key(card.id), rule, version=card.version)
        self._read(db)
        undo = GroupState.put_back(before.model_dump_json()) if before is not None else None
        self.say(f"The rules are kept. {self.count} match now.", undo=undo)

    @signed_in
    def put_back(self, db: Db, rule: str):
        """The toast's Undo."""
        before = inputs.checked(lambda: rules.Rule.model_validate_json(rule))
        smart.change(db, inputs.key(self._known().id), before)
        self._read(db)
        self.say("The rules are as they were.")

    @signed_in
    def take_out(self, db: Db, contact: UUID):
        """Out of the group, and still in the book."""
        card = self._known()
        name = contacts.get(db, contact).display_name
        if card.smart:
            smart.leave_out(db, inputs.key(card.id), contact)
            self.say(f"{name} is left out.", undo=GroupState.put_in(str(contact)))
        else:
            groups.leave(db, inputs.key(card.id), contact)
            self.say(f"{name} left the group, and stays in your book.", undo=GroupState.put_in(str(contact)))
        self._read(db)

    @signed_in
    def put_in(self, db: Db, contact: UUID):
        """Into the group; of those who were left out of a smart one, back under its rules."""
        card = self._known()
        name = contacts.get(db, contact).display_name
        if card.smart:
            smart.let_in(db, inputs.key(card.id), contact)
            self.say(f"{name} is in again where the rules say so.")
        elif groups.join(db, inputs.key(card.id), contact):
            self.say(f"{name} is in the group.", undo=GroupState.take_out(str(contact)))
        else:
            self.say(f"{name} was in the group already.")
        self._read(db)

    @signed_in
    def open_sheet(self, which: Literal["add", "change"]):
        self.field_errors = {}
        self.sheet, self.found = which, []

    @signed_in
    def close(self):
        self.sheet = ""

    @signed_in
    def look(self, db: Db, query: str):
        """Whom to add."""
        self.found = contacts.listed(db, query[:200], limit=_FOUND).rows if query.strip() else []

    @signed_in(busy=True)
    def save(self, db: Db, form: GroupTyped):
        group = groups.change(db, inputs.key(self._known().id), name=form.name, color=form.color)
        self.sheet = ""
        self._read(db)
        self.say(f"“{group.name}” is saved.")

    def _known(self) -> GroupCard:
        if self.card is None:
            raise NotFound("This group no longer exists.")
        return self.card

    def _read(self, db: Db) -> None:
        group = groups.get(db, inputs.key(str(self.group_id)))
        self.card = GroupCard(
            id=str(group.id),
            version=group.version,
            name=group.name,
            color=group.color or "gray",
            smart=group.rule is not None,
        )
        self.everyone = contacts.counts(db)["all"]
        self._rule, self.rules, self.left_out, self.changed, self.wrong = None, [], [], False, False
        if group.rule is not None:
            self._rule = smart.rule_of(group)
            self._choices = {
                "group": [Option(value=row.id, words=row.name) for row in groups.listed(db) if not row.smart],
                "program": smart.programs(db),
            }
            self.rules = shown(written(self._rule), self._choices)
            self.left_out = smart.left_out(db, self._rule)
            self.count = smart.count(db, self._rule)
        else:
            self.count = groups.size(db, group.id)
        self._members(db, "")

    def _work_out(self, db: Db, lines: list[Written]) -> None:
        """The lines as they stand; how many match, once every one of them is complete."""
        self.rules, self.changed = shown(lines, self._choices), True
        self.wrong = any(row.error for row in self.rules)
        if not self.wrong:
            rule = built(self.rules, self._rule.left_out if self._rule else ())
            self.count = smart.count(db, rule)
            page = contacts.listed(db, rule=rule)
            self.rows, self.following, self.paged = page.rows, page.next, False

    def _members(self, db: Db, after: str) -> None:
        page = contacts.listed(db, group_id=inputs.key(self._known().id), after=after)
        self.rows, self.following, self.paged = page.rows, page.next, after != ""
