"""What credits pay for and when they run out; which entry of the ledger takes another one back."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("programs", sa.Column("service_id", sa.Uuid(), nullable=True))
    op.add_column("programs", sa.Column("valid_days", sa.Integer(), nullable=True))
    for rule in ("no_show_uses_credit", "late_cancel_uses_credit"):
        op.add_column("programs", sa.Column(rule, sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_foreign_key(
        "fk_programs_user_id_service_id",
        "programs",
        "services",
        ["user_id", "service_id"],
        ["user_id", "id"],
        ondelete="SET NULL (service_id)",
    )
    op.create_index("ix_programs_user_id_service_id", "programs", ["user_id", "service_id"])
    op.create_check_constraint("ck_programs_valid_days", "programs", "valid_days >= 1")
    op.create_index("ix_programs_listed", "programs", ["user_id", "status", "name", "id"])
    op.create_index(
        "ix_program_enrollments_running_out",
        "program_enrollments",
        ["user_id", "expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_unique_constraint("uq_credit_entries_user_id_id", "credit_entries", ["user_id", "id"])
    op.add_column("credit_entries", sa.Column("reverses_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint("uq_credit_entries_user_id_reverses_id", "credit_entries", ["user_id", "reverses_id"])
    op.create_foreign_key(
        "fk_credit_entries_user_id_reverses_id",
        "credit_entries",
        "credit_entries",
        ["user_id", "reverses_id"],
        ["user_id", "id"],
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_column("credit_entries", "reverses_id")
    op.drop_constraint("uq_credit_entries_user_id_id", "credit_entries")
    op.drop_index("ix_program_enrollments_running_out", "program_enrollments")
    op.drop_index("ix_programs_listed", "programs")
    for column in ("late_cancel_uses_credit", "no_show_uses_credit", "valid_days", "service_id"):
        op.drop_column("programs", column)
