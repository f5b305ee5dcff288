"""Journey 8, without payment links: a package is written down and sold, used up by coming, and sold again; a course is
full and takes one more on an explicit yes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from omnicrm.core.db import transaction
from omnicrm.domain import credits, programs, services, sessions
from tests import factories
from tests.browser.stillwater import Practice, at


@pytest.fixture(params=["phone", "desktop"])
def page(request: Any) -> Page:
    return request.getfixturevalue(f"signed_in_{request.param}")


def test_a_package_is_sold_used_up_and_sold_again(page: Page, practice: Practice) -> None:
    page.goto("/programs")
    page.get_by_role("button", name="New program").click()
    sheet = page.locator("dialog[open]")
    sheet.get_by_label("Name").fill("5 massages")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_text("Say how many sessions the package is good for.")).to_be_visible()
    assert _findings(page) == []
    sheet.get_by_label("Sessions in it").fill("5")
    sheet.get_by_label("Price").fill("385,00")
    sheet.get_by_label("Pays for").select_option(label="Deep tissue massage")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="5 massages")).to_be_visible()
    expect(page.get_by_text("5 sessions of Deep tissue massage, €385.00")).to_be_visible()

    page.get_by_role("button", name="Enrol").filter(visible=True).first.click()
    page.get_by_label("Whom?").fill("Jonas")
    page.get_by_role("group", name="Clients").get_by_text("Jonas Berg").click()
    expect(page.locator(".toast")).to_contain_text("Jonas Berg is enrolled. 5 credits, 5 now.")
    expect(_row(page, "Jonas Berg")).to_contain_text("5 credits left")

    key = UUID(page.url.rpartition("/")[2])
    for number in range(4):
        _attended(practice, "Jonas", -1 - number)
    page.reload()
    expect(_row(page, "Jonas Berg")).to_contain_text("1 credit left")
    _attended(practice, "Jonas", -6)
    page.reload()
    expect(_row(page, "Jonas Berg")).to_contain_text("No credits, renew?")

    page.goto("/")
    expect(page.get_by_text("Offer Jonas Berg a renewal").filter(visible=True)).to_be_visible()
    page.get_by_role("link", name="Offer Jonas Berg a renewal").click()
    page.get_by_role("button", name="Renew").click()
    expect(page.locator(".toast")).to_contain_text("5 credits, 5 now.")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("The credits are taken back.")
    with transaction(practice.user_id) as db:
        assert credits.balance(db, practice.clients["Jonas"], key) == 0
    page.get_by_role("button", name="Renew").click()
    expect(page.get_by_role("button", name="Renew")).to_have_count(0)
    with transaction(practice.user_id) as db:
        assert credits.balance(db, practice.clients["Jonas"], key) == 5


def test_the_last_place_and_one_more(page: Page, practice: Practice) -> None:
    with transaction(practice.user_id) as db:
        form = programs.ProgramForm(kind="course", name="Two mats", start_date=at(3, 9).date(), capacity=1)
        key = programs.add(db, form).id
        programs.enrol(db, key, practice.clients["Elena"])
    page.goto(f"/programs/{key}")
    expect(page.get_by_text("enrolled, full")).to_be_visible()
    page.get_by_role("button", name="Enrol").filter(visible=True).first.click()
    page.get_by_label("Whom?").fill("Yuki")
    page.get_by_role("group", name="Clients").get_by_text("Yuki Tanaka").click()
    expect(page.locator(".toast")).to_contain_text("“Two mats” is full: 1 of 1 place.")
    with transaction(practice.user_id) as db:
        assert programs.card(db, key).people == 1
    page.locator("dialog[open]").get_by_role("button", name="Close").click()
    page.locator(".toast").get_by_role("button", name="One more all the same").click()
    expect(page.get_by_text("enrolled, 1 more than places")).to_be_visible()
    _row(page, "Yuki Tanaka").get_by_role("button").first.click()
    assert _findings(page) == []
    page.locator("dialog[open]").get_by_role("button", name="Pause").click()
    expect(_row(page, "Yuki Tanaka")).to_contain_text("Paused")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(_row(page, "Yuki Tanaka")).not_to_contain_text("Paused")


def test_credits_are_corrected_moved_and_their_story_is_told(page: Page, practice: Practice) -> None:
    package = practice.programs["Package"]
    page.goto(f"/programs/{package}")
    _row(page, "Beatriz Almeida").get_by_role("button").first.click()
    sheet = page.locator("dialog[open]")
    expect(sheet.locator("tbody tr")).to_have_count(4)
    sheet.get_by_role("button", name="Correct").click()
    page.get_by_label("By how many").fill("-3")
    page.get_by_label("Why").fill("counted twice")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Only 2 credits left.")
    page.get_by_label("By how many").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(_row(page, "Beatriz Almeida")).to_contain_text("3 credits left")

    _row(page, "Beatriz Almeida").get_by_role("button").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Move").click()
    page.get_by_label("How many").fill("2")
    page.get_by_label("To whom?").fill("Marta")
    page.get_by_role("group", name="Clients").get_by_text("Marta Kowalska").click()
    page.locator("dialog[open]").get_by_role("button", name="Move").click()
    expect(page.locator(".toast")).to_contain_text("2 credits moved from Beatriz Almeida to Marta Kowalska.")
    expect(_row(page, "Marta Kowalska")).to_contain_text("2 credits left")
    expect(_row(page, "Beatriz Almeida")).to_contain_text("1 credit left")


def test_the_numbers_of_a_chart_are_a_table_and_a_file(page: Page, practice: Practice) -> None:
    page.goto("/insights")
    page.get_by_role("button", name="4 weeks").filter(visible=True).click()
    figure = page.locator("[data-figure=attendance]")
    expect(figure.get_by_role("img")).to_be_visible()
    figure.get_by_text("The numbers").click()
    expect(figure.get_by_role("columnheader", name="No-show")).to_be_visible()
    with page.expect_download() as waited:
        figure.get_by_role("link", name="CSV of these").click()
    assert "No-show" in waited.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Other…").filter(visible=True).click()
    page.get_by_label("Last day").fill("2001-01-01")
    page.locator("dialog[open]").get_by_role("button", name="Show").click()
    expect(page.get_by_text("The last day comes after the first")).to_be_visible()
    assert _findings(page) == []


def _row(page: Page, name: str) -> Any:
    return page.locator("main tr, main li").filter(visible=True).filter(has_text=name)


def _attended(practice: Practice, name: str, days: int) -> None:
    """A massage, booked and done."""
    with transaction(practice.user_id) as db:
        service = next(one for one in services.offered(db) if one.name == "Deep tissue massage")
        session = factories.make_session(
            db, contact_id=practice.clients[name], service_id=service.id, scheduled_at=at(days, 7), overlap_allowed=True
        )
        sessions.close(db, session.id)


def _findings(page: Page) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in Axe().run(page).response["violations"]]
