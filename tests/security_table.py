"""Which test covers which outside test: read from the marks in the tests, written to `docs/security-tests.md`.

python -m tests.security_table
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security-tests.md"
OUTSIDE = {
    1: "A raw socket without a login calls every handler: refused, no row read or written",
    2: "One's own login, another's ids in every id argument: answered like a missing id",
    3: "SQL in the serving roles with the practitioner unset, empty or another: no row, or refused",
    4: "Another's tab token, without a login or with one's own: none of their data, no change",
    5: "The framework's own events with a user_id, a flag, a contact_id: identity and data unchanged",
    6: "Socket and POST from a foreign, null or look-alike origin: refused, nothing cross-origin with credentials",
    7: "Sign out, another password, account deleted with a socket open: the next event is refused",
    8: "kill -9 between Google's insert and our commit: one event, one session",
    9: "The same yes from two tabs and the shell at once, fifty rounds: carried out once",
    10: "kill -9 of the worker while approving, then again: carried out once, or failed with a reason",
    11: "Stripe events doubled, reversed, late: one effect",
    12: "410 with events deleted meanwhile, and again during the resync: deletions applied, local edits kept",
    13: "A webhook with a bad signature, an old timestamp, a changed byte: refused",
    14: "Uploads without a login, without end, with odd names and types: refused, or served as attachment",
    15: "A mail that gives orders in its text, its names, its invitation: at most a proposal, nothing sent",
    16: "429 with Retry-After, then 403, at 40 % of a full sync: waits, resumes, no gap",
    17: "kill -9 at half of an import: resumable or reverted whole",
    18: "Share links revoked, expired, random: the same answer",
    19: "Concurrent invoices, one rolled back: numbers without gap",
    20: "The database killed and back: 503, then usable in 30 s without a restart",
    21: "Google withdraws access: told once, jobs stop, connecting again loses nothing",
    22: "Thousands of anonymous sockets, odd tokens, huge frames: limited",
    23: "Planted secrets in cookie, note, token: in no log and no error",
    24: "Cells that begin a formula, mail with scripts and remote images: neutralised",
    25: "Zip, MIME and recurrence bombs, 10,000 parts, cut-off JSON: bounded, set aside, the rest goes on",
}
LATER = {
    11: "with payments by card",
    13: "with payments by card",
    18: "with shared pages",
    19: "with invoices",
}


def covered() -> dict[int, list[str]]:
    """The number of each outside test, and the tests that are marked with it, as `path::name`."""
    found: dict[int, list[str]] = {number: [] for number in OUTSIDE}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for number, name in _marks(path):
            found[number].append(name)
    return found


def page() -> str:
    """The page as it should be."""
    lines = [
        "# Outside tests",
        "",
        "What somebody tries who means harm, or has bad luck, and the tests that try it first. Made from the marks",
        "(`@pytest.mark.outside(n)`) by `python -m tests.security_table`; a test fails while it is not current.",
        "",
        "| | tried | by |",
        "| --- | --- | --- |",
    ]
    for number, names in covered().items():
        by = "<br>".join(f"`{name}`" for name in names) or f"comes {LATER[number]}"
        lines.append(f"| {number} | {OUTSIDE[number]} | {by} |")
    return "\n".join(lines) + "\n"


def _marks(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                for number in _numbers(mark):
                    yield number, f"{path.relative_to(ROOT)}::{node.name}"
        elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "pytestmark" for one in node.targets):
            for number in _numbers(node.value):
                yield number, str(path.relative_to(ROOT))


def _numbers(mark: ast.expr) -> list[int]:
    """The arguments of `pytest.mark.outside(…)`."""
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.outside":
        return [ast.literal_eval(one) for one in mark.args]
    return []


if __name__ == "__main__":
    PAGE.write_text(page())
