"""The calendar feed: what any program can read, what it never learns, and that a revoked address is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict
from omnicrm.domain import calendar_feed, services, sessions, settings
from omnicrm.formats import ics
from omnicrm.formats.ics.writing import FeedEvent, write
from omnicrm.models.resources import ShareLink
from omnicrm.models.sessions import Session
from tests.conftest import Clock
from tests.factories import make_contact, make_share_link
from tests.pages_opened import statements
from tests.web import client

HOUR = timedelta(hours=1)


@pytest.fixture
def friday(clock: Clock) -> datetime:
    clock.at = datetime(2026, 3, 10, 8, tzinfo=UTC)
    return datetime(2026, 3, 13, 9, 30, tzinfo=UTC)


def test_a_program_reads_what_is_booked_and_no_names(maya: UUID, friday: datetime):
    token, session = _feed(maya), _booked(maya, friday)
    answer = _get(token)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    (event,) = _events(answer)
    assert event["uid"] == f"{session}@omnicrm"
    assert event.start == friday
    assert event.end == friday + HOUR
    assert event["summary"] == "J. P., Massage; deep, strong"
    assert event["location"] == "Room 2, ground floor"
    assert "Park" not in answer.text
    read = ics.read(answer.content)
    assert (read.refused, [one.uid for one in read.events]) == ((), [f"{session}@omnicrm"])


@pytest.mark.parametrize(
    ("style", "title", "place"),
    [
        ("name_service", "Jo Park, Massage; deep, strong", True),
        ("service", "Massage; deep, strong", True),
        ("busy", "Busy", False),
    ],
)
def test_titles_are_as_discreet_as_google_is_shown(maya: UUID, friday: datetime, style: str, title: str, place: bool):
    token = _feed(maya)
    _booked(maya, friday)
    with transaction(maya) as db:
        settings.set(db, "google_event_title", style)
    (event,) = _events(_get(token))
    assert event["summary"] == title
    assert ("location" in event) is place


def test_a_move_keeps_the_event_and_counts_it_up(maya: UUID, friday: datetime):
    token, session = _feed(maya), _booked(maya, friday)
    (before,) = _events(_get(token))
    with transaction(maya) as db:
        sessions.move(db, session, friday + HOUR, 90)
    (after,) = _events(_get(token))
    assert after["uid"] == before["uid"]
    assert (after.start, after.end) == (friday + HOUR, friday + 2.5 * HOUR)
    assert after["sequence"] > before["sequence"]


def test_what_is_cancelled_or_only_proposed_is_not_in_it_and_nothing_is_a_calendar_too(maya: UUID, friday: datetime):
    token, session = _feed(maya), _booked(maya, friday)
    with transaction(maya) as db:
        sessions.cancel(db, session)
        sessions.hold(db, sessions.Booking(title="Perhaps", scheduled_at=friday + 3 * HOUR))
    answer = _get(token)
    assert _events(answer) == []
    assert icalendar.Calendar.from_ical(answer.text).subcomponents  # RFC 5545 wants at least one


def test_unknown_revoked_expired_and_other_links_are_alike(maya: UUID, friday: datetime, clock: Clock):
    revoked, other, expired = _feed(maya), ids.token(), ids.token()
    with transaction(maya) as db:
        calendar_feed.revoke(db)
        make_share_link(db, token_hash=ids.token_hash(other))
        gone = clock.at - HOUR
        make_share_link(db, kind="calendar_feed", token_hash=ids.token_hash(expired), expires_at=gone)
    answers = [_get(token) for token in (ids.token(), revoked, other, expired, "x")]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_a_new_address_ends_the_one_before_and_undo_brings_the_revoked_one_back(maya: UUID, friday: datetime):
    first, second = _feed(maya), _feed(maya)
    assert [_get(token).status_code for token in (first, second)] == [404, 200]
    with transaction(maya) as db:
        link = calendar_feed.revoke(db)
        assert calendar_feed.current(db) is None
    assert _get(second).status_code == 404
    with transaction(maya) as db:
        calendar_feed.restore(db, link)
    assert _get(second).status_code == 200
    with transaction(maya) as db:
        gone = calendar_feed.revoke(db)
        calendar_feed.make(db)
        with pytest.raises(Conflict):
            calendar_feed.restore(db, gone)


def test_only_the_hash_is_stored_and_a_reading_is_noted_once_an_hour(maya: UUID, friday: datetime, clock: Clock):
    token = _feed(maya)
    with transaction(maya) as db:
        assert calendar_feed.current(db).read == ""
        stored = [str(value) for link in db.query(ShareLink) for value in link.model_dump().values()]
    assert token not in " ".join(stored)
    for _ in range(3):
        _get(token)
    assert _opened(maya) == 1
    clock.advance(2 * HOUR)
    _get(token)
    assert _opened(maya) == 2
    with transaction(maya) as db:
        assert calendar_feed.current(db).read == "now"


def test_who_asks_too_often_has_to_wait(maya: UUID, friday: datetime):
    token = _feed(maya)
    statuses = [_get(token).status_code for _ in range(calendar_feed.BY_LINK.attempts + 1)]
    assert statuses == [*[200] * calendar_feed.BY_LINK.attempts, 429]


def test_another_practitioners_sessions_are_not_in_it(maya: UUID, natalie: UUID, friday: datetime):
    token = _feed(maya)
    _booked(natalie, friday)
    assert _events(_get(token)) == []


def test_it_takes_the_same_few_statements_whatever_is_booked(maya: UUID, friday: datetime):
    _feed(maya)
    counts = []
    for number in range(3):
        for hours in range(10 * number):
            _booked(maya, friday + timedelta(days=number, hours=2 * hours))
        with transaction(maya) as db:
            link = UUID(calendar_feed.current(db).id)
        with transaction(maya) as db, statements() as sent:
            calendar_feed.written(db, link)
        counts.append(len(sent))
    assert counts[1] == counts[2] <= 6


@given(
    title=st.text(max_size=300).filter(str.isprintable),
    place=st.text(max_size=300).filter(str.isprintable),
    at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
)
def test_any_words_come_out_as_they_went_in(title: str, place: str, at: datetime):
    at = at.replace(microsecond=0)
    event = FeedEvent(uid="1", title=title, starts_at=at, ends_at=at + HOUR, changed_at=at, sequence=0, location=place)
    text = write("Stillwater", [event], again=HOUR)
    assert max(len(line) for line in text.encode().split(b"\r\n")) <= 75
    (read,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert str(read["summary"]) == title
    assert str(read.get("location", "")) == place
    assert read.start == at


def _feed(user: UUID) -> str:
    with transaction(user) as db:
        return calendar_feed.make(db)


def _booked(user: UUID, at: datetime) -> UUID:
    with transaction(user) as db:
        contact = make_contact(db, first_name="Jo", last_name="Park")
        service = services.add(db, services.ServiceForm(name="Massage; deep, strong", duration_minutes=60))
        booking = sessions.Booking(
            contact_id=contact.id, service_id=service.id, scheduled_at=at, location="Room 2, ground floor"
        )
        session: Session = sessions.book(db, booking, allow_overlap=True)
        return session.id


def _get(token: str) -> Response:
    return client().get(f"/calendar/{token}.ics")


def _events(answer: Response) -> list[Any]:
    return list(icalendar.Calendar.from_ical(answer.text).walk("VEVENT"))


def _opened(user: UUID) -> int:
    with transaction(user) as db:
        return sum(link.open_count for link in db.query(ShareLink))
