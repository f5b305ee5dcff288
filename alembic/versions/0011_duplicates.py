"""Who may be one person is kept, and worked out anew only for whoever changed."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from omnicrm.core import ddl

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    practitioner = sa.text("(NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid")
    moment = {"server_default": sa.text("now()"), "nullable": False}
    op.create_table(
        "duplicate_pairs",
        sa.Column("user_id", sa.Uuid(), server_default=practitioner, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), **moment),
        sa.Column("updated_at", sa.DateTime(timezone=True), **moment),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(6, 2), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_pairs"),
        sa.UniqueConstraint("user_id", "one_id", "other_id", name="uq_duplicate_pairs_user_id_one_id_other_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_duplicate_pairs_user_id", ondelete="CASCADE"),
        *(
            sa.ForeignKeyConstraint(
                ["user_id", column],
                ["contacts.user_id", "contacts.id"],
                name=f"fk_duplicate_pairs_user_id_{column}",
                ondelete="CASCADE",
            )
            for column in ("one_id", "other_id")
        ),
    )
    op.create_index("ix_duplicate_pairs_user_id_other_id", "duplicate_pairs", ["user_id", "other_id"])
    op.create_index("ix_duplicate_pairs_likeliest", "duplicate_pairs", ["user_id", "score"])
    ddl.tenant_table("duplicate_pairs", audit=None)
    op.create_index("ix_contacts_changed", "contacts", ["user_id", "updated_at"])


def downgrade() -> None:
    op.drop_index("ix_contacts_changed", "contacts")
    op.drop_table("duplicate_pairs")
