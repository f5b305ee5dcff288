"""A third kind of rule: a word that clients use for a service."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _kinds("'never', 'auto', 'means'")


def downgrade() -> None:
    op.execute("delete from approval_rules where kind = 'means'")
    _kinds("'never', 'auto'")


def _kinds(listed: str) -> None:
    op.drop_constraint(op.f("ck_approval_rules_kind"), "approval_rules")
    op.create_check_constraint(op.f("ck_approval_rules_kind"), "approval_rules", f"kind IN ({listed})")
