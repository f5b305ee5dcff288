"""The worked examples of docs/money.md, as they stand there."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from omnicrm.core.money import Money

PAGE = Path(__file__).resolve().parents[2] / "docs" / "money.md"
_LINE = re.compile(r"^\| (-?[\d.]+) \| ([A-Z]{3}) \| (-?[\d.]+) \| ", re.M)
EXAMPLES = _LINE.findall(PAGE.read_text(encoding="utf-8"))


def test_the_page_has_examples_of_every_number_of_digits() -> None:
    assert {currency for _, currency, _ in EXAMPLES} == {"EUR", "JPY", "KWD", "SEK"}
    assert len(EXAMPLES) == PAGE.read_text(encoding="utf-8").count("\n| ") - 2  # the head and its rule


@pytest.mark.parametrize(("amount", "currency", "rounded"), EXAMPLES)
def test_an_amount_is_rounded_as_the_page_says(amount: str, currency: str, rounded: str) -> None:
    found = Money(Decimal(amount), currency).rounded().amount
    assert str(found) == rounded
