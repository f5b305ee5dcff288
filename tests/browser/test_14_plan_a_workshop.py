"""Journey 14: a workshop is planned, on a desktop by keyboard and on a phone by thumb."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from omnicrm.core.db import transaction
from omnicrm.domain import projects, tasks
from tests.browser.stillwater import Practice, today


def test_a_workshop_with_the_keyboard_alone(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    keys = page.keyboard
    page.goto("/projects")
    expect(page.get_by_text("Solstice workshop")).to_be_visible()
    keys.press("n")
    expect(page.get_by_label("Name")).to_be_focused()
    keys.type("Spring retreat")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Spring retreat")).to_be_visible()
    expect(page.get_by_label("Add a task")).to_be_visible()
    keys.press("n")
    expect(page.get_by_label("Add a task")).to_be_focused()
    keys.type("Ask Ingrid about the house tomorrow 5pm !high")
    understood = page.locator("#understood")
    for words in ("Tomorrow, 17:00", "High", "Ingrid Solberg"):
        expect(understood.get_by_role("button", name=words)).to_be_visible()
    keys.press("Enter")
    row = _row(page, "Ask Ingrid about the house")
    expect(row).to_contain_text("tomorrow, 17:00")
    expect(row).to_contain_text("Ingrid Solberg")
    expect(understood).to_be_hidden()
    with transaction(practice.user_id) as db:
        made = next(row for row in projects.listed(db).rows if row.name == "Spring retreat")
        assert made.progress == "0 of 1"
    row.get_by_role("checkbox").focus()
    keys.press("Space")
    expect(page.get_by_text("1 of 1").first).to_be_visible()
    keys.press("z")  # the toast's Undo
    expect(page.get_by_text("0 of 1").first).to_be_visible()


def test_sections_steps_and_how_far_it_is(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    page.goto(f"/projects/{practice.projects['Workshop']}")
    expect(page.get_by_text("2 of 5").first).to_be_visible()
    room = page.locator("section.grp").filter(has=page.get_by_role("heading", name="Room"))
    room.get_by_text("A step").tap()
    room.get_by_label(re.compile("A step of Confirm")).fill("Call the caretaker")
    room.get_by_role("button", name="Add").tap()
    expect(_row(page, "Call the caretaker")).to_be_visible()
    _row(page, "Put it in the calendar").get_by_role("checkbox").click()
    expect(page.get_by_text("3 of 6").first).to_be_visible()
    page.get_by_role("button", name="Link a contact").tap()
    page.get_by_label("Who is it about?").fill("Aino")
    page.get_by_role("button", name="Aino Korhonen").tap()
    expect(page.get_by_role("link", name="Aino Korhonen")).to_be_visible()
    page.get_by_role("button", name="Complete").tap()
    expect(page.get_by_role("button", name="Take up again")).to_be_visible()
    page.get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("button", name="Complete")).to_be_visible()


def test_a_task_that_comes_again_and_this_and_following(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    page.goto("/tasks")
    page.get_by_label("Add a task").fill("Newsletter every week today")
    expect(page.locator("#understood")).to_contain_text("Weekly")
    page.get_by_role("button", name="Add", exact=True).click()
    row = _row(page, "Newsletter")
    expect(row).to_contain_text("Weekly")
    row.get_by_role("button", name="Newsletter").click()
    sheet = page.get_by_role("dialog", name="Task")
    sheet.get_by_label("Task", exact=True).fill("Newsletter, short")
    sheet.get_by_label("This one and all that follow").check()
    sheet.get_by_label("Repeats").select_option("FREQ=WEEKLY;INTERVAL=2")
    sheet.get_by_role("button", name="Save").click()
    row = _row(page, "Newsletter, short")
    expect(row).to_contain_text("Every 2 weeks")
    row.get_by_role("checkbox").click()
    expect(page.get_by_text("Done: Newsletter, short. Next:")).to_be_visible()
    page.get_by_role("button", name="Upcoming").click()
    expect(_row(page, "Newsletter, short")).to_be_visible()
    with transaction(practice.user_id) as db:
        coming = [row for row in tasks.listed(db, "upcoming") if row.title == "Newsletter, short"]
        assert [row.due_on for row in coming] == [(today() + timedelta(days=14)).isoformat()]
    page.get_by_role("button", name="Undo").click()
    expect(_row(page, "Newsletter, short")).to_have_count(0)
    page.get_by_role("button", name="Today").first.click()
    expect(_row(page, "Newsletter, short")).to_be_visible()


def test_many_at_once_and_back(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    page.goto("/tasks")
    expect(_row(page, "Buy lavender oil")).to_be_visible()
    page.get_by_role("button", name="Select", exact=True).tap()
    for title in ("Buy lavender oil", "Remind Jonas of his invoice"):
        page.get_by_role("checkbox", name=f"Select: {title}").click()
    bar = page.get_by_role("group", name="Selected tasks")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Move").tap()
    page.get_by_role("dialog", name="Move to another day").get_by_label("Day").fill(
        (today() + timedelta(days=5)).isoformat()
    )
    page.get_by_role("dialog").get_by_role("button", name="Move").tap()
    expect(_row(page, "Buy lavender oil")).to_have_count(0)
    page.get_by_role("button", name="Undo").tap()
    expect(_row(page, "Buy lavender oil")).to_be_visible()
    page.get_by_role("button", name="Select", exact=True).tap()
    page.get_by_role("checkbox", name="Select: Buy lavender oil").click()
    bar.get_by_role("button", name="Done").tap()
    expect(_row(page, "Buy lavender oil")).to_have_count(0)
    page.get_by_role("button", name="Undo").tap()
    expect(_row(page, "Buy lavender oil")).to_be_visible()


def test_what_was_understood_is_corrected_by_a_tap(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    page.goto("/tasks")
    page.get_by_label("Add a task").fill("Plan Friday class #solstice")
    understood = page.locator("#understood")
    expect(understood.get_by_role("button", name="Solstice workshop")).to_be_visible()
    understood.get_by_role("button", name=re.compile("not meant")).first.tap()
    page.get_by_role("button", name="Today: not meant").wait_for(state="detached")
    page.get_by_role("button", name="Add", exact=True).tap()
    expect(page.get_by_text("Task added: Plan Friday class")).to_be_visible()
    with transaction(practice.user_id) as db:
        row = next(row for row in tasks.listed(db) if row.title == "Plan Friday class")
    assert (row.due_on, row.project) == ("", "Solstice workshop")


def _row(page: Page, title: str) -> Locator:
    return page.locator("li.tk").filter(has=page.get_by_role("button", name=title, exact=True))
