"""Find anything: what the palette over every page shows, and what is done from it."""

from __future__ import annotations

from uuid import UUID

import reflex as rx
from pydantic import BaseModel

from omnicrm.core.db import Db
from omnicrm.domain import anything, contacts
from omnicrm.domain.anything import FoundRow, Part
from omnicrm.state.base import PageState
from omnicrm.state.booking import BookingState
from omnicrm.state.guard import signed_in


class Result(BaseModel):
    """A row of the palette; `to` is the page that it opens."""

    kind: str
    to: str
    client: str
    who: str
    name: list[Part]
    title: list[Part]
    said: list[Part]
    when: str
    initials: str
    phone: str


class Results(BaseModel):
    title: str
    count: int
    rows: list[Result]


class FindState(PageState):
    """`asked` is the query that `results` answer: the page knows by it whether they are still those it waits for."""

    results: list[Results] = []
    asked: str = ""

    @signed_in
    def find(self, db: Db, query: str):
        """Nothing typed yet: the clients of these days."""
        groups = anything.found(db, query) if query.strip() else anything.lately(db)
        self.results = [
            Results(title=group.title, count=group.count, rows=[_result(row) for row in group.rows]) for group in groups
        ]
        self.asked = query

    @signed_in
    def book(self, db: Db, client: UUID):
        """Open the client's page with the sheet that books."""
        contacts.get(db, client)
        return [rx.redirect(f"/contacts/{client}"), BookingState.start(str(client), "", "")]


def _result(row: FoundRow) -> Result:
    return Result(
        kind=row.kind,
        to=_address(row),
        client=row.contact_id,
        who="".join(part.text for part in row.name),
        name=row.name,
        title=row.title,
        said=row.said,
        when=row.when,
        initials=row.initials,
        phone=row.phone,
    )


def _address(row: FoundRow) -> str:
    if row.kind == "contact":
        return f"/contacts/{row.id}"
    if row.kind == "session":
        return f"/sessions/{row.id}"
    if row.kind == "note" and not row.contact_id and row.day:
        return f"/calendar?day={row.day}"
    if row.kind in ("note", "mail") and row.contact_id:
        return f"/contacts/{row.contact_id}?show={row.kind}"
    if row.kind == "task":
        return f"/tasks?task={row.id}"
    return {"note": "/notes", "mail": "/activity"}.get(row.kind, "/today")
