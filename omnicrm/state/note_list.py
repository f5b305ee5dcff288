"""The list of notes, and the templates that they begin with."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from omnicrm.core.db import Db
from omnicrm.domain import contacts, notes
from omnicrm.domain.notes import NoteRow, templates
from omnicrm.domain.notes.templates import TemplateForm, TemplateRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.entry import Choice
from omnicrm.state.guard import signed_in

Kind = Literal["", "pinned", "session", "plan", "private", "general"]


class NotesState(PageState):
    query: str = ""
    kind: str = ""
    client: Choice | None = None
    people: list[Choice] = []
    rows: list[NoteRow] = []
    next: str = ""
    templates: list[TemplateRow] = []
    managing: bool = False
    template: TemplateRow | None = None
    _gone: TemplateForm | None = None

    @signed_in
    def load(self, db: Db):
        self.managing, self.template, self.people = False, None, []
        self._read(db)

    @signed_in
    def reload(self, db: Db):
        self._read(db)

    @signed_in
    def show(self, db: Db, kind: Kind):
        self.kind = kind
        self._read(db)

    @signed_in
    def search(self, db: Db, query: str):
        self.query = query[:200]
        self._read(db)

    @signed_in
    def more(self, db: Db):
        if self.next:
            page = notes.listed(db, self.query, **self._filter(), after=self.next)
            self.rows, self.next = [*self.rows, *page.rows][-200:], page.next

    @signed_in
    def find_client(self, db: Db, query: str):
        rows = contacts.listed(db, query, limit=6).rows if query.strip() else []
        self.people = [Choice(id=row.id, words=row.name) for row in rows]

    @signed_in
    def set_client(self, db: Db, contact: str):
        """Only this client's; an empty id: everybody's."""
        known = contacts.get(db, inputs.key(contact)) if contact else None
        self.client = Choice(id=str(known.id), words=known.display_name) if known else None
        self.people = []
        self._read(db)

    @signed_in
    def manage(self, db: Db):
        self.templates, self.managing, self.template = templates.listed(db), True, None

    @signed_in
    def stop(self):
        self.managing, self.template = False, None

    @signed_in
    def edit(self, db: Db, name: str):
        """Of one that comes with OmniCRM an own one is made; an empty name: a new one."""
        self.field_errors = {}
        empty = TemplateRow(id="", version=0, name="", kind="", note_type="session", content="")
        self.template = next((row for row in templates.listed(db) if row.name == name), empty)

    @signed_in(busy=True)
    def save(self, db: Db, form: TemplateForm):
        if self.template is not None and self.template.id:
            templates.change(db, UUID(self.template.id), form, version=self.template.version)
        else:
            templates.add(db, form)
        self.template, self.templates = None, templates.listed(db)
        self.say(f"Template kept: {form.name}")

    @signed_in
    def remove(self, db: Db, template: UUID):
        self._gone = templates.remove(db, template)
        self.template, self.templates = None, templates.listed(db)
        self.say(f"Template removed: {self._gone.name}", undo=NotesState.put_back)

    @signed_in
    def put_back(self, db: Db):
        if self._gone is not None:
            templates.add(db, self._gone)
            self._gone, self.templates = None, templates.listed(db)
            self.say("The template is back.")

    def _filter(self) -> dict[str, object]:
        return {
            "note_type": "" if self.kind == "pinned" else self.kind,
            "pinned": self.kind == "pinned",
            "contact_id": UUID(self.client.id) if self.client else None,
        }

    def _read(self, db: Db) -> None:
        page = notes.listed(db, self.query, **self._filter())
        self.rows, self.next = page.rows, page.next
