"""Journey 2: clear the queue, on a desktop by keyboard and on a phone with one thumb."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from playwright.sync_api import Browser, Locator, Page, expect

from omnicrm.core.db import transaction
from omnicrm.domain import approvals, contacts, sessions
from tests.browser.conftest import DESKTOP, signed_in
from tests.browser.stillwater import Practice, at
from tests.serving import Served


def test_the_words_that_a_proposal_rests_on_are_marked_and_tied_to_its_fields(
    signed_in_desktop: Page, practice: Practice
) -> None:
    page = signed_in_desktop
    _open(page, practice, "move")
    mail = _card(page).locator(".mail")
    expect(mail.locator("mark")).to_have_text(["1I can’t make our 14:30", "2Friday at ten instead"])
    row = _card(page).locator(".fld").filter(has_text="New time")
    expect(row.locator(".ev")).to_have_text("2")
    row.locator(".ev").hover()
    expect(mail.locator("mark").nth(1)).to_have_class(re.compile("tie"))
    page.keyboard.press("1")
    expect(mail.locator("mark").first).to_be_focused()


def test_by_keyboard_down_the_list_yes_and_taken_back(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "move")
    first = _sentence(page)
    page.keyboard.press("j")
    expect(_card(page).locator("h2")).not_to_have_text(first)
    page.keyboard.press("k")
    expect(_card(page).locator("h2")).to_have_text(first)
    page.keyboard.press("a")
    expect(_card(page).locator("h2")).not_to_have_text(first)
    expect(_toast(page)).to_contain_text("aroma massage moved to")
    assert _status(practice, "move") == "executed"
    page.keyboard.press("z")
    expect(_toast(page)).to_contain_text("Taken back")
    assert _status(practice, "move") == "undone"


def test_a_time_is_edited_in_place_and_the_sentence_follows(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "move")
    page.keyboard.press("e")
    _card(page).locator(".ed").get_by_role("button", name="Later", exact=True).click()
    expect(_card(page).locator("h2")).to_contain_text("at 10:15")
    _card(page).get_by_role("button", name="Shorter").click()
    expect(_card(page).locator(".stp b").nth(1)).to_have_text("60 min")
    page.get_by_role("button", name="Approve with 10:15").click()
    expect(_toast(page)).to_contain_text("10:15")
    with transaction(practice.user_id) as db:
        moved = [row for row in sessions.on_range(db, at(3, 0), at(4, 0)) if row.who == "Aino Korhonen"]
    assert [(row.time, row.minutes) for row in moved] == [("10:15", 60)]


def test_a_change_can_be_dropped(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "move")
    before = _sentence(page)
    page.keyboard.press("e")
    _card(page).locator(".ed").get_by_role("button", name="Later", exact=True).click()
    expect(_card(page).locator("h2")).to_contain_text("at 10:15")
    page.keyboard.press("Escape")
    expect(_card(page).locator("h2")).to_have_text(before)


def test_a_field_is_left_out(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "contact")
    page.get_by_role("button", name="Leave out: Phone").click()
    page.get_by_role("button", name="Approve the change").click()
    expect(_toast(page)).to_contain_text("Noor Haddad")
    with transaction(practice.user_id) as db:
        assert [row.phone for row in contacts.listed(db, "Noor Haddad").rows] == [""]


def test_a_rejection_with_a_reason_teaches_and_can_be_taken_back(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "task")
    page.keyboard.press("r")
    sheet = page.get_by_role("dialog", name="Reject this proposal")
    sheet.get_by_label("Nothing from this sender").check()
    expect(sheet).to_contain_text("Mail from hanna.virtanen@example.fi is left out from now on.")
    sheet.get_by_role("button", name="Reject and remember").click()
    expect(_toast(page)).to_contain_text("Rejected")
    with transaction(practice.user_id) as db:
        assert [rule.sentence for rule in approvals.taught(db)] == ["Nothing from hanna.virtanen@example.fi."]
    _toast(page).get_by_role("button", name="Undo").click()
    expect(_toast(page)).to_contain_text("Waits again")
    with transaction(practice.user_id) as db:
        assert approvals.taught(db) == []


def test_later_comes_back_when_asked(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "payment")
    page.keyboard.press("s")
    sheet = page.get_by_role("dialog", name="Put this proposal off")
    sheet.get_by_role("button", name="Tomorrow morning").click()
    expect(_toast(page)).to_contain_text("Comes back tomorrow, 8:00")
    page.get_by_role("button", name=re.compile("^Later 1$")).click()
    expect(_card(page).locator("h2")).to_contain_text("Record €120.00")
    assert _status(practice, "payment") == "snoozed"


def test_later_is_a_time_of_ones_own_and_taken_back(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    _open(page, practice, "payment")
    _card(page).get_by_role("button", name="Later").tap()
    sheet = page.get_by_role("dialog", name="Put this proposal off")
    sheet.get_by_role("button", name="Put off").tap()
    expect(sheet.get_by_role("alert")).to_contain_text("Write a date and time")
    sheet.get_by_label("Another time").fill("2020-01-01T10:00")
    sheet.get_by_role("button", name="Put off").tap()
    expect(sheet.get_by_role("alert")).to_contain_text("Choose a later time")
    sheet.get_by_label("Another time").fill(f"{at(2, 10):%Y-%m-%dT10:00}")
    sheet.get_by_role("button", name="Put off").tap()
    expect(_toast(page)).to_contain_text("10:00")
    assert _status(practice, "payment") == "snoozed"
    _toast(page).get_by_role("button", name="Undo").tap()
    expect(_toast(page)).to_contain_text("Waits for your yes again")
    assert _status(practice, "payment") == "pending"


def test_a_reply_stays_within_the_card_of_its_message(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "move")
    replies = page.locator(".qi").filter(has_text="Reply")
    expect(replies).to_have_count(0)
    expect(_card(page)).to_contain_text("A reply is drafted for this")
    page.keyboard.press("a")
    expect(_card(page).locator("textarea[name=body]")).to_be_visible()  # what was drafted with it comes next
    expect(page.get_by_role("heading", name="Approvals")).to_contain_text(str(len(practice.proposals) - 1))


def test_a_page_that_is_read_again_is_not_drawn_anew(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "payment")
    page.evaluate(
        """() => {
          document.querySelector(".body").dataset.kept = "yes";
          new MutationObserver(() => document.querySelector("main .busy") && (document.body.dataset.flashed = "yes"))
            .observe(document.body, { childList: true, subtree: true });
        }"""
    )
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Approvals").first.click()
    expect(_card(page).locator("h2")).to_contain_text("Move Aino Korhonen")  # the first one, as without ?open=
    expect(page.locator(".body[data-kept]")).to_have_count(1)
    expect(page.locator("body[data-flashed]")).to_have_count(0)
    page.get_by_role("link", name="Tasks").first.click()
    expect(page.get_by_text("Buy lavender oil").first).to_be_visible()
    expect(page.locator("body[data-flashed]")).to_have_count(1)  # another page waits for data of its own


def test_the_keys_of_the_page_are_listed(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "move")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys of this page")
    rows = sheet.locator(".keys > div")
    for words, key in (("Approve", "A"), ("Edit", "E"), ("Later", "S"), ("Reject", "R"), ("Next proposal", "J")):
        expect(rows.filter(has=page.get_by_text(words, exact=True)).locator("dd")).to_have_text(key)
    expect(rows.filter(has_text="Contacts").locator("kbd")).to_have_text(["G", "P"])
    page.keyboard.press("a")  # nothing is decided behind it
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert _status(practice, "move") == "pending"


def test_many_are_looked_at_before_and_undone_together(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "move")
    page.keyboard.press("Shift+A")
    sheet = page.get_by_role("dialog", name="Approve these")
    expect(sheet.get_by_role("checkbox")).to_have_count(5)
    sheet.get_by_label(re.compile("Add Noor Haddad")).uncheck()
    sheet.get_by_role("button", name="Approve 4").click()
    expect(_toast(page)).to_contain_text("4 proposals approved.")
    assert [_status(practice, name) for name in ("move", "contact", "payment")] == ["executed", "pending", "executed"]
    _toast(page).get_by_role("button", name="Undo").click()
    expect(_toast(page)).to_contain_text("4 proposals taken back.")
    assert _status(practice, "payment") == "undone"


def test_only_the_selected_ones(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "payment")
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Approve 1").click()
    page.get_by_role("dialog", name="Approve these").get_by_role("button", name="Approve 1").click()
    expect(_toast(page)).to_contain_text("1 proposal approved.")
    assert [_status(practice, name) for name in ("payment", "phone")] == ["executed", "pending"]


def test_a_new_client_is_added_with_her_session(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _open(page, practice, "book")
    before = _sentence(page)
    page.keyboard.press("a")
    expect(_toast(page)).to_contain_text("not in your contacts yet")
    expect(_card(page).locator("h2")).to_have_text(before)  # it left too early, and is back
    _toast(page).get_by_role("button", name="Add the contact too").click()
    expect(_toast(page)).to_contain_text("booked for a first consultation")
    assert [_status(practice, name) for name in ("contact", "book")] == ["executed", "executed"]


def test_what_did_not_work_says_why_and_is_tried_again(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    with transaction(practice.user_id) as db:
        session = sessions.cancel(db, _session_of(practice, "Kwame Mensah")).id
    _open(page, practice, "cancel")
    page.keyboard.press("a")
    _open(page, practice, "cancel")
    expect(_card(page).get_by_text("What was tried")).to_be_visible()
    expect(_card(page).get_by_text("Did not work")).to_be_visible()
    with transaction(practice.user_id) as db:
        sessions.uncancel(db, session)
    page.get_by_role("button", name="Try again").click()
    expect(_toast(page)).to_contain_text("cancelled")
    assert _status(practice, "cancel") == "executed"


def test_undo_after_a_change_shows_the_difference(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    with transaction(practice.user_id) as db:
        approvals.approve(db, practice.proposals["move"])
    moved = _session_of(practice, "Aino Korhonen", after=at(3, 0))
    with transaction(practice.user_id) as db:
        sessions.move(db, moved, at(3, 11), 90, allow_overlap=True)
    page.goto("/approvals")
    page.get_by_role("button", name="Done", exact=True).click()
    page.get_by_role("button", name=re.compile("^Undo: Aino Korhonen’s")).click()
    sheet = page.get_by_role("dialog", name="Changed since you approved it")
    expect(sheet.locator(".ch")).to_have_text(["11:00", "90 min"])
    sheet.get_by_label(re.compile("Everything back as it was")).check()
    sheet.get_by_role("button", name="Do it").click()
    expect(_toast(page)).to_contain_text("Taken back")
    with transaction(practice.user_id) as db:
        assert sessions.card(db, moved).span == "14:30 to 15:45"


def test_two_tabs_and_a_double_click_carry_it_out_once(
    chromium: Browser, server: Served, signed_in_desktop: Page, practice: Practice
) -> None:
    page = signed_in_desktop
    _open(page, practice, "payment")
    with signed_in(chromium, server, practice, **DESKTOP) as other:
        _open(other, practice, "payment")
        with transaction(practice.user_id) as db:
            before = contacts.card(db, practice.clients["Elena"]).counts["payment"]
        _card(page).get_by_role("button", name="Approve").dblclick()
        expect(_toast(page)).to_contain_text("recorded")
        other.keyboard.press("a")
        expect(_toast(other)).to_contain_text("already")
    with transaction(practice.user_id) as db:
        assert contacts.card(db, practice.clients["Elena"]).counts["payment"] == before + 1
        waiting = approvals.counts(db).all
    assert waiting == len(practice.proposals) - 2  # the reply stays with its message


def test_a_reply_is_changed_and_copied(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _open(page, practice, "reply")
    page.locator("textarea[name=body]").fill("Friday at ten, with pleasure.")
    page.get_by_role("button", name="Copy").click()
    expect(_toast(page)).to_contain_text("Nothing was sent")
    assert page.evaluate("navigator.clipboard.readText()") == "Friday at ten, with pleasure."


def test_the_queue_is_cleared_with_one_thumb(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    _open(page, practice, "move")
    expect(page.get_by_role("heading", name="Approvals")).to_contain_text("7")
    expect(_card(page).locator(".quote mark")).to_have_count(2)
    _card(page).get_by_role("button", name="Read it all").tap()
    sheet = page.get_by_role("dialog", name="The whole message")
    expect(sheet).to_contain_text("Your oil from last time was lovely")
    sheet.get_by_role("button", name="Close").tap()
    for left in (7, 6):
        sentence = _sentence(page)
        _card(page).get_by_role("button", name=re.compile("Approve|Keep the draft")).tap()
        expect(_card(page).locator("h2")).not_to_have_text(sentence)
        expect(page.get_by_role("heading", name="Approvals")).to_contain_text(str(left))
        page.wait_for_timeout(400)  # a second tap at once is taken for a double one
    assert [_status(practice, name) for name in ("move", "reply")] == ["executed", "executed"]


def test_swipes_do_what_the_buttons_do(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    _open(page, practice, "payment")
    _swipe(page, _card(page), -160)
    sheet = page.get_by_role("dialog", name="Reject this proposal")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Keep it").click()  # a tap would only end the fling
    expect(sheet).to_be_hidden()
    page.wait_for_timeout(400)
    _swipe(page, _card(page), 160)
    expect(_toast(page)).to_contain_text("€120.00 from Elena Petrova recorded")
    assert _status(practice, "payment") == "executed"


def _open(page: Page, practice: Practice, name: str) -> None:
    page.goto(f"/approvals?open={practice.proposals[name]}")
    with transaction(practice.user_id) as db:
        sentence = approvals.card(db, practice.proposals[name]).sentence
    expect(_card(page).locator("h2")).to_have_text(sentence)


def _card(page: Page) -> Locator:
    return page.locator(".pc:not(.gone)").first


def _sentence(page: Page) -> str:
    return _card(page).locator("h2").inner_text()


def _toast(page: Page) -> Locator:
    return page.locator(".toast")


def _status(practice: Practice, name: str) -> str:
    with transaction(practice.user_id) as db:
        return approvals.card(db, practice.proposals[name]).status


def _session_of(practice: Practice, who: str, after: datetime | None = None) -> UUID:
    with transaction(practice.user_id) as db:
        rows = sessions.on_range(db, after or at(1, 0), at(1, 0) + timedelta(days=30))
    return next(UUID(row.id) for row in rows if row.who == who and row.kind == "session")


def _swipe(page: Page, card: Locator, by: int) -> None:
    """With a finger: Chromium's own touch events, which become pointer events."""
    box = card.locator("h2").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 - by / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    for step in range(1, 9):
        touch("touchMove", {"x": x + by * step / 8, "y": y})
    touch("touchEnd")
    finger.detach()
