"""The sheet in which a course or a package is written down."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from omnicrm.core.db import Db
from omnicrm.domain import practice, programs, services
from omnicrm.domain.programs import ProgramForm, ProgramTyped
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in
from omnicrm.state.program import ProgramState


def _blank(value: Any) -> Any:
    """Nothing typed is nothing set; a comma is a point."""
    return value.strip().replace(",", ".") or None if isinstance(value, str) else value


Whole = Annotated[int | None, BeforeValidator(_blank)]
Amount = Annotated[Decimal | None, BeforeValidator(_blank)]
Day = Annotated[date | None, BeforeValidator(_blank)]


class Option(TypedDict):
    value: str
    words: str


class Typed(BaseModel):
    """As typed: numbers are text, empty where nothing is set; a tick is there or not."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=5000)] = ""
    price: Amount = None
    capacity: Whole = None
    start_date: Day = None
    end_date: Day = None
    total_sessions: Whole = None
    credits_per_enrollment: Whole = None
    service: str = ""
    valid_days: Whole = None
    no_show_uses_credit: str = ""
    late_cancel_uses_credit: str = ""
    draft: str = ""

    def form(self, kind: Literal["course", "package"]) -> ProgramForm:
        """Raises ValidationError in the fields' names, NotFound for a service that is none."""
        course = kind == "course"
        with_credits = self.credits_per_enrollment is not None
        return ProgramForm(
            kind=kind,
            name=self.name,
            description=self.description,
            price=self.price,
            capacity=self.capacity,
            start_date=self.start_date if course else None,
            end_date=self.end_date if course else None,
            total_sessions=self.total_sessions if course else None,
            credits_per_enrollment=self.credits_per_enrollment,
            service_id=inputs.key(self.service) if self.service else None,
            valid_days=self.valid_days if with_credits else None,
            no_show_uses_credit=bool(self.no_show_uses_credit) or not with_credits,
            late_cancel_uses_credit=bool(self.late_cancel_uses_credit) or not with_credits,
        )


class ProgramFormState(PageState):
    sheet: Literal["", "new", "edit"] = ""
    kind: Literal["course", "package"] = "package"
    typed: ProgramTyped = ProgramTyped()
    services: list[Option] = []
    currency: str = ""

    @signed_in
    def start(self, db: Db):
        self._open(db, "new", ProgramTyped())
        self.kind = "package"

    @signed_in
    def edit(self, db: Db, program: UUID):
        typed = programs.typed(db, program)
        self._open(db, "edit", typed)
        self.kind = "course" if typed.kind == "course" else "package"

    @signed_in
    def choose(self, kind: Literal["course", "package"]):
        self.field_errors = {}
        self.kind = kind

    @signed_in
    def close(self):
        self.sheet, self.field_errors = "", {}

    @signed_in(busy=True)
    def save(self, db: Db, form: Typed):
        """A new program, or the open one as it is now; then its page. Raises Conflict where it changed meanwhile."""
        typed = inputs.checked(lambda: form.form(self.kind))
        if self.sheet == "edit":
            program = programs.change(db, inputs.key(self.typed.id), typed, version=self.typed.version)
            self.sheet = ""
            self.say(f"“{program.name}” is saved. Credits that were bought stay as they are.")
            return ProgramState.reload
        program = programs.add(db, typed, status="draft" if form.draft else "active")
        self.sheet = ""
        words = "is kept as a draft" if form.draft else "is open"
        self.say(f"“{program.name}” {words}.", undo=ProgramFormState.discard(str(program.id)))
        return rx.redirect(f"/programs/{program.id}")

    @signed_in
    def discard(self, db: Db, program: UUID):
        """The toast's Undo, or Delete: only where nobody was ever enrolled."""
        programs.remove(db, program)
        self.say("The program is gone. Its sessions stay in the calendar.")
        return rx.redirect("/programs")

    def _open(self, db: Db, sheet: Literal["new", "edit"], typed: ProgramTyped) -> None:
        self.sheet, self.typed, self.field_errors = sheet, typed, {}
        self.services = [Option(value=row.id, words=row.name) for row in services.listed(db)]
        self.currency = practice.of(db).currency
