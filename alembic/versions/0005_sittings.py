"""Why a session was called off, and what a change of a series can be taken back to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op
from omnicrm.core import ddl

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("cancel_reason", sa.Text(), nullable=True))
    op.add_column("session_series", sa.Column("undo_log", JSONB(), nullable=True))
    _history("{undo_log}")  # it repeats what the sessions' own history says


def downgrade() -> None:
    _history("{}")
    op.drop_column("session_series", "undo_log")
    op.drop_column("sessions", "cancel_reason")


def _history(hidden: str) -> None:
    ddl.run(f"""
        drop trigger write_history on session_series;
        create trigger write_history after insert or update or delete on session_series
        for each row execute function write_history('{hidden}');
    """)
