"""Every table × select, insert, update, delete × {another practitioner, unset, empty}, for both roles that serve.

Generated from the catalogue: a new table is in it alone, and fails without a policy. Handlers have their own half.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, and_, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from omnicrm.core import ids, postgres
from omnicrm.core.db import Role, engine, transaction
from omnicrm.models.base import metadata
from tests import factories
from tests.contract import any_row
from tests.contract.any_row import CANARY, Made

READABLE = [*any_row.tenant_tables(), "audit_log"]
ROLES: tuple[Role, ...] = ("app", "jobs")
COMPOSITE_KEYS = [
    (table.name, key.name)
    for table in metadata.sorted_tables
    for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
    if len(key.elements) > 1
]


class Tenants:
    """Two practitioners with a row in every table each, committed."""

    def __init__(self) -> None:
        self.stranger = factories.make_user(name=f"{CANARY}-name")
        self.me = factories.make_user()
        self.theirs = self._fill(self.stranger)
        self.mine = self._fill(self.me)

    def _fill(self, user_id: UUID) -> Made:
        with transaction(user_id) as db:
            return any_row.fill(db, user_id, {"users": {"id": user_id}})


@pytest.fixture(scope="module")
def tenants(database: str) -> Tenants:
    return Tenants()


def test_the_matrix_covers_every_table_of_the_catalogue(database: str) -> None:
    with engine("owner").connect() as connection:
        tables = set(
            connection.execute(
                text("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
            ).scalars()
        )
    assert tables - set(READABLE) == {"alembic_version", "search_entries", "rate_limits"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", READABLE)
def test_the_owner_of_a_row_sees_it(tenants: Tenants, table: str, role: Role) -> None:
    with _as(role, tenants.stranger) as connection:
        assert connection.execute(_theirs(table, tenants)).all(), "the matrix would prove nothing"


@pytest.mark.parametrize("who", ["another", "unset", "empty"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", READABLE)
@pytest.mark.outside(3)
def test_nobody_else_reads_it(tenants: Tenants, table: str, role: Role, who: str) -> None:
    with _as(role, tenants.me if who == "another" else who) as connection:
        assert connection.execute(_theirs(table, tenants)).all() == []
        rows = connection.execute(select(metadata.tables[table])).all()
    assert bool(rows) is (who == "another")
    assert str(tenants.stranger) not in repr(rows)


@pytest.mark.parametrize("who", ["another", "unset", "empty"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", READABLE)
@pytest.mark.outside(3)
def test_nobody_else_changes_or_deletes_it(tenants: Tenants, table: str, role: Role, who: str) -> None:
    own = _owner_column(table)
    target = metadata.tables[table]
    for statement in (
        update(target).where(own == tenants.stranger).values({own.name: own}),
        delete(target).where(own == tenants.stranger),
    ):
        with _as(role, tenants.me if who == "another" else who) as connection:
            assert _rows_touched(connection, statement) == 0
    with _as(role, tenants.stranger) as connection:
        assert connection.execute(_theirs(table, tenants)).all()


@pytest.mark.parametrize("who", ["another", "unset", "empty"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", any_row.tenant_tables())
@pytest.mark.outside(3)
def test_nobody_else_inserts_for_them(tenants: Tenants, table: str, role: Role, who: str) -> None:
    victim = ids.new() if table == "users" else tenants.stranger
    row = any_row.row(metadata.tables[table], tenants.theirs, victim)
    with (
        _as(role, tenants.me if who == "another" else who) as connection,
        pytest.raises(DBAPIError, match="row-level security policy"),
    ):
        connection.execute(insert(metadata.tables[table]).values(row))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", [name for name in any_row.tenant_tables() if name != "users"])
@pytest.mark.outside(3)
def test_nobody_gives_a_row_away(tenants: Tenants, table: str, role: Role) -> None:
    own = _owner_column(table)
    statement = update(metadata.tables[table]).where(own == tenants.me).values({own.name: tenants.stranger})
    with _as(role, tenants.me) as connection, pytest.raises(DBAPIError, match=r"policy|permission denied"):
        connection.execute(statement)


@pytest.mark.parametrize(("table", "key"), COMPOSITE_KEYS)
def test_a_row_cannot_point_at_another_practitioners_row(tenants: Tenants, table: str, key: str) -> None:
    target = metadata.tables[table]
    constraint = next(found for found in target.foreign_key_constraints if found.name == key)
    foreign = {
        element.parent.name: tenants.theirs[element.column.table.name][element.column.name]
        for element in constraint.elements
        if element.parent.name != "user_id"
    }
    mine = update(target).where(target.c.user_id == tenants.me).values(foreign)
    with _as("owner", tenants.me) as connection, pytest.raises(IntegrityError, match=key):
        connection.execute(mine)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", ["search_entries", "rate_limits"])
@pytest.mark.parametrize("verb", ["select * from", "delete from", "insert into"])
@pytest.mark.outside(3)
def test_tables_behind_functions_are_closed(tenants: Tenants, table: str, role: Role, verb: str) -> None:
    statement = f"{verb} {table}" + (" default values" if verb == "insert into" else "")
    with _as(role, tenants.me) as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text(statement))


@pytest.mark.parametrize("who", ["another", "unset", "empty"])
@pytest.mark.parametrize("role", ROLES)
def test_search_finds_ones_own_only(tenants: Tenants, role: Role, who: str) -> None:
    find = text("select * from find_anything(:query, null, 100)")
    with _as(role, tenants.stranger) as connection:
        theirs = {row.entity_id for row in connection.execute(find, {"query": CANARY})}
    with _as(role, tenants.me if who == "another" else who) as connection:
        mine = {row.entity_id for row in connection.execute(find, {"query": CANARY})}
        by_owner_word = connection.execute(find, {"query": f"={tenants.stranger}"}).all()
    assert {tenants.theirs[kind]["id"] for kind in ("contacts", "notes", "tasks", "services", "resources")} <= theirs
    assert not theirs & mine
    assert bool(mine) is (who == "another")
    assert by_owner_word == []


def _theirs(table: str, tenants: Tenants) -> Any:
    conditions = [_owner_column(table) == tenants.stranger]
    made = tenants.theirs.get(table, {})
    if "id" in made:
        conditions.append(metadata.tables[table].c.id == made["id"])
    return select(metadata.tables[table]).where(and_(*conditions))


def _owner_column(table: str) -> Any:
    return metadata.tables[table].c["id" if table == "users" else "user_id"]


def _rows_touched(connection: Connection, statement: Any) -> int:
    try:
        return connection.execute(statement).rowcount
    except DBAPIError as error:
        if "permission denied" not in str(error):
            raise
        return 0


@contextmanager
def _as(role: Role, who: UUID | str) -> Iterator[Connection]:
    """A transaction, rolled back. "unset": a connection on which the setting never was; "empty": what is left of it."""
    if who == "unset":
        fresh = create_engine(postgres.url(role), poolclass=NullPool)
        with fresh.connect() as connection:
            assert connection.execute(text("select current_setting('app.user_id', true)")).scalar() is None
            yield connection
        return
    with engine(role).connect() as connection:
        value = "" if who == "empty" else str(who)
        connection.execute(text("select set_config('app.user_id', :value, true)"), {"value": value})
        yield connection
