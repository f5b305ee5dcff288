"""Series under any edits, taken back or not: nothing is lost or doubled, wall clocks stay, and the rule agrees."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock as core_clock
from omnicrm.core import zones
from omnicrm.core.db import Db, transaction
from omnicrm.domain import sessions
from omnicrm.domain.sessions import Booking, Repeat, SeriesChange, changes
from omnicrm.models.sessions import Session, SessionSeries
from tests import factories

PLACES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
NOON = datetime(2026, 2, 2, 12, tzinfo=ZoneInfo("UTC"))
FIRST = date(2026, 3, 3)

edits = st.lists(
    st.tuples(
        st.sampled_from(("move", "cancel", "details")),
        st.sampled_from(("following", "all")),
        st.integers(0, 9),  # which of those that are left
        st.integers(-3, 3),  # days
        st.sampled_from((8, 10, 14)),  # o'clock
        st.booleans(),  # taken back
    ),
    max_size=4,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(PLACES),
    every=st.sampled_from(("week", "two_weeks", "month")),
    days=st.lists(st.integers(0, 6), max_size=2, unique=True),
    by_date=st.booleans(),
    count=st.integers(2, 9),
    edits=edits,
)
def test_no_edit_loses_or_doubles_a_session(database, place, every, days, by_date, count, edits):
    before, core_clock._fixed = core_clock._fixed, NOON
    try:
        zone = ZoneInfo(place)
        repeat = Repeat(every=every, days=tuple({*days, FIRST.weekday()}), by_date=by_date, count=count)
        with transaction(factories.make_user(time_zone=place)) as db:
            wish = Booking(
                contact_id=factories.make_contact(db).id,
                title="Massage",
                scheduled_at=zones.at_wall(FIRST, time(10), zone),
                duration_minutes=45,
            )
            sessions.create(db, wish, sessions.rule_of(repeat, FIRST), {})
            assert len(_live(db)) == count
            for edit in edits:
                _edit(db, zone, *edit)
                _agrees(db, zone)
            db.rollback()
    finally:
        core_clock._fixed = before


def _edit(db: Db, zone: ZoneInfo, what: str, scope: str, which: int, days: int, hour: int, undone: bool) -> None:
    rows = _live(db)
    if not rows:
        return
    session, before = rows[which % len(rows)], _shape(rows)
    series = session.series_id
    if what == "cancel":
        changes.cancel(db, session.id, scope)
    elif what == "details":
        series = changes.change(db, session.id, scope, SeriesChange(details=sessions.Details(location="Hall")), {}).id
    else:
        local = session.scheduled_at.astimezone(zone).date() + timedelta(days=days)
        wish = SeriesChange(scheduled_at=zones.at_wall(local, time(hour), zone))
        listed = changes.plan_change(db, session.id, scope, wish)
        choices = {date.fromisoformat(row.day): "allow" for row in listed if row.clashes}
        series = changes.change(db, session.id, scope, wish, choices).id
        assert len(_live(db)) == len(rows), "a move loses none and makes none"
        moved = db.get(Session, session.id)
        assert moved is not None
        assert (moved.scheduled_at.astimezone(zone).date(), moved.scheduled_at.astimezone(zone).hour) == (local, hour)
    if undone and series is not None:
        changes.undo(db, series)
        assert _shape(_live(db)) == before, "taken back, it is as it was"


def _agrees(db: Db, zone: ZoneInfo) -> None:
    """Each session is an occurrence of its series' rule, at its wall clock, and none twice."""
    seen = set()
    for session in _live(db):
        series = db.get(SessionSeries, session.series_id)
        assert series is not None
        assert session.original_start_at is not None
        wall = time.fromisoformat(series.template["at"])
        through = session.original_start_at.astimezone(zone).date()
        found = sessions.rules.occurrences(series.rrule, series.starts_on, wall, zone, through=through)
        assert session.original_start_at in found
        assert (series.id, session.original_start_at) not in seen
        seen.add((series.id, session.original_start_at))


def _live(db: Db) -> list[Session]:
    query = select(Session).where(col(Session.status) == "scheduled_in_crm", col(Session.series_id).is_not(None))
    return list(db.scalars(query.order_by(col(Session.original_start_at), col(Session.id))))


def _shape(rows: list[Session]) -> set[tuple[object, ...]]:
    return {(row.id, row.scheduled_at, row.original_start_at, row.location, row.series_id) for row in rows}
