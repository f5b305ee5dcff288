"""The list of clients: search, filters, order, saved views, many at once, and a new one."""

from __future__ import annotations

import json
from typing import Literal
from uuid import UUID

import reflex as rx
from pydantic import BaseModel

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid
from omnicrm.domain import contacts, groups, views
from omnicrm.domain.contacts import ContactForm, ContactRow, many, smart
from omnicrm.domain.contacts.rules import Rule
from omnicrm.domain.contacts.smart import Option
from omnicrm.domain.duplicates import entering
from omnicrm.domain.duplicates.entering import PerhapsRow
from omnicrm.domain.groups import GroupRow
from omnicrm.domain.views import View
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.contact import ContactState
from omnicrm.state.guard import signed_in
from omnicrm.state.narrowing import WORDS, Active, Filter, FilterForm, Narrowing

PAGES = 10  # of 50 rows each, a var each, so that a further page sends only itself
PAGE = "contacts"
COLUMNS = ("tags", "last", "next", "credits", "balance")


class Named(BaseModel):
    name: str = ""


class Many(BaseModel):
    tag: str = ""
    group: str = ""
    name: str = ""


class Before(BaseModel):
    """What stood before something was filled in."""

    fields: dict[str, str | list[str] | None]
    further: list[str]


class ContactsState(PageState):
    found: int = 0
    pages: int = 0
    following: str = ""
    counts: dict[str, int] = {}
    groups: list[GroupRow] = []
    programs: list[Option] = []
    views: list[View] = []
    query: str = ""
    filter: Filter = Filter()
    active: list[Active] = []
    columns: list[str] = list(COLUMNS)
    view: str = ""
    sheet: str = ""  # filter, view, smart, tag or group, or none
    selecting: bool = False
    selected: list[str] = []
    adding: bool = False
    added: int = 0
    perhaps: list[PerhapsRow] = []  # whom one has already, perhaps
    _typed: str = ""  # the form, as JSON

    @signed_in
    def load(self, db: Db):
        """`?group=…` shows a group, where a link led here."""
        self.counts = contacts.counts(db)
        self.groups = groups.listed(db)
        self.views = views.listed(db, PAGE)
        self.adding, self.sheet, self.selected, self.selecting = False, "", [], False
        asked = str(self.router.url.query_parameters.get("group", ""))
        if any(group.id == asked for group in self.groups):
            self.filter, self.view = Filter(group=asked), ""
        self._first_page(db)

    @signed_in
    def search(self, db: Db, query: str):
        self.query = query[:200]
        self._first_page(db)

    @signed_in
    def show_stage(self, db: Db, stage: Literal["", "lead", "active", "paused", "former"]):
        self._take(db, Filter(stage=stage, sort=self.filter.sort))

    @signed_in
    def show_group(self, db: Db, group: str):
        self._take(db, Filter(group=group, sort=self.filter.sort))

    @signed_in
    def show_view(self, db: Db, view: UUID):
        for known in views.listed(db, PAGE):
            if known.id == str(view):
                self.columns = [name for name in COLUMNS if name in known.columns]
                self._take(db, Filter.model_validate({**known.filters, "sort": known.sort or "name"}), known.id)

    @signed_in
    def apply(self, db: Db, form: FilterForm):
        ticks = form.model_dump()
        self.columns = [name for name in COLUMNS if ticks[f"col_{name}"]]
        self.sheet = ""
        self._take(db, Filter.model_validate(ticks))

    @signed_in
    def drop(self, db: Db, field: Narrowing):
        """One filter less."""
        self._take(db, Filter.model_validate({**self.filter.model_dump(), field: ""}))

    @signed_in
    def save_view(self, db: Db, form: Named):
        kept = views.save(db, PAGE, form.name, self.filter.chosen(), sort=self.filter.sort, columns=[*self.columns])
        self.views, self.view, self.sheet = views.listed(db, PAGE), kept.id, ""
        self.say(f"The view “{kept.name}” is kept.")

    @signed_in(busy=True)
    def save_group(self, db: Db, form: Named):
        """The filters become the rules of a smart group."""
        chosen = self.filter
        group = groups.get(db, inputs.key(chosen.group)) if chosen.group else None
        rule = chosen.rule(smart.rule_of(group) if group is not None and group.rule is not None else None)
        made = smart.add(db, form.name, color="jade", rule=rule)
        self.sheet = ""
        self.say(f"The smart group “{made.name}” is there.")
        return rx.redirect(f"/groups/{made.id}")

    @signed_in
    def remove_view(self, db: Db, view: UUID):
        gone = views.remove(db, view)
        self.views, self.view = views.listed(db, PAGE), ""
        if gone is not None:
            self.say(f"The view “{gone.name}” is removed. Nobody in it was touched.")

    @signed_in
    def more(self, db: Db):
        if self.following and self.pages < PAGES:
            self._fetch(db, self.following)

    @signed_in
    def start_selecting(self):
        self.selecting = not self.selecting
        self.selected = []

    @signed_in
    def select(self, contact: str, on: bool):
        """A tick, or a long press on a phone."""
        others = [one for one in self.selected if one != contact]
        if on and len(others) >= many.MOST:
            raise Conflict(f"At most {many.MOST} at once.")
        self.selected = [*others, contact] if on else others
        self.selecting = self.selecting or on

    @signed_in
    def select_shown(self, on: bool):
        self.selected = [row.id for number in range(self.pages) for row in getattr(self, f"page{number}")] if on else []

    @signed_in
    def clear(self):
        self.selected, self.selecting = [], False

    @signed_in
    def open_sheet(self, db: Db, which: Literal["filter", "view", "smart", "tag", "group"]):
        self.field_errors = {}
        self.sheet = which
        if which == "filter":
            self.programs = smart.programs(db)

    @signed_in
    def close_sheet(self):
        self.sheet = ""

    @signed_in(busy=True)
    def tag_many(self, db: Db, form: Many):
        changed = many.tag(db, self._chosen(), form.tag)
        word = form.tag.strip()
        undo = ContactsState.untag(_texts(changed), word)
        self._done(db, f"Tag “{word}” put on {_people(len(changed))}.", undo, changed)

    @signed_in
    def untag(self, db: Db, clients: list[UUID], word: str):
        """The toast's Undo."""
        many.untag(db, clients, word)
        self._refresh(db, "The tag is taken off again.")

    @signed_in(busy=True)
    def join_many(self, db: Db, form: Many):
        """Into the chosen group, or a new one of that name."""
        if not form.group and not form.name.strip():
            raise Invalid(fields={"group": "Choose a group, or name a new one."})
        group = groups.add(db, form.name).id if form.name.strip() else inputs.key(form.group)
        changed = groups.join_many(db, group, self._chosen())
        undo = ContactsState.leave_many(str(group), _texts(changed))
        self._done(db, f"{_people(len(changed))} joined the group.", undo, changed)

    @signed_in
    def leave_many(self, db: Db, group: UUID, clients: list[UUID]):
        """The toast's Undo: the memberships go, the clients stay."""
        groups.leave_many(db, group, clients)
        self._refresh(db, "They left the group again.")

    @signed_in(busy=True)
    def archive_many(self, db: Db):
        changed = many.archive(db, self._chosen())
        words = f"{_people(len(changed))} archived. Nothing of the history went."
        self._done(db, words, ContactsState.unarchive_many(_texts(changed)), changed)

    @signed_in(busy=True)
    def restore_many(self, db: Db):
        changed = many.unarchive(db, self._chosen())
        self._done(db, f"{_people(len(changed))} back in the lists.", ContactsState.rearchive(_texts(changed)), changed)

    @signed_in
    def unarchive_many(self, db: Db, clients: list[UUID]):
        """The toast's Undo."""
        many.unarchive(db, clients)
        self._refresh(db, "Back in the lists.")

    @signed_in
    def rearchive(self, db: Db, clients: list[UUID]):
        """The toast's Undo."""
        many.archive(db, clients)
        self._refresh(db, "Archived again.")

    @signed_in
    def open_form(self):
        self.field_errors = {}
        self.adding, self.perhaps, self._typed = True, [], ""

    @signed_in
    def close_form(self):
        self.adding = False

    @signed_in(busy=True)
    def add(self, db: Db, form: ContactForm):
        """Whoever is perhaps in the book already is offered first; what was typed stays."""
        self.perhaps = entering.like(db, form)
        self._typed = form.model_dump_json(exclude_unset=True)
        return None if self.perhaps else self._add(db, form)

    @signed_in(busy=True)
    def add_anyway(self, db: Db):
        return self._add(db, ContactForm.model_validate_json(self._typed)) if self._typed else None

    @signed_in(busy=True)
    def fill_in(self, db: Db, contact: UUID):
        """What was typed goes to somebody who is in the book."""
        if not self._typed:
            return None
        before = entering.fill_in(db, contact, ContactForm.model_validate_json(self._typed))
        self.adding, self.perhaps, self._typed = False, [], ""
        self.added += 1
        name = contacts.get(db, contact).display_name
        undo = ContactsState.take_out(str(contact), json.dumps(before))
        self.say(f"Filled in for {name}; nothing was overwritten.", undo=undo)
        return rx.redirect(f"/contacts/{contact}")

    @signed_in
    def take_out(self, db: Db, contact: UUID, before: str):
        """The toast's Undo."""
        was = inputs.checked(lambda: Before.model_validate_json(before))
        entering.put_back(db, contact, was.fields, was.further)
        self.say("As it was before.")
        return ContactState.reload

    def _add(self, db: Db, form: ContactForm):
        contact = contacts.add(db, form)
        self.adding, self.perhaps, self._typed = False, [], ""
        self.added += 1
        self.say(f"{contact.display_name} is in your book.")
        return rx.redirect(f"/contacts/{contact.id}")

    def _chosen(self) -> list[UUID]:
        return [inputs.key(one) for one in self.selected]

    def _done(self, db: Db, words: str, undo: object, changed: list[UUID]) -> None:
        self.sheet, self.selected, self.selecting = "", [], False
        self._refresh(db, words, undo if changed else None)

    def _refresh(self, db: Db, words: str, undo: object = None) -> None:
        self.counts, self.groups = contacts.counts(db), groups.listed(db)
        self._first_page(db)
        self.say(words, undo=undo)

    def _take(self, db: Db, chosen: Filter, view: str = "") -> None:
        self.filter, self.view, self.selected = chosen, view, []
        self._first_page(db)

    def _first_page(self, db: Db) -> None:
        for number in range(self.pages):
            setattr(self, f"page{number}", [])
        self.pages = 0
        names = {group.id: group.name for group in self.groups}
        names |= {program.value: program.words for program in self.programs}
        lost = {"group": "A group", "program": "In a program"}
        self.active = [
            Active(field=field, words=names.get(value, lost[field]) if field in lost else WORDS.get(value, value))
            for field, value in self.filter.chosen().items()
        ]
        self._fetch(db, "")

    def _fetch(self, db: Db, after: str) -> None:
        chosen = self.filter
        tests = chosen.tests()
        page = contacts.listed(
            db,
            self.query,
            stage=chosen.stage,
            tag=chosen.tag,
            group_id=inputs.key(chosen.group) if chosen.group else None,
            sessions=chosen.sessions,
            owing=chosen.owing,
            rule=Rule(all=tuple(tests)) if tests else None,
            archived=chosen.archived == "yes",
            sort=chosen.sort,
            after=after,
        )
        setattr(self, f"page{self.pages}", page.rows)
        self.pages, self.following = self.pages + 1, page.next
        self.found = len(page.rows) if self.pages == 1 else self.found + len(page.rows)


def _people(number: int) -> str:
    return "1 contact" if number == 1 else f"{number} contacts"


def _texts(keys: list[UUID]) -> list[str]:
    return [str(key) for key in keys]


for _number in range(PAGES):
    ContactsState.add_var(f"page{_number}", list[ContactRow], [])
