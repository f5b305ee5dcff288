"""Facts of a client open where they stand: by keyboard, by thumb, and in two tabs at once."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser import stillwater
from tests.browser.conftest import PHONE, SIZES, signed_in
from tests.serving import Served


def test_a_fact_is_changed_left_and_taken_back_by_keyboard(chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    with signed_in(chromium, server, practice, **SIZES["desktop"]) as page:
        page.goto(f"/contacts/{practice.clients['Aino']}")
        town = page.get_by_role("button", name="Town: Helsinki, change")
        town.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Town", exact=True)).to_be_focused()
        page.keyboard.type("Espoo 🧘")
        page.keyboard.press("Escape")
        expect(town).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Town", exact=True)).to_be_focused()
        page.keyboard.type("Espoo")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Town saved.")).to_be_visible()
        expect(page.get_by_role("button", name="Town: Espoo, change")).to_be_visible()
        page.get_by_role("button", name="Undo").press("Enter")
        expect(town).to_be_visible()


def test_two_tabs_edit_one_fact_and_the_second_sees_both(chromium: Browser, server: Served) -> None:
    practice = stillwater.make()
    address = f"/contacts/{practice.clients['Aino']}"
    with (
        signed_in(chromium, server, practice, **PHONE) as first,
        signed_in(chromium, server, practice, **PHONE) as second,
    ):
        for page in (first, second):
            page.goto(address)
            page.get_by_role("button", name="Mail: aino.korhonen@example.fi, change").tap()
            expect(page.get_by_label("Mail", exact=True)).to_be_focused()
        first.get_by_label("Mail", exact=True).fill("aino@one.example")
        first.get_by_role("button", name="Save", exact=True).tap()
        expect(first.get_by_text("Mail saved.")).to_be_visible()
        second.get_by_label("Mail", exact=True).fill("aino@two.example")
        second.get_by_role("button", name="Save", exact=True).tap()
        expect(second.get_by_text("Changed meanwhile to “aino@one.example”")).to_be_visible()
        expect(second.get_by_label("Mail", exact=True)).to_have_value("aino@two.example")
        second.get_by_role("button", name="Save", exact=True).tap()
        expect(second.get_by_role("button", name="Mail: aino@two.example, change")).to_be_visible()
