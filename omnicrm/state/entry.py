"""A task in one line: what was understood of it, shown before it is saved, and corrected by a tap."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from omnicrm.assistant import entries
from omnicrm.core import show
from omnicrm.core.db import Db
from omnicrm.core.show import Viewer
from omnicrm.domain import practice, projects, search, tasks
from omnicrm.domain.tasks import TaskForm
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState

PARTS = ("due", "repeat", "priority", "project", "client")
_PEOPLE = 6
_MONTH_FIRST = ("US", "PH")


class Chip(BaseModel):
    """A part that was understood; its cross makes it words of the title again."""

    kind: str
    icon: str
    words: str


class Choice(BaseModel):
    id: str
    words: str


class Line(BaseModel):
    """The form: the line, and what it is put under. An empty id: nothing."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    contact: str = ""
    session: str = ""
    project: str = ""
    section: Annotated[str, StringConstraints(max_length=80)] = ""
    parent: str = ""
    today: str = ""  # "yes": without a day it is for today


class Understood(BaseModel):
    """What a line says, ready for the domain, and ready to be shown."""

    title: str
    due_on: date | None
    due_at: time | None
    priority: str
    rrule: str
    project_id: UUID | None
    contact_id: UUID | None
    chips: list[Chip]
    people: list[Choice]

    def form(self, line: Line) -> TaskForm:
        """Where the line says nothing, what it is put under counts. Raises NotFound for an id that is none."""

        def given(value: str) -> UUID | None:
            return inputs.key(value) if value else None

        return TaskForm.model_validate(
            {
                "title": self.title,
                "due_on": self.due_on,
                "due_at": self.due_at,
                "priority": self.priority or "medium",
                "rrule": "" if line.parent else self.rrule,
                "contact_id": self.contact_id or given(line.contact),
                "session_id": given(line.session),
                "project_id": self.project_id or given(line.project),
                "section": line.section,
                "parent_task_id": given(line.parent),
            }
        )


class EntryState(PageState):
    """`added` grows with each task, so that the page reads again."""

    chips: list[Chip] = []
    people: list[Choice] = []
    chosen: str = ""
    undated: bool = False  # something is typed, and no day understood
    added: int = 0
    _text: str = ""
    _saved: str = ""
    _ignored: list[str] = []

    @signed_in
    def understand(self, db: Db, text: str):
        """After a pause in typing."""
        if text != self._saved or not text:
            self._saved = ""
            self._read(db, text)

    @signed_in
    def drop(self, db: Db, part: str):
        """This is no date, no client …: its words belong to the title."""
        self._ignored = [*self._ignored, part]
        self._read(db, self._text)

    @signed_in
    def choose(self, db: Db, contact: str):
        """Which of several of that name; an empty id: nobody."""
        self.chosen = contact
        self._read(db, self._text)

    @signed_in(busy=True)
    def add(self, db: Db, form: Line):
        understood = read(db, form.title, self._ignored, self.chosen)
        task_form = understood.form(form)
        if form.today and task_form.due_on is None and "due" not in self._ignored:
            task_form = task_form.model_copy(update={"due_on": practice.of(db).today()})
        task = tasks.add(db, task_form)
        self._saved = form.title
        self._read(db, "")
        self.added += 1
        when = tasks.card(db, task.id).due
        self.say(f"Task added: {task.title}" + (f", {when}" if when else ""), undo=EntryState.take_out(str(task.id)))
        return ShellState.refresh

    @signed_in
    def take_out(self, db: Db, task: UUID):
        """The Undo of adding."""
        tasks.remove(db, task)
        self.added += 1
        self.say("The task is taken back.")
        return ShellState.refresh

    def _read(self, db: Db, text: str) -> None:
        if not text.strip():
            self.chips, self.people, self.chosen, self._ignored, self._text = [], [], "", [], ""
            self.undated = False
            return
        self._text = text
        found = read(db, text, self._ignored, self.chosen)
        self.chips, self.people = found.chips, found.people
        self.undated = found.due_on is None and not found.rrule and "due" not in self._ignored


def read(db: Db, text: str, ignored: list[str] | None = None, chosen: str = "") -> Understood:
    """What the practitioner means by `text`, today and in their zone. Clients are looked up by name, projects too."""
    who = practice.of(db)
    viewer = who.viewer()
    known = {name: key for key, name, _ in projects.names(db)} if "#" in text else {}
    entry = entries.read(
        text,
        viewer.today(),
        viewer.local(viewer.now).time(),
        month_first=show.locale_of(who.locale).territory in _MONTH_FIRST,
        projects=known,
        ignore=ignored or (),
    )
    people = _people(db, entry.people)
    contact = next((one for one in people if one.id == chosen), people[0] if len(people) == 1 else None)
    chips = _chips(entry, contact, viewer)
    return Understood(
        title=entry.title,
        due_on=entry.due_on,
        due_at=entry.due_at if entry.due_on or entry.rrule else None,
        priority=entry.priority,
        rrule=entry.rrule,
        project_id=known.get(entry.project),
        contact_id=UUID(contact.id) if contact else None,
        chips=chips,
        people=people if len(people) > 1 else [],
    )


def _chips(entry: entries.Entry, contact: Choice | None, viewer: Viewer) -> list[Chip]:
    chips = []
    if entry.due_on or (entry.due_at and entry.rrule):
        day = viewer.near_day(entry.due_on) if entry.due_on else ""
        words = ", ".join(part for part in (day[:1].upper() + day[1:], _hour(entry.due_at, viewer)) if part)
        chips.append(Chip(kind="due", icon="calendar", words=words))
    if entry.rrule:
        chips.append(Chip(kind="repeat", icon="repeat", words=tasks.series.words(entry.rrule)))
    if entry.priority:
        chips.append(Chip(kind="priority", icon="flag", words=entry.priority.title()))
    if entry.project:
        chips.append(Chip(kind="project", icon="folder", words=entry.project))
    if contact:
        chips.append(Chip(kind="client", icon="user", words=contact.words))
    return chips


def _hour(wall: time | None, viewer: Viewer) -> str:
    if wall is None:
        return ""
    return viewer.time(viewer.local(viewer.now).replace(hour=wall.hour, minute=wall.minute, fold=0))


def _people(db: Db, names: tuple[str, ...]) -> list[Choice]:
    """Clients whose name has all words of the first name that anybody has; at most two are looked for."""
    for name in names[:2]:
        asked = [word.casefold() for word in name.split()]
        hits = search.find(db, name, kinds=("contact",), limit=_PEOPLE)
        named: list[Any] = [hit for hit in hits if _is_called(hit.title, asked)]
        if named:
            return [Choice(id=hit.id, words=hit.title) for hit in named]
    return []


def _is_called(title: str, asked: list[str]) -> bool:
    """Whole words, accents as they are typed or left out."""
    words = {search.folded(word) for word in title.replace("-", " ").split()}
    return all(search.folded(word) in words for word in asked)
