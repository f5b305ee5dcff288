from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnicrm.formats import Unreadable, vcard
from omnicrm.formats.contentlines import read_line, split_escaped, unescape, unfold
from tests.shared_data import shared


def _one(*lines: str | bytes) -> vcard.Card:
    body = b"\r\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    file = vcard.read(b"BEGIN:VCARD\r\n" + body + b"\r\nEND:VCARD\r\n")
    assert file.refused == ()
    [card] = file.cards
    return card


def _jcards() -> dict[str, list]:
    folder = shared("real-data/contacts/vcard/ical.js")
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def _flat(value) -> list[str]:
    return [text for one in value for text in _flat(one)] if isinstance(value, list) else [str(value)]


def test_every_line_of_ical_js_has_the_name_group_types_and_text_that_its_jcard_says():
    folder = shared("real-data/contacts/vcard/ical.js")
    compared = 0
    for stem, (_, properties, *_) in _jcards().items():
        texts = [text for text in unfold((folder / f"{stem}.vcf").read_text()) if ":" in text]
        lines = [read_line(text) for text in texts if text not in ("BEGIN:VCARD", "END:VCARD")]
        assert [line.name.lower() for line in lines] == [name for name, *_ in properties]
        for line, (name, parameters, kind, *values) in zip(lines, properties, strict=True):
            assert line.group == parameters.get("group", "")
            types = parameters.get("type", [])
            found = [one for value in line.parameters.get("TYPE", ()) for one in value.split(",")]
            assert found == ([types] if isinstance(types, str) else types), (stem, name)
            if kind in ("text", "phone-number", "uri") and name not in ("geo", "agent", "tz", "clientpidmap", "gender"):
                structured = name in ("adr", "n", "org")
                pieces = [
                    unescape(piece)
                    for part in (split_escaped(line.value, ";") if structured else [line.value])
                    for piece in (split_escaped(part, ",") if name in ("n", "categories", "nickname") else [part])
                ]
                assert pieces == [text for value in values for text in _flat(value)], (stem, name)
                compared += 1
    assert compared > 70


def test_cards_of_ical_js():
    folder = shared("real-data/contacts/vcard/ical.js")
    for stem, (_, properties, *_) in _jcards().items():
        file = vcard.read((folder / f"{stem}.vcf").read_bytes())
        if not any(name == "fn" for name, *_ in properties):
            assert [one.reason for one in file.refused] == ["It has no name, no address and no number."]
            continue
        [card] = file.cards
        assert card.name == next(value for name, _, _, value, *_ in properties if name == "fn")
        assert {one.value for one in card.emails} == {value for name, _, _, value, *_ in properties if name == "email"}
        assert len(card.phones) == sum(name == "tel" for name, *_ in properties)


def test_radicale():
    [card] = vcard.read((shared("real-data/contacts/vcard/vobject") / "radicale-1587.vcf").read_bytes()).cards
    assert (card.name, card.first_name, card.middle_name, card.last_name) == (
        "Given Family",
        "Given",
        "Additional",
        "Family",
    )


def test_an_old_card_with_quoted_printable_and_its_own_charset():
    card = _one(
        "VERSION:2.1",
        "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg",
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg =",
        "M=C3=BCller",
        "TEL;CELL;PREF:0171 5550164",
        b"NOTE;CHARSET=windows-1251:\xcf\xf0\xe8\xe2\xe5\xf2",
        "PHOTO;ENCODING=BASE64;TYPE=JPEG:",
        " /9j/4AAQSkZJRg==",
        "",
        "ADR;HOME:;;Hauptstr. 1;Berlin;;10115;DE",
    )
    assert (card.name, card.first_name, card.last_name) == ("Jörg Müller", "Jörg", "Müller")
    assert card.phones == (vcard.Labelled("0171 5550164", "mobile", preferred=True),)
    assert card.note == "Привет"
    assert card.addresses[0].text == "Hauptstr. 1\n10115 Berlin\nDE"
    assert card.problems == ()


def test_labels_of_apple_and_preferred_first():
    card = _one(
        "VERSION:3.0",
        "FN:Jo Park",
        "item1.EMAIL;type=INTERNET:jo@work.example",
        "item1.X-ABLabel:_$!<Work>!$_",
        "item2.EMAIL;type=INTERNET;type=pref:JO@Park.example",
        "item2.X-ABLabel:Allotment",
        "EMAIL:jo@park.example",
    )
    assert [(one.value, one.label) for one in card.emails] == [
        ("jo@park.example", "Allotment"),
        ("jo@work.example", "work"),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BDAY:1985-03-09", date(1985, 3, 9)),
        ("BDAY:19850309", date(1985, 3, 9)),
        ("BDAY:1985-03-09T00:00:00Z", date(1985, 3, 9)),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-09", None),
        ("BDAY:--0309", None),
        ("BDAY:1985-02-30", None),
        ("BDAY:spring", None),
    ],
)
def test_a_birthday_needs_its_year(line, expected):
    card = _one("FN:Jo", line)
    assert card.birthday == expected
    assert bool(card.problems) == (expected is None)


def test_a_card_without_a_displayed_name_is_called_by_what_it_has():
    assert _one("N:Park;Jo;;;").name == "Jo Park"
    assert _one("ORG:Yoga Ltd;Office").name == "Yoga Ltd, Office"
    assert _one("EMAIL:jo@park.example").name == "jo@park.example"


def test_groups_empty_and_broken_cards_are_refused_alone():
    file = vcard.read(
        b"BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nKIND:group\nFN:All\nEND:VCARD\nBEGIN:VCARD\nNOTE:x\nEND:VCARD\n"
        b"BEGIN:VCARD\nFN:B\nBEGIN:VCARD\nFN:C\n=garbage\nEND:VCARD\nBEGIN:VCARD\nFN:D"
    )
    assert [card.name for card in file.cards] == ["A", "B", "C", "D"]
    assert [card.problems != () for card in file.cards] == [False, True, True, True]
    assert [(one.name, one.reason) for one in file.refused] == [
        ("All", "A group, not a person."),
        ("card 3", "It has no name, no address and no number."),
    ]


def test_what_is_no_address_book():
    with pytest.raises(Unreadable):
        vcard.read(b"name,email\n")


def test_utf_16_with_its_mark():
    data = "BEGIN:VCARD\r\nFN:Jörg\r\nEND:VCARD\r\n".encode("utf-16")
    assert vcard.read(data).cards[0].name == "Jörg"


def test_naughty_strings_in_every_property():
    for text in json.loads(shared("real-data/hostile/blns.json").read_text()):
        escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "")
        lines = [
            f"{name}:{escaped}" for name in ("N", "EMAIL", "TEL", "ADR", "ORG", "BDAY", "NOTE", "CATEGORIES", "UID")
        ]
        card = _one("FN:Jo", *lines)
        assert "\x00" not in repr(card)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    for one in (data, b"BEGIN:VCARD\n" + data, b"BEGIN:VCARD\nFN;CHARSET=utf-7;ENCODING=Q:" + data + b"\nEND:VCARD"):
        try:
            vcard.read(one)
        except Unreadable:
            continue
