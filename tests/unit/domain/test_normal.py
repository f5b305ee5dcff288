"""Addresses, numbers and names in the form that they are compared by."""

import pytest

from omnicrm.core.errors import Invalid
from omnicrm.domain.contacts import normal


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Jo@Park.Example ", "jo@park.example"),
        ("mailto:jo@park.example", "jo@park.example"),
        ("jo+yoga@mail.park.example", "jo+yoga@mail.park.example"),
        ("o'brien@park.example", "o'brien@park.example"),
        ("jörg@münchen.example", "jörg@münchen.example"),
        ("jo@xn--mnchen-3ya.example", "jo@xn--mnchen-3ya.example"),
    ],
)
def test_an_address_has_one_form(written, stored):
    assert normal.email(written) == stored


@pytest.mark.parametrize("written", ["", "jo", "jo@park", "jo@@park.example", "jo park@park.example", "@park.example"])
def test_what_is_no_address_is_refused(written):
    with pytest.raises(Invalid) as refused:
        normal.email(written)
    assert list(refused.value.fields) == ["email"]


@pytest.mark.parametrize(
    ("written", "region", "stored"),
    [
        ("070-174 06 05", "SE", "+46701740605"),
        ("+49 171 555 0142", "SE", "+491715550142"),
        ("(212) 555-0142", "US", "+12125550142"),
        ("020 7946 0018", "GB", "+442079460018"),
    ],
)
def test_a_number_belongs_to_the_practitioners_country(written, region, stored):
    assert normal.phone(written, region) == stored


@pytest.mark.parametrize(
    ("written", "region", "says"),
    [("123", "SE", "too short"), ("070-174 06 05", None, "prefix"), ("call me", "SE", "not a phone number")],
)
def test_what_is_no_number_is_refused_in_words(written, region, says):
    with pytest.raises(Invalid) as refused:
        normal.phone(written, region)
    assert says in f"{refused.value.message} {refused.value.fields['phone']}"


def test_names_compare_without_accents_case_and_order():
    assert normal.name("Núñez, Ana-María") == normal.name("ana maria nunez")
    assert normal.same_person("Jo Park", "Jo")
    assert not normal.same_person("Jo Park", "Jo Lee")
    assert not normal.same_person("", "Jo")
