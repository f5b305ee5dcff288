"""What a migration does to a new table: row-level security, grants, `updated_at`, `version`, history.

Migrations call these, so a change here changes what a fresh database gets and not what an old one has: change the
behaviour by a new migration instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alembic import op

SQL = Path(__file__).resolve().parents[2] / "alembic" / "sql"

CURRENT_PRACTITIONER = "nullif(current_setting('app.user_id', true), '')::uuid"


def run_file(name: str) -> None:
    """Run the statements of `alembic/sql/<name>` in the migration's transaction."""
    run((SQL / name).read_text(encoding="utf-8"))


def run(statements: str) -> None:
    """Run any number of statements, as they are: no parameters, no escaping of `%` or `:`."""
    connection = op.get_bind().connection.dbapi_connection
    if connection is None:
        raise RuntimeError("The migration has no connection.")
    connection.cursor().execute(statements)


def tenant_table(
    table: str,
    *,
    key: str = "user_id",
    versioned: bool = False,
    quiet: Sequence[str] = (),
    generated: Sequence[str] = (),
    audit: str | None = "insert or update or delete",
    hidden: Sequence[str] = (),
    mirrored: bool = False,
    grants: str = "select, insert, update, delete",
) -> None:
    """A practitioner's rows: theirs alone, for the roles app and jobs, with `updated_at` and history kept.

    `versioned`: `version` grows with each edit; changes of the `quiet` columns are none, `generated` ones are left
    out of the comparison. `audit` names the events that are written to the history (None: it is its own history);
    `hidden` columns never reach it. `mirrored`: what triggers and cascades do to the rows is told elsewhere.
    """
    arguments = f"'{_array(quiet)}', '{_array(generated)}'" if versioned else ""
    run(f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy own_rows on {table}
            using ({key} = {CURRENT_PRACTITIONER}) with check ({key} = {CURRENT_PRACTITIONER});
        grant {grants} on {table} to omnicrm_app, omnicrm_jobs;
        create trigger touch before update on {table} for each row execute function touch({arguments});
    """)
    if audit:
        when = "when (pg_trigger_depth() = 0)" if mirrored else ""
        run(f"""
            create trigger write_history after {audit} on {table}
            for each row {when} execute function write_history('{_array(hidden)}');
        """)


def grant_function(signature: str, roles: str = "omnicrm_app, omnicrm_jobs") -> None:
    """Only `roles` may call it."""
    run(f"revoke all on function {signature} from public; grant execute on function {signature} to {roles};")


def _array(columns: Sequence[str]) -> str:
    return "{" + ",".join(columns) + "}"
