"""Less work for the same answers: finding anything, and the pinned note of a client with thousands of them."""

from __future__ import annotations

from alembic import op
from omnicrm.core import ddl

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    ddl.run_file("0010/find_anything.sql")
    op.create_index(
        "ix_notes_pinned_of_contact", "notes", ["user_id", "contact_id", "created_at"], postgresql_where="is_pinned"
    )


def downgrade() -> None:
    op.drop_index("ix_notes_pinned_of_contact", "notes")
    ddl.run_file("0010/find_anything_down.sql")
