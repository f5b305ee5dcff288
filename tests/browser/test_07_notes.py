"""Journey 7, the note: a session is written up between two clients; the draft survives a lost connection."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock
from omnicrm.core.db import transaction
from omnicrm.domain import notes, sessions, tasks
from omnicrm.models.notes import Note, NoteVersion
from tests.browser.conftest import PHONE, SIZES, signed_in
from tests.browser.stillwater import Practice
from tests.serving import Served


@pytest.fixture
def held(practice: Practice) -> UUID:
    """Jonas's massage is just over."""
    with transaction(practice.user_id) as db:
        booking = sessions.Booking(
            contact_id=practice.clients["Jonas"],
            title="Deep tissue massage",
            scheduled_at=clock.now() - timedelta(minutes=61),
            duration_minutes=60,
        )
        return sessions.book(db, booking, allow_overlap=True).id


def test_written_up_from_today_with_type_pin_and_follow_up(
    signed_in_phone: Page, practice: Practice, held: UUID
) -> None:
    page = signed_in_phone
    page.goto("/")
    page.get_by_role("button", name="Write up Jonas Berg").tap()
    editor = page.get_by_role("dialog", name="Note for Jonas Berg")
    expect(editor).to_contain_text("Deep tissue massage, ")
    expect(editor.get_by_role("button", name="Session note")).to_have_attribute("aria-pressed", "true")
    editor.get_by_label("Note", exact=True).fill("Left knee **better**, full bend.")
    expect(editor).to_contain_text(re.compile(r"Saved \d"))
    editor.get_by_role("button", name="Pin this note").tap()
    expect(editor.get_by_role("button", name="Unpin this note")).to_have_attribute("aria-pressed", "true")
    editor.get_by_role("button", name="Follow-up").tap()
    editor.get_by_label("Follow-up").fill("Send Jonas the exercises")
    editor.get_by_role("button", name="Add the task").tap()
    expect(editor.get_by_label("Follow-up")).to_have_count(0)
    expect(editor).to_contain_text(re.compile(r"Saved \d"))
    editor.get_by_role("button", name="Done").tap()
    expect(page.get_by_text("Note kept.")).to_be_visible()
    with transaction(practice.user_id) as db:
        note = notes.of_session(db, held)
        assert note is not None
        assert (note.content, note.is_pinned, note.contact_id) == (
            "Left knee **better**, full bend.",
            True,
            practice.clients["Jonas"],
        )
        mine = tasks.listed(db, contact_id=practice.clients["Jonas"])
        assert [row.session_id for row in mine if row.title == "Send Jonas the exercises"] == [str(held)]
    expect(page.get_by_role("button", name="Write up Jonas Berg")).to_have_count(0)
    page.goto(f"/contacts/{practice.clients['Jonas']}")
    expect(page.get_by_role("region", name="Last note").locator("strong")).to_have_text("better")


def test_a_lost_connection_costs_no_word(signed_in_phone: Page, practice: Practice, held: UUID) -> None:
    page = signed_in_phone
    editor = _begin(page)
    editor.get_by_label("Note", exact=True).fill("Left knee better.")
    expect(editor).to_contain_text(re.compile(r"Saved \d"))
    page.context.set_offline(True)
    expect(editor).to_contain_text("No connection since")
    editor.get_by_label("Note", exact=True).press_sequentially(" Next time: calf.")
    expect(editor).to_contain_text("Kept here")
    expect(editor).to_contain_text("1 note waits: Jonas Berg")
    editor.get_by_role("button", name="Close").tap()
    expect(editor).to_be_hidden()
    page.context.set_offline(False)
    expect(page.get_by_text("Note kept.")).to_be_visible(timeout=60_000)
    assert _said(practice) == ["Left knee better. Next time: calf."]


def test_a_note_that_waited_is_sent_after_a_reload(
    chromium: Browser, server: Served, practice: Practice, held: UUID
) -> None:
    """The page was closed without a connection, and opened again with one."""
    with signed_in(chromium, server, practice, **PHONE) as page:
        editor = _begin(page)
        page.context.set_offline(True)
        expect(editor).to_contain_text("No connection since")
        editor.get_by_label("Note", exact=True).fill("Quads tight on both sides.")
        expect(editor).to_contain_text("Kept here")
        page.context.set_offline(False)
        page.goto("/notes")
        expect(page.locator("main li").filter(has_text="Quads tight on both sides.")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("dialog", name="Note for Jonas Berg")).to_contain_text(re.compile(r"Saved \d"))
    assert _said(practice) == ["Quads tight on both sides."]


@pytest.mark.parametrize("size", SIZES)
def test_read_changed_and_brought_back(size: str, chromium: Browser, server: Served, practice: Practice) -> None:
    with signed_in(chromium, server, practice, **SIZES[size]) as page:
        page.goto("/notes")
        page.get_by_label("Search in notes").fill("hip flexors")
        expect(page.locator("main li")).to_have_count(1)
        page.get_by_role("button", name=re.compile("Jonas Berg")).click()
        editor = page.get_by_role("dialog", name="Note for Jonas Berg")
        editor.get_by_role("button", name="Edit").click()
        editor.get_by_label("Note", exact=True).fill("Right knee now.")
        expect(editor).to_contain_text(re.compile(r"Saved \d"))
        editor.get_by_role("button", name="More").click()
        editor.get_by_role("button", name="Earlier versions").click()
        editor.locator("summary").click()
        editor.get_by_role("button", name="Bring this back").click()
        expect(editor.locator(".md").first).to_contain_text("Left knee still stiff")
        editor.get_by_role("button", name="Close").click()
        expect(page.get_by_role("button", name=re.compile("Jonas Berg"))).to_contain_text("Left knee still stiff")
    with transaction(practice.user_id) as db:
        kept = [old.content for old in db.scalars(select(NoteVersion).order_by(col(NoteVersion.number)))]
    assert kept[-1] == "Right knee now."


def test_two_devices_are_told_and_nothing_is_lost(
    chromium: Browser, server: Served, practice: Practice, held: UUID
) -> None:
    with (
        signed_in(chromium, server, practice, **SIZES["desktop"]) as desk,
        signed_in(chromium, server, practice, **PHONE) as phone,
    ):
        first = _begin(desk)
        first.get_by_label("Note", exact=True).fill("On the desktop.")
        expect(first).to_contain_text(re.compile(r"Saved \d"))
        phone.goto("/notes")
        phone.get_by_role("button", name=re.compile("On the desktop.")).tap()
        second = phone.get_by_role("dialog", name="Note for Jonas Berg")
        second.get_by_role("button", name="Edit").tap()
        expect(second.get_by_label("Note", exact=True)).to_have_value("On the desktop.")
        first.get_by_label("Note", exact=True).fill("On the desktop, more.")
        expect(first).to_contain_text(re.compile(r"Saved \d"))
        second.get_by_label("Note", exact=True).fill("On the phone.")
        expect(second.get_by_role("alert")).to_contain_text("changed elsewhere")
        assert _said(practice) == ["On the desktop, more."]
        second.get_by_role("button", name="Keep mine").tap()
        expect(second.get_by_role("alert")).to_have_count(0)
        expect(second).to_contain_text(re.compile(r"Saved \d"))
    assert _said(practice) == ["On the phone."]


def _begin(page: Page) -> Locator:
    page.goto("/")
    page.get_by_role("button", name="Write up Jonas Berg").click()
    editor = page.get_by_role("dialog", name="Note for Jonas Berg")
    expect(editor.get_by_label("Note", exact=True)).to_be_focused()
    return editor


def _said(practice: Practice) -> list[str]:
    """The session notes of Jonas."""
    with transaction(practice.user_id) as db:
        mine = select(Note).where(col(Note.contact_id) == practice.clients["Jonas"], col(Note.note_type) == "session")
        return [note.content for note in db.scalars(mine)]
