"""What the figures of Insights count, in the practitioner's own weeks, and how they are read."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from omnicrm.core import clock as core_clock
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import insights
from omnicrm.domain.insights import charts, counting
from omnicrm.models.availability import Availability
from omnicrm.models.sessions import Session
from tests.factories import make_attendee, make_contact, make_session, make_user
from tests.statements import number_of

pytestmark = pytest.mark.usefixtures("clock")  # Tuesday 10 March 2026


def held(db: Db, days: int, *, hour: int = 10, **changes: Any) -> Session:
    """A session `days` from today that is done."""
    at = (core_clock.now() + timedelta(days=days)).replace(hour=hour)
    return make_session(db, **{"scheduled_at": at, "status": "completed", **changes})


def figure(db: Db, which: str, kind: Any = "4w") -> insights.Figure:
    found = insights.read(db, insights.chosen(db, kind)).figures
    return next(one for one in found if one.id == which)


def cells(db: Db, which: str, kind: Any = "4w") -> list[list[str]]:
    return [row.cells for row in figure(db, which, kind).rows]


def test_sessions_are_counted_by_week_and_the_one_under_way_is_said_so(db: Db) -> None:
    jo = make_contact(db)
    for days in (-1, -8, -8, -9, -15, -22):
        held(db, days, contact_id=jo.id, overlap_allowed=True)
    held(db, -8, contact_id=jo.id, status="no_show", hour=12)
    held(db, -8, contact_id=jo.id, status="cancelled", hour=14)
    held(db, 1, contact_id=jo.id, status="scheduled_in_crm")  # to come
    assert cells(db, "sessions") == [
        ["9 Feb to 15 Feb", "0"],
        ["16 Feb to 22 Feb", "1"],
        ["23 Feb to 1 Mar", "2"],
        ["2 Mar to 8 Mar", "2"],
        ["9 Mar to 15 Mar, so far", "1"],
    ]
    assert figure(db, "sessions").title == "2 sessions last week, as usual"  # one and two before, from the first on
    for hour in (13, 15, 17):
        held(db, -8, contact_id=jo.id, hour=hour)
    assert figure(db, "sessions").title == "5 sessions last week, four more than usual"


def test_a_week_begins_where_the_practitioner_says_and_at_their_midnight(database: str) -> None:
    sunday = make_user(time_zone="America/New_York", week_start=6)
    with transaction(sunday) as db:
        jo = make_contact(db)
        late = datetime(2026, 3, 8, 3, 30, tzinfo=UTC)  # Saturday evening in New York
        make_session(db, contact_id=jo.id, scheduled_at=late, status="completed")
        make_session(db, contact_id=jo.id, scheduled_at=late + timedelta(hours=2), status="completed")
        assert [row[1] for row in cells(db, "sessions")] == ["0", "0", "0", "1", "1"]


def test_no_shows_of_single_sessions_and_of_classes_count_and_are_compared(db: Db) -> None:
    jo, mia = make_contact(db), make_contact(db)
    held(db, -8, contact_id=jo.id, status="no_show")
    flow = held(db, -8, capacity=9, hour=12)
    make_attendee(db, flow, jo, attendance_status="present")
    make_attendee(db, flow, mia, attendance_status="late")
    make_attendee(db, held(db, -9, capacity=9), mia, attendance_status="no_show")
    make_attendee(db, held(db, -9, capacity=9, hour=13), mia, attendance_status="registered")
    make_attendee(db, held(db, -9, capacity=9, hour=15), mia, attendance_status="cancelled")
    earlier = held(db, -40, capacity=9)
    make_attendee(db, earlier, jo, attendance_status="no_show")
    assert cells(db, "attendance")[3] == ["2 Mar to 8 Mar", "2", "1", "67"]
    assert cells(db, "attendance")[2] == ["23 Feb to 1 Mar", "0", "1", "0"]
    assert figure(db, "attendance").title == "50 % no-shows, down from 100 %"


def test_a_client_is_new_once_and_returning_after(db: Db) -> None:
    jo, mia, old = (make_contact(db) for _ in range(3))
    held(db, -400, contact_id=old.id)
    held(db, -8, contact_id=old.id)
    held(db, -8, contact_id=jo.id, hour=12)
    held(db, -9, contact_id=jo.id)
    held(db, -1, contact_id=jo.id)
    make_attendee(db, held(db, -15, capacity=9), mia, attendance_status="present")
    held(db, -8, contact_id=mia.id, hour=15)
    held(db, -8, contact_id=make_contact(db).id, status="no_show", hour=17)  # never came
    assert cells(db, "clients")[1:] == [
        ["16 Feb to 22 Feb", "0", "0"],
        ["23 Feb to 1 Mar", "2", "0"],
        ["2 Mar to 8 Mar", "0", "3"],
        ["9 Mar to 15 Mar, so far", "0", "1"],
    ]
    assert figure(db, "clients").title == "2 new clients; last week 3 came back"


def test_retention_counts_who_came_again_and_nobody_who_is_too_new(db: Db) -> None:
    for number, later in enumerate((30, 70, 100, 200, None)):
        contact = make_contact(db)
        held(db, -230, contact_id=contact.id, hour=8 + number)
        if later is not None:
            held(db, -230 + later, contact_id=contact.id, hour=8 + number)
    held(db, -10, contact_id=make_contact(db).id)
    rows = cells(db, "retention")
    assert [row[:3] for row in rows] == [
        ["0", "5", "5"],
        ["1", "3", "5"],
        ["2", "3", "5"],
        ["3", "2", "5"],
        ["4", "1", "5"],
        ["5", "1", "5"],
        ["6", "1", "5"],
    ]
    assert figure(db, "retention").title == "Of 5 new clients, 2 still come after three months"


def test_working_hours_and_places_that_were_used(db: Db) -> None:
    db.add(Availability(weekday=0, starts_at=time(9), ends_at=time(14)))
    db.add(Availability(weekday=2, starts_at=time(9), ends_at=time(14)))
    db.flush()
    flow = held(db, -8, capacity=4, duration_minutes=120)
    for status in ("present", "registered", "cancelled"):
        make_attendee(db, flow, make_contact(db), attendance_status=status)
    assert cells(db, "hours")[3] == ["2 Mar to 8 Mar", "2.0", "10.0", "20"]
    assert cells(db, "hours")[4][2] == "2.9"  # two of seven days so far
    assert cells(db, "places")[3] == ["2 Mar to 8 Mar", "4", "2", "50"]
    assert figure(db, "places").title == "50 % of the places in classes were taken"


def test_without_hours_or_classes_there_is_no_such_figure(db: Db) -> None:
    read = insights.read(db, insights.chosen(db, "4w"))
    assert read.empty
    assert [one.id for one in read.figures] == ["sessions", "attendance", "clients"]


def test_a_year_is_twelve_months_and_this_one(db: Db) -> None:
    held(db, -300, contact_id=make_contact(db).id)
    rows = cells(db, "sessions", "year")
    assert (rows[0][0], rows[-1][0], len(rows)) == ("March 2025", "March, so far", 13)
    assert ["May 2025", "1"] in rows


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, date(2026, 3, 1), "first"),
        (date(2026, 3, 1), None, "last"),
        (date(2026, 3, 1), date(2026, 2, 1), "last"),
        (date(2026, 3, 11), date(2026, 3, 20), "last"),
        (date(2020, 1, 1), date(2026, 3, 1), "first"),
    ],
)
def test_a_stretch_that_is_none_is_refused_beside_its_field(db: Db, first: Any, last: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        insights.chosen(db, "custom", first, last)
    assert list(refused.value.fields) == [field]


def test_a_stretch_of_ones_own_ends_today_at_the_latest(db: Db) -> None:
    stretch = insights.chosen(db, "custom", date(2026, 2, 20), date(2030, 1, 1))
    assert (stretch.last, stretch.unit, len(stretch.parts)) == (date(2026, 3, 10), "week", 4)
    assert insights.chosen(db, "custom", date(2024, 1, 1), date(2026, 3, 1)).unit == "month"


def test_the_file_has_the_numbers_and_no_formula(db: Db) -> None:
    held(db, -8, contact_id=make_contact(db).id)
    read = insights.read(db, insights.chosen(db, "4w"))
    one = list(csv.reader(io.StringIO(insights.written(read, "sessions").removeprefix("\ufeff"))))
    assert one[0] == ["Week", "Sessions"]
    assert ["2 Mar to 8 Mar", "1"] in one
    whole = insights.written(read)
    assert all(figure.what in whole for figure in read.figures)
    evil = read.model_copy(update={"figures": [read.figures[0].model_copy(update={"head": ["=1+1", "Sessions"]})]})
    assert "'=1+1,Sessions" in insights.written(evil)
    with pytest.raises(NotFound):
        insights.written(read, "nothing")


def test_charts_stay_within_their_square_and_say_their_last_number() -> None:
    bars = charts.bars([3, 0, 9], ["a", "b", "c"], on=1, part=2, above=[1, 2, 3])
    assert all(0 <= bar.y and bar.y + bar.height <= 100.01 and bar.x + bar.width <= 100 for bar in bars.bars)
    assert [word.text for word in bars.numbers] == ["2", "12"]
    line = charts.line([None, 4.0, None, 8.0, 6.0], list("abcde"), told=[4])
    assert line.line.count("M") == 2  # a gap breaks it
    assert [dot.text for dot in line.dots] == ["6 %"]
    assert charts.line([None], ["a"], told=[]) == charts.Chart()
    assert len(charts.bars([1] * 60, [str(n) for n in range(60)], on=None, part=None).labels) <= charts.WORDS + 1


def test_as_many_statements_for_many_clients_as_for_few(db: Db) -> None:
    stretch = insights.chosen(db, "12w")
    few = number_of(db, lambda: counting.counted(db, stretch))
    for number in range(12):
        held(db, -number, contact_id=make_contact(db).id, overlap_allowed=True)
    assert number_of(db, lambda: counting.counted(db, stretch)) == few
