"""How the practice goes: one stretch of time, its figures and their files."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict

from omnicrm.core.db import Db
from omnicrm.domain import insights
from omnicrm.domain.insights import Figure
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


def _blank(value: Any) -> Any:
    return value.strip() or None if isinstance(value, str) else value


Day = Annotated[date | None, BeforeValidator(_blank)]


class Between(BaseModel):
    model_config = ConfigDict(extra="ignore")

    first: Day = None
    last: Day = None


class InsightsState(PageState):
    kind: Literal["4w", "12w", "year", "custom"] = "12w"
    first: str = ""  # ISO dates of the stretch
    last: str = ""
    words: str = ""
    figures: list[Figure] = []
    empty: bool = False
    query: str = ""  # what the addresses of the files end with
    choosing: bool = False

    @signed_in
    def load(self, db: Db):
        self.choosing = False
        self._read(db)

    @signed_in
    def show(self, db: Db, kind: Literal["4w", "12w", "year"]):
        self.kind = kind
        self._read(db)

    @signed_in
    def choose(self):
        self.field_errors = {}
        self.choosing = True

    @signed_in
    def close(self):
        self.choosing = False

    @signed_in(busy=True)
    def between(self, db: Db, form: Between):
        """A stretch of one's own. Raises Invalid beside the field."""
        insights.chosen(db, "custom", form.first, form.last)
        self.kind, self.choosing = "custom", False
        self.first, self.last = (str(day or "") for day in (form.first, form.last))
        self._read(db)

    def _read(self, db: Db) -> None:
        days = (date.fromisoformat(self.first), date.fromisoformat(self.last)) if self.kind == "custom" else ()
        stretch = insights.chosen(db, self.kind, *days)
        found = insights.read(db, stretch)
        self.first, self.last = stretch.first.isoformat(), stretch.last.isoformat()
        self.words, self.figures, self.empty = found.words, found.figures, found.empty
        self.query = "?" + urlencode({"range": self.kind, "first": self.first, "last": self.last})
