"""Generated from the pages: with row-level security on and many practices in the database, no page reads a whole table.

The practice under test has 2,000 clients and is one of ten of that size. Every statement that a page sends is explained
as the application's role, under the practitioner's own setting, with the planner as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql

from bench import practice
from omnicrm.core import config, postgres
from omnicrm.core.db import engine, transaction
from tests.contract.test_statement_counts import PRESSES
from tests.pages_opened import Practice, Sent, Step, opened, statements

CONTACTS, OTHERS = 2_000, 9
LARGE = 1_000  # rows: a smaller table may be read whole
ROUTES = sorted(route for route, steps in opened().items() if steps)

pytestmark = pytest.mark.xdist_group("plans")


@pytest.fixture(scope="module")
def large(database: str) -> Practice:
    user_id = practice.make(CONTACTS)
    for number in range(OTHERS):
        _another(user_id, number)
    practice.analyse()
    return Practice.of(user_id)


@pytest.mark.parametrize("route", ROUTES)
def test_opening_a_page_reads_no_whole_table(route, large):
    with statements() as sent:
        for step in opened()[route]:
            step.take(large)
    assert sorted(_whole_tables(large, sent)) == []


@pytest.mark.parametrize("step", PRESSES, ids=lambda step: step.name)
def test_a_press_reads_no_whole_table(step, large):
    page: Any = Step(step.state, "load").take(large) if hasattr(step.state, "load") else None
    with statements() as sent:
        step.take(large, page)
    assert sorted(_whole_tables(large, sent)) == []


def test_a_statement_that_reads_a_whole_table_is_noticed(large):
    sent: Sent = [("select count(*) from notes where content like %(some)s", {"some": "%knee%"})]
    with engine("owner").connect() as connection:
        assert connection.exec_driver_sql("select reltuples from pg_class where relname = 'notes'").scalar_one() > LARGE
    with transaction(large.user_id) as db:
        db.connection().exec_driver_sql("set local enable_indexscan = off")
        db.connection().exec_driver_sql("set local enable_bitmapscan = off")
        assert list(_explained(db.connection(), sent)) == [
            "notes: select count(*) from notes where content like %(some)s"
        ]


def _whole_tables(size: Practice, sent: Sent) -> set[str]:
    """Tables of more than LARGE rows that a statement scans from end to end, with that statement."""
    with transaction(size.user_id) as db:
        return set(_explained(db.connection(), sent))


def _explained(connection: Any, sent: Sent) -> Iterator[str]:
    rows = connection.exec_driver_sql("select relname, reltuples from pg_class where relkind = 'r'")
    large = {name for name, number in rows if number > LARGE}
    for statement, parameters in sent:
        if statement.lstrip().lower().startswith(("select", "with", "insert", "update", "delete")):
            plan = connection.exec_driver_sql(f"explain (format json) {statement}", parameters).scalar_one()
            for table in _scanned(plan[0]["Plan"] if not isinstance(plan, str) else json.loads(plan)[0]["Plan"]):
                if table in large:
                    yield f"{table}: {' '.join(statement.split())}"


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _scanned(inner)


def _another(user_id: UUID, number: int) -> None:
    """The whole practice once more, as another practitioner's: every key becomes another one, the same everywhere.

    Rows are copied past the triggers, which would take minutes to write history and search entries that are copied too.
    """
    with postgres.superuser(config.settings().omnicrm_database) as admin, admin.transaction():
        admin.execute("set local session_replication_role = replica")
        tables: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in admin.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'public' and is_generated = 'NEVER' order by ordinal_position"
        ).fetchall():
            tables.setdefault(str(table), []).append((str(column), str(kind)))
        for table, columns in tables.items():
            names = [name for name, _ in columns]
            owner = "id" if table == "users" else "user_id"
            if owner not in names:
                continue
            values = [_other_value(table, name, kind, number) for name, kind in columns]
            admin.execute(
                sql.SQL("insert into {table} ({names}) select {values} from {table} where {owner} = {user}").format(
                    table=sql.Identifier(table),
                    names=sql.SQL(", ").join(map(sql.Identifier, names)),
                    values=sql.SQL(", ").join(values),
                    owner=sql.Identifier(owner),
                    user=sql.Literal(user_id),
                )
            )


def _other_value(table: str, column: str, kind: str, number: int) -> sql.Composable:
    name = sql.Identifier(column)
    if kind == "uuid":
        return sql.SQL("md5({name}::text || {number})::uuid").format(name=name, number=sql.Literal(str(number)))
    if (table, column) == ("users", "email"):
        return sql.SQL("{number} || {name}").format(name=name, number=sql.Literal(str(number)))
    return name
