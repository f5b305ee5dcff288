"""What a session is called, where it is, its link and its places; of one, or of it and those after it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omnicrm.core.db import Db
from omnicrm.domain import sessions
from omnicrm.domain.sessions import Details, SeriesChange
from omnicrm.state import inputs
from omnicrm.state.guard import signed_in
from omnicrm.state.sessions.moving import Reach
from omnicrm.state.sessions.page import SessionState


class EditForm(BaseModel):
    model_config = ConfigDict(extra="ignore")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    location: Annotated[str, Field(max_length=200)] = ""
    meeting_url: Annotated[str, Field(max_length=2000)] = ""
    capacity: Annotated[str, Field(pattern=r"^\d{1,4}$")] = "1"


class EditState(SessionState):
    reach: Reach = "this"
    _before: Details | None = None

    @signed_in
    def start(self):
        self._known()
        self.field_errors = {}
        self.reach, self.sheet = "this", "edit"

    @signed_in
    def set_reach(self, reach: Reach):
        self.reach = reach

    @signed_in(busy=True)
    def save(self, db: Db, form: EditForm):
        known = self._known()
        details = inputs.checked(
            lambda: Details(
                title=form.title,
                location=form.location or None,
                meeting_url=form.meeting_url or None,
                capacity=int(form.capacity),
            )
        )
        if self.reach == "this":
            self._before = sessions.change(db, self._key(), details, version=known.version)
            undo = EditState.change_back
        else:
            change = SeriesChange(details=details)
            new = sessions.changes.change(db, self._key(), self.reach, change, {})
            undo = SessionState.put_series_back(str(new.id))
        self.sheet = ""
        self._read(db)
        self.say("Saved.", undo=undo)

    @signed_in
    def change_back(self, db: Db):
        """The toast's Undo."""
        if self._before is not None:
            sessions.change(db, self._key(), self._before)
            self._before = None
            self._read(db)
            self.say("As it was.")
