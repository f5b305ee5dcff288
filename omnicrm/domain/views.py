"""Saved views: a list as the practitioner likes to see it."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.models.groups import SavedView

_MOST = 50


class View(BaseModel):
    """`filters` holds the page's own names and values, `sort` its order, `columns` those that are shown."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    filters: dict[str, str]
    sort: str
    columns: list[str]


def listed(db: Db, page: str) -> list[View]:
    query = select(SavedView).where(col(SavedView.page) == page).order_by(col(SavedView.name)).limit(_MOST)
    return [_view(row) for row in db.scalars(query)]


def save(db: Db, page: str, name: str, filters: dict[str, str], *, sort: str, columns: list[str]) -> View:
    """Keep a view; one of the same name is replaced. Raises Invalid for an empty or overlong name, or too many."""
    name = name.strip()
    if not name or len(name) > 60:
        raise Invalid(fields={"name": "Give the view a name of at most 60 characters."})
    row = db.scalars(select(SavedView).where(col(SavedView.page) == page, col(SavedView.name) == name)).one_or_none()
    if row is None:
        if len(listed(db, page)) >= _MOST:
            raise Invalid(fields={"name": f"There are {_MOST} views already. Remove one first."})
        row = SavedView(page=page, name=name)
        db.add(row)
    row.filters, row.sort, row.columns = dict(filters), sort, list(columns)
    db.flush()
    return _view(row)


def remove(db: Db, view_id: UUID) -> View | None:
    """What was removed, so that it can be saved again; None where it was gone."""
    row = db.get(SavedView, view_id)
    if row is None:
        return None
    gone = _view(row)
    db.execute(delete(SavedView).where(col(SavedView.id) == view_id))
    db.expire_all()
    return gone


def _view(row: SavedView) -> View:
    filters = {str(name): str(value) for name, value in row.filters.items()}
    return View(id=str(row.id), name=row.name, filters=filters, sort=row.sort or "", columns=list(row.columns))
