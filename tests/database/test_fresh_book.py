"""Right after a large import the planner's statistics know nothing of it: what it costs must not explode."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import event, text

from omnicrm.core import config, postgres
from omnicrm.core.db import Db, engine, transaction
from omnicrm.domain import contacts
from tests.factories import make_contact

CLIENTS = 1_500


def _rows_read(node: dict[str, Any]) -> float:
    own = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return own + sum(_rows_read(inner) for inner in node.get("Plans", ()))


def _explained(db: Db) -> dict[str, Any]:
    """The plan of the last statement of a look for an address, with what it really read."""
    sent: list[tuple[str, Any]] = []

    def keep(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any) -> None:
        sent.append((statement, parameters))

    event.listen(engine("app"), "before_cursor_execute", keep)
    try:
        assert contacts.with_identifier(db, "nobody@park.example") == []
    finally:
        event.remove(engine("app"), "before_cursor_execute", keep)
    statement, parameters = next(one for one in sent if "contact_identifiers" in one[0])
    answer = db.connection().exec_driver_sql(f"explain (analyze, format json) {statement}", parameters)
    return answer.scalar_one()[0]["Plan"]


def test_a_sender_is_looked_up_in_one_walk_through_a_book_that_has_just_come_in(maya: UUID, natalie: UUID) -> None:
    with transaction(natalie) as db:
        make_contact(db)
    with postgres.superuser(config.settings().omnicrm_database) as admin:
        admin.execute("analyze contacts")
        admin.execute("analyze contact_identifiers")
    with transaction(maya) as db:
        values = "gen_random_uuid(), :me, 'Jo', 'Park ' || n, 'jo' || n || '@many.example'"
        insert = f"insert into contacts (id, user_id, first_name, last_name, email) select {values}"
        db.execute(text(f"{insert} from generate_series(1, {CLIENTS}) as n"), {"me": str(maya)})
        assert _rows_read(_explained(db)) <= 5 * CLIENTS
