"""The practitioner's own fields of clients: defined, counted, removed and brought back."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.domain.contacts import own_fields
from omnicrm.domain.settings import OwnField
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

KINDS = (("text", "Words"), ("number", "A number"), ("date", "A day"), ("choice", "One of a list"))


class FieldTyped(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", max_length=200)
    kind: Literal["text", "number", "date", "choice"] = "text"
    choices: str = Field(default="", max_length=4000)


class FieldRow(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    about: str


class FieldsState(PageState):
    rows: list[FieldRow] = []
    adding: bool = False

    @signed_in
    def load(self, db: Db):
        self.adding = False
        self._read(db)

    @signed_in
    def start(self):
        self.field_errors = {}
        self.adding = True

    @signed_in
    def close(self):
        self.adding = False

    @signed_in(busy=True)
    def define(self, db: Db, form: FieldTyped):
        field = own_fields.define(db, form.name, form.kind, form.choices)
        self.adding = False
        self._read(db)
        self.say(f"“{field.name}” stands on every client’s page.")

    @signed_in
    def remove(self, db: Db, name: str):
        gone = own_fields.remove(db, name)
        self._read(db)
        if gone is not None:
            self.say(
                f"“{gone.name}” is shown no more. What stands in it is kept.",
                undo=FieldsState.bring_back(gone.model_dump_json()),
            )

    @signed_in
    def bring_back(self, db: Db, field: str):
        """The toast's Undo."""
        own_fields.bring_back(db, inputs.checked(lambda: OwnField.model_validate_json(field)))
        self._read(db)
        self.say("The field is back.")

    def _read(self, db: Db) -> None:
        used, words = own_fields.used(db), dict(KINDS)
        self.rows = [
            FieldRow(
                name=field.name,
                about=", ".join(
                    [
                        words[field.kind] if not field.choices else " / ".join(field.choices),
                        f"filled for {used.get(field.name, 0)}",
                    ]
                ),
            )
            for field in own_fields.listed(db)
        ]
