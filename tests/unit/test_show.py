"""Times and money as one person reads them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from omnicrm.core import show
from omnicrm.core.money import Money

MAYA = show.Viewer(ZoneInfo("Europe/Helsinki"), now=datetime(2026, 11, 24, 7, 42, tzinfo=UTC))
FRIDAY = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def test_a_time_has_no_leading_zero_and_stands_in_her_zone():
    assert MAYA.time(datetime(2026, 11, 24, 6, 5, tzinfo=UTC)) == "8:05"
    assert MAYA.span(FRIDAY, FRIDAY + timedelta(minutes=75)) == "10:00 to 11:15"


def test_americans_read_twelve_hours_and_the_month_first():
    there = show.Viewer(ZoneInfo("America/New_York"), "en-US", now=MAYA.now)
    assert there.moment(FRIDAY) == "Fri, Nov 27, 3:00 AM"


def test_near_days_have_names_and_other_years_their_number():
    assert MAYA.moment(MAYA.now) == "today, 9:42"
    assert MAYA.long_moment(FRIDAY) == "Friday 27 November at 10:00"
    assert MAYA.near_day(date(2026, 11, 23)) == "yesterday"
    assert MAYA.day(date(2027, 1, 4)) == "Mon 4 Jan 2027"


@pytest.mark.parametrize(
    ("minutes", "words"), [(48, "in 48 min"), (300, "in 5 h"), (-4, "4 min ago"), (-4320, "3 days ago"), (0, "now")]
)
def test_a_distance_is_said_in_its_own_size(minutes, words):
    assert MAYA.distance(MAYA.now + timedelta(minutes=minutes)) == words


def test_the_day_is_the_local_one_on_both_sides_of_midnight():
    assert MAYA.near_day(datetime(2026, 11, 24, 22, 30, tzinfo=UTC)) == "tomorrow"


def test_money_has_its_currencys_own_digits():
    assert MAYA.money(Money(Decimal("1145"), "EUR")) == "€1,145.00"
    assert MAYA.money(Money(Decimal("1145"), "JPY")) == "¥1,145"
    assert MAYA.money(Money(Decimal("950"), "SEK")) == "SEK\xa0950.00"


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en_FI", "€1,145.00"),
        ("en_DE", "€1,145.00"),
        ("en_IE", "€1,145.00"),
        ("en", "€1,145.00"),
        ("fi_FI", "1\xa0145,00\xa0€"),
    ],
)
def test_the_english_of_a_country_without_any_writes_amounts_as_english_does(locale, written):
    assert show.Viewer(MAYA.zone, locale).money(Money(Decimal("1145"), "EUR")) == written


def test_names_shorten_and_texts_are_cut_between_words():
    assert show.initials("Aino Hämäläinen-Koskenniemi") == "AK"
    assert show.initials(" ") == "?"
    assert show.possessive("Jonas") == "Jonas’"
    assert show.excerpt("one two three", 9) == "one two …"
