"""Tasks in sections of projects, in series, once for each day; notes that are written as one types; note templates."""

from __future__ import annotations

from omnicrm.core import ddl

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

NEW = ("project_contacts", "project_sessions", "note_templates")


def upgrade() -> None:
    ddl.run_file("0004/tasks_and_notes.sql")
    ddl.tenant_table("project_contacts")
    ddl.tenant_table("project_sessions")
    ddl.tenant_table("note_templates", versioned=True)


def downgrade() -> None:
    ddl.run(f"drop table {', '.join(NEW)} cascade")
    ddl.run_file("0004/tasks_and_notes_down.sql")
