from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnicrm.formats import Unreadable, ics
from tests.shared_data import shared

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def _file(*lines: str, method: str = "", zones: str = "") -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0"] + ([f"METHOD:{method}"] if method else []) + zones.split()
    return "\r\n".join([*head, *lines, "END:VCALENDAR", ""]).encode()


def _event(*lines: str, uid: str = "one@x") -> tuple[str, ...]:
    return ("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT")


def _one(*lines: str, **more: str) -> ics.IcsEvent:
    file = ics.read(_file(*_event(*lines), **more), STOCKHOLM)
    assert file.refused == ()
    [event] = file.events
    return event


@pytest.mark.parametrize(
    ("line", "expected", "zone"),
    [
        ("DTSTART:20260301T100000Z", "2026-03-01T10:00:00+00:00", "UTC"),
        ("DTSTART:20260301T100000", "2026-03-01T10:00:00+01:00", "Europe/Stockholm"),  # floating: the practitioner's
        ("DTSTART;TZID=America/New_York:20260301T100000", "2026-03-01T10:00:00-05:00", "America/New_York"),
        ('DTSTART;TZID="W. Europe Standard Time":20260301T100000', "2026-03-01T10:00:00+01:00", "Europe/Berlin"),
        (
            "DTSTART;TZID=/mozilla.org/2005/Asia/Kathmandu:20260301T100000",
            "2026-03-01T10:00:00+05:45",
            "Asia/Kathmandu",
        ),
        (
            'DTSTART;TZID="(UTC-06:00) Central Time (US & Canada), Chicago":20260301T100000',
            "2026-03-01T10:00:00-06:00",
            "America/Chicago",
        ),
        ("DTSTART;TZID=Europe/Berlin:20260329T023000", "2026-03-29T03:30:00+02:00", "Europe/Berlin"),  # in the gap
    ],
)
def test_times_are_in_the_zone_that_the_file_means(line, expected, zone):
    event = _one(line)
    assert ics.as_google_event(event)["start"] == {"dateTime": expected, "timeZone": zone}
    assert event.problems == ()


def test_an_unknown_zone_is_the_practitioners_and_said():
    event = _one("DTSTART;TZID=Middle Earth:20260301T100000")
    assert event.starts.zone == "Europe/Stockholm"
    assert event.problems == ("The time zone “Middle Earth” is unknown: taken as Europe/Stockholm.",)


CUSTOM = (
    "BEGIN:VTIMEZONE TZID:Customized BEGIN:STANDARD DTSTART:16010101T030000 TZOFFSETFROM:{summer} TZOFFSETTO:{winter} "
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10 END:STANDARD BEGIN:DAYLIGHT DTSTART:16010101T020000 TZOFFSETFROM:{winter} "
    "TZOFFSETTO:{summer} RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3 END:DAYLIGHT END:VTIMEZONE"
)


def test_a_zone_that_the_file_defines_is_found_by_its_clocks():
    zones = CUSTOM.format(winter="+0100", summer="+0200")
    assert _one("DTSTART;TZID=Customized:20260701T100000", zones=zones).starts.zone == "Europe/Stockholm"


def test_a_zone_that_is_nowhere_else_keeps_its_own_clocks():
    zones = CUSTOM.format(winter="+0117", summer="+0217")
    event = _one("DTSTART;TZID=Customized:20260701T100000", "DTEND;TZID=Customized:20261201T100000", zones=zones)
    assert ics.as_google_event(event)["start"] == {"dateTime": "2026-07-01T10:00:00+02:17"}
    assert ics.as_google_event(event)["end"] == {"dateTime": "2026-12-01T10:00:00+01:17"}


def test_all_days_end_on_the_morning_after():
    resource = ics.as_google_event(_one("DTSTART;VALUE=DATE:20260301", "DTEND;VALUE=DATE:20260303"))
    assert (resource["start"], resource["end"]) == ({"date": "2026-03-01"}, {"date": "2026-03-03"})
    assert ics.as_google_event(_one("DTSTART;VALUE=DATE:20260301"))["end"] == {"date": "2026-03-02"}


def test_a_length_of_a_day_keeps_the_wall_clock_and_one_of_hours_does_not():
    start = "DTSTART;TZID=Europe/Stockholm:20260328T120000"  # clocks go forward in the night
    assert _one(start, "DURATION:P1D").ends.at.isoformat() == "2026-03-29T12:00:00+02:00"
    assert _one(start, "DURATION:PT24H").ends.at.isoformat() == "2026-03-29T13:00:00+02:00"


def test_people_and_answers():
    event = _one(
        "DTSTART:20260301T100000Z",
        'ORGANIZER;CN="Lindqvist, Maya":MAILTO:Maya@stillwater.example',
        "ATTENDEE;CN=Jo \u202ePark;PARTSTAT=DECLINED;ROLE=OPT-PARTICIPANT:mailto:jo@park.example",
        "ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED:mailto:room@stillwater.example",
        "ATTENDEE:maya@stillwater.example",
        "ATTENDEE:invalid:nomail",
    )
    resource = ics.as_google_event(event, owner="maya@stillwater.example")
    assert resource["organizer"] == {"email": "maya@stillwater.example", "displayName": "Lindqvist, Maya", "self": True}
    assert resource["attendees"] == [
        {"email": "jo@park.example", "displayName": "Jo Park", "responseStatus": "declined", "optional": True},
        {"email": "room@stillwater.example", "responseStatus": "accepted", "resource": True},
        {"email": "maya@stillwater.example", "self": True, "responseStatus": "needsAction", "organizer": True},
    ]


def test_a_cancellation_by_itip():
    file = ics.read(_file(*_event("DTSTART:20260301T100000Z"), method="cancel"))
    assert file.method == "CANCEL"
    assert ics.as_google_event(file.events[0])["status"] == "cancelled"


SERIES = (
    *_event(
        "DTSTART;TZID=Europe/Stockholm:20260302T100000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;COUNT=6",
        "EXDATE;TZID=Europe/Stockholm:20260309T100000",
        "RDATE;TZID=Europe/Stockholm:20260304T180000",
        "SUMMARY:Yoga\\, slowly",
    ),
    *_event("RECURRENCE-ID:20260316T090000Z", "DTSTART:20260317T120000Z", "DURATION:PT2H", "SUMMARY:Moved"),
    *_event("RECURRENCE-ID;TZID=Europe/Stockholm:20260323T100000", "STATUS:CANCELLED"),
)


def test_a_series_with_moved_cancelled_added_and_left_out_instances():
    file = ics.read(_file(*SERIES), STOCKHOLM)
    found = ics.expand(file.events, MARCH, MARCH + timedelta(days=60))
    assert [
        (one.event.summary, one.starts.at.astimezone(STOCKHOLM).strftime("%d.%m. %H:%M")) for one in found.occurrences
    ] == [
        ("Yoga, slowly", "02.03. 10:00"),
        ("Yoga, slowly", "04.03. 18:00"),
        ("Moved", "17.03. 13:00"),
        ("Yoga, slowly", "30.03. 10:00"),  # after the clocks went forward
        ("Yoga, slowly", "06.04. 10:00"),
    ]


def test_a_series_as_google_has_it():
    master, moved, cancelled = map(ics.as_google_event, ics.read(_file(*SERIES), STOCKHOLM).events)
    assert master["recurrence"] == [
        "RRULE:FREQ=WEEKLY;COUNT=6",
        "RDATE;TZID=Europe/Stockholm:20260304T180000",
        "EXDATE;TZID=Europe/Stockholm:20260309T100000",
    ]
    assert moved["recurringEventId"] == master["id"] == cancelled["recurringEventId"]
    assert moved["id"] == f"{master['id']}_20260316T090000Z"
    assert cancelled["originalStartTime"] == {"dateTime": "2026-03-23T10:00:00+01:00", "timeZone": "Europe/Stockholm"}
    assert cancelled["status"] == "cancelled"


def test_google_accepts_the_shape():
    schema = json.loads(shared("real-data/google/discovery/calendar.v3.json").read_text())["schemas"]["Event"]
    resource = ics.as_google_event(ics.read(_file(*SERIES), STOCKHOLM).events[1])
    assert set(resource) - set(schema["properties"]) == set()


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=YEARLY"])
@pytest.mark.outside(25)
def test_a_rule_without_end_is_bounded(rule):
    begun = time.monotonic()
    file = ics.read(_file(*_event("DTSTART:19700101T000000Z", f"RRULE:{rule}")))
    found = ics.expand(file.events, MARCH, MARCH + timedelta(days=100_000))
    assert 2 <= len(found.occurrences) <= 2000
    assert max(one.starts.at for one in found.occurrences) < MARCH + timedelta(days=732)
    assert time.monotonic() - begun < 2


@pytest.mark.outside(25)
def test_a_calendar_of_slow_rules_ends_within_its_time():
    many = [
        line
        for n in range(200)
        for line in _event("DTSTART:20200101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=999999999", uid=f"{n}@x")
    ]
    file = ics.read(_file(*many))
    begun = time.monotonic()
    found = ics.expand(file.events, MARCH, MARCH + timedelta(days=30), seconds=0.5)
    assert time.monotonic() - begun < 2
    assert len(found.refused) == 200


def test_a_broken_event_spoils_no_other():
    file = ics.read(
        _file(
            *_event("DTSTART:20260301T100000Z", uid="a"),
            *_event("DTSTART:yesterday", "SUMMARY:Bad", uid="b"),
            "BEGIN:VEVENT", "UID:open", "DTSTART:20260301T100000Z",
            *_event("DTSTART:20260302T100000Z", uid="c"),
            *_event("DTSTART:20260301T100000Z", "RRULE:FREQ=SOMETIMES", uid="d"),
            "BEGIN:VTODO", "SUMMARY:Buy oil", "END:VTODO",
        )
    )  # fmt: skip
    assert [event.uid for event in file.events] == ["a", "c"]
    assert [(one.name, one.reason) for one in file.refused] == [
        ("“Bad”", "Its start makes no sense: “YESTERDAY” is no date."),
        ("entry 3", "It does not end: the file is cut, or two events run into each other."),
        ("entry 5", "How it repeats cannot be read: the rule repeats “SOMETIMES”."),
        ("“Buy oil”", "A to-do, not an event."),
    ]


def test_every_real_calendar_is_read_or_refused_in_time():
    files = sorted(shared("real-data/calendar").rglob("*.ics"))
    counts = {"read": 0, "refused": 0, "events": 0}
    for path in files:
        begun = time.monotonic()
        try:
            file = ics.read(path.read_bytes(), STOCKHOLM)
        except Unreadable:
            counts["refused"] += 1
        else:
            counts["read"] += 1
            counts["events"] += len(file.events)
            assert all(one.reason and one.name for one in file.refused)
            for event in file.events:
                json.dumps(ics.as_google_event(event))
                day = event.starts.at
                begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
                assert len(ics.expand([event], begin, begin + timedelta(days=365)).occurrences) <= 2001
        assert time.monotonic() - begun < 5, path
    assert counts["read"] + counts["refused"] == 237
    assert counts["refused"] <= 14
    assert counts["events"] >= 400


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    for one in (data, b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" + data + b"\nEND:VEVENT\n"):
        try:
            file = ics.read(one)
        except Unreadable:
            continue
        for event in file.events:
            json.dumps(ics.as_google_event(event))
            ics.expand([event], MARCH, MARCH + timedelta(days=90))


_LINES = """
DTSTART:20260301T100000|DTSTART;VALUE=DATE:20260301|DTEND:20260301T110000Z|DTEND;VALUE=DATE:20260301|DURATION:-PT1H
RRULE:FREQ=DAILY|EXDATE:20260302T100000,|RDATE;VALUE=PERIOD:20260305T100000Z/PT1H|RECURRENCE-ID:20260301T100000
BEGIN:VEVENT|END:VEVENT|BEGIN:VALARM|END:VALARM|DTSTART:99991231T235959Z|DTSTART:00010101T000000|DURATION:P9999W
BEGIN:VTIMEZONE|TZID:Z|BEGIN:STANDARD|TZOFFSETTO:+0100|END:STANDARD|END:VTIMEZONE|DTSTART;TZID=Z:20260301T100000
DTSTART;TZID=Pacific/Apia:00010101T000000|TRANSP:TRANSPARENT|STATUS:CANCELLED|ATTENDEE:| folded
"""
_lines = st.sampled_from(_LINES.strip().replace("\n", "|").split("|"))


@given(st.lists(_lines, max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_order_of_lines_is_read_or_refused(lines):
    try:
        file = ics.read(_file(*lines), STOCKHOLM)
    except Unreadable:
        return
    for event in file.events:
        resource = ics.as_google_event(event)
        assert ("date" in resource["start"]) == ("date" in resource["end"])
    ics.expand(file.events, MARCH, MARCH + timedelta(days=90))


def test_a_date_is_a_date():
    assert _one("DTSTART;VALUE=DATE:20240229").starts.at == date(2024, 2, 29)
