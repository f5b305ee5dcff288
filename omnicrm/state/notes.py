"""The editor of a note, from wherever it is opened: a client's page, a session, a project, Today, the list of notes."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omnicrm.core import clock, ids
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.domain import contacts, notes, practice, sessions, tasks
from omnicrm.domain.notes import Entry, NoteCard, Removed, VersionRow, templates
from omnicrm.domain.notes.templates import TemplateForm, TemplateRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.shell import ShellState

Panel = Literal["", "templates", "more", "versions", "follow"]


class Typed(Entry):
    """What an editor sends: its entry, the number that the answer names, and whether it had waited on the device."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    seq: Annotated[int, Field(ge=0, le=2**53)]
    late: bool = False


class Ack(BaseModel):
    """The answer to an entry. `trouble` is why it was not written; `differs`: because somebody else wrote."""

    n: int = 0
    key: str = ""
    seq: int = 0
    version: int = 0
    at: str = ""
    trouble: str = ""
    differs: bool = False


class Inserted(BaseModel):
    n: int = 0
    text: str = ""
    note_type: str = ""


class EditorNote(BaseModel):
    """The note that is open; `id` is empty until it was saved. `mode`: read, write."""

    key: str
    sitting: str
    id: str
    version: int = 0
    heading: str
    about: str
    title: str = ""
    content: str = ""
    html: str = ""
    note_type: str = "general"
    pinned: bool = False
    mode: str = "write"
    contact_id: str = ""
    session_id: str = ""
    program_id: str = ""
    project_id: str = ""


class TemplateTyped(BaseModel):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class FollowUp(BaseModel):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    due_on: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""


class NoteState(PageState):
    """A page that shows `note_button` or opens a note puts `note_editor()` into itself. `saved` grows with each change
    that the page may want to read again."""

    note: EditorNote | None = None
    ack: Ack = Ack()
    inserted: Inserted = Inserted()
    panel: str = ""
    templates: list[TemplateRow] = []
    versions: list[VersionRow] = []
    saved: int = 0
    _begun: str = ""
    _changed: bool = False
    _removed: Removed | None = None

    @signed_in
    def write(self, db: Db, contact: str = "", session: str = "", project: str = "", program: str = ""):
        """A new note on any of these; of a session the note that was begun, where there is one."""
        if session and (begun := notes.of_session(db, inputs.key(session))) is not None:
            self._open(notes.card(db, begun.id), "write")
            return
        self._fresh(_new(db, contact, session, project, program))

    @signed_in
    def open(self, db: Db, note: UUID):
        """To be read; a tap on the words begins to change them."""
        self._open(notes.card(db, note), "read")

    @signed_in
    def again(self, db: Db):
        """What somebody else wrote, instead of one's own."""
        if self.note is not None:
            self._open(notes.card(db, inputs.key(self._saved_id())), "read")

    @signed_in
    def keep(self, db: Db, entry: Typed):
        """What was typed, at every pause of it. The answer says what became of it; nothing is shown twice."""
        at = practice.of(db).viewer().time(clock.now())
        try:
            saved = notes.save(db, Entry.model_validate(entry.model_dump(exclude={"seq", "late"})))
        except NotFound as error:
            self._answer(entry, trouble=f"{error.message} Your words stay here: copy them.")
            return
        if saved.differs:
            self._answer(
                entry, version=saved.version, differs=True, trouble="This note was changed elsewhere meanwhile."
            )
            return
        self._answer(entry, version=saved.version, at=at)
        self._changed = True
        if self.note is not None and self.note.key == str(entry.key):
            self._begun = saved.id if saved.new else self._begun
            if self.note.id != saved.id:
                self.note = self.note.model_copy(update={"id": saved.id})
        if entry.late and saved.id:
            self.saved += 1
            self.say("A note that waited on this device is saved.")

    @signed_in
    def close(self):
        if self._changed:
            self.saved += 1
        if self._begun:
            self.say("Note kept.", undo=NoteState.remove(self._begun))
        self.note, self.panel, self._begun, self._changed = None, "", "", False

    @signed_in
    def show(self, db: Db, panel: Panel):
        """The part above the buttons; what is shown already, closes."""
        self.field_errors = {}
        self.panel = "" if panel == self.panel else panel
        if self.panel == "templates":
            self.templates = templates.listed(db)
        if self.panel == "versions":
            self.versions = notes.versions(db, inputs.key(self._saved_id()))

    @signed_in
    def insert(self, db: Db, name: str):
        """Put a template where the cursor stands."""
        chosen = next((row for row in templates.listed(db) if row.name == name), None)
        if chosen is None:
            raise NotFound("This template no longer exists.")
        self.inserted = Inserted(n=self.inserted.n + 1, text=chosen.content, note_type=chosen.note_type)
        self.panel = ""

    @signed_in
    def save_template(self, db: Db, form: TemplateTyped):
        """The words of this note as a template."""
        note = notes.get(db, inputs.key(self._saved_id()))
        kind = note.note_type if note.note_type in ("session", "plan", "private") else "general"
        templates.add(db, TemplateForm.model_validate({"name": form.name, "note_type": kind, "content": note.content}))
        self.panel = ""
        self.say(f"Template kept: {form.name}")

    @signed_in
    def restore(self, db: Db, number: int):
        note = notes.restore(db, inputs.key(self._saved_id()), number)
        self._open(notes.card(db, note.id), "read")
        self._changed = True
        self.say("The note says again what it said then.")

    @signed_in
    def follow(self, db: Db, form: FollowUp):
        """A task for what the note asks for, on the same client and session."""
        open_note = self.note
        if open_note is None:
            raise NotFound("The note is closed. Add the task under Tasks.")
        task = tasks.add(
            db,
            tasks.TaskForm.model_validate(
                {
                    "title": form.title,
                    "due_on": form.due_on or None,
                    "contact_id": open_note.contact_id or None,
                    "session_id": open_note.session_id or None,
                    "project_id": open_note.project_id or None,
                }
            ),
        )
        self.panel = ""
        self._changed = True
        self.say(f"Task added: {task.title}", undo=NoteState.drop_task(str(task.id)))
        return ShellState.refresh

    @signed_in
    def drop_task(self, db: Db, task: UUID):
        """The Undo of a follow-up."""
        tasks.remove(db, task)
        self.say("The task is taken back.")
        return ShellState.refresh

    @signed_in
    def remove(self, db: Db, note: UUID):
        """Delete it; the toast brings it back."""
        self._removed = notes.remove(db, note)
        if self.note is not None and self.note.id == str(note):
            self.note, self.panel = None, ""
        self._begun, self._changed = "", False
        self.saved += 1
        self.say("The note is deleted.", undo=NoteState.put_back)

    @signed_in
    def put_back(self, db: Db):
        if self._removed is not None:
            notes.put_back(db, self._removed)
            self._removed = None
            self.saved += 1
            self.say("The note is back.")

    def _saved_id(self) -> str:
        if self.note is None or not self.note.id:
            raise NotFound("Write a few words first.")
        return self.note.id

    def _answer(self, entry: Typed, **said: object) -> None:
        self.ack = Ack.model_validate({"n": self.ack.n + 1, "key": str(entry.key), "seq": entry.seq, **said})

    def _open(self, card: NoteCard, mode: str) -> None:
        self._fresh(
            EditorNote(
                sitting=str(ids.new()),
                heading=f"Note for {card.who}" if card.who else card.about or "Note",
                about=(card.about if card.who else "") or card.written,
                mode=mode,
                **card.model_dump(include=set(EditorNote.model_fields) - {"sitting", "heading", "about", "mode"}),
            )
        )

    def _fresh(self, note: EditorNote) -> None:
        self.field_errors = {}
        self.note, self.panel, self._begun, self._changed = note, "", "", False


def _new(db: Db, contact: str, session: str, project: str, program: str) -> EditorNote:
    """Raises NotFound for what does not exist."""
    heading, about, kind = "New note", "", "general"
    if session:
        held = sessions.get(db, inputs.key(session))
        contact = contact or str(held.contact_id or "")
        heading, kind = f"Note for {held.title}", "session"
        about = f"{held.title}, {practice.of(db).viewer().moment(held.scheduled_at)}"
    if contact:
        heading = f"Note for {contacts.get(db, inputs.key(contact)).display_name}"
        kind = "session"
    if project:
        inputs.key(project)
    return EditorNote(
        key=str(ids.new()),
        sitting=str(ids.new()),
        id="",
        heading=heading,
        about=about,
        note_type=kind,
        contact_id=contact,
        session_id=session,
        project_id=project,
        program_id=program,
    )
