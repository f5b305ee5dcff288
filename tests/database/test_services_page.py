"""Services and availability through the practitioner's door."""

from __future__ import annotations

from omnicrm.core.db import transaction
from omnicrm.domain import availability, settings
from omnicrm.state.availability import AvailabilityState
from omnicrm.state.services import ServicesState
from tests.doors import send

TYPED = {
    "name": "Aroma massage",
    "duration_minutes": "75",
    "price": "98,50",
    "tax_rate": "25.5",
    "capacity": "1",
    "color": "sky",
    "location": "Treatment room",
    "buffer_before_minutes": "",
    "buffer_after_minutes": "30",
    "cancellation_window_hours": "24",
    "description": "",
}


def test_a_service_is_added_changed_archived_and_offered_again(maya):
    page = send(ServicesState, "add", as_=maya)
    page = send(ServicesState, "save", as_=maya, on_=page, form=TYPED)
    assert page.field_errors == {}
    row = page.rows[0]
    assert (row.name, row.length, row.policy, row.color) == (
        "Aroma massage",
        "75 min",
        "24 h before",
        "sky",
    )
    page = send(ServicesState, "open", as_=maya, on_=page, service=row.id)
    card = page.card
    assert (card.price, card.tax_rate, card.buffer_after_minutes) == ("98.50", "25.50", "30")
    changed = {**TYPED, "price": "", "capacity": "12"}
    page = send(ServicesState, "save", as_=maya, on_=page, form=changed)
    assert (page.rows[0].price, page.rows[0].detail) == ("", "Treatment room, group of 12")
    page = send(ServicesState, "archive", as_=maya, on_=page, service=row.id)
    assert (page.rows, [one.name for one in page.archived]) == ([], ["Aroma massage"])
    page = send(ServicesState, "restore", as_=maya, on_=page, service=row.id)
    assert [one.name for one in page.rows] == ["Aroma massage"]


def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_is_saved(maya):
    page = send(ServicesState, "add", as_=maya)
    wrong = {**TYPED, "price": "98.505", "tax_rate": "some", "duration_minutes": "long"}
    page = send(ServicesState, "save", as_=maya, on_=page, form=wrong)
    assert set(page.field_errors) == {"tax_rate", "duration_minutes"}
    page = send(ServicesState, "save", as_=maya, on_=page, form={**TYPED, "name": " ", "capacity": "0"})
    assert "name" in page.field_errors
    page = send(ServicesState, "save", as_=maya, on_=page, form={**TYPED, "price": "98.505"})
    assert "price" in page.field_errors
    assert (page.opened, page.rows) == ("new", [])


def test_a_second_tab_does_not_overwrite_the_first(maya):
    page = send(ServicesState, "save", as_=maya, on_=send(ServicesState, "add", as_=maya), form=TYPED)
    key = page.rows[0].id
    one = send(ServicesState, "open", as_=maya, service=key)
    two = send(ServicesState, "open", as_=maya, service=key)
    send(ServicesState, "save", as_=maya, on_=one, form={**TYPED, "name": "First"})
    two = send(ServicesState, "save", as_=maya, on_=two, form={**TYPED, "name": "Second"})
    assert "meanwhile" in two.toast["text"]
    assert [row.name for row in send(ServicesState, "load", as_=maya).rows] == ["First"]


def test_hours_of_a_day_are_set_and_copied(maya):
    page = send(AvailabilityState, "edit", as_=maya, on_=send(AvailabilityState, "load", as_=maya), weekday=1)
    assert (page.day_name, page.typed) == ("Tuesday", ["08:00", "20:00", "", "", "", ""])
    form = {"from_1": "08:00", "to_1": "13:00", "from_2": "14:00", "to_2": "18:30", "days": "weekdays"}
    half = send(AvailabilityState, "save_hours", as_=maya, on_=page, form={**form, "from_3": "19:00"})
    assert "hours" in half.field_errors
    page = send(AvailabilityState, "save_hours", as_=maya, on_=page, form=form)
    assert [day.words for day in page.days] == ["8:00–13:00, 14:00–18:30"] * 5 + ["8:00–20:00"] * 2


def test_time_off_and_notice(maya):
    page = send(AvailabilityState, "add_off", as_=maya, form={"first": "2099-12-23", "last": "2099-12-22"})
    assert "last" in page.field_errors
    typed = {"first": "2099-12-23", "last": "", "begins": "", "ends": "", "reason": "Christmas"}
    page = send(AvailabilityState, "add_off", as_=maya, form=typed)
    page = send(AvailabilityState, "remove_off", as_=maya, on_=page, off=page.off[0].id)
    assert page.off == []
    page = send(AvailabilityState, "save_notice", as_=maya, form={"minimum_notice_hours": "12"})
    with transaction(maya) as db:
        assert settings.of(db).minimum_notice_hours == 12
        assert availability.time_off(db) == []
