"""The ledger of credits: what pays for a session, what comes back, what runs out; never below nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from omnicrm.core import clock as core_clock
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.core.wire import CalendarEvent
from omnicrm.domain import credits, sessions
from omnicrm.models.contacts import Contact
from omnicrm.models.programs import CreditEntry, EnrollmentStatus, Program
from omnicrm.models.sessions import AttendanceStatus, SessionStatus
from tests.conftest import Clock
from tests.factories import (
    make_attendee,
    make_contact,
    make_enrollment,
    make_program,
    make_service,
    make_session,
    make_user,
)


def bought(db: Db, number: int = 5, *, contact: Contact | None = None, **changes: Any) -> tuple[Contact, Program]:
    """A client with a package of `number` credits."""
    contact = contact or make_contact(db)
    program = make_program(db, name="Massages", credits_per_enrollment=number, **changes)
    make_enrollment(db, program, contact)
    credits.grant(db, contact.id, program.id, number)
    return contact, program


def written(db: Db, contact: Contact) -> list[tuple[str, int]]:
    query = select(CreditEntry).where(CreditEntry.contact_id == contact.id)
    return [(one.reason.value, one.delta) for one in db.scalars(query.order_by(CreditEntry.created_at, CreditEntry.id))]


def test_who_comes_uses_one_credit_however_often_it_is_said(db: Db) -> None:
    jo, massages = bought(db)
    session = make_session(db, contact_id=jo.id)
    first = credits.settle_attendance(db, session.id, jo.id, "present")
    again = credits.settle_attendance(db, session.id, jo.id, "late")
    assert (first.delta, first.left, first.program, first.words) == (-1, 4, "Massages", "1 credit used, 4 left")
    assert (again.delta, again.left, again.words) == (0, 4, "")
    assert credits.balance(db, jo.id, massages.id) == 4


def test_a_correction_gives_the_credit_back_once(db: Db) -> None:
    jo, _ = bought(db)
    session = make_session(db, contact_id=jo.id)
    credits.settle_attendance(db, session.id, jo.id, "present")
    assert credits.settle_attendance(db, session.id, jo.id, "registered").words == "1 credit given back, 5 left"
    assert credits.settle_attendance(db, session.id, jo.id, "cancelled").delta == 0
    assert written(db, jo) == [("purchase", 5), ("attendance", -1), ("restore", 1)]


def test_present_that_becomes_a_no_show_is_told_by_the_ledger(db: Db) -> None:
    jo, massages = bought(db)
    session = make_session(db, contact_id=jo.id)
    credits.settle_attendance(db, session.id, jo.id, "present")
    assert credits.settle_attendance(db, session.id, jo.id, "no_show").delta == 0
    assert written(db, jo)[-2:] == [("restore", 1), ("no_show", -1)]
    assert credits.balance(db, jo.id, massages.id) == 4


@pytest.mark.parametrize(
    ("status", "rule"), [("no_show", "no_show_uses_credit"), ("late_cancel", "late_cancel_uses_credit")]
)
@pytest.mark.parametrize("uses", [True, False])
def test_the_program_says_what_missing_a_session_costs(db: Db, status: Any, rule: str, uses: bool) -> None:
    jo, massages = bought(db, **{rule: uses})
    session = make_session(db, contact_id=jo.id)
    assert credits.settle_attendance(db, session.id, jo.id, status).delta == (-1 if uses else 0)
    credits.settle_attendance(db, session.id, jo.id, "present")
    credits.settle_attendance(db, session.id, jo.id, status)
    assert credits.balance(db, jo.id, massages.id) == (4 if uses else 5)


def test_the_last_credit_suggests_renewal_and_the_next_session_uses_none(db: Db) -> None:
    jo, massages = bought(db, 1)
    one, two = make_session(db, contact_id=jo.id), make_session(db, contact_id=jo.id)
    last = credits.settle_attendance(db, one.id, jo.id, "present")
    after = credits.settle_attendance(db, two.id, jo.id, "present")
    assert (last.renew, last.words) == (True, "1 credit used, 0 left: time to renew")
    assert (after.delta, after.missing, after.words) == (0, True, "no credits left")
    assert credits.settle_attendance(db, two.id, jo.id, "present", allow_negative=True).left == -1
    assert credits.balance(db, jo.id, massages.id) == -1


def test_without_a_package_nothing_happens(db: Db) -> None:
    jo = make_contact(db)
    session = make_session(db, contact_id=jo.id)
    assert credits.settle_attendance(db, session.id, jo.id, "present") == credits.Settled()
    with pytest.raises(NotFound):
        credits.settle_attendance(db, jo.id, jo.id, "present")
    with pytest.raises(Invalid):
        credits.settle_attendance(db, session.id, jo.id, "asleep")  # type: ignore[arg-type]  # on purpose


def test_a_package_pays_for_its_own_service_and_before_one_for_any(db: Db) -> None:
    massage, intro = make_service(db), make_service(db, name="Intro call")
    jo, any_ = bought(db)
    _, own = bought(db, contact=jo, service_id=massage.id)
    for service, program in ((massage, own), (intro, any_)):
        session = make_session(db, contact_id=jo.id, service_id=service.id)
        assert credits.settle_attendance(db, session.id, jo.id, "present").program_id == program.id


def test_what_runs_out_first_is_used_first_and_an_empty_one_is_passed_over(db: Db) -> None:
    jo, later = bought(db, 1)
    _, sooner = bought(db, 2, contact=jo)
    for program, days in ((later, 60), (sooner, 30)):
        credits.ledger.locked(db, jo.id, program.id).expires_at = core_clock.now() + timedelta(days=days)
    db.flush()
    used = [
        credits.settle_attendance(db, make_session(db, contact_id=jo.id).id, jo.id, "present").program_id
        for _ in range(3)
    ]
    assert used == [sooner.id, sooner.id, later.id]


def test_a_courses_session_uses_the_courses_credits_only(db: Db) -> None:
    jo, massages = bought(db)
    course = make_program(db, name="Six weeks", credits_per_enrollment=None, start_date=core_clock.now().date())
    make_enrollment(db, course, jo)
    session = make_session(db, program_id=course.id, capacity=12)
    assert credits.settle_attendance(db, session.id, jo.id, "present") == credits.Settled()
    stranger, card = bought(db)
    assert credits.settle_attendance(db, session.id, stranger.id, "present").program_id == card.id
    assert credits.balance(db, jo.id, massages.id) == 5


@pytest.mark.parametrize("status", [EnrollmentStatus.PAUSED, EnrollmentStatus.COMPLETED, EnrollmentStatus.CANCELLED])
def test_an_enrolment_that_rests_pays_nothing_but_gives_back(db: Db, status: EnrollmentStatus) -> None:
    jo, massages = bought(db)
    done, other = make_session(db, contact_id=jo.id), make_session(db, contact_id=jo.id)
    credits.settle_attendance(db, done.id, jo.id, "present")
    credits.ledger.locked(db, jo.id, massages.id).status = status
    db.flush()
    assert credits.settle_attendance(db, other.id, jo.id, "present").delta == 0
    assert credits.settle_attendance(db, done.id, jo.id, "registered").left == 5


def test_a_session_settles_as_it_ended(db: Db) -> None:
    jo, massages = bought(db)
    session = make_session(db, contact_id=jo.id)
    for status, late, left in (
        (SessionStatus.COMPLETED, False, 4),
        (SessionStatus.NO_SHOW, False, 4),
        (SessionStatus.SCHEDULED_IN_CRM, False, 5),
        (SessionStatus.CANCELLED, False, 5),
        (SessionStatus.CANCELLED, True, 4),
        (SessionStatus.SCHEDULED_IN_CRM, False, 5),
    ):
        session.status, session.late_cancel = status, late
        db.flush()
        credits.settle_session(db, session)
        assert credits.balance(db, jo.id, massages.id) == left, (status, late)


def test_a_class_that_is_called_off_gives_everybody_theirs(db: Db) -> None:
    (jo, one), (mia, other) = bought(db), bought(db)
    session = make_session(db, capacity=12)
    make_attendee(db, session, jo, attendance_status=AttendanceStatus.PRESENT)
    make_attendee(db, session, mia)
    make_attendee(db, session, make_contact(db), attendance_status=AttendanceStatus.LATE)
    assert [settled.left for settled in credits.settle_session(db, session)] == [4]
    session.status = SessionStatus.CANCELLED
    db.flush()
    assert [settled.left for settled in credits.settle_session(db, session)] == [5]
    assert (credits.balance(db, jo.id, one.id), credits.balance(db, mia.id, other.id)) == (5, 5)


def test_taps_on_a_roster_and_ends_of_a_session_move_credits(db: Db) -> None:
    jo, massages = bought(db)
    place = make_session(db, capacity=12)
    alone = make_session(db, contact_id=jo.id)
    steps: list[tuple[Callable[[], object], int]] = [
        (lambda: sessions.walk_in(db, place.id, jo.id), 4),
        (lambda: sessions.mark(db, place.id, jo.id, "late"), 4),
        (lambda: sessions.mark(db, place.id, jo.id, "registered"), 5),
        (lambda: sessions.mark(db, place.id, jo.id, "no_show"), 4),
        (lambda: sessions.close(db, alone.id), 3),
        (lambda: sessions.reopen(db, alone.id), 4),
        (lambda: sessions.close(db, alone.id, came=False), 3),
        (lambda: sessions.walk_out(db, place.id, jo.id), 4),
        (lambda: sessions.reopen(db, alone.id), 5),
    ]
    for step, left in steps:
        step()
        assert credits.balance(db, jo.id, massages.id) == left


def test_calling_off_late_uses_a_credit_and_taking_that_back_gives_it_back(db: Db, clock: Clock) -> None:
    service = make_service(db, cancellation_window_hours=24)
    jo, massages = bought(db)
    soon = core_clock.now() + timedelta(hours=3)
    alone = make_session(db, contact_id=jo.id, service_id=service.id, scheduled_at=soon)
    place = make_session(db, capacity=12, service_id=service.id, scheduled_at=soon + timedelta(hours=2))
    sessions.register(db, place.id, jo.id)
    for late, back in (
        (lambda: sessions.cancel(db, alone.id, by="client"), lambda: sessions.uncancel(db, alone.id)),
        (lambda: sessions.unregister(db, place.id, jo.id), lambda: sessions.register(db, place.id, jo.id)),
    ):
        late()
        assert credits.balance(db, jo.id, massages.id) == 4
        back()
        assert credits.balance(db, jo.id, massages.id) == 5
    sessions.cancel(db, alone.id, by="practitioner")
    assert credits.balance(db, jo.id, massages.id) == 5


def test_an_event_deleted_in_google_follows_the_credit_rule(db: Db, clock: Clock) -> None:
    service = make_service(db, cancellation_window_hours=24)
    jo, massages = bought(db)
    soon = core_clock.now() + timedelta(hours=3)
    known = {"google_calendar_id": "primary", "google_calendar_event_id": "e1", "google_etag": "1"}
    session = make_session(db, contact_id=jo.id, service_id=service.id, scheduled_at=soon, **known)
    gone = CalendarEvent(calendar_id="primary", id="e1", etag="2", status="cancelled", resource={})
    assert sessions.calendar_changed(db, gone) == "cancelled"
    assert (session.late_cancel, credits.balance(db, jo.id, massages.id)) == (True, 4)
    again = gone.model_copy(
        update={"etag": "3", "status": "confirmed", "starts_at": soon, "ends_at": soon + timedelta(hours=1)}
    )
    sessions.calendar_changed(db, again)
    assert credits.balance(db, jo.id, massages.id) == 5


def test_a_deleted_session_leaves_no_credit_behind(db: Db) -> None:
    jo, massages = bought(db)
    session = make_session(db, contact_id=jo.id)
    credits.settle_attendance(db, session.id, jo.id, "present")
    assert (credits.release(db, session.id), credits.release(db, session.id)) == (1, 0)
    db.delete(session)
    db.flush()
    assert credits.balance(db, jo.id, massages.id) == 5


def test_credits_run_out_once_and_bought_again_they_hold_on(db: Db, clock: Clock) -> None:
    jo = make_contact(db)
    massages = make_program(db)
    make_enrollment(db, massages, jo)
    credits.grant(db, jo.id, massages.id, 5, expires_at=core_clock.now() + timedelta(days=30))
    assert credits.expire(db) == 0
    clock.advance(timedelta(days=31))
    assert credits.expire(db) == 0  # so that one who came in time can still be marked
    assert credits.balances(db, [jo.id]) == {}
    clock.advance(timedelta(days=1))
    assert (credits.expire(db), credits.expire(db)) == (1, 0)
    credits.grant(db, jo.id, massages.id, 5, expires_at=core_clock.now() + timedelta(days=30))
    credits.grant(db, jo.id, massages.id, 5, expires_at=core_clock.now() + timedelta(days=10))
    clock.advance(timedelta(days=20))
    assert credits.expire(db) == 0
    assert credits.balances(db, [jo.id]) == {jo.id: 10}
    assert written(db, jo) == [("purchase", 5), ("expire", -5), ("purchase", 5), ("purchase", 5)]


def test_credits_that_ran_out_come_back_with_a_later_date(db: Db, clock: Clock) -> None:
    jo, massages = bought(db)
    credits.extend(db, jo.id, massages.id, core_clock.now() + timedelta(days=1))
    clock.advance(timedelta(days=4))
    assert credits.expire(db) == 1
    with pytest.raises(Refused):
        credits.adjust(db, jo.id, massages.id, 1, note="a gift")
    later = core_clock.now() + timedelta(days=9)
    assert [credits.extend(db, jo.id, massages.id, later) for _ in range(2)] == [5, 0]
    assert credits.balances(db, [jo.id]) == {jo.id: 5}


def test_credits_that_move_hold_as_long_as_they_did(db: Db, clock: Clock) -> None:
    (jo, massages), mia = bought(db), make_contact(db)
    make_enrollment(db, massages, mia, expires_at=core_clock.now() - timedelta(days=1))
    credits.extend(db, jo.id, massages.id, until := core_clock.now() + timedelta(days=9))
    credits.transfer(db, (jo.id, massages.id), (mia.id, massages.id), 2)
    assert credits.ledger.locked(db, mia.id, massages.id).expires_at == until
    assert credits.balances(db, [mia.id]) == {mia.id: 2}


def test_nothing_goes_below_nothing_without_being_told_to(db: Db) -> None:
    jo, massages = bought(db, 2)
    with pytest.raises(Conflict) as refused:
        credits.adjust(db, jo.id, massages.id, -3, note="a mistake")
    assert refused.value.override == "allow_negative"
    credits.adjust(db, jo.id, massages.id, -3, note="a mistake", allow_negative=True)
    assert credits.balance(db, jo.id, massages.id) == -1
    with pytest.raises(Invalid):
        credits.adjust(db, jo.id, massages.id, 1, note=" ")
    with pytest.raises(Invalid):
        credits.grant(db, jo.id, massages.id, 0)


def test_credits_move_to_another_client_and_back(db: Db) -> None:
    (jo, massages), mia = bought(db), make_contact(db)
    make_enrollment(db, massages, mia)
    moved = credits.transfer(db, (jo.id, massages.id), (mia.id, massages.id), 2, note="for her sister")
    assert credits.balances(db, [jo.id, mia.id]) == {jo.id: 3, mia.id: 2}
    with pytest.raises(Refused):
        credits.transfer(db, (jo.id, massages.id), (mia.id, massages.id), 4)
    assert (credits.reverse(db, moved), credits.reverse(db, moved)) == (2, 0)
    assert credits.balances(db, [jo.id, mia.id]) == {jo.id: 5, mia.id: 0}


def test_what_was_used_meanwhile_is_not_taken_back_unasked(db: Db) -> None:
    jo = make_contact(db)
    massages = make_program(db)
    make_enrollment(db, massages, jo)
    entry = credits.grant(db, jo.id, massages.id, 1)
    session = make_session(db, contact_id=jo.id)
    credits.settle_attendance(db, session.id, jo.id, "present")
    with pytest.raises(Conflict):
        credits.reverse(db, [entry.id])
    used = db.scalars(select(CreditEntry).where(CreditEntry.session_id == session.id)).one()
    with pytest.raises(Refused):
        credits.reverse(db, [used.id])
    assert credits.reverse(db, [entry.id], allow_negative=True) == 1


def test_history_tells_each_balance(db: Db, clock: Clock) -> None:
    jo, massages = bought(db)
    clock.advance(timedelta(days=1))
    session = make_session(db, contact_id=jo.id, title="Deep tissue")
    credits.settle_attendance(db, session.id, jo.id, "present")
    gift = credits.adjust(db, jo.id, massages.id, 2, note="a gift")
    credits.reverse(db, [gift.id])
    told = [(one.words, one.change, one.left, one.taken_back) for one in credits.history(db, jo.id, massages.id)]
    assert told == [
        ("Put right by hand, taken back", "−2", 4, False),
        ("Put right by hand", "+2", 6, True),
        ("Came", "−1", 4, False),
        ("Bought", "+5", 5, False),
    ]


def test_entries_cannot_be_changed_or_deleted(maya: UUID) -> None:
    with transaction(maya) as db:
        bought(db)
    for forbidden in ("update credit_entries set delta = 9", "delete from credit_entries"):
        with pytest.raises(Exception, match="permission denied"), transaction(maya) as db:
            db.execute(text(forbidden))


def test_an_entry_is_taken_back_once_by_the_database_too(db: Db) -> None:
    jo, massages = bought(db)
    entry = db.scalars(select(CreditEntry)).one()
    credits.reverse(db, [entry.id])
    with pytest.raises(IntegrityError):
        credits.ledger.add(db, (jo.id, massages.id), -5, entry.reason, reverses_id=entry.id)


@pytest.mark.parametrize("sessions", [1, 4])
def test_taps_at_the_same_moment_use_a_credit_once_and_never_more_than_there_are(database: str, sessions: int) -> None:
    maya = make_user()
    with transaction(maya) as db:
        jo, massages = bought(db, 2)
        keys = [make_session(db, contact_id=jo.id).id for _ in range(sessions)]
    taps, start = [key for key in keys for _ in range(4 // sessions)], Barrier(4)

    def tap(key: UUID) -> int:
        start.wait()
        with transaction(maya) as db:
            return credits.settle_attendance(db, key, jo.id, "present").delta

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(tap, taps)) == -min(sessions, 2)
    with transaction(maya) as db:
        assert credits.balance(db, jo.id, massages.id) == 2 - min(sessions, 2)


def test_two_housekeepers_write_off_once(database: str) -> None:
    maya = make_user()
    with transaction(maya) as db:
        jo, massages = bought(db)
        credits.ledger.locked(db, jo.id, massages.id).expires_at = core_clock.now() - timedelta(days=3)
    start = Barrier(2)

    def keep(_: int) -> int:
        start.wait()
        with transaction(maya, role="jobs") as db:
            return credits.expire(db)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(keep, range(2))) == [0, 1]
    with transaction(maya) as db:
        assert credits.balance(db, jo.id, massages.id) == 0
