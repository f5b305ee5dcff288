"""Programs: written down, sold up to their capacity, followed; every step taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from omnicrm.core import clock as core_clock
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound, Refused
from omnicrm.domain import credits, programs, sessions
from omnicrm.domain.programs import ProgramForm, SittingForm
from omnicrm.models.payments import PaymentStatus, Refund
from omnicrm.models.sessions import Session, SessionAttendee
from tests.conftest import Clock
from tests.factories import (
    make_attendee,
    make_contact,
    make_enrollment,
    make_payment,
    make_program,
    make_service,
    make_session,
    make_user,
)


def package(**changes: Any) -> ProgramForm:
    usual: dict[str, Any] = {"kind": "package", "name": "5 massages", "price": "4000", "credits_per_enrollment": 5}
    return ProgramForm.model_validate({**usual, **changes})


def course(**changes: Any) -> ProgramForm:
    usual: dict[str, Any] = {"kind": "course", "name": "Six weeks", "price": "290", "start_date": date(2026, 3, 11)}
    return ProgramForm.model_validate({**usual, **changes})


def test_a_program_is_written_read_and_changed(db: Db) -> None:
    massage = make_service(db, name="Deep tissue")
    made = programs.add(db, package(service_id=massage.id, valid_days=180))
    shown = programs.typed(db, made.id)
    assert (shown.kind, shown.price, shown.credits_per_enrollment, shown.valid_days) == ("package", "4000", "5", "180")
    assert programs.card(db, made.id).about == "5 sessions of Deep tissue, for 180 days, SEK\u00a04,000.00"
    programs.change(db, made.id, package(name="Five massages"), version=shown.version)
    with pytest.raises(Conflict):
        programs.change(db, made.id, package(), version=shown.version)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (lambda: course(start_date=None), "start_date"),
        (lambda: package(credits_per_enrollment=None), "credits_per_enrollment"),
        (lambda: package(price="1.005"), "price"),
    ],
)
def test_what_a_program_cannot_be_without_is_said_beside_the_field(db: Db, form: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        programs.add(db, form())
    assert list(refused.value.fields) == [field]


def test_enrolling_gives_credits_and_taking_it_back_leaves_none(db: Db, clock: Clock) -> None:
    made, jo = programs.add(db, package(valid_days=30)), make_contact(db)
    done = programs.enrol(db, made.id, jo.id)
    assert (done.credits, done.left, done.was) == (5, 5, "")
    again = programs.enrol(db, made.id, jo.id)
    assert (again.left, again.was) == (10, "active")
    for one in (again, done):
        held = datetime.fromisoformat(one.held_until) if one.held_until else None
        programs.undo_enrolment(db, made.id, jo.id, entry_id=one.entry_id, was=one.was, held_until=held)
    assert credits.balance(db, jo.id, made.id) == 0
    assert programs.people(db, made.id).rows == []
    assert [row.name for row in programs.people(db, made.id, out=True).rows] == [jo.display_name]


def test_credits_hold_to_the_end_of_the_last_day_where_the_practitioner_is(db: Db, clock: Clock) -> None:
    made, jo = programs.add(db, package(valid_days=30)), make_contact(db)
    programs.enrol(db, made.id, jo.id)
    ends = credits.ledger.locked(db, jo.id, made.id).expires_at
    assert ends is not None
    assert ends.isoformat() == "2026-04-09T22:00:00+00:00"  # Stockholm, summer time by then
    assert programs.enrolment(db, made.id, jo.id).until_on == "2026-04-09"


def test_a_full_program_needs_an_explicit_yes(db: Db) -> None:
    made = programs.add(db, course(capacity=1))
    jo, mia = make_contact(db), make_contact(db)
    programs.enrol(db, made.id, jo.id)
    with pytest.raises(Conflict) as full:
        programs.enrol(db, made.id, mia.id)
    assert full.value.override == "over_capacity"
    programs.enrol(db, made.id, mia.id, over_capacity=True)
    assert programs.card(db, made.id).figures[0].words == "enrolled, 1 more than places"
    with pytest.raises(Refused):
        programs.enrol(db, made.id, jo.id)
    with pytest.raises(Invalid):
        programs.change(db, made.id, course(capacity=1))


def test_who_finished_a_course_keeps_the_place_and_who_left_frees_it(db: Db) -> None:
    made = programs.add(db, course(capacity=1))
    jo, mia = make_contact(db), make_contact(db)
    programs.enrol(db, made.id, jo.id)
    programs.change_enrollment(db, made.id, jo.id, "completed")
    with pytest.raises(Conflict):
        programs.enrol(db, made.id, mia.id)
    programs.change_enrollment(db, made.id, jo.id, "cancelled")
    programs.enrol(db, made.id, mia.id)
    with pytest.raises(Conflict):
        programs.change_enrollment(db, made.id, jo.id, "active")


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_only_an_open_program_takes_people(db: Db, status: Any) -> None:
    made = programs.add(db, course(), status=status)
    with pytest.raises(Refused):
        programs.enrol(db, made.id, make_contact(db).id)
    assert programs.set_status(db, made.id, "active") == status
    programs.enrol(db, made.id, make_contact(db).id)


def test_the_last_place_goes_to_one_of_two(database: str) -> None:
    maya = make_user()
    with transaction(maya) as db:
        made = programs.add(db, course(capacity=1)).id
        people = [make_contact(db).id for _ in range(2)]
    start = Barrier(2)

    def tap(contact: UUID) -> bool:
        start.wait()
        try:
            with transaction(maya) as db:
                programs.enrol(db, made, contact)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tap, people)) == [False, True]


def test_classes_are_booked_week_by_week_and_everybody_has_a_place(db: Db, clock: Clock) -> None:
    made = programs.add(db, course(capacity=8))
    jo, mia = make_contact(db), make_contact(db)
    programs.enrol(db, made.id, jo.id)
    keys = programs.add_sittings(
        db, made.id, SittingForm(first_on=date(2026, 3, 25), begins_at=time(18), number=3, duration_minutes=90)
    )
    programs.enrol(db, made.id, mia.id)
    hours = [session.scheduled_at.hour for session in (sessions.get(db, key) for key in keys)]
    assert hours == [17, 16, 16]  # 18:00 in Stockholm, over the change of clocks
    assert len(_places(db, jo.id)) == len(_places(db, mia.id)) == 3
    assert programs.card(db, made.id).about.startswith("Wednesdays 18:00, from 11 Mar")
    programs.change_enrollment(db, made.id, mia.id, "paused")
    assert _places(db, mia.id) == []
    programs.change_enrollment(db, made.id, mia.id, "active")
    assert len(_places(db, mia.id)) == 3


def test_a_clash_books_nothing_and_names_the_day(db: Db, clock: Clock) -> None:
    made = programs.add(db, course())
    make_session(db, scheduled_at=sessions_at(date(2026, 4, 1), 16), contact_id=make_contact(db).id)
    form = SittingForm(first_on=date(2026, 3, 25), begins_at=time(18), number=2)
    with pytest.raises(Conflict, match="Wed 1 Apr") as clash, db.begin_nested():
        programs.add_sittings(db, made.id, form)
    assert clash.value.override == "allow_overlap"
    assert len(programs.add_sittings(db, made.id, form, allow_overlap=True)) == 2


def test_a_session_is_taken_in_and_let_go(db: Db) -> None:
    made, other, jo = programs.add(db, course()), programs.add(db, course(name="Other")), make_contact(db)
    programs.enrol(db, made.id, jo.id)
    session = make_session(db, capacity=9)
    assert [one.id for one in programs.attachable(db)] == [str(session.id)]
    programs.attach(db, made.id, session.id)
    assert _places(db, jo.id) == [session.id]
    with pytest.raises(Refused):
        programs.attach(db, other.id, session.id)
    programs.detach(db, made.id, session.id)
    assert programs.sittings(db, made.id) == []


def test_the_page_of_a_course_tells_who_came_and_what_was_paid(db: Db, clock: Clock) -> None:
    made = programs.add(db, course(capacity=16, total_sessions=6))
    jo, mia = (make_contact(db, first_name=name) for name in ("Jo", "Mia"))
    for contact in (jo, mia):
        programs.enrol(db, made.id, contact.id)
    past = [
        make_session(db, program_id=made.id, capacity=16, scheduled_at=core_clock.now() - timedelta(weeks=week))
        for week in (2, 1)
    ]
    make_session(db, program_id=made.id, capacity=16, scheduled_at=core_clock.now() + timedelta(days=1))
    for session, statuses in zip(past, (("present", "late"), ("no_show", "present")), strict=True):
        for contact, status in zip((jo, mia), statuses, strict=True):
            make_attendee(db, session, contact, attendance_status=status)
    make_payment(db, contact_id=jo.id, program_id=made.id, amount=Decimal(290))
    part = make_payment(db, contact_id=mia.id, program_id=made.id, amount=Decimal(200))
    db.add(Refund(payment_id=part.id, amount=Decimal(50), currency="SEK", refunded_at=core_clock.now()))
    make_payment(db, contact_id=mia.id, program_id=made.id, amount=Decimal(90), status=PaymentStatus.PENDING)
    card = programs.card(db, made.id)
    assert [(one.value, one.words) for one in card.figures] == [
        ("2 of 16", "enrolled, 14 places free"),
        ("2 of 6 sessions", "held, next tomorrow"),
        ("SEK\u00a0440.00", "paid of SEK\u00a0580.00"),
        ("75 %", "came to their sessions"),
    ]
    assert [(one.day, one.next) for one in card.columns] == [("24 Feb", False), ("3 Mar", False), ("11 Mar", True)]
    first, second = programs.people(db, made.id).rows
    assert (first.marks, first.progress, first.paid_label) == (["present", "no_show", "none"], "1 of 6", "Paid")
    assert (second.marks, second.progress, second.paid_label) == (["late", "present", "none"], "2 of 6", "Part paid")
    assert second.marks_words == "1 present, 1 late, 1 open"
    assert [one.amount for one in programs.payments(db, made.id)] == [
        "SEK\u00a090.00",
        "SEK\u00a0200.00",
        "SEK\u00a0290.00",
    ]


def test_the_fifth_use_suggests_renewal_everywhere(db: Db) -> None:
    made, jo = programs.add(db, package()), make_contact(db)
    programs.enrol(db, made.id, jo.id)
    for number in range(5):
        assert programs.running_low(db) == []
        session = make_session(db, contact_id=jo.id)
        sessions.close(db, session.id)
        row = programs.people(db, made.id).rows[0]
        assert (row.progress, row.renew) == (f"{number + 1} of 5", number == 4)
    assert [(one.who, one.renew, one.credits) for one in programs.running_low(db)] == [
        (jo.display_name, True, "No credits")
    ]
    assert [one.renew for one in programs.of_contact(db, jo.id)] == [True]
    assert programs.card(db, made.id).figures[1].value == "5 of 5 credits"
    assert len(programs.sittings(db, made.id)) == 5
    programs.enrol(db, made.id, jo.id)
    assert programs.running_low(db) == []


def test_prolonging_brings_back_what_ran_out(db: Db, clock: Clock) -> None:
    made, jo = programs.add(db, package(valid_days=10)), make_contact(db)
    programs.enrol(db, made.id, jo.id)
    clock.advance(timedelta(days=20))
    credits.expire(db)
    assert programs.enrolment(db, made.id, jo.id).until == "ran out 20 Mar"
    before, back = programs.prolong(db, made.id, jo.id, date(2026, 5, 1))
    assert (before is not None, back) == (True, 5)
    assert programs.enrolment(db, made.id, jo.id).until == "until 1 May"


def test_lists_page_search_and_count(db: Db) -> None:
    for number in range(5):
        make_program(db, name=f"Course {number}", status="active")
    make_program(db, name="Old", status="archived")
    first = programs.listed(db, limit=3)
    rest = programs.listed(db, limit=3, after=first.next)
    assert [row.name for row in (*first.rows, *rest.rows)] == [f"Course {number}" for number in range(5)]
    assert rest.next == ""
    assert [row.name for row in programs.listed(db, query="SE 3").rows] == ["Course 3"]
    assert programs.counts(db) == {"draft": 0, "active": 5, "archived": 1}
    with pytest.raises(Invalid):
        programs.listed(db, after="nonsense")


def test_people_page_by_name(db: Db) -> None:
    made = make_program(db, status="active")
    for name in "abcde":
        make_enrollment(db, made, make_contact(db, first_name=name, last_name=None))
    first = programs.people(db, made.id, limit=2)
    second = programs.people(db, made.id, limit=2, after=first.next)
    third = programs.people(db, made.id, limit=2, after=second.next)
    assert [row.name for row in (*first.rows, *second.rows, *third.rows)] == list("abcde")
    assert third.next == ""


def test_only_a_program_that_nobody_was_in_is_deleted(db: Db) -> None:
    empty, used = programs.add(db, course()), programs.add(db, course())
    programs.enrol(db, used.id, make_contact(db).id)
    programs.remove(db, empty.id)
    with pytest.raises(NotFound):
        programs.card(db, empty.id)
    with pytest.raises(Refused):
        programs.remove(db, used.id)


def sessions_at(day: date, hour: int) -> Any:
    return datetime.combine(day, time(hour), UTC)


def _places(db: Db, contact_id: UUID) -> list[UUID]:
    query = select(SessionAttendee.session_id).join(Session, Session.id == SessionAttendee.session_id)
    return list(db.scalars(query.where(SessionAttendee.contact_id == contact_id).order_by(Session.scheduled_at)))
