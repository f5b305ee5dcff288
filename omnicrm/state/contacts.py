"""The list of clients: search, stages, groups, a page at a time, and a new one."""

from __future__ import annotations

import reflex as rx

from omnicrm.core.db import Db
from omnicrm.domain import contacts, groups
from omnicrm.domain.contacts import ContactForm, ContactRow
from omnicrm.domain.groups import GroupRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

PAGES = 10  # of 50 rows each, a var each, so that a further page sends only itself


class ContactsState(PageState):
    found: int = 0
    pages: int = 0
    following: str = ""
    counts: dict[str, int] = {}
    groups: list[GroupRow] = []
    query: str = ""
    stage: str = ""
    group: str = ""
    adding: bool = False
    added: int = 0

    @signed_in
    def load(self, db: Db):
        self.counts = contacts.counts(db)
        self.groups = groups.listed(db)
        self.adding = False
        self._first_page(db)

    @signed_in
    def search(self, db: Db, query: str):
        self.query = query[:200]
        self._first_page(db)

    @signed_in
    def show_stage(self, db: Db, stage: str):
        self.stage, self.group = stage, ""
        self._first_page(db)

    @signed_in
    def show_group(self, db: Db, group: str):
        self.stage, self.group = "", group
        self._first_page(db)

    @signed_in
    def more(self, db: Db):
        if self.following and self.pages < PAGES:
            self._fetch(db, self.following)

    @signed_in
    def open_form(self):
        self.field_errors = {}
        self.adding = True

    @signed_in
    def close_form(self):
        self.adding = False

    @signed_in(busy=True)
    def add(self, db: Db, form: ContactForm):
        contact = contacts.add(db, form)
        self.adding = False
        self.added += 1
        self.say(f"{contact.display_name} is in your book.")
        return rx.redirect(f"/contacts/{contact.id}")

    def _first_page(self, db: Db) -> None:
        for number in range(self.pages):
            setattr(self, f"page{number}", [])
        self.pages = 0
        self._fetch(db, "")

    def _fetch(self, db: Db, after: str) -> None:
        group = inputs.key(self.group) if self.group else None
        page = contacts.listed(db, self.query, stage=self.stage, group_id=group, after=after)
        setattr(self, f"page{self.pages}", page.rows)
        self.pages, self.following = self.pages + 1, page.next
        self.found = len(page.rows) if self.pages == 1 else self.found + len(page.rows)


for _number in range(PAGES):
    ContactsState.add_var(f"page{_number}", list[ContactRow], [])
