"""Generated from the pages: with row-level security on and many practices in the database, no page reads a whole table.

The practice under test has 2,000 clients and is one of ten of that size. Every statement that a page sends is explained
as the application's role, under the practitioner's own setting, with the planner as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench import practice
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
        practice.copy(user_id, number)
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
