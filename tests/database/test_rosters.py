"""A class: places, who came, walk-ins, corrections, the waiting list; and how a session ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from omnicrm.core import zones
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.domain import availability, sessions
from omnicrm.domain.sessions import Booking, Details, waitlist
from tests.factories import make_contact, make_service, make_session

FRIDAY = datetime(2026, 3, 13, 9, 30, tzinfo=UTC)  # 10:30 in Stockholm
HOUR = timedelta(hours=1)


def flow(db, capacity=3, at=FRIDAY, **more):
    return make_session(db, title="Slow Flow", capacity=capacity, scheduled_at=at, **more)


def statuses(db, session):
    return [(row.name.split()[0], row.status) for row in sessions.roster(db, session.id).rows]


def test_one_tap_says_who_came_and_another_corrects_it(db, clock):
    session = flow(db)
    hanna, yuki = (make_contact(db, first_name=name) for name in ("Hanna", "Yuki"))
    for one in (hanna, yuki):
        sessions.register(db, session.id, one.id)
    assert sessions.mark(db, session.id, hanna.id, "present") == "registered"
    assert sessions.mark(db, session.id, yuki.id, "no_show") == "registered"
    assert sessions.mark(db, session.id, yuki.id, "late") == "no_show"
    assert statuses(db, session) == [("Hanna", "present"), ("Yuki", "late")]
    roster = sessions.roster(db, session.id)
    assert (roster.words, roster.present, roster.late, roster.no_show, roster.open) == (
        "2 booked, 1 place free",
        1,
        1,
        0,
        0,
    )
    sessions.close(db, session.id)
    sessions.mark(db, session.id, hanna.id, "registered")  # a correction after the end
    assert sessions.roster(db, session.id).open_words == "1 person is still open. "
    sessions.reopen(db, session.id)
    assert sessions.card(db, session.id).open


def test_a_full_class_asks_and_a_walk_in_does_not(db, clock):
    session = flow(db, capacity=2)
    people = [make_contact(db) for _ in range(4)]
    for one in people[:2]:
        sessions.register(db, session.id, one.id)
    sessions.register(db, session.id, people[0].id)  # has a place: no change
    with pytest.raises(Conflict, match="full: 2 of 2") as refused:
        sessions.register(db, session.id, people[2].id)
    assert refused.value.override == "over_capacity"
    sessions.walk_in(db, session.id, people[3].id)
    assert sessions.roster(db, session.id).words == "3 booked, 1 more than places"
    sessions.walk_out(db, session.id, people[3].id)
    assert sessions.taken(db, session.id) == 2
    sessions.unregister(db, session.id, people[0].id)
    sessions.register(db, session.id, people[2].id)
    assert sessions.roster(db, session.id).called_off == [people[0].display_name]


def test_a_roster_is_of_a_class_that_takes_place(db, clock, natalie):
    one = make_session(db, contact_id=make_contact(db).id)
    session = flow(db)
    with pytest.raises(Refused):
        sessions.register(db, one.id, make_contact(db).id)
    with pytest.raises(NotFound):
        sessions.mark(db, session.id, make_contact(db).id, "present")
    with transaction(natalie) as hers:
        stranger, theirs = make_contact(hers), flow(hers)
    with pytest.raises(NotFound):
        sessions.walk_in(db, session.id, stranger.id)
    with pytest.raises(NotFound):
        sessions.roster(db, theirs.id)
    sessions.cancel(db, session.id)
    with pytest.raises(Refused):
        sessions.register(db, session.id, make_contact(db).id)


def test_a_client_booked_into_a_new_class_has_a_place_of_it(db, clock):
    service = make_service(db, name="Slow Flow", capacity=8)
    hanna = make_contact(db, first_name="Hanna")
    session = sessions.book(db, Booking(contact_id=hanna.id, service_id=service.id, scheduled_at=FRIDAY))
    assert session.contact_id is None
    assert statuses(db, session) == [("Hanna", "registered")]


def test_a_place_that_frees_is_offered_to_who_waits_longest(db, clock):
    session = flow(db, capacity=1 + 1)
    inside = [make_contact(db) for _ in range(2)]
    for one in inside:
        sessions.register(db, session.id, one.id)
    kwame, elena = (make_contact(db, first_name=name, last_name="Diallo") for name in ("Kwame", "Elena"))
    entry = waitlist.wait(db, kwame.id, session_id=session.id)
    assert waitlist.wait(db, kwame.id, session_id=session.id).id == entry.id
    waitlist.wait(db, elena.id, session_id=session.id)
    with pytest.raises(Refused):
        waitlist.wait(db, inside[0].id, session_id=session.id)
    assert [one.name for one in waitlist.waiting(db, session_id=session.id)] == ["Kwame Diallo", "Elena Diallo"]
    assert waitlist.offers(db) == []
    sessions.unregister(db, session.id, inside[0].id)
    offers = waitlist.offers(db, session_id=session.id)
    assert offers[0].sentence == "A place is free in Slow Flow, Fri 13 Mar, 10:30. Kwame Diallo waits for it."
    waitlist.fulfil(db, entry.id, session.id)
    assert waitlist.offers(db) == [], "the class is full again"
    with pytest.raises(Refused):
        waitlist.fulfil(db, entry.id, session.id)
    waitlist.unfulfil(db, entry.id, session.id)
    assert [one.name for one in waitlist.offers(db)] == ["Kwame Diallo", "Elena Diallo"]


def test_a_time_that_frees_is_offered_for_its_service(db, clock):
    service = make_service(db, name="Massage")
    aino, kwame = make_contact(db, first_name="Aino"), make_contact(db, first_name="Kwame", last_name="Diallo")
    session = sessions.book(db, Booking(contact_id=aino.id, service_id=service.id, scheduled_at=FRIDAY))
    entry = waitlist.wait(db, kwame.id, service_id=service.id)
    assert waitlist.offers(db) == []
    sessions.cancel(db, session.id, by="client", reason="Ill")
    (offer,) = waitlist.offers(db)
    assert offer.sentence.startswith("The time is free again: Massage, Fri 13 Mar, 10:30.")
    given = waitlist.fulfil(db, entry.id, session.id)
    assert (given.contact_id, given.scheduled_at) == (kwame.id, FRIDAY)
    assert waitlist.offers(db) == []
    waitlist.unfulfil(db, entry.id, given.id)
    assert len(waitlist.offers(db)) == 1
    waitlist.leave(db, entry.id)
    assert waitlist.offers(db) == []
    with pytest.raises(NotFound):
        waitlist.leave(db, entry.id)


@pytest.mark.parametrize(
    ("by", "hours", "words", "late"),
    [
        ("practitioner", 1, "You call it off, so nothing is counted against Jo.", False),
        ("client", 30, "In time: more than 24 h before. Nothing is counted.", False),
        (
            "client",
            5,
            "Late: 5 h before, and Massage asks for 24 h. It counts as late. The fee for it is SEK\u00a0400.00.",
            True,
        ),
    ],
)
def test_what_a_cancellation_means_is_said_before(db, clock, by, hours, words, late):
    service = make_service(db, name="Massage", cancellation_window_hours=24, late_cancel_fee=Decimal(400))
    jo = make_contact(db, first_name="Jo")
    session = sessions.book(db, Booking(contact_id=jo.id, service_id=service.id, scheduled_at=FRIDAY))
    clock.move_to(FRIDAY - timedelta(hours=hours))
    meant = sessions.cancellation(db, session.id, by)
    assert (meant.sentence, meant.late) == (words, late)
    done = sessions.cancel(db, session.id, by=by, reason=" Ill ")
    assert (done.late_cancel, done.cancel_reason) == (late, "Ill")
    sessions.uncancel(db, session.id)
    assert (done.late_cancel, done.cancel_reason) == (False, None)
    assert sessions.cancel(db, session.id, by=by, late=False).late_cancel is False


def test_details_change_and_places_do_not_get_fewer_than_are_taken(db, clock):
    session = flow(db, capacity=3)
    for _ in range(2):
        sessions.register(db, session.id, make_contact(db).id)
    before = sessions.change(db, session.id, Details(title="Flow", location="Studio 2"), version=session.version)
    assert (session.title, session.location, session.capacity) == ("Flow", "Studio 2", 3)
    sessions.change(db, session.id, before)
    assert session.title == "Slow Flow"
    with pytest.raises(Invalid) as refused:
        sessions.change(db, session.id, Details(capacity=1))
    assert refused.value.fields == {"capacity": "2 places are taken already."}
    with pytest.raises(ValueError, match="begins with https"):
        Details(meeting_url="javascript:alert(1)")
    assert Details(meeting_url="https://meet.example/abc").meeting_url


def test_a_length_of_its_own(db, clock):
    session = make_session(db, contact_id=make_contact(db).id, scheduled_at=FRIDAY)
    assert sessions.resize(db, session.id, 90).duration_minutes == 90
    for minutes in (0, 10**9):
        with pytest.raises(Invalid):
            sessions.resize(db, session.id, minutes)


def test_breaks_and_hours_speak_against_a_time_that_is_free(db, clock):
    massage = make_service(db, name="Massage", buffer_before_minutes=15, buffer_after_minutes=15)
    make_session(db, scheduled_at=FRIDAY, duration_minutes=60)
    after = FRIDAY + HOUR + timedelta(minutes=5)
    assert sessions.clashes(db, after, 60) == []
    assert sessions.cautions(db, after, 60, service_id=massage.id) == [
        "Only 5 min after what ends at 11:30; the break should be longer."
    ]
    assert sessions.cautions(db, FRIDAY - HOUR, 60, service_id=massage.id) == [
        "Only 0 min before what begins at 10:30; the break should be longer."
    ]
    assert sessions.cautions(db, after, 60) == []
    availability.set_hours(db, [0, 1, 2, 3, 4], [(time(9), time(12))])
    assert sessions.cautions(db, after, 60) == ["Outside your working hours."]


def test_a_time_that_clocks_jump_over_is_refused_beside_the_field():
    zone = zones.zone("Europe/Stockholm")
    with pytest.raises(Invalid) as refused:
        zones.typed(date(2026, 3, 29), time(2, 30), zone)
    assert refused.value.fields == {"time": "2:30 does not exist on that day: clocks go forward. Choose 3:30."}
    first = zones.typed(date(2026, 10, 25), time(2, 30), zone)
    assert zones.comes_twice(first, zone)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(Invalid) as refused:
            zones.typed(day, time(10), zone)
        assert list(refused.value.fields) == ["day"]
