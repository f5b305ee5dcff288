"""The practice: every table, whose rows are whose, history, search, and what is asked before anyone is known."""

from __future__ import annotations

from typing import Any

from omnicrm.core import ddl

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

TABLES = ("people", "practice", "money", "sharing", "outside")

APPEND_ONLY = {"grants": "select, insert", "audit": None}
OWN_HISTORY = {"audit": None}
EDITED: dict[str, Any] = {"versioned": True}

TENANT_TABLES: dict[str, dict[str, Any]] = {
    "users": {
        **EDITED,
        "key": "id",
        "hidden": ("password_hash", "totp_secret", "recovery_codes"),
    },
    "user_identities": {},
    "login_sessions": {"hidden": ("token_hash", "last_seen_at", "expires_at")},
    "user_settings": {},
    "contacts": {
        **EDITED,
        "quiet": ("last_contacted_at",),
        "generated": ("display_name",),
        "hidden": ("health_notes", "last_contacted_at"),
    },
    "contact_identifiers": {"mirrored": True},
    "consents": {},
    "merge_log": OWN_HISTORY,
    "erased_ids": OWN_HISTORY,
    "groups": EDITED,
    "contact_groups": {},
    "tag_colors": {},
    "saved_views": EDITED,
    "services": EDITED,
    "availability": EDITED,
    "time_off": EDITED,
    "programs": EDITED,
    "program_enrollments": {},
    "credit_entries": APPEND_ONLY,
    "session_series": EDITED,
    "sessions": {
        **EDITED,
        "quiet": ("google_calendar_id", "google_calendar_event_id", "google_etag", "meeting_url"),
        "hidden": ("google_etag",),
    },
    "session_attendees": {},
    "session_reminders": {},
    "waitlist_entries": EDITED,
    "projects": EDITED,
    "task_series": EDITED,
    "tasks": EDITED,
    "notes": EDITED,
    "note_versions": OWN_HISTORY,
    "invoices": EDITED,
    "invoice_counters": OWN_HISTORY,
    "invoice_items": {},
    "credit_notes": {},
    "discounts": EDITED,
    "payments": EDITED,
    "payment_allocations": {},
    "refunds": {},
    "disputes": {},
    "templates": EDITED,
    "template_versions": OWN_HISTORY,
    "communications": {**EDITED, "hidden": ("body", "body_preview")},
    "resource_folders": EDITED,
    "resources": EDITED,
    "resource_shares": {},
    "group_resource_shares": {},
    "share_links": {"hidden": ("token_hash", "pin_hash", "last_opened_at", "open_count")},
    "resource_views": OWN_HISTORY,
    "files": EDITED,
    "forms": EDITED,
    "form_responses": {"hidden": ("answers",)},
    "oauth_connections": {
        **EDITED,
        "quiet": (
            "access_token",
            "refresh_token",
            "expires_at",
            "sync_state",
            "last_synced_at",
            "next_sync_at",
            "last_error",
        ),
        "hidden": (
            "access_token",
            "refresh_token",
            "credentials",
            "expires_at",
            "sync_state",
            "last_synced_at",
            "next_sync_at",
        ),
    },
    # A mail that comes in is no act of anybody: only what is done to it afterwards, and never its text.
    "source_items": {
        "audit": "update or delete",
        "hidden": (
            "sender",
            "sender_name",
            "recipients",
            "subject",
            "body_text",
            "labels",
            "payload",
            "content_hash",
            "processed_at",
            "outcome",
            "outcome_reason",
            "etag",
        ),
    },
    "pending_approvals": {**EDITED, "hidden": ("evidence", "undo_log")},
    "approval_rules": {**EDITED, "quiet": ("last_used_at", "uses"), "hidden": ("last_used_at", "uses")},
    "job_runs": OWN_HISTORY,
    "outbox_messages": OWN_HISTORY,
    "webhook_events": OWN_HISTORY,
    "import_batches": {**EDITED, "hidden": ("revert_log",)},
    "audit_log": {"grants": "select", "audit": None},
}

FUNCTIONS = (
    "time_uuid()",
    "session_span(timestamptz, integer)",
    "practitioner_currency()",
    "normal_email(text)",
    "normal_phone(text)",
    "set_primary_identifier(uuid, uuid, text, text)",
    "redact_audit(uuid[], text[])",
    "find_anything(text, text[], integer)",
    "find_login(text)",
    "find_login_session(text)",
    "find_identity(text, text)",
    "find_share_link(text)",
    "webhook_owner(text)",
    "record_webhook(uuid, text, text, text, jsonb, uuid)",
    "adopt_webhook(uuid, uuid)",
    "count_attempt(text, integer, timestamptz)",
    "forget_attempts(text)",
)
JOBS_ONLY = ("due_work(text, timestamptz, integer)", "prune_attempts(timestamptz)")
OWNER_ONLY = (
    "fold(text)",
    "owner_word(uuid)",
    "sought(text)",
    "touch()",
    "write_history()",
    "keep_search()",
    "contact_to_identifiers()",
    "identifier_to_contact()",
    "demote_other_identifiers()",
)


def upgrade() -> None:
    for extension in ("pg_trgm", "btree_gist", "unaccent"):  # trusted ones: the database's owner may add them
        ddl.run(f"create extension if not exists {extension}")
    ddl.run_file("0001/functions.sql")
    for area in TABLES:
        ddl.run_file(f"0001/tables_{area}.sql")
    ddl.run_file("0001/history.sql")
    for table, rules in TENANT_TABLES.items():
        ddl.tenant_table(table, **rules)
    ddl.run_file("0001/identifiers.sql")
    ddl.run_file("0001/search.sql")
    ddl.run_file("0001/lookups.sql")
    for signature in FUNCTIONS:
        ddl.grant_function(signature)
    for signature in JOBS_ONLY:
        ddl.grant_function(signature, "omnicrm_jobs")
    for signature in OWNER_ONLY:
        ddl.run(f"revoke all on function {signature} from public")
    ddl.run("grant usage on schema public to omnicrm_app, omnicrm_jobs")
    ddl.run("grant select on alembic_version to omnicrm_app, omnicrm_jobs")


def downgrade() -> None:
    tables = ", ".join((*TENANT_TABLES, "search_entries", "rate_limits"))
    ddl.run(f"drop table {tables} cascade")
    ddl.run("drop function find_anything(text, text[], integer); drop type found;")
    for signature in (*FUNCTIONS, *JOBS_ONLY, *OWNER_ONLY):
        ddl.run(f"drop function if exists {signature}")
    ddl.run("revoke select on alembic_version from omnicrm_app, omnicrm_jobs")
