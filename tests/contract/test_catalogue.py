"""What the database's own catalogue must say: policies, roles, functions, keys, grants."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from omnicrm.core.db import engine
from omnicrm.models.base import metadata
from tests.contract import any_row

# Runs as the tables' owner: each is looked at before it is listed.
SECURITY_DEFINERS = {
    "adopt_webhook",
    "anyone_registered",
    "attempts_since",
    "count_attempt",
    "due_work",
    "find_anything",
    "find_identity",
    "find_login",
    "find_login_session",
    "find_share_link",
    "forget_attempts",
    "keep_search",
    "prune_attempts",
    "record_webhook",
    "redact_audit",
    "webhook_owner",
    "write_history",
}
LOOKUP_TABLES = {
    "users",
    "user_identities",
    "login_sessions",
    "share_links",
    "oauth_connections",
    "source_items",
    "pending_approvals",
    "outbox_messages",
    "session_reminders",
    "webhook_events",
}
# Providers' ids and token hashes are unique over all practitioners; so is the address that one signs in with.
UNIQUE_OVER_ALL = {
    "uq_users_email",
    "uq_user_identities_provider_subject",
    "uq_login_sessions_token_hash",
    "uq_share_links_token_hash",
    "uq_payments_external_payment_id",
    "uq_refunds_external_refund_id",
    "uq_disputes_external_dispute_id",
    "uq_oauth_connections_stripe",
    "uq_webhook_events_provider_external_id",
}
# Money that is referred to is not deleted: refused.
REFUSED_WHILE_REFERRED_TO = {
    "fk_credit_notes_user_id_invoice_id",
    "fk_payment_allocations_user_id_invoice_id",
    "fk_refunds_user_id_payment_id",
    "fk_disputes_user_id_payment_id",
}
OWN_ROWS = "({key} = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid)"


@pytest.fixture
def owner(database: str):  # type: ignore[no-untyped-def]  # a generator of Connection
    with engine("owner").connect() as connection:
        yield connection


@pytest.mark.outside(3)
def test_every_practitioners_table_is_under_forced_row_level_security(owner: Connection) -> None:
    assert unguarded(owner) == []


def test_a_new_table_without_a_policy_is_found(owner: Connection) -> None:
    owner.execute(text("create table new_things (id uuid primary key, user_id uuid)"))
    assert unguarded(owner) == ["new_things"]
    owner.execute(text("alter table new_things enable row level security"))
    owner.execute(text("create policy own_rows on new_things using (true)"))
    assert unguarded(owner) == ["new_things"]


def test_only_the_owner_has_other_policies(owner: Connection) -> None:
    rows = owner.execute(text("select tablename, roles from pg_policies where policyname <> 'own_rows'")).all()
    assert {row.tablename for row in rows} == LOOKUP_TABLES
    assert all(row.roles == ["omnicrm_owner"] for row in rows)


@pytest.mark.parametrize("role", ["omnicrm_app", "omnicrm_jobs"])
@pytest.mark.outside(3)
def test_the_serving_roles_own_nothing_and_bypass_nothing(owner: Connection, role: str) -> None:
    rights = owner.execute(
        text("select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = :role"),
        {"role": role},
    ).one()
    owned = owner.execute(
        text("""select count(*) from pg_class where relowner = cast(:role as regrole)"""), {"role": role}
    ).scalar_one()
    member = owner.execute(text("select pg_has_role(:role, 'omnicrm_owner', 'member')"), {"role": role}).scalar_one()
    creates = owner.execute(text("select has_schema_privilege(:role, 'public', 'create')"), {"role": role}).scalar_one()
    assert (tuple(rights), owned, member, creates) == ((False,) * 4, 0, False, False)


@pytest.mark.parametrize("role", ["omnicrm_app", "omnicrm_jobs"])
def test_grants_are_no_wider_than_needed(owner: Connection, role: str) -> None:
    narrower = {
        "audit_log": {"SELECT"},
        "credit_entries": {"SELECT", "INSERT"},
        "alembic_version": {"SELECT"},
        "search_entries": set(),
        "rate_limits": set(),
    }
    usual = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    granted: dict[str, set[str]] = {name: set() for name in [*metadata.tables, "alembic_version"]}
    for table, right in owner.execute(
        text("select table_name, privilege_type from information_schema.role_table_grants where grantee = :role"),
        {"role": role},
    ):
        granted[table].add(right)
    assert granted == {name: narrower.get(name, usual) for name in granted}


def test_functions_of_the_owner_are_listed_and_have_a_fixed_search_path(owner: Connection) -> None:
    rows = owner.execute(
        text("""select p.proname, coalesce(p.proconfig::text, '') as settings, p.proacl::text as rights
                  from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace""")
    ).all()
    assert {row.proname for row in rows} == SECURITY_DEFINERS
    for row in rows:
        assert "search_path=pg_catalog, public, pg_temp" in row.settings, row.proname
        assert row.rights, f"{row.proname} may be called by anybody"
        assert not [right for right in row.rights.strip("{}").split(",") if right.startswith("=")], row.proname


@pytest.mark.parametrize("function", ["due_work(text, timestamptz, integer)", "prune_attempts(timestamptz)"])
def test_what_is_due_is_told_to_the_jobs_role_alone(owner: Connection, function: str) -> None:
    may = {
        role: owner.execute(
            text("select has_function_privilege(:role, :function, 'execute')"), {"role": role, "function": function}
        ).scalar_one()
        for role in ("omnicrm_app", "omnicrm_jobs")
    }
    assert may == {"omnicrm_app": False, "omnicrm_jobs": True}


def test_foreign_keys_between_practitioners_tables_include_the_practitioner(owner: Connection) -> None:
    loose = [
        row.conname
        for row in _foreign_keys(owner)
        if row.parent != "users" and not (row.columns[0] == "user_id" == row.targets[0])
    ]
    assert loose == []


def test_what_happens_on_delete_is_chosen_for_every_key(owner: Connection) -> None:
    unchosen = {row.conname for row in _foreign_keys(owner) if row.action == "a"}
    assert unchosen == REFUSED_WHILE_REFERRED_TO


def test_set_null_leaves_the_practitioner_alone(owner: Connection) -> None:
    wrong = [row.conname for row in _foreign_keys(owner) if row.action == "n" and row.nulled != [row.columns[-1]]]
    assert wrong == []


def test_every_foreign_key_has_an_index(owner: Connection) -> None:
    indexes = owner.execute(
        text("""select i.indrelid::regclass::text as child,
                       array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k (number, at)
                               left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
                              order by k.at) as columns
                  from pg_index i where i.indpred is null""")
    ).all()
    led = {(row.child, *row.columns[:length]) for row in indexes for length in range(1, len(row.columns) + 1)}
    bare = [row.conname for row in _foreign_keys(owner) if (row.child, *row.columns) not in led]
    assert bare == []


def test_unique_keys_are_the_practitioners_own(owner: Connection) -> None:
    rows = owner.execute(
        text("""select c.relname as name, array_agg(a.attname::text) as columns
                  from pg_index i
                  join pg_class c on c.oid = i.indexrelid
                  join pg_class t on t.oid = i.indrelid and t.relnamespace = 'public'::regnamespace
                  left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
                 where i.indisunique and not i.indisprimary group by 1""")
    ).all()
    assert {row.name for row in rows if "user_id" not in row.columns} == UNIQUE_OVER_ALL


def test_the_models_know_every_table(owner: Connection) -> None:
    assert set(any_row.tenant_tables()) | any_row.NOT_INSERTED == set(metadata.tables)


def unguarded(owner: Connection) -> list[str]:
    """Tables whose rows somebody else could see."""
    apart = {"alembic_version", "rate_limits"}  # nobody's
    rows = owner.execute(
        text("""
        select c.relname, c.relrowsecurity, c.relforcerowsecurity, p.qual, p.with_check, p.roles::text[] as roles,
               has_table_privilege('omnicrm_app', c.oid, 'select')
                   or has_table_privilege('omnicrm_jobs', c.oid, 'select') as readable
          from pg_class c
          left join pg_policies p on p.schemaname = 'public' and p.tablename = c.relname and p.policyname = 'own_rows'
         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1""")
    ).all()
    found = []
    for row in rows:
        condition = OWN_ROWS.format(key="id" if row.relname == "users" else "user_id")
        guarded = (
            row.relrowsecurity
            and row.relforcerowsecurity
            and row.qual == row.with_check == condition
            and row.roles == ["public"]
        )
        behind_a_function = row.relname == "search_entries" and row.relrowsecurity and not row.readable
        if row.relname not in apart and not guarded and not behind_a_function:
            found.append(row.relname)
    return found


def _foreign_keys(owner: Connection):  # type: ignore[no-untyped-def]  # rows of the catalogue
    return owner.execute(
        text("""
        select c.conname, c.conrelid::regclass::text as child, c.confrelid::regclass::text as parent,
               c.confdeltype::text as action,
               array(select a.attname::text from unnest(c.conkey) with ordinality as k (number, at)
                       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
                      order by k.at) as columns,
               array(select a.attname::text from unnest(c.confkey) with ordinality as k (number, at)
                       join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number
                      order by k.at) as targets,
               array(select a.attname::text from unnest(c.confdelsetcols) as k (number)
                       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) as nulled
          from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace""")
    ).all()
