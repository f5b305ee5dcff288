"""The table of outside tests: true, and without a hole where the product has what is tried."""

from __future__ import annotations

from tests import security_table


def test_the_page_says_what_the_marks_say() -> None:
    assert security_table.PAGE.read_text() == security_table.page(), "python -m tests.security_table"


def test_every_outside_test_has_a_test_or_its_thing_is_not_there_yet() -> None:
    without = {number for number, names in security_table.covered().items() if not names}
    assert without == set(security_table.LATER)
