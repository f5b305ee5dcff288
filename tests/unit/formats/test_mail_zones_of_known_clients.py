"""The replies of known mail programs (talon's fixtures): what remains when quotes are set apart."""

from __future__ import annotations

import json
import re

import pytest

from omnicrm.formats import html, mail
from omnicrm.formats.mail import charset
from tests.shared_data import shared

# The writer's own name above a rule is cut by talon, and is a signature to us only where the sender is known.
DIFFERENT = {"reply-separated-by-hr.html": "Hi there Bob"}


def _cases() -> dict[str, str]:
    return json.loads((shared("real-data/mail/talon") / "expected.json").read_text())


def _text(name: str) -> str:
    raw = (shared("real-data/mail/talon") / name).read_bytes()
    if name.endswith(".eml"):
        return mail.parse(raw).text
    return html.to_text(charset.decode(raw, html.declared_charset(raw))[0])


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_reply_is_all_that_is_not_quoted():
    wrong = {}
    cases = _cases()
    for name, expected in cases.items():
        text = _text(name)
        own = "".join(
            text[zone.start : zone.end] for zone in mail.zones(text) if zone.kind in ("new", "signature", "footer")
        )
        if _tight(own) != _tight(DIFFERENT.get(name, expected)):
            wrong[name] = own
    assert wrong == {}
    assert len(cases) == 23


@pytest.mark.parametrize("name", ["standard_replies/sparrow.eml", "html_replies/ms_outlook_2007.html"])
def test_zones_cover_the_text_in_order(name):
    text = _text(name)
    assert "".join(text[zone.start : zone.end] for zone in mail.zones(text)) == text
