"""What "find anything" says around a hit: whole from its first word."""

from __future__ import annotations

from omnicrm.core import ddl

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

BEFORE = """ts_headline('pg_catalog.simple', left(h.snippet, 5000), all_words,
                       'StartSel="", StopSel="", MaxWords=18, MinWords=8, MaxFragments=1, FragmentDelimiter=" … "')"""
NOW = "public.excerpt(h.snippet, words)"


def upgrade() -> None:
    ddl.run_file("0003/excerpt.sql")
    ddl.run(_find_anything().replace(BEFORE, NOW))


def downgrade() -> None:
    ddl.run(_find_anything())
    ddl.run("drop function excerpt(text, text[])")


def _find_anything() -> str:
    """The function as the first migration made it, to be put in the place of what is there."""
    text = (ddl.SQL / "0001" / "search.sql").read_text(encoding="utf-8")
    start = text.index("create function find_anything(")
    body = text[start : text.index("\n$$;\n", start) + len("\n$$;\n")]
    if body.count(BEFORE) != 1:
        raise RuntimeError("0001/search.sql is not what this migration was written for.")
    loaded = "select show_limit();\n"  # pg_trgm, so that its setting is known
    return loaded + body.replace("create function", "create or replace function", 1)
