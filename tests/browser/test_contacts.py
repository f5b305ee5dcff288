"""The list of clients: filtered, kept as a view, many at once, by mouse and by thumb."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from omnicrm.core.db import transaction
from omnicrm.domain import contacts
from tests.browser.stillwater import Practice


def test_a_filter_is_kept_as_a_view_and_removed(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    page.goto("/contacts")
    expect(page.get_by_role("link", name="Beatriz Almeida").filter(visible=True)).to_be_visible()
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Tag", exact=True).fill("knee")
    assert _findings(page) == []
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Keep as view").click()
    page.locator("dialog[open]").get_by_label("Name").fill("Knees")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Knees")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Everyone").filter(visible=True).click()
    expect(page.locator("tbody tr")).to_have_count(len(practice.clients))
    page.get_by_role("button", name="Knees").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Remove this view").click()
    expect(page.get_by_role("button", name="Knees")).to_have_count(0)


def test_two_are_tagged_and_archived_and_taken_back(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    page.goto("/contacts")
    for name in ("Aino Korhonen", "Daniel Okafor"):
        page.get_by_label(f"Select {name}").filter(visible=True).check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    assert _findings(page) == []
    page.get_by_role("group", name="Selected contacts").get_by_role("button", name="Tag").click()
    page.get_by_label("Tag", exact=True).fill("winter")
    page.get_by_role("button", name="Add the tag").click()
    expect(page.locator(".toast")).to_contain_text("Tag “winter” put on 2 contacts.")
    with transaction(practice.user_id) as db:
        assert "winter" in contacts.get(db, practice.clients["Aino"]).tags
    page.get_by_label("Select Aino Korhonen").filter(visible=True).check()
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("tbody tr")).to_have_count(len(practice.clients) - 1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("tbody tr")).to_have_count(len(practice.clients))


def test_on_a_phone_a_long_press_selects(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    page.goto("/contacts")
    row = page.get_by_role("link", name="Aino Korhonen").filter(visible=True)
    expect(row).to_be_visible()
    row.dispatch_event("pointerdown", {"pointerType": "touch"})
    expect(page.get_by_text("1 selected")).to_be_visible()
    row.dispatch_event("pointerup", {"pointerType": "touch"})
    page.get_by_label("Select Daniel Okafor").filter(visible=True).check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    assert _findings(page) == []
    page.get_by_role("button", name="Group").filter(visible=True).tap()
    page.get_by_label("New group").fill("Winter")
    page.get_by_role("button", name="Add to the group").tap()
    expect(page.locator(".toast")).to_contain_text("2 contacts joined the group.")


def test_health_notes_open_on_demand_and_a_consent_is_kept(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    page.goto(f"/contacts/{practice.clients['Hanna']}")
    page.get_by_role("button", name="Show", exact=True).tap()
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    page.get_by_role("button", name="Write", exact=True).tap()
    page.get_by_label("What to know").fill("Takes magnesium.")
    page.get_by_role("button", name="Save").filter(visible=True).tap()
    expect(page.get_by_text("Takes magnesium.").filter(visible=True)).to_be_visible()
    page.get_by_role("switch", name="Newsletter").check()
    expect(page.locator(".toast")).to_contain_text("Newsletter: granted today")
    assert _findings(page) == []
    page.reload()
    expect(page.get_by_role("switch", name="Newsletter")).to_be_checked()
    expect(page.get_by_text("Takes magnesium.")).to_have_count(0)


def _findings(page: Page) -> list[str]:
    return [
        f"{one['id']}: {node['html'][:200]}" for one in Axe().run(page).response["violations"] for node in one["nodes"]
    ]
