"""Cases: what is stored of an event, and what a case refuses."""

import pytest
from pydantic import ValidationError

from omnicrm.domain import cases

MAYA = {"name": "Maya", "email": "maya@stillwater.example", "timezone": "Europe/Stockholm", "currency": "SEK"}


def test_the_text_of_an_event_is_its_lines_in_order():
    resource = {
        "summary": "Jo massage",
        "location": "Studio ",
        "description": "bring oil\r\nnew knee",
        "attendees": [{"email": "jo@park.example", "displayName": "Jo Park"}, {"email": "x@y.example"}, "odd"],
    }
    assert (
        cases.event_text(resource) == "Jo massage\nStudio\nbring oil\nnew knee\nJo Park <jo@park.example>\nx@y.example"
    )
    assert cases.EventItem(resource=resource).text == cases.event_text(resource)
    assert cases.event_text({}) == ""


def test_a_case_has_one_source():
    with pytest.raises(ValidationError, match="one mail or one event"):
        cases.Case(id="c", practitioner=MAYA, now="2026-03-10T08:00:00+01:00")


def test_an_unknown_slot_name_of_the_model_is_refused():
    with pytest.raises(ValidationError):
        cases.Draft(type="contact.delete", slots={}, confidence=0.9)
