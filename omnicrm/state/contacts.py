"""The list of clients: search, filters, order, saved views, many at once, and a new one."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid
from omnicrm.domain import contacts, groups, views
from omnicrm.domain.contacts import ContactForm, ContactRow, Owing, Sessions, Sort, many
from omnicrm.domain.groups import GroupRow
from omnicrm.domain.views import View
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

PAGES = 10  # of 50 rows each, a var each, so that a further page sends only itself
PAGE = "contacts"
COLUMNS = ("tags", "last", "next", "credits", "balance")
WORDS = {
    "lead": "Leads",
    "active": "Clients",
    "paused": "Paused",
    "former": "Former",
    "coming": "A session is booked",
    "unbooked": "None booked",
    "away": "Away for 60 days",
    "never": "Never had a session",
    "owes": "Owes money",
    "low": "Low on credits",
    "yes": "Archived",
}


class Filter(BaseModel):
    """As the sheet's form sends it; every field a word, empty for no matter."""

    model_config = ConfigDict(extra="ignore")

    stage: Literal["", "lead", "active", "paused", "former"] = ""
    tag: str = Field(default="", max_length=60)
    group: str = ""
    sessions: Sessions = ""
    owing: Owing = ""
    archived: Literal["", "yes"] = ""
    sort: Sort = "name"

    def chosen(self) -> dict[str, str]:
        return {name: value for name, value in self.model_dump(exclude={"sort"}).items() if value}


class FilterForm(Filter):
    """With a tick for each column."""

    col_tags: str = ""
    col_last: str = ""
    col_next: str = ""
    col_credits: str = ""
    col_balance: str = ""


class Active(BaseModel):
    """A filter that is on, in words."""

    field: str
    words: str


class Named(BaseModel):
    name: str = ""


class Many(BaseModel):
    tag: str = ""
    group: str = ""
    name: str = ""


class ContactsState(PageState):
    found: int = 0
    pages: int = 0
    following: str = ""
    counts: dict[str, int] = {}
    groups: list[GroupRow] = []
    views: list[View] = []
    query: str = ""
    filter: Filter = Filter()
    active: list[Active] = []
    columns: list[str] = list(COLUMNS)
    view: str = ""
    sheet: str = ""  # filter, view, tag or group, or none
    selecting: bool = False
    selected: list[str] = []
    adding: bool = False
    added: int = 0

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
    def drop(self, db: Db, field: Literal["stage", "tag", "group", "sessions", "owing", "archived"]):
        """One filter less."""
        self._take(db, Filter.model_validate({**self.filter.model_dump(), field: ""}))

    @signed_in
    def save_view(self, db: Db, form: Named):
        kept = views.save(db, PAGE, form.name, self.filter.chosen(), sort=self.filter.sort, columns=[*self.columns])
        self.views, self.view, self.sheet = views.listed(db, PAGE), kept.id, ""
        self.say(f"The view “{kept.name}” is kept.")

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
    def open_sheet(self, which: Literal["filter", "view", "tag", "group"]):
        self.field_errors = {}
        self.sheet = which

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
        self.active = [
            Active(field=field, words=names.get(value, "A group") if field == "group" else WORDS.get(value, value))
            for field, value in self.filter.chosen().items()
        ]
        self._fetch(db, "")

    def _fetch(self, db: Db, after: str) -> None:
        chosen = self.filter
        page = contacts.listed(
            db,
            self.query,
            stage=chosen.stage,
            tag=chosen.tag,
            group_id=inputs.key(chosen.group) if chosen.group else None,
            sessions=chosen.sessions,
            owing=chosen.owing,
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
