"""Runs the migrations as the owner, in one transaction under a lock: processes that start together wait."""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from alembic import context
from omnicrm import models
from omnicrm.core import postgres

LOCK = 7_106_114_113  # any number that nothing else uses


def run() -> None:
    url = context.config.attributes.get("url") or postgres.url("owner")
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    with engine.connect() as connection, connection.begin():
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.configure(
            connection=connection,
            target_metadata=models.metadata,
            compare_type=True,
            compare_server_default=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database: --sql is not supported.")
run()
