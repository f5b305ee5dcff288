from __future__ import annotations

import json

import pytest

from omnicrm.formats.addresses import normalise_email, valid_email
from tests.shared_data import shared


def test_the_isemail_cases():
    cases = json.loads(shared("real-data/hostile/isemail/tests.json").read_text())
    accepted = {case["address"] for case in cases if valid_email(case["address"])}
    errors = [case["address"] for case in cases if case["category"] == "ISEMAIL_ERR"]
    plain = [case["address"] for case in cases if case["category"] in ("ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN")]
    assert (len(cases), len(errors), len(plain)) == (164, 66, 22)
    assert accepted & set(errors) == set()
    assert set(plain) - accepted == set()


def test_no_naughty_string_raises_and_none_with_a_control_character_is_accepted():
    for text in json.loads(shared("real-data/hostile/blns.json").read_text()):
        for address in (text, f"{text}@park.example", f"jo@{text}"):
            if valid_email(address):
                assert address.isprintable()
            normalise_email(address)


@pytest.mark.parametrize(
    "address", ["jo@park.example", "jo+tag@park.example", "o'brien@park.example", "jö@bücher.example", "j@localhost"]
)
def test_addresses_that_people_have(address):
    assert valid_email(address)


@pytest.mark.parametrize(
    "address", ["jo", "jo@", "@park.example", "jo park@park.example", "jo@park..example", "jo@-park.example"]
)
def test_addresses_that_nobody_has(address):
    assert not valid_email(address)


def test_one_form_is_kept():
    assert normalise_email("  Jo@Park.Example ") == "jo@park.example"
    assert normalise_email("mailto:JO\u0308@x.example") == "j\u00f6@x.example"
