"""A session that has arrived in Google is still the version that somebody is editing."""

from __future__ import annotations

from omnicrm.core import ddl

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    ddl.run_file("0007/touch.sql")


def downgrade() -> None:
    text = (ddl.SQL / "0001" / "history.sql").read_text(encoding="utf-8")
    start = text.index("create function touch()")
    body = text[start : text.index("\n$$;\n", start) + len("\n$$;\n")]
    ddl.run(body.replace("create function", "create or replace function", 1))
