"""Days as people write them in tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

_NUMBERS = re.compile(r"(\d{1,4})\s*([./\- ])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?(?:[T ]\d{1,2}:\d{2}.*)?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")


def day_first(values: Iterable[str], *, usual: bool = True) -> bool:
    """Whether 3/5/1971 in this column is in May: what a value proves, else dots and dashes say yes, else `usual`."""
    marks: set[str] = set()
    for value in values:
        match = _NUMBERS.match(value.strip())
        if match is None or len(match[1]) > 2:
            continue
        if int(match[1]) > 12:
            return True
        if int(match[3]) > 12:
            return False
        marks.add(match[2])
    return usual if marks <= {"/"} else True


def read_date(text: str, *, day_comes_first: bool = True) -> date:
    """1971-05-03, 03.05.1971, 5/3/71, 19710503. Raises ValueError with a sentence for what is no day."""
    value = text.strip()
    match = _COMPACT.match(value)
    if match:
        year, month, day = match.groups()
    elif (match := _NUMBERS.match(value)) is None:
        raise ValueError(f"“{value[:30]}” is no day.")
    elif len(match[1]) == 4:
        year, month, day = match[1], match[3], match[4]
    else:
        first, second, year = match[1], match[3], match[4]
        day, month = (first, second) if day_comes_first else (second, first)
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= date.today().year - 2000 else 1900  # noqa: DTZ011  # a century, not a day
    try:
        return date(number, int(month), int(day))
    except ValueError:
        raise ValueError(f"{value[:30]} does not exist.") from None
