"""What will do as a password, and what is tried first."""

from __future__ import annotations

import pytest

from omnicrm.domain import passwords

OWN = ("Maya Lindqvist", "maya@stillwater.example", "maya")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "läsbar mening om båtar",
        "Tr0ub4dor&3x",
        "stillwater-boat-7",
        "0f3a9c1e77",
        "密码很长也可以用的啊哈",
    ],
)
def test_unlikely_ones_will_do(password):
    assert passwords.fault(password, *OWN) is None


@pytest.mark.parametrize("password", ["", "short", "123456789", "x" * 257])
def test_length_has_bounds(password):
    assert "characters" in passwords.fault(password, *OWN)


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "0987654321",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "qwertyuiop",
        "password12",
        "Password123!",
        "P4ssw0rd2024!",
        "passwordpassword",
        "sunshine2024",
        "iloveyou!!!",
        "Qwertyuiop1",
    ],
)
def test_what_is_tried_first_is_refused(password):
    assert "Three or four words" in passwords.fault(password, *OWN)


@pytest.mark.parametrize("password", ["Maya Lindqvist", "mayalindqvist1", "maya@stillwater.example"])
def test_ones_own_name_is_no_password(password):
    assert "name or address" in passwords.fault(password, *OWN, "mayalindqvist")


def test_a_hash_matches_its_password_only():
    stored = passwords.hashed("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert passwords.matches("correct horse battery", stored)
    assert not passwords.matches("correct horse batterY", stored)
    assert not passwords.matches("correct horse battery", "no hash at all")


def test_nobody_has_no_password():
    assert not passwords.matches("", None)
    assert not passwords.matches("correct horse battery", None)


def test_a_composed_letter_is_the_same_as_a_plain_one():
    assert passwords.matches("la\u0308sbar mening", passwords.hashed("l\u00e4sbar mening"))
