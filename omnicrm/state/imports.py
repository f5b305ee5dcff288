"""Moving in: a file of contacts from its columns over the rehearsal to the end, and back."""

from __future__ import annotations

from typing import Literal, Protocol
from uuid import UUID

import reflex as rx

from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound, Refused
from omnicrm.domain import imports
from omnicrm.domain.accounts import Practitioner
from omnicrm.domain.contacts import own_fields
from omnicrm.domain.contacts.smart import Option
from omnicrm.domain.imports import BatchRow, uploads
from omnicrm.domain.imports.people import OWN
from omnicrm.domain.imports.uploads import UploadCard
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

NOTHING = UploadCard(
    id="",
    step="columns",
    file_name="",
    about="",
    problem="",
    columns=[],
    usable=False,
    day_first=True,
    has_days=False,
    rows=0,
    new=0,
    known=0,
    perhaps=0,
    refused=0,
    decided=0,
    comes_in=0,
    filled=0,
    unchanged=0,
    left_out=0,
    perhaps_rows=[],
    reasons=[],
    can_revert=False,
    kept=[],
)


class Work(Protocol):
    """What is done beside the page; the jobs do it."""

    def begin_rehearsal(self, user_id: UUID, batch_id: UUID) -> None: ...
    def begin_run(self, user_id: UUID, batch_id: UUID) -> None: ...
    def begin_revert(self, user_id: UUID, batch_id: UUID) -> None: ...


_work: Work | None = None


def offer(work: Work) -> None:
    """Where the application is put together: who rehearses and brings in."""
    global _work
    _work = work


class ImportState(PageState):
    card: UploadCard = NOTHING
    earlier: list[BatchRow] = []
    own: list[Option] = []  # the practitioner's own fields, as targets of columns

    @rx.var
    def working(self) -> bool:
        return self.card.step in ("rehearsing", "running")

    @signed_in
    def load(self, db: Db):
        asked = str(self.router.url.query_parameters.get("file", ""))
        self.card = uploads.card(db, inputs.key(asked)) if asked else NOTHING
        self.own = [Option(value=f"{OWN}{field.name}", words=field.name) for field in own_fields.listed(db)]
        self.earlier = [row for row in imports.listed(db) if row.id != asked]

    @signed_in
    def again(self, db: Db):
        """While something is under way."""
        if self.card.id:
            self.card = uploads.card(db, UUID(self.card.id))

    @signed_in
    def set_column(self, db: Db, place: int, target: str):
        uploads.set_column(db, self._batch(), place, target)
        self._read(db)

    @signed_in
    def set_day_first(self, db: Db, day_first: str):
        uploads.set_day_first(db, self._batch(), day_first == "day")
        self._read(db)

    @signed_in
    def choose(self, db: Db, row: int, choice: Literal["same", "new", "leave_out"]):
        uploads.choose(db, self._batch(), row, choice)
        self._read(db)

    @signed_in
    def rehearse(self, db: Db, me: Practitioner):
        uploads.step(db, self._batch(), "rehearsing", rows=0, problem="")
        self._doing().begin_rehearsal(me.id, self._batch())
        self._read(db)

    @signed_in
    def change_columns(self, db: Db):
        uploads.step(db, self._batch(), "columns")
        self._read(db)

    @signed_in
    def run(self, db: Db, me: Practitioner):
        """Bring it in, or go on with what was interrupted."""
        uploads.step(db, self._batch(), "running", problem="")
        self._doing().begin_run(me.id, self._batch())
        self._read(db)

    @signed_in
    def revert(self, db: Db, me: Practitioner, batch: str):
        batch_id = inputs.key(batch)
        if not uploads.card(db, batch_id).can_revert:
            raise Refused("This import cannot be taken back any more.")
        uploads.step(db, batch_id, "running", problem="")
        self._doing().begin_revert(me.id, batch_id)
        self.card = uploads.card(db, batch_id)
        return rx.redirect(f"/import?file={batch_id}")

    def _batch(self) -> UUID:
        if not self.card.id:
            raise NotFound("Choose a file first.")
        return UUID(self.card.id)

    def _read(self, db: Db) -> None:
        self.card = uploads.card(db, self._batch())

    def _doing(self) -> Work:
        if _work is None:
            raise Refused("Files cannot be brought in on this server.")
        return _work
