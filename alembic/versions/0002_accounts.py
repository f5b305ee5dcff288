"""Accounts: whether anybody is registered, and since when a key has been counted."""

from __future__ import annotations

from omnicrm.core import ddl

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

FUNCTIONS = ("anyone_registered()", "attempts_since(text)")


def upgrade() -> None:
    ddl.run("""
        create function anyone_registered() returns boolean
        language sql stable security definer
        set search_path = pg_catalog, public, pg_temp
        as $$ select exists (select 1 from public.users) $$;

        create function attempts_since(attempt_key text) returns timestamptz
        language sql stable security definer
        set search_path = pg_catalog, public, pg_temp
        as $$ select r.window_started_at from public.rate_limits r where r.key = attempt_key $$;
    """)
    for signature in FUNCTIONS:
        ddl.grant_function(signature)


def downgrade() -> None:
    for signature in FUNCTIONS:
        ddl.run(f"drop function {signature}")
