"""Journey 13: find anything, by keyboard on a desktop and by thumb on a phone, and act from the result."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.stillwater import Practice


def test_by_keyboard_knee_is_found_in_a_note_and_opened(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _ready(page, "/")
    page.keyboard.press("Control+k")
    expect(_field(page)).to_be_focused()
    expect(_options(page).first).to_be_visible()  # the clients of these days
    page.keyboard.type("knee")
    expect(page.get_by_role("group", name="Notes")).to_contain_text("Left knee still stiff after the run")
    expect(_chosen(page)).to_contain_text("tag knee")
    expect(_palette(page).locator(".voice mark")).to_have_text("knee")
    assert _findings(page) == []
    while "Left knee" not in _chosen(page).inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/contacts/{practice.clients['Jonas']}\\?show=note"))
    expect(page.get_by_role("heading", name="Jonas Berg")).to_be_visible()
    expect(page.get_by_role("button", name="Notes 1")).to_have_attribute("aria-pressed", "true")
    expect(_palette(page)).to_be_hidden()


def test_a_name_with_a_typo_and_without_its_accent_is_found(signed_in_desktop: Page) -> None:
    page = signed_in_desktop
    _ready(page, "/")
    for typed, name in (("tomas", "Tomás Ferreira"), ("ferriera", "Tomás Ferreira"), ("petrva", "Elena Petrova")):
        _slash(page)
        _field(page).fill(typed)
        expect(_chosen(page)).to_contain_text(name)
        page.keyboard.press("Escape")
        expect(_palette(page)).to_be_hidden()


def test_enter_before_the_answer_opens_the_first_result(signed_in_desktop: Page, practice: Practice) -> None:
    page = signed_in_desktop
    _ready(page, "/tasks")
    page.keyboard.press("Control+k")
    page.keyboard.type("beatriz")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(str(practice.clients["Beatriz"])))


def test_a_session_is_booked_from_the_result(signed_in_desktop: Page) -> None:
    page = signed_in_desktop
    _ready(page, "/calendar")
    page.keyboard.press("Control+k")
    page.keyboard.type("hanna virt")
    expect(_chosen(page)).to_contain_text("Hanna Virtanen")
    page.keyboard.press("Control+b")
    expect(page.get_by_role("heading", name="Book Hanna")).to_be_visible()


def test_what_is_not_there_is_said(signed_in_desktop: Page) -> None:
    page = signed_in_desktop
    _ready(page, "/")
    page.get_by_role("button", name="Find anything").click()
    _field(page).fill("qqqq")
    expect(_palette(page)).to_contain_text("Nothing found for “qqqq”")
    assert _findings(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Find anything")).to_be_focused()


def test_on_a_phone_it_has_the_whole_screen_and_a_long_press_acts(signed_in_phone: Page) -> None:
    page = signed_in_phone
    _ready(page, "/")
    page.get_by_role("button", name="Find anything").tap()
    expect(_field(page)).to_be_focused()
    box = _palette(page).bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    _field(page).fill("knee")
    jonas = _options(page).filter(has_text="Jonas Berg").first
    expect(jonas).to_be_visible()
    expect(_chosen(page)).to_contain_text("Elena Petrova")
    assert _findings(page) == []
    jonas.dispatch_event("pointerdown", {"pointerType": "touch"})
    expect(_chosen(page)).to_contain_text("Jonas Berg")
    jonas.dispatch_event("pointerup", {"pointerType": "touch"})
    expect(_palette(page).get_by_role("link", name="Call")).to_have_attribute("href", re.compile(r"^tel:\+358"))
    _palette(page).get_by_role("button", name="Book").tap()
    expect(page.get_by_role("heading", name="Book Jonas")).to_be_visible()


def test_on_a_phone_a_tap_opens(signed_in_phone: Page, practice: Practice) -> None:
    page = signed_in_phone
    _ready(page, f"/contacts/{practice.clients['Aino']}")
    page.get_by_role("button", name="Find anything").filter(visible=True).tap()
    _field(page).fill("northern")
    note = _options(page).filter(has_text="northern lights")
    expect(note).to_contain_text("Aino Korhonen")
    _field(page).fill("lavender oil")
    _options(page).filter(has_text="Buy lavender oil").tap()
    expect(page).to_have_url(re.compile(r"/tasks\?task="))


def _ready(page: Page, address: str) -> None:
    """The page is there, and so is its script: a heading stands in the built page before any key is listened to."""
    page.goto(address)
    expect(page.locator("main h1").first).to_be_visible()
    expect(page.locator("main .busy")).to_have_count(0)
    expect(page.locator(".side .brand .b")).to_have_text(re.compile(r"\S"))


def _slash(page: Page) -> None:
    """Press "/" as a person does who sees nothing happen: once more. A busy machine has lost a first one."""
    for _ in range(2):
        page.keyboard.press("/")
        try:
            return _palette(page).wait_for(timeout=3_000)
        except TimeoutError:
            continue
    expect(_palette(page)).to_be_visible()


def _palette(page: Page) -> Locator:
    return page.locator("dialog.fd")


def _field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Find anything")


def _options(page: Page) -> Locator:
    return _palette(page).get_by_role("option")


def _chosen(page: Page) -> Locator:
    return _palette(page).get_by_role("option", selected=True)


def _findings(page: Page) -> list[str]:
    return [
        f"{one['id']}: {node['html'][:200]}" for one in Axe().run(page).response["violations"] for node in one["nodes"]
    ]
