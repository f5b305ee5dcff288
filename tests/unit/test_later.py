"""When something that is put off comes back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from omnicrm.core import show
from omnicrm.state.approvals import later

HELSINKI = ZoneInfo("Europe/Helsinki")


def offered(*moment: int) -> list[tuple[str, str]]:
    now = datetime(*moment, tzinfo=HELSINKI).astimezone(UTC)
    return [(one.words, one.until) for one in later.moments(show.Viewer(HELSINKI, now=now))]


def test_in_the_morning_of_a_tuesday():
    assert offered(2026, 3, 10, 9) == [
        ("This evening", "2026-03-10T18:00"),
        ("Tomorrow morning", "2026-03-11T08:00"),
        ("On Monday", "2026-03-16T08:00"),
    ]


def test_in_the_evening_there_is_no_evening_left_and_before_a_monday_it_is_said_once():
    assert offered(2026, 3, 15, 17, 30) == [("Tomorrow morning", "2026-03-16T08:00")]


def test_on_a_monday_the_next_one_is_meant():
    assert ("On Monday", "2026-03-23T08:00") in offered(2026, 3, 16, 9)


@pytest.mark.parametrize("hour", range(24))
def test_everything_that_is_offered_lies_ahead(hour):
    assert all(until > f"2026-03-10T{hour:02}:30" for _, until in offered(2026, 3, 10, hour, 30))
