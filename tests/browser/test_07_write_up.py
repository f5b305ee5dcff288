"""Journey 7: done opens the session's note; what is typed survives a lost connection; a follow-up is one tap."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import transaction
from omnicrm.domain import sessions
from omnicrm.models.notes import Note
from omnicrm.models.tasks import Task
from tests.browser.stillwater import Practice


@pytest.fixture
def massage(practice: Practice) -> UUID:
    """Jonas is just leaving."""
    with transaction(practice.user_id) as db:
        booking = sessions.Booking(
            contact_id=practice.clients["Jonas"], title="Deep tissue massage", scheduled_at=clock.now()
        )
        return sessions.book(db, booking, allow_overlap=True).id


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_done_opens_the_note_and_it_is_kept(
    size: str, request: pytest.FixtureRequest, practice: Practice, massage: UUID
) -> None:
    page: Page = request.getfixturevalue(f"signed_in_{size}")
    page.goto(f"/sessions/{massage}")
    page.get_by_role("button", name="Done").filter(visible=True).click()
    editor = page.get_by_role("dialog", name="Note for Jonas Berg")
    expect(editor).to_be_visible()
    with transaction(practice.user_id) as db:
        assert sessions.get(db, massage).status == "completed"
    words = editor.get_by_role("textbox").last
    words.fill("Left knee better, full bend without pain.")
    expect(editor.get_by_text(re.compile("^Saved"))).to_be_visible()
    editor.get_by_role("button", name="Done").click()
    expect(editor).to_have_count(0)
    page.reload()  # nothing but what was saved
    expect(page.get_by_text("Left knee better")).to_be_visible()
    with transaction(practice.user_id) as db:
        (note,) = db.scalars(select(Note).where(col(Note.session_id) == massage))
        assert (note.content, note.note_type) == ("Left knee better, full bend without pain.", "session")
        assert note.contact_id == practice.clients["Jonas"]

    page.get_by_role("button", name="Follow-up").click()
    expect(page.locator(".toast")).to_contain_text("Follow up with Jonas")
    with transaction(practice.user_id) as db:
        (task,) = db.scalars(select(Task).where(col(Task.session_id) == massage))
        assert task.contact_id == practice.clients["Jonas"]
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("taken back")
    with transaction(practice.user_id) as db:
        assert db.scalars(select(Task).where(col(Task.session_id) == massage)).all() == []


def test_what_was_called_off_late_says_so_before_and_comes_back(
    signed_in_phone: Page, practice: Practice, massage: UUID
) -> None:
    page = signed_in_phone
    page.goto(f"/sessions/{massage}")
    page.get_by_role("button", name="Cancel", exact=True).filter(visible=True).first.tap()
    sheet = page.get_by_role("dialog", name="Cancel this session")
    expect(sheet.get_by_text("There is no rule about late cancelling here")).to_be_visible()
    sheet.get_by_role("button", name="I cancel").tap()
    expect(sheet.get_by_text("You call it off, so nothing is counted against Jonas.")).to_be_visible()
    sheet.get_by_role("button", name="Ill", exact=True).tap()
    sheet.get_by_role("button", name="Cancel it").tap()
    expect(page.get_by_text(re.compile("Cancelled by you, .*: Ill"))).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("button", name="Done").filter(visible=True)).to_be_visible()
    page.get_by_role("button", name="What happened to it").tap()
    history = page.get_by_role("dialog", name="History")
    for words in ("Booked again", "Cancelled: Ill", "Booked for today"):
        expect(history.get_by_text(re.compile(words))).to_be_visible()
