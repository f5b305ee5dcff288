"""Database names are a contract: tools read them with SQL. Here as the seed and the schema page have them."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import text

from omnicrm.core import migrations, postgres
from omnicrm.core.db import engine
from tests.shared_data import shared

OWN = "id uuid, user_id uuid, created_at timestamptz, updated_at timestamptz"
WITHOUT_ID = "user_id uuid, created_at timestamptz, updated_at timestamptz"

CONTRACT = {
    "users": """id uuid, email text, name text, password_hash text, email_verified_at timestamptz, time_zone text,
        locale text, currency char(3), week_start integer, business_name text, language text, photo_path text,
        totp_secret text, recovery_codes text[], created_at timestamptz, updated_at timestamptz""",
    "login_sessions": f"""{OWN}, token_hash text, expires_at timestamptz, last_seen_at timestamptz, user_agent text,
        ip_address text, revoked_at timestamptz""",
    "user_settings": "user_id uuid, setting_key text, setting_value jsonb",
    "contacts": f"""{OWN}, first_name text, last_name text, display_name text, email text, phone text, company text,
        job_title text, date_of_birth date, pronouns text, website text, address_street text, address_city text,
        address_state text, address_postal_code text, address_country text, profile_image_path text,
        social_profiles jsonb, tags text[], notes text, source text, referral_source text, lifecycle_stage text,
        client_since date, calendar_name text, last_contacted_at timestamptz, preferred_channel text, time_zone text,
        wellness_goals text[], emergency_contact jsonb, health_notes text, ai_allowed boolean, mail_allowed boolean,
        custom_fields jsonb, archived_at timestamptz, merged_into_id uuid""",
    "contact_identifiers": f"{OWN}, contact_id uuid, kind text, value text, label text, is_primary boolean",
    "services": f"""{OWN}, name text, description text, duration_minutes integer, price numeric(14,3),
        is_active boolean, capacity integer, color text, currency char(3), tax_rate numeric(6,3),
        buffer_before_minutes integer, buffer_after_minutes integer, cancellation_window_hours integer,
        late_cancel_fee numeric(14,3), reminder_hours integer[], location text""",
    "programs": f"""{OWN}, name text, description text, start_date date, end_date date, price numeric(14,3),
        status text, capacity integer, currency char(3), total_sessions integer, credits_per_enrollment integer""",
    "program_enrollments": f"""{WITHOUT_ID}, program_id uuid, contact_id uuid, enrollment_date timestamptz, status text,
        completion_date timestamptz, expires_at timestamptz""",
    "sessions": f"""{OWN}, contact_id uuid, program_id uuid, service_id uuid, title text, scheduled_at timestamptz,
        duration_minutes integer, location text, status text, notes text, google_calendar_event_id text,
        capacity integer, overlap_allowed boolean, google_calendar_id text, google_etag text, meeting_url text,
        cancelled_at timestamptz, cancelled_by text, late_cancel boolean, series_id uuid,
        original_start_at timestamptz""",
    "session_attendees": f"{WITHOUT_ID}, session_id uuid, contact_id uuid, attendance_status text, notes text",
    "session_series": f"{OWN}, rrule text, time_zone text, starts_on date, ends_on date, template jsonb",
    "session_reminders": f"""{OWN}, session_id uuid, contact_id uuid, channel text, due_at timestamptz,
        sent_at timestamptz, status text, error text""",
    "availability": f"{OWN}, weekday integer, starts_at time, ends_at time, location text",
    "time_off": f"{OWN}, starts_at timestamptz, ends_at timestamptz, reason text",
    "files": f"""{OWN}, contact_id uuid, session_id uuid, resource_id uuid, name text, media_type text, size bigint,
        sha256 text, storage_key text""",
    "forms": f"{OWN}, name text, fields jsonb, text_version text",
    "form_responses": f"""{OWN}, form_id uuid, contact_id uuid, answers jsonb, signed_name text,
        submitted_at timestamptz""",
    "waitlist_entries": f"""{OWN}, session_id uuid, service_id uuid, contact_id uuid, wanted jsonb,
        fulfilled_at timestamptz""",
    "groups": f"""{OWN}, name text, description text, icon text, color text, is_private boolean, position integer,
        rule jsonb""",
    "contact_groups": f"{WITHOUT_ID}, contact_id uuid, group_id uuid",
    "consents": f"""{OWN}, contact_id uuid, kind text, text_version text, granted_at timestamptz,
        withdrawn_at timestamptz, evidence text""",
    "credit_entries": f"""{OWN}, contact_id uuid, program_id uuid, session_id uuid, delta integer, reason text,
        note text""",
    "projects": f"{OWN}, name text, status text",
    "tasks": f"""{OWN}, contact_id uuid, project_id uuid, session_id uuid, title text, description text,
        due_date timestamptz, due_has_time boolean, priority text, status text, completed_at timestamptz,
        parent_task_id uuid""",
    "notes": f"""{OWN}, contact_id uuid, session_id uuid, program_id uuid, title text, content text,
        is_pinned boolean, note_type text""",
    "payments": f"""{OWN}, contact_id uuid, session_id uuid, program_id uuid, service_id uuid, amount numeric(14,3),
        currency char(3), status text, method text, external_payment_id text, paid_at timestamptz""",
    "payment_allocations": f"{OWN}, payment_id uuid, invoice_id uuid, amount numeric(14,3)",
    "refunds": f"""{OWN}, payment_id uuid, amount numeric(14,3), reason text, external_refund_id text,
        refunded_at timestamptz""",
    "invoices": f"""{OWN}, contact_id uuid, number text, status text, issued_on date, due_on date, currency char(3),
        subtotal numeric(14,3), tax_total numeric(14,3), total numeric(14,3), amount_paid numeric(14,3), notes text,
        terms text, pdf_path text, billing_snapshot jsonb, reminders_paused boolean, external_invoice_id text""",
    "invoice_items": f"""{OWN}, invoice_id uuid, session_id uuid, program_id uuid, service_id uuid, description text,
        quantity numeric, unit_price numeric(14,3), tax_rate numeric(6,3), line_total numeric(14,3),
        position integer""",
    "communications": f"""{OWN}, contact_id uuid, communication_type text, subject text, body_preview text,
        status text, sent_at timestamptz, template_id uuid""",
    "templates": f"{OWN}, name text, subject text, body_html text, template_type text, variables jsonb",
    "resources": f"""{OWN}, title text, description text, resource_type text, file_path_storage text,
        external_url text, tags text[]""",
    "resource_shares": f"{WITHOUT_ID}, resource_id uuid, contact_id uuid, shared_at timestamptz",
    "share_links": f"""{OWN}, kind text, contact_id uuid, session_id uuid, token_hash text, pin_hash text,
        expires_at timestamptz, revoked_at timestamptz, last_opened_at timestamptz, open_count integer""",
    "resource_views": f"{OWN}, share_link_id uuid, resource_id uuid, viewed_at timestamptz, kind text",
    "pending_approvals": f"""{OWN}, type text, status text, related_contact_id uuid, related_session_id uuid,
        source_trigger text, data_payload jsonb, ai_confidence_score numeric(4,3), resolved_at timestamptz,
        summary text, evidence jsonb, bundle_id uuid, edited_payload jsonb, decided_fields jsonb, reject_reason text,
        error text, executed_at timestamptz, undone_at timestamptz, undo_log jsonb, expires_at timestamptz,
        dedupe_key text""",
    "approval_rules": f"""{OWN}, kind text, match jsonb, source_approval_id uuid, last_used_at timestamptz,
        uses integer""",
    "oauth_connections": f"""{OWN}, provider text, access_token text, refresh_token text, expires_at timestamptz,
        scopes text[], last_synced_at timestamptz, account_email text, is_sandbox boolean, credentials text,
        sync_state jsonb, status text, last_error text""",
    "source_items": f"""{OWN}, connection_id uuid, kind text, provider text, external_id text, thread_id text,
        occurred_at timestamptz, sender text, recipients jsonb, subject text, body_text text,
        body_purged_at timestamptz, labels text[], payload jsonb, content_hash text, direction text, contact_id uuid,
        processed_at timestamptz, outcome text, google_calendar_id text, etag text, starts_at timestamptz,
        ends_at timestamptz, busy boolean""",
    "job_runs": f"""{OWN}, kind text, connection_id uuid, status text, started_at timestamptz,
        finished_at timestamptz, seen integer, changed integer, skipped integer, proposed integer, error text,
        next_retry_at timestamptz""",
    "outbox_messages": f"""{OWN}, kind text, payload jsonb, approval_id uuid, idempotency_key text, status text,
        attempts integer, not_before timestamptz, claimed_until timestamptz, last_error text,
        delivered_at timestamptz""",
    "webhook_events": f"""{OWN}, provider text, external_id text, type text, payload jsonb, received_at timestamptz,
        processed_at timestamptz, error text""",
    "import_batches": f"""{OWN}, kind text, file_name text, mapping jsonb, status text, counts jsonb,
        revert_log jsonb, reverted_at timestamptz""",
    "audit_log": f"""{OWN}, actor text, action text, entity text, entity_id uuid, before jsonb, after jsonb,
        reason text""",
    "saved_views": f"{OWN}, page text, name text, filters jsonb, sort text, columns text[]",
}

WORDS = {
    "sessions.status": "pending_ai_confirmation scheduled_in_crm synced_to_gcal completed cancelled no_show",
    "sessions.cancelled_by": "practitioner client google",
    "session_attendees.attendance_status": "registered present late no_show cancelled",
    "program_enrollments.status": "active paused completed cancelled",
    "programs.status": "draft active archived",
    "projects.status": "active completed archived",
    "tasks.status": "pending in_progress completed deferred",
    "tasks.priority": "low medium high",
    "payments.status": "pending paid failed refunded",
    "invoices.status": "draft sent partially_paid paid overdue void",
    "communications.status": "draft scheduled sent failed opened clicked",
    "communications.communication_type": "email sms",
    "contacts.source": """manual csv_import vcard_import takeout gmail google_calendar google_contacts website_form
        referral""",
    "contacts.lifecycle_stage": "lead active paused former",
    "contact_identifiers.kind": "email phone",
    "consents.kind": "data_processing marketing health_data ai_processing photo",
    "credit_entries.reason": "purchase attendance no_show late_cancel restore adjust transfer expire",
    "pending_approvals.status": "pending snoozed approved executed execution_failed rejected undone expired",
    "approval_rules.kind": "never auto means",
    "oauth_connections.status": "active needs_reconnect paused",
    "source_items.kind": "mail event",
    "source_items.direction": "in out",
    "source_items.outcome": "proposed nothing skipped failed",
    "job_runs.status": "running succeeded failed cancelled",
    "outbox_messages.status": "waiting claimed delivered failed cancelled",
    "share_links.kind": "client_page session_request enquiry calendar_feed",
    "resource_views.kind": "opened downloaded",
    "audit_log.actor": "practitioner assistant google stripe client system",
}

DEFAULTS = {
    "payments.currency": "USD",
    "services.is_active": "true",
    "services.capacity": "1",
    "services.reminder_hours": "{24}",
    "session_attendees.attendance_status": "registered",
    "program_enrollments.status": "active",
    "tasks.priority": "medium",
    "tasks.status": "pending",
    "projects.status": "active",
    "notes.is_pinned": "false",
    "notes.note_type": "general",
    "communications.status": "sent",
    "templates.template_type": "email",
}

KEYS = {
    "session_attendees": ["session_id", "contact_id"],
    "program_enrollments": ["program_id", "contact_id"],
    "resource_shares": ["resource_id", "contact_id"],
    "contact_groups": ["contact_id", "group_id"],
    "user_settings": ["user_id", "setting_key"],
}


@pytest.fixture(scope="module")
def columns(database: str) -> dict[str, dict[str, tuple[str, str | None]]]:
    """table -> column -> (type, default), from the catalogue."""
    with engine("owner").connect() as connection:
        rows = connection.execute(
            text("""
            select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid)
              from pg_class c
              join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
             where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'""")
        ).all()
    found: dict[str, dict[str, tuple[str, str | None]]] = {}
    for table, column, type_, default in rows:
        found.setdefault(table, {})[column] = (type_, default)
    return found


@pytest.mark.parametrize("table", CONTRACT)
def test_the_table_has_its_columns(columns: dict[str, dict[str, tuple[str, str | None]]], table: str) -> None:
    promised = dict(re.split(r"\s+", column.strip(), maxsplit=1) for column in re.split(r",(?!\d)", CONTRACT[table]))
    actual = {name: _short(columns[table][name][0]) for name in promised if name in columns.get(table, {})}
    assert actual == promised


@pytest.mark.parametrize("column", WORDS)
def test_the_status_words_are_those_of_the_schema(database: str, column: str) -> None:
    table, name = column.split(".")
    with engine("owner").connect() as connection:
        check = connection.execute(
            text("select pg_get_constraintdef(oid) from pg_constraint where conname = :name"),
            {"name": f"ck_{table}_{name}"},
        ).scalar_one()
    assert set(re.findall(r"'(\w+)'::text", check)) == set(WORDS[column].split())


@pytest.mark.parametrize("column", DEFAULTS)
def test_the_default_is_the_seeds(columns: dict[str, dict[str, tuple[str, str | None]]], column: str) -> None:
    table, name = column.split(".")
    default = columns[table][name][1] or ""
    assert default.split("::")[0].strip("'") == DEFAULTS[column]


@pytest.mark.parametrize("table", KEYS)
def test_the_key_is_the_seeds(database: str, table: str) -> None:
    with engine("owner").connect() as connection:
        key = connection.execute(
            text("""select array_agg(a.attname order by k.at) from pg_constraint c,
                    unnest(c.conkey) with ordinality as k (number, at), pg_attribute a
                    where c.contype = 'p' and c.conrelid = cast(:table as regclass)
                      and a.attrelid = c.conrelid and a.attnum = k.number"""),
            {"table": table},
        ).scalar_one()
    assert key == KEYS[table]


def test_every_table_that_the_seed_names_is_in_the_contract() -> None:
    seed = shared("seed/future-schema-considerations.md").read_text()
    named = {name for line in seed.splitlines() if line.startswith("- **") for name in re.findall(r"`(\w+)`", line)}
    merged = {"follow_ups", "contact_notes", "session_notes", "contacts.notes", "settings"}  # one table for each pair
    assert named - merged - set(CONTRACT) == set()


def test_every_table_that_the_schema_page_names_is_in_the_contract() -> None:
    page = shared("design/2-schema.md").read_text()
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert named - set(CONTRACT) == set()


def test_models_and_migrations_agree_and_everything_goes_down_and_up_again(database: str) -> None:
    name = f"{database}_down"
    postgres.create_database(name)
    owner = postgres.url("owner", name)
    try:
        migrations.upgrade(owner)
        migrations.check(owner)
        migrations.downgrade(owner)
        assert migrations.current(owner) is None
        assert _leftovers(name) == []
        migrations.upgrade(owner)
        migrations.check(owner)
        assert migrations.is_current(postgres.url("app", name))
    finally:
        postgres.drop_database(name)


def test_keys_that_triggers_make_sort_by_time_too(database: str) -> None:
    with engine("app").connect() as connection:
        one, two = (connection.execute(text("select time_uuid()")).scalar_one() for _ in range(2))
        connection.execute(text("select pg_sleep(0.002)"))
        later = connection.execute(text("select time_uuid()")).scalar_one()
    assert isinstance(one, UUID)
    assert one.version == two.version == later.version == 7
    assert max(one, two) < later


def _short(type_: str) -> str:
    names = {
        "timestamp with time zone": "timestamptz",
        "time without time zone": "time",
        "character(3)": "char(3)",
    }
    return names.get(type_, type_)


def _leftovers(database: str) -> list[str]:
    with postgres.superuser(database) as admin:
        return [
            str(row[0])
            for row in admin.execute("""
                select relname from pg_class
                 where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
                union all
                select p.proname from pg_proc p join pg_roles r on r.oid = p.proowner
                 where p.pronamespace = 'public'::regnamespace and r.rolname = 'omnicrm_owner'""")
        ]
