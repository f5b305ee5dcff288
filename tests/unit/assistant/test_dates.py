"""Days and hours in the words of many people, on three days of writing."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from omnicrm.assistant.dates import whens

LONDON = ZoneInfo("Europe/London")
ANCHORS = (date(2026, 6, 9), date(2026, 10, 23), date(2026, 2, 27))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TABLE = [
    tuple(part.strip() for part in line.split(" | "))
    for line in (Path(__file__).parent / "date_phrases.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


def meant(words: str, base: date) -> str | None:
    """The moment that the table means, worked out without the grammar."""
    if words == "-":
        return None
    day, hour = words.split()
    if match := re.fullmatch(r"([a-z]{3})(?:\+(\d+))?", day):
        ahead = (WEEKDAYS.index(match[1]) - base.weekday() - 1) % 7 + 1
        on = base + timedelta(days=ahead + int(match[2] or 0))
    elif day.startswith("+"):
        on = base + timedelta(days=int(day))
    elif day.startswith("dom"):
        on = base
        while on.day != int(day[3:]):
            on += timedelta(days=1)
    elif "-" in day:
        on = date.fromisoformat(day)
    else:
        number, month = (int(part) for part in day.split("."))
        on = date(base.year, month, number)
        on = on if on >= base else on.replace(year=base.year + 1)
    return f"{on.isoformat()} {hour}"


def read(phrase: str, base: date, *, month_first: bool = False) -> list[str]:
    breaks = (0, *(m.end() for m in re.finditer(r"[.?!]\s+(?=[A-Z])", phrase)))
    found = whens.find(phrase, base, month_first=month_first, breaks=breaks)
    moments = [w.at(LONDON) for w in found if w.concrete and w.day and not w.day.past and not _long(w)]
    return [f"{m.astimezone(LONDON):%Y-%m-%d %H:%M}" for m in moments if m is not None]


def _long(when: whens.When) -> bool:
    clock = when.clock
    return clock is not None and clock.kind == "range" and (clock.last or 0) - clock.minute_of_day > 90


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) * len(ANCHORS) >= 300


@pytest.mark.parametrize("base", ANCHORS, ids=str)
@pytest.mark.parametrize(("phrase", "words"), TABLE, ids=[row[0] for row in TABLE])
def test_a_phrase_means_its_moment(phrase: str, words: str, base: date) -> None:
    wanted = meant(words, base)
    assert read(phrase, base) == ([wanted] if wanted else [])


@pytest.mark.parametrize(
    ("phrase", "month_first", "wanted"),
    [
        ("3/4 at 2pm", True, "2026-03-04 14:00"),
        ("3/4 at 2pm", False, "2026-04-03 14:00"),
        ("13/4 at 2pm", True, "2026-04-13 14:00"),
        ("4/13 at 2pm", False, "2026-04-13 14:00"),
        ("05/03/2026 14:00", True, "2026-05-03 14:00"),
        ("05/03/2026 14:00", False, "2026-03-05 14:00"),
    ],
)
def test_the_order_of_numbers_follows_the_country(phrase: str, month_first: bool, wanted: str) -> None:
    assert read(phrase, date(2026, 2, 23), month_first=month_first) == [wanted]


@pytest.mark.parametrize(
    ("phrase", "zone"),
    [
        ("Friday at 4pm London time", "Europe/London"),
        ("Friday at 9am New York time", "America/New_York"),
        ("Friday at 7pm EST", "America/New_York"),
        ("Friday 10am PST", "America/Los_Angeles"),
        ("Friday at 18:00 CET", "Europe/Paris"),
        ("Friday at 6pm my time", "Asia/Tokyo"),
        ("Friday at 6pm IST", "Asia/Kolkata"),
        ("Friday at 2pm Sydney time", "Australia/Sydney"),
        ("Friday at 3pm (UK time)", "Europe/London"),
        ("Friday at 15:00 Europe/Oslo", "Europe/Oslo"),
        ("Friday at 4pm in London we meet", None),
        ("Friday at 4pm your time", None),
        ("Friday at 4pm", None),
    ],
)
def test_a_zone_named_beside_the_hour_counts(phrase: str, zone: str | None) -> None:
    found = [
        w
        for w in whens.find(phrase, date(2026, 3, 9), month_first=False, sender_zone=ZoneInfo("Asia/Tokyo"))
        if w.concrete
    ]
    assert [w.zone.key if w.zone else None for w in found] == [zone]


def test_the_hour_of_another_zone_is_that_zones() -> None:
    (when,) = whens.find("Wednesday 18 March at 4pm London time", date(2026, 3, 9), month_first=True)
    assert when.at(ZoneInfo("America/New_York")) == datetime(2026, 3, 18, 12, 0, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("phrase", "minutes"),
    [
        ("can we push it by 30 min", 30),
        ("could we start half an hour later", 30),
        ("an hour and a half later please", 90),
        ("an hour earlier", -60),
        ("15 mins earlier", -15),
        ("bring it forward by half an hour", -30),
        ("push back an hour", 60),
        ("45 minutes later", 45),
    ],
)
def test_a_shift_has_a_length_and_a_direction(phrase: str, minutes: int) -> None:
    assert [
        w.clock.minutes
        for w in whens.find(phrase, ANCHORS[0], month_first=False)
        if w.clock and w.clock.kind == "shift"
    ] == [minutes]


def test_two_moments_in_one_sentence_keep_their_own_days() -> None:
    assert read("Tues 2 June 9am and Fri 5 June 9.30am", date(2026, 5, 28)) == ["2026-06-02 09:00", "2026-06-05 09:30"]


def test_a_changed_hour_is_told_from_a_range() -> None:
    found = whens.find("can you move my Tuesday from 2 to 4?", ANCHORS[0], month_first=False)
    assert [(w.clock.kind, w.clock.minute_of_day) for w in found if w.clock] == [("old", 840), ("point", 960)]


@pytest.mark.parametrize("base", ANCHORS, ids=str)
def test_every_mention_lies_inside_its_text(base: date) -> None:
    for phrase, _words in TABLE:
        for when in whens.find(phrase, base, month_first=False, offset=7):
            assert 7 <= when.start < when.end <= len(phrase) + 7
