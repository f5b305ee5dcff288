"""Everything as an archive: asked for, followed, fetched."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import reflex as rx

from omnicrm.core.db import Db, after_commit
from omnicrm.core.errors import Refused
from omnicrm.domain import everything
from omnicrm.domain.accounts import Practitioner
from omnicrm.domain.everything import ExportRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


class Work(Protocol):
    """What is done beside the page; a job does it."""

    def begin(self, user_id: UUID, run_id: UUID, contact_id: UUID | None) -> None: ...


_work: Work | None = None


def offer(work: Work) -> None:
    """Where the application is put together: who makes the archives."""
    global _work
    _work = work


class ExportState(PageState):
    """Of everything in the settings, of one client on their page."""

    exports: list[ExportRow] = []

    @rx.var
    def making(self) -> bool:
        return any(row.state == "running" for row in self.exports)

    @property
    def _client(self) -> UUID | None:
        asked = str(getattr(self, "client", "") or "")
        return inputs.key(asked) if asked else None

    @signed_in
    def load(self, db: Db):
        self._read(db)

    @signed_in(busy=True)
    def ask(self, db: Db, me: Practitioner):
        """Begins once this is written down."""
        work, client = _work, self._client
        if work is None:
            raise Refused("Exports cannot be made on this server. `omnicrm export` on the command line does.")
        run = everything.begin(db, client)
        after_commit(db, lambda: work.begin(me.id, run, client))
        self._read(db)

    @signed_in
    def again(self, db: Db):
        """While one is made."""
        self._read(db)

    def _read(self, db: Db) -> None:
        self.exports = everything.listed(db, contact_id=self._client)
