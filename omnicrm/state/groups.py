"""Groups and tags: their names, colours and counts."""

from __future__ import annotations

from typing import Literal

import reflex as rx
from pydantic import BaseModel, ConfigDict

from omnicrm.core.db import Db
from omnicrm.domain import groups, tags
from omnicrm.domain.contacts import smart
from omnicrm.domain.contacts.rules import Rule
from omnicrm.domain.groups import GroupRow
from omnicrm.domain.tags import TagRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

Color = Literal["gray", "jade", "amber", "sky", "tomato"]


COLORS = (("gray", "Grey"), ("jade", "Green"), ("amber", "Amber"), ("sky", "Blue"), ("tomato", "Red"))
AWAY = Rule.model_validate({"all": [{"subject": "last_session", "verb": "older", "value": "60"}]})


class Typed(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = ""
    color: Color = "gray"
    kind: Literal["people", "smart"] = "people"


class GroupsState(PageState):
    groups: list[GroupRow] = []
    tags: list[TagRow] = []
    sheet: str = ""  # new, group, tag or remove, or none
    key: str = ""  # the group's id, or the tag
    name: str = ""
    color: str = "gray"
    count: int = 0

    @signed_in
    def load(self, db: Db):
        self.sheet = ""
        self._read(db)

    @signed_in
    def start(self):
        self.field_errors = {}
        self.sheet, self.key, self.name, self.color = "new", "", "", "jade"

    @signed_in
    def open(self, which: Literal["group", "tag", "remove"], key: str):
        self.field_errors = {}
        known = {row.id: row for row in self.groups} if which != "tag" else {row.name: row for row in self.tags}
        row = known.get(key)
        if row is not None:
            self.sheet, self.key, self.name, self.color, self.count = which, key, row.name, row.color, row.count

    @signed_in
    def close(self):
        self.sheet = ""

    @signed_in(busy=True)
    def save(self, db: Db, form: Typed):
        if self.sheet == "tag":
            tags.paint(db, self.key, form.color)
            self.say(f"The tag “{self.key}” has its colour.")
        elif self.sheet == "group":
            group = groups.change(db, inputs.key(self.key), name=form.name, color=form.color)
            self.say(f"“{group.name}” is saved.")
        elif form.kind == "smart":
            group = smart.add(db, form.name, color=form.color, rule=AWAY)
            self.sheet = ""
            self.say(f"“{group.name}” finds who was away for 60 days. Write your own rules.")
            return rx.redirect(f"/groups/{group.id}")
        else:
            group = groups.add(db, form.name, color=form.color)
            self.sheet = ""
            self.say(f"The group “{group.name}” is there. Add its people.")
            return rx.redirect(f"/groups/{group.id}")
        self.sheet = ""
        self._read(db)
        return None

    @signed_in(busy=True)
    def remove(self, db: Db):
        groups.remove(db, inputs.key(self.key))
        self.sheet = ""
        self._read(db)
        self.say(f"The group “{self.name}” is gone. Everybody who was in it stays in your book.")

    def _read(self, db: Db) -> None:
        self.groups, self.tags = smart.listed(db), tags.listed(db)
