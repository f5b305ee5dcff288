"""A valid row for any table, made from the models alone: a new table is in the matrices without anybody's doing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Boolean, Column, Date, Integer, Numeric, Table, Text, Time, Uuid, insert
from sqlalchemy.dialects.postgresql import JSONB

from omnicrm.core import crypto, ids
from omnicrm.core.db import Db
from omnicrm.models.base import Instant, Word, metadata

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CANARY = "canary"

# Written by triggers alone, or belonging to nobody.
NOT_INSERTED = {"audit_log", "search_entries", "rate_limits"}

Made = dict[str, dict[str, Any]]


def tenant_tables() -> list[str]:
    """Every practitioner's table that the application may write, parents first."""
    return [table.name for table in metadata.sorted_tables if table.name not in NOT_INSERTED]


def fill(db: Db, user_id: Any, made: Made | None = None) -> Made:
    """One row in every table for the practitioner of the transaction, its texts beginning with "canary".

    Gives table -> column -> value as inserted. Foreign keys point at the rows made before.
    """
    made = made if made is not None else {}
    for name in tenant_tables():
        if name not in made:
            made[name] = insert_row(db, metadata.tables[name], made, user_id)
    return made


def insert_row(db: Db, table: Table, made: Made, user_id: Any, **changes: Any) -> dict[str, Any]:
    values = {**row(table, made, user_id), **changes}
    db.execute(insert(table).values(values))
    return values


def row(table: Table, made: Made, user_id: Any) -> dict[str, Any]:
    """Values for every column that the database does not fill in."""
    parents = _parents(table)
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name == ("id" if table.name == "users" else "user_id"):
            values[column.name] = user_id
        elif column.name in parents:
            parent, target = parents[column.name]
            if parent != table.name:
                values[column.name] = made[parent][target]
        elif column.computed is None and (column.server_default is None or isinstance(column.type, Text)):
            values[column.name] = _value(table, column)
    return values


def _parents(table: Table) -> dict[str, tuple[str, str]]:
    """column -> (table, column) that it points at; user_id aside."""
    return {
        element.parent.name: (element.column.table.name, element.column.name)
        for key in table.foreign_key_constraints
        for element in key.elements
        if element.parent.name != "user_id"
    }


def _value(table: Table, column: Column[Any]) -> Any:
    kind = column.type
    if any(str(check.name) == f"ck_{table.name}_{column.name}_sealed" for check in table.constraints):
        return crypto.encrypt(CANARY, context=f"{table.name}.{column.name}")
    if isinstance(kind, Word):
        return next(iter(kind.words))
    if isinstance(kind, Text):
        return f"{CANARY}-{table.name}-{column.name}-{ids.new()}"
    if isinstance(kind, Instant):
        return NOON + timedelta(hours=1 if column.name.startswith("ends") else 0)
    if isinstance(kind, Time):
        return time(10 if column.name.startswith("ends") else 9)
    if isinstance(kind, JSONB):
        return {CANARY: f"{CANARY}-{ids.new()}"}
    plain: dict[type, Any] = {
        Uuid: ids.new(),
        Boolean: False,
        Integer: 1,
        Numeric: Decimal(1),
        Date: date(2026, 3, 10),
        ARRAY: [],
    }
    return next(value for type_, value in plain.items() if isinstance(kind, type_))
