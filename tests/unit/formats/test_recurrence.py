"""Recurrence rules against the cases of ical.net, and against endless ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnicrm.formats.recurrence import FREQUENCIES, BadRule, instances, read_rule
from tests.shared_data import shared


def _cases() -> list[dict[str, str]]:
    path = shared("real-data/calendar/ics/ical.net/RecurrenceTestCases.txt")
    cases: list[dict[str, str]] = []
    case: dict[str, str] = {}
    for line in [*path.read_text("utf-8-sig").splitlines(), ""]:
        if not line.strip():
            if "RRULE" in case:
                cases.append(case)
            case = {}
        elif not line.startswith("#"):
            name, _, value = line.partition(":")
            case[name] = value
    return cases


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")  # noqa: DTZ007 - wall clocks


def _run(case: dict[str, str]) -> list[datetime]:
    """All instances, or BadRule."""
    rule = read_rule(case["RRULE"])
    after = _moment(case["START-AT"]) if "START-AT" in case else None
    found = []
    for moment in instances(rule, _moment(case["DTSTART"]), None, after=after):
        if "DURATION" in case:
            moment + timedelta(days=int(case["DURATION"].strip("PD")))  # the end must be a date too
        if after is None or moment >= after:
            found.append(moment)
    return found


def test_all_instances_of_ical_net():
    expected = {index: case for index, case in enumerate(_cases()) if "INSTANCES" in case}
    wrong = {
        case["RRULE"]: (found, case["INSTANCES"])
        for case in expected.values()
        if (found := _run(case)) != [_moment(text) for text in case["INSTANCES"].split(",")]
    }
    assert wrong == {}
    assert len(expected) == 72


def test_all_refusals_of_ical_net():
    refused = [case for case in _cases() if "EXCEPTION" in case]
    for case in refused:
        with pytest.raises((BadRule, OverflowError)):
            _run(case)
    assert len(refused) == 13


def test_an_end_in_utc_is_read_on_the_clocks_of_the_event():
    rule = read_rule("FREQ=DAILY;UNTIL=20260103T080000Z")
    start = datetime(2026, 1, 1, 9)  # noqa: DTZ001 - a wall clock
    assert len(list(instances(rule, start, ZoneInfo("Europe/Berlin")))) == 3
    assert len(list(instances(rule, start, UTC))) == 2


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_beginning_near_a_day_gives_the_same_as_counting_up_to_it(frequency):
    rule = read_rule(f"FREQ={frequency};INTERVAL=3")
    start = datetime(2024, 1, 30, 10, 7, 9)  # noqa: DTZ001 - a wall clock
    near = start + (timedelta(days=900) if frequency in FREQUENCIES[3:] else timedelta(hours=30))
    slow = list(islice((moment for moment in instances(rule, start) if moment >= near), 5))
    fast = list(islice((moment for moment in instances(rule, start, None, near) if moment >= near), 5))
    assert slow == fast


NO_RULES = """
FREQ=FORTNIGHTLY|FREQ=DAILY;INTERVAL=0|FREQ=DAILY;COUNT=-1|FREQ=DAILY;COUNT=|FREQ=DAILY;BYDAY=XX|FREQ=DAILY;FREQ=DAILY
FREQ=WEEKLY;BYMONTHDAY=3|FREQ=DAILY;BYHOUR=24|FREQ=DAILY;COLOUR=RED|FREQ=YEARLY;RSCALE=CHINESE
FREQ=DAILY;UNTIL=20260231
"""


@pytest.mark.parametrize(
    "text", ["", "FREQ=DAILY;COUNT=" + "9" * 5000, *NO_RULES.strip().replace("\n", "|").split("|")]
)
def test_what_is_no_rule(text):
    with pytest.raises(BadRule):
        read_rule(text)


NEVER = """
FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30|FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30|FREQ=MONTHLY;BYDAY=-6MO|FREQ=DAILY;BYSETPOS=2
FREQ=SECONDLY;BYSETPOS=2|FREQ=SECONDLY;BYHOUR=3;BYMONTHDAY=31;BYMONTH=4|FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3
"""


@pytest.mark.parametrize("text", NEVER.strip().replace("\n", "|").split("|"))
@pytest.mark.outside(25)
def test_a_rule_that_never_happens_ends_soon(text):
    with pytest.raises(BadRule, match=r"never happens|9999"):
        next(instances(read_rule(text), datetime(2026, 1, 1, 9)))  # noqa: DTZ001 - a wall clock


_numbers = st.lists(st.integers(-60, 60), min_size=1, max_size=3).map(lambda found: ",".join(map(str, found)))
_part = st.one_of(
    st.sampled_from("MONTH MONTHDAY YEARDAY WEEKNO HOUR MINUTE SECOND SETPOS".split()).flatmap(
        lambda name: _numbers.map(lambda value: f"BY{name}={value}")
    ),
    st.integers(1, 10**9).map(lambda value: f"INTERVAL={value}"),
    st.sampled_from(["BYDAY=MO,-1FR", "BYDAY=TU", "WKST=SU", "COUNT=7", "UNTIL=20270101T000000Z"]),
    st.text(max_size=20),
)


@given(st.sampled_from(FREQUENCIES), st.lists(_part, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_rule_is_read_or_refused_and_its_instances_rise(frequency, parts):
    start = datetime(2026, 2, 27, 9, 30)  # noqa: DTZ001 - a wall clock
    try:
        found = list(islice(instances(read_rule(";".join([f"FREQ={frequency}", *parts])), start), 50))
    except BadRule:
        return
    assert found == sorted(set(found))
    assert all(moment >= start for moment in found)
