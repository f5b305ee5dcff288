"""Credits that were used lately are found without reading the ledger."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_index("ix_credit_entries_when", "credit_entries", ["user_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_credit_entries_when", "credit_entries")
