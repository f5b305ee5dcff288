"""Signatures of talon's marked mails, and zones that its fixtures do not have."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from omnicrm.formats import mail
from tests.shared_data import shared


def _kinds(text: str, **known: str) -> list[tuple[str, str]]:
    return [(zone.kind, text[zone.start : zone.end].strip()) for zone in mail.zones(text, **known)]


def test_the_signatures_that_talon_marks():
    folder = shared("real-data/mail/talon/signature/emails/stripped")
    wrong = []
    for path in sorted(folder.glob("*_body.txt")):
        text = path.read_text().replace("#sig#", "")
        signature = folder / path.name.replace("_body", "_signature")
        expected = signature.read_text().replace("#sig#", "") if signature.exists() else ""
        found = "".join(words for kind, words in _kinds(text) if kind in ("signature", "footer"))
        if re.sub(r"\s", "", found) != re.sub(r"\s", "", expected):
            wrong.append(path.name)
    assert wrong == []


WALL = datetime(2026, 4, 30, 16, 2)  # noqa: DTZ001 - a wall clock: the line names no zone


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("On Thu, 30 Apr 2026 at 16:02, Jonas Vik <j@x.example> wrote:", WALL),
        ("On Apr 30, 2026, at 4:02 PM, Jonas Vik wrote:", WALL),
        ("Am 30.04.2026 um 16:02 schrieb Jonas Vik <j@x.example>:", WALL),
        ("Am Do., 30. Apr. 2026 um 16:02 Uhr schrieb Jonas Vik <j@x.example>:", WALL),
        ("Jonas Vik <j@x.example> schrieb am Do., 30. Apr. 2026, 16:02:", WALL),
        ("Le jeu. 30 avr. 2026 à 16:02, Jonas Vik <j@x.example> a écrit :", WALL),
        ("El jue, 30 abr 2026 a las 16:02, Jonas Vik (<j@x.example>) escribió:", WALL),
        ("Den tors 30 apr. 2026 kl 16:02 skrev Jonas Vik <j@x.example>:", WALL),
        ("Op do 30 apr 2026 om 16:02 schreef Jonas Vik <j@x.example>:", WALL),
        ("Il giorno gio 30 apr 2026 alle ore 16:02 Jonas Vik <j@x.example> ha scritto:", WALL),
        ("2026-04-30 16:02 GMT+02:00 Jonas Vik <j@x.example>:", WALL.replace(tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_who_is_quoted_and_since_when(line, sent):
    new, quote = mail.zones(f"Yes!\n\n{line}\n\n> Tuesday at 3?\n")
    assert (new.kind, quote.kind, quote.depth) == ("new", "quote", 1)
    assert (quote.author_name, quote.sent_at) == ("Jonas Vik", sent)
    assert quote.author_email in ("", "j@x.example")


LANGUAGES = """
From Sent To Subject|Von Gesendet An Betreff|De Envoyé À Objet|Från Skickat Till Ämne|Van Verzonden Aan Onderwerp
De Enviado Para Asunto|Fra Sendt Til Emne
"""


@pytest.mark.parametrize("labels", LANGUAGES.strip().replace("\n", "|").split("|"))
def test_header_blocks_in_many_languages(labels):
    sender, sent, to, subject = labels.split()
    block = f"{sender}: Jonas Vik <j@x.example>\n{sent}: 30.04.2026 16:02\n{to}: Jo\n{subject}: Knee\n\nTuesday at 3?"
    new, quote = mail.zones(f"Yes!\n\n{block}")
    assert (new.kind, quote.kind, quote.author_email) == ("new", "quote", "j@x.example")
    assert quote.sent_at == WALL
    assert mail.zones(f"See below\n\n{block}", subject="WG: Knee")[1].kind == "forward"


def test_answers_between_quotes_are_new():
    text = "Hi\n\n> a) Tuesday or b) Friday?\n\nb suits me\n\n> And how long?\n\nan hour\n"
    assert [kind for kind, _ in _kinds(text)] == ["new", "quote", "new", "quote", "new"]


def test_machine_footers_are_set_apart_from_the_signature():
    text = "See you!\n\nKind regards\nJo Park\nT: +47 22 55 01 44\n\nThis e-mail is confidential.\nSent from my iPhone"
    assert [kind for kind, _ in _kinds(text)] == ["new", "signature", "footer"]


SHORT = [
    "Thanks!",
    "Jo",
    "Tuesday at 3?\nCall me on +47 22 55 01 44",
    "As John wrote: it is fine",
    "From: here\nto there",
]


@pytest.mark.parametrize("text", SHORT)
def test_short_messages_are_new_words(text):
    assert _kinds(text) == [("new", text)]
