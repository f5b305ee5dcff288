"""Projects: the list, and one in full with its sections, people, sessions and notes."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, StringConstraints

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.domain import contacts, notes, practice, projects
from omnicrm.domain.notes import NoteRow
from omnicrm.domain.projects import ProjectCard, ProjectForm, ProjectRow
from omnicrm.domain.projects.writing import SectionName
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.entry import Choice
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState
from omnicrm.state.task import Day, day_of

Status = Literal["active", "completed", "archived"]
Sheet = Literal["", "edit", "section", "people", "sessions"]


class ProjectTyped(BaseModel):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)] = ""
    due_on: Day = ""

    def form(self) -> ProjectForm:
        return ProjectForm(name=self.name, description=self.description, due_on=day_of(self.due_on))


class SectionTyped(BaseModel):
    section: SectionName


class ProjectsState(PageState):
    """The list."""

    which: str = "active"
    rows: list[ProjectRow] = []
    next: str = ""
    adding: bool = False

    @signed_in
    def load(self, db: Db):
        self.adding = False
        self._read(db)

    @signed_in
    def reload(self, db: Db):
        self._read(db)

    @signed_in
    def show(self, db: Db, which: Status):
        self.which = which
        self._read(db)

    @signed_in
    def more(self, db: Db):
        if self.next:
            page = projects.listed(db, self.which, after=self.next)
            self.rows, self.next = [*self.rows, *page.rows][-200:], page.next

    @signed_in
    def open_add(self):
        self.field_errors = {}
        self.adding = True

    @signed_in
    def close(self):
        self.adding = False

    @signed_in(busy=True)
    def add(self, db: Db, form: ProjectTyped):
        project = projects.add(db, form.form())
        self.adding = False
        self.say(f"Project added: {project.name}", undo=ProjectsState.take_out(str(project.id)))
        return rx.redirect(f"/projects/{project.id}")

    @signed_in
    def take_out(self, db: Db, project: UUID):
        """The Undo of adding."""
        projects.remove(db, project)
        self.say("The project is taken back.")
        return rx.redirect("/projects")

    def _read(self, db: Db) -> None:
        page = projects.listed(db, self.which)
        self.rows, self.next = page.rows, page.next


class ProjectState(PageState):
    """The page of one."""

    card: ProjectCard | None = None
    notes: list[NoteRow] = []
    gone: bool = False
    sheet: str = ""
    choices: list[Choice] = []
    _section: tuple[str, list[UUID]] = ("", [])

    @signed_in
    def load(self, db: Db):
        self.sheet = ""
        try:
            self._read(db)
        except NotFound:
            self.card, self.notes, self.gone = None, [], True

    @signed_in
    def reload(self, db: Db):
        """After a change, here or elsewhere."""
        if not self.gone:
            self._read(db)

    @signed_in
    def open_sheet(self, db: Db, sheet: Sheet):
        self.field_errors = {}
        self.sheet, self.choices = sheet, []
        if sheet == "sessions":
            found = projects.linkable(db, self._key())
            self.choices = [Choice(id=one.id, words=f"{one.words}: {one.detail}") for one in found]

    @signed_in
    def close(self):
        self.sheet = ""

    @signed_in(busy=True)
    def save(self, db: Db, form: ProjectTyped):
        known = self._known()
        projects.change(db, inputs.key(known.id), form.form(), version=known.version)
        self.sheet = ""
        self._read(db)
        self.say("Saved.")

    @signed_in(busy=True)
    def add_section(self, db: Db, form: SectionTyped):
        projects.add_section(db, self._key(), form.section)
        self.sheet = ""
        self._read(db)

    @signed_in
    def remove_section(self, db: Db, name: str):
        """Its tasks stay, in no section."""
        self._section = (name, projects.remove_section(db, self._key(), name))
        self._read(db)
        self.say(f"Section removed: {name}. Its tasks are still here.", undo=ProjectState.put_back_section)

    @signed_in
    def put_back_section(self, db: Db):
        name, moved = self._section
        if name:
            projects.put_back_section(db, self._key(), name, moved)
            self._section = ("", [])
            self._read(db)
            self.say("The section is back.")

    @signed_in
    def find(self, db: Db, query: str):
        rows = contacts.listed(db, query, limit=6).rows
        self.choices = [Choice(id=row.id, words=row.name) for row in rows]

    @signed_in
    def link(self, db: Db, contact: str = "", session: str = ""):
        """Give one of the two, the other empty."""
        projects.link(db, self._key(), **_links(contact, session))
        self.sheet = ""
        self._read(db)

    @signed_in
    def unlink(self, db: Db, contact: str = "", session: str = ""):
        projects.unlink(db, self._key(), **_links(contact, session))
        self._read(db)
        self.say("Taken off this project.", undo=ProjectState.link(contact, session))

    @signed_in
    def set_status(self, db: Db, status: Status):
        known = self._known()
        projects.set_status(db, self._key(), status)
        self._read(db)
        words = {"active": "under way", "completed": "completed", "archived": "archived"}[status]
        undo = ProjectState.set_status(known.status) if status != known.status else None
        self.say(f"{known.name} is {words}.", undo=undo)

    @signed_in
    def again(self, db: Db):
        """The same next year, everything to do."""
        project = projects.again(db, self._key())
        when = practice.of(db).viewer().long_day(project.due_on) if project.due_on else "next year"
        self.say(f"{project.name} again, for {when}.", undo=ProjectsState.take_out(str(project.id)))
        return [rx.redirect(f"/projects/{project.id}"), ShellState.refresh]

    def _known(self) -> ProjectCard:
        if self.card is None:
            raise NotFound("This project no longer exists.")
        return self.card

    def _key(self) -> UUID:
        return inputs.key(self._known().id)

    def _read(self, db: Db) -> None:
        key = inputs.key(str(self.project))
        self.card, self.gone = projects.card(db, key), False
        self.notes = notes.listed(db, project_id=key, limit=10).rows


def _links(contact: str, session: str) -> dict[str, UUID]:
    given = {"contact_id": contact, "session_id": session}
    return {name: inputs.key(value) for name, value in given.items() if value}
