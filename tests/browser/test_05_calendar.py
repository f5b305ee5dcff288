"""The calendar: sessions moved by mouse, finger, form and keyboard, here and in Google; every view at both sizes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from omnicrm.core import zones
from omnicrm.core.db import transaction
from omnicrm.domain import sessions
from omnicrm.jobs import runner
from omnicrm.models.sessions import Session
from tests.browser.stillwater import ZONE, Practice, today
from tests.stand_in import StandIn

MONDAY = today() + timedelta(days=14 - today().weekday())  # the week after next, hardly booked yet
HOUR = timedelta(hours=1)


def moment(days: int, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time, `days` from that Monday."""
    return zones.at_wall(MONDAY + timedelta(days=days), time(hour, minute), ZONE)


@pytest.fixture
def hanna(practice: Practice) -> UUID:
    """Hanna's session, Monday from 10:00 to 11:00."""
    return _booked(practice, "Hanna", moment(0, 10))


def test_a_drag_moves_the_session_here_and_in_google(
    signed_in_desktop: Page, practice: Practice, hanna: UUID, google: StandIn
) -> None:
    google.connect(practice.user_id, "google_calendar")
    with transaction(practice.user_id) as db:
        sessions.move(db, hanna, moment(0, 9))
    runner.run_now("outbox", practice.user_id)
    page = _week(signed_in_desktop)
    _drag(page, _block(page, "Hanna"), days=2, minutes=90)
    expect(page.locator(".toast")).to_contain_text("10:30")
    assert _when(practice, hanna) == (moment(2, 10, 30), 60)
    runner.run_now("outbox", practice.user_id)
    event = google.calendar.events[sessions.event_id(hanna)]
    assert datetime.fromisoformat(event["start"]["dateTime"]) == moment(2, 10, 30)
    assert "Hanna" not in event["summary"]
    assert "H. V." in event["summary"]

    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("Back at its old time")
    assert _when(practice, hanna) == (moment(0, 9), 60)
    runner.run_now("outbox", practice.user_id)
    runner.run_now("sync_calendar", practice.user_id)
    assert datetime.fromisoformat(google.calendar.events[event["id"]]["start"]["dateTime"]) == moment(0, 9)
    assert _when(practice, hanna) == (moment(0, 9), 60)


def test_the_lower_edge_makes_it_longer(signed_in_desktop: Page, practice: Practice, hanna: UUID) -> None:
    page = _week(signed_in_desktop)
    with _grabbed(page, _block(page, "Hanna"), at_edge=True) as move:
        move(0, 30)
        expect(page.locator(".cb.ghost")).to_contain_text("10:00 to 11:30")
    expect(page.locator(".toast")).to_contain_text("10:00 to 11:30")
    assert _when(practice, hanna) == (moment(0, 10), 90)


def test_what_is_in_the_way_is_said_before_anything_moves(
    signed_in_desktop: Page, practice: Practice, hanna: UUID
) -> None:
    _booked(practice, "Yuki", moment(1, 10))
    page = _week(signed_in_desktop)
    block = _block(page, "Hanna")
    before = block.bounding_box()
    with _grabbed(page, block) as move:
        move(1, 30)
        expect(page.locator(".cb.ghost.clash")).to_contain_text("In the way: Yuki Tanaka")
    sheet = page.get_by_role("dialog", name="Before it moves")
    expect(sheet).to_contain_text("is booked from 10:00 to 11:00")
    assert _when(practice, hanna) == (moment(0, 10), 60)
    sheet.get_by_role("button", name="Leave it").click()
    expect(sheet).not_to_be_visible()
    assert block.bounding_box() == before

    _drag(page, block, days=1, minutes=30)
    sheet.get_by_role("button", name="Move all the same").click()
    expect(page.locator(".toast")).to_contain_text("Moved to")
    assert _when(practice, hanna) == (moment(1, 10, 30), 60)


def test_what_moved_meanwhile_is_shown_and_not_moved(signed_in_desktop: Page, practice: Practice, hanna: UUID) -> None:
    page = _week(signed_in_desktop)
    block = _block(page, "Hanna")
    with _grabbed(page, block) as move:
        move(3, 0)
        with transaction(practice.user_id) as db:
            sessions.move(db, hanna, moment(1, 12))
    expect(page.locator(".toast")).to_contain_text("moved meanwhile")
    assert _when(practice, hanna) == (moment(1, 12), 60)
    expect(block).to_have_attribute("aria-label", _has("12:00 to 13:00"))


def test_escape_gives_a_drag_up(signed_in_desktop: Page, practice: Practice, hanna: UUID) -> None:
    page = _week(signed_in_desktop)
    with _grabbed(page, _block(page, "Hanna")) as move:
        move(2, 60)
        expect(page.locator(".cb.ghost")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".cb.ghost")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert _when(practice, hanna) == (moment(0, 10), 60)


def test_an_empty_time_is_clicked_to_book(signed_in_desktop: Page, practice: Practice) -> None:
    page = _week(signed_in_desktop)
    column = page.get_by_role("group", name=_long(MONDAY + timedelta(days=2)))
    hour = column.bounding_box()["height"] / 24
    column.click(position={"x": 40, "y": hour * 14.6})
    sheet = page.get_by_role("dialog", name="Book a session")
    expect(sheet.get_by_label("Begins")).to_have_value("14:30")
    expect(sheet.get_by_label("Day")).to_have_value(str(MONDAY + timedelta(days=2)))
    sheet.get_by_role("button", name="Hanna Virtanen").click()
    sheet.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Booked: Hanna Virtanen")
    expect(_block(page, "Hanna")).to_have_attribute("aria-label", _has("14:30"))


def test_months_are_turned_and_a_session_is_dragged_to_another_day(
    signed_in_desktop: Page, practice: Practice, hanna: UUID
) -> None:
    page = _week(signed_in_desktop)
    page.keyboard.press("1")
    expect(page.locator("h1")).to_have_text(f"{MONDAY:%B %Y}")
    line = _block(page, "Hanna")
    expect(line).to_contain_text("10:00")
    width = page.locator(".mc").first.bounding_box()["width"]
    box = line.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 12)
    page.mouse.move(box["x"] + 30 + 2 * width, box["y"] + 10)
    page.mouse.up()
    expect(page.locator(".toast")).to_contain_text("Moved to")
    assert _when(practice, hanna) == (moment(2, 10), 60)

    after = (MONDAY.replace(day=1) + timedelta(days=32)).replace(day=1)
    page.keyboard.press("n")
    expect(page.locator("h1")).to_have_text(f"{after:%B %Y}")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_have_text(f"{MONDAY:%B %Y}")
    page.get_by_role("button", name=_has(_long(MONDAY))).filter(visible=True).click()
    expect(page.locator("h1")).to_have_text(_long(MONDAY))


def test_by_keyboard_alone_a_session_is_found_and_moved(
    signed_in_desktop: Page, practice: Practice, hanna: UUID
) -> None:
    second = _booked(practice, "Yuki", moment(1, 9))
    page = _week(signed_in_desktop, view="day")
    page.keyboard.press("2")
    expect(page.locator(".gcol")).to_have_count(7)
    block = _block(page, "Hanna")
    expect(block).to_be_visible()
    page.get_by_role("region", name="Hours").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if block.evaluate("el => el === document.activeElement"):
            break
    page.keyboard.press("ArrowRight")
    expect(_block(page, "Yuki")).to_be_focused()
    page.keyboard.press("m")
    sheet = page.get_by_role("dialog", name="Move the session")
    sheet.get_by_label("Begins").fill("16:15")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("16:15")
    assert _when(practice, second) == (moment(1, 16, 15), 60)
    assert _when(practice, hanna) == (moment(0, 10), 60)
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator(".gd.today")).to_be_visible()
    page.keyboard.press("4")
    expect(page.get_by_role("heading", name=_has("Today, "))).to_be_visible()


def test_of_a_series_one_asks_how_far_a_move_reaches(signed_in_desktop: Page, practice: Practice) -> None:
    booking = sessions.Booking(contact_id=practice.clients["Hanna"], scheduled_at=moment(0, 10), duration_minutes=60)
    with transaction(practice.user_id) as db:
        series = sessions.create(db, booking, "FREQ=WEEKLY;COUNT=3", {}).id
    page = _week(signed_in_desktop)
    _drag(page, _block(page, "Hanna"), days=1, minutes=0)
    sheet = page.get_by_role("dialog", name="Before it moves")
    expect(sheet).to_contain_text("It is one of a series")
    sheet.get_by_role("button", name="This and those after it").click()
    expect(page.locator(".toast")).to_contain_text("Moved 3 sessions")
    assert _all_of(practice, "Hanna") == [moment(day, 10) for day in (1, 8, 15)]
    page.keyboard.press("z")
    expect(page.locator(".toast")).not_to_contain_text("Moved 3")
    assert _all_of(practice, "Hanna") == [moment(day, 10) for day in (0, 7, 14)]
    assert series is not None


def test_the_phone_has_a_strip_of_days_and_a_list(signed_in_phone: Page, practice: Practice, hanna: UUID) -> None:
    page = signed_in_phone
    page.goto(f"/calendar?day={MONDAY + timedelta(days=1)}")
    expect(page.get_by_text("Nothing on this day.")).to_be_visible()
    page.locator(".wk button").nth(MONDAY.weekday()).tap()
    row = page.locator(".ag", has_text="Hanna Virtanen").get_by_role("button")
    row.tap()
    sheet = page.get_by_role("dialog", name="Session", exact=True)
    expect(sheet).to_contain_text("10:00 to 11:00")
    sheet.get_by_role("button", name="Move").tap()
    form = page.get_by_role("dialog", name="Move the session")
    form.get_by_label("Begins").fill("12:30")
    form.get_by_role("button", name="Move").tap()
    expect(page.locator(".toast")).to_contain_text("12:30")
    assert _when(practice, hanna) == (moment(0, 12, 30), 60)

    page.goto("/calendar?view=month")
    page.goto(f"/calendar?day={MONDAY}&view=month")
    page.get_by_role("button", name=f"{_long(MONDAY + timedelta(days=1))}, nothing booked").tap()
    expect(page.get_by_text("Nothing on this day.")).to_be_visible()
    page.get_by_role("button", name=f"{_long(MONDAY)}, 1 booked").tap()
    expect(page.locator(".ag", has_text="Hanna Virtanen")).to_be_visible()


def test_a_finger_that_rests_drags_and_one_that_does_not_scrolls(
    signed_in_phone: Page, practice: Practice, hanna: UUID
) -> None:
    page = _week(signed_in_phone, view="day")
    block = _block(page, "Hanna")
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    box = block.bounding_box()
    x, y = box["x"] + 60, box["y"] + 20
    hour = page.locator(".gc").bounding_box()["height"] / 24
    touch("touchStart", x, y)
    expect(page.locator(".cb.ghost")).to_be_visible()
    touch("touchMove", x, y + hour * 0.6)
    touch("touchMove", x, y + hour * 1.5)
    expect(page.locator(".cb.ghost")).to_contain_text("11:30 to 12:30")
    touch("touchEnd", x, y + hour * 1.5)
    expect(page.locator(".toast")).to_contain_text("11:30")
    assert _when(practice, hanna) == (moment(0, 11, 30), 60)

    hours = page.get_by_role("region", name="Hours")
    before, box = hours.evaluate("el => el.scrollTop"), block.bounding_box()
    x, y = box["x"] + 60, box["y"] + 20
    touch("touchStart", x, y)
    for step in range(1, 6):
        touch("touchMove", x, y - step * 12)
    touch("touchEnd", x, y - 60)
    assert hours.evaluate("el => el.scrollTop") > before
    expect(page.locator(".cb.ghost")).to_have_count(0)
    assert _when(practice, hanna) == (moment(0, 11, 30), 60)


def test_other_calendars_are_given_an_address_that_can_be_turned_off(
    signed_in_phone: Page, practice: Practice, hanna: UUID
) -> None:
    page = signed_in_phone
    page.goto("/settings/calendar")
    page.get_by_role("button", name="Make an address").tap()
    address = page.get_by_label("The address").input_value()
    calendar = page.request.get(address)
    assert (calendar.status, f"{hanna}@omnicrm" in calendar.text(), "Hanna" in calendar.text()) == (200, True, False)
    page.reload()
    expect(page.get_by_text("last read now")).to_be_visible()
    expect(page.get_by_label("The address")).to_have_count(0)  # shown once
    page.get_by_role("button", name="Turn it off").tap()
    expect(page.locator(".toast")).to_contain_text("Turned off")
    assert page.request.get(address).status == 404
    page.locator(".toast").get_by_role("button", name="Undo").tap()
    expect(page.locator(".toast")).to_contain_text("works again")
    assert page.request.get(address).status == 200


def _week(page: Page, *, view: str = "week") -> Page:
    page.goto(f"/calendar?day={MONDAY}&view={view}")
    page.locator(".gcol").first.wait_for()
    return page


def _block(page: Page, name: str) -> Locator:
    return page.locator("button.cb:not(.ghost)", has_text=name).filter(visible=True)


@contextmanager
def _grabbed(page: Page, block: Locator, *, at_edge: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Hold a block with the mouse; inside, `move(days, minutes)` takes it there, and it is dropped at the end."""
    block.scroll_into_view_if_needed()
    box = block.bounding_box()
    width, hour = page.locator(".gcol").first.bounding_box()["width"], page.locator(".gc").bounding_box()["height"] / 24
    x, y = box["x"] + 40, box["y"] + (box["height"] - 3 if at_edge else 10)
    page.mouse.move(x, y)
    page.mouse.down()

    def move(days: int, minutes: int) -> None:
        page.mouse.move(x + 8, y + 8)
        page.mouse.move(x + days * width, y + minutes * hour / 60)

    yield move
    page.mouse.up()


def _drag(page: Page, block: Locator, *, days: int, minutes: int) -> None:
    with _grabbed(page, block) as move:
        move(days, minutes)


def _booked(practice: Practice, name: str, at: datetime) -> UUID:
    booking = sessions.Booking(contact_id=practice.clients[name], scheduled_at=at, duration_minutes=60)
    with transaction(practice.user_id) as db:
        return sessions.book(db, booking).id


def _when(practice: Practice, session: UUID) -> tuple[datetime, int | None]:
    with transaction(practice.user_id) as db:
        found = db.get_one(Session, session)
        return found.scheduled_at, found.duration_minutes


def _all_of(practice: Practice, name: str) -> list[datetime]:
    with transaction(practice.user_id) as db:
        rows = sessions.on_range(db, moment(0, 0), moment(28, 0))
    return [datetime.fromisoformat(row.starts_at) for row in rows if row.contact_id == str(practice.clients[name])]


def _long(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _has(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words))
