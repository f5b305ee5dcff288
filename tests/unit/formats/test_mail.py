from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnicrm.formats import Unreadable, mail
from tests.shared_data import shared


def _raw(body: bytes = b"Hello", **headers: str) -> bytes:
    given = {"From": "Jo Park <jo@park.example>", "Date": "Thu, 30 Apr 2026 21:14:00 +0200", "Subject": "Hi"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in given.items()) + b"\r\n" + body


def _multipart(kind: str, *parts: tuple[str, str]) -> bytes:
    body = "".join(f"--B\r\nContent-Type: {media_type}\r\n\r\n{text}\r\n" for media_type, text in parts) + "--B--\r\n"
    return _raw(body.encode(), MIME_Version="1.0", Content_Type=f'{kind}; boundary="B"')


def test_headers_of_a_reply():
    raw = _raw(
        Subject="=?utf-8?q?M=C3=B6glich?= =?utf-8?q?er_Termin?=",
        Message_ID="<b@x>",
        In_Reply_To="<a@x>",
        References="<0@x>\r\n <a@x>",
        To='"Lindqvist, Maya" <Maya@Stillwater.example>, undisclosed: a@b.example, c@d.example;',
        Reply_To="office@park.example",
    )
    for found in (mail.scan(raw), mail.parse(raw)):
        assert found.subject == "Möglicher Termin"
        assert (found.message_id, found.in_reply_to, found.references) == ("b@x", "a@x", ("0@x", "a@x"))
        assert found.sender == mail.Address("Jo Park", "jo@park.example")
        assert found.reply_to == mail.Address("", "office@park.example")
        assert [one.email for one in found.to] == ["maya@stillwater.example", "a@b.example", "c@d.example"]
        assert found.to[0].name == "Lindqvist, Maya"
        assert found.date == datetime(2026, 4, 30, 19, 14, tzinfo=UTC)
        assert found.problems == ()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Jo \u202eexe.\u202c Park <jo@park.example>", "Jo exe. Park"),
        ('"=?utf-8?b?Sm8gUGFyaw==?=" <jo@park.example>', "Jo Park"),
        ('"<admin@bank.example>" <jo@park.example>', "<admin@bank.example>"),
        ("=?utf-8?q?=3Cadmin=40bank.example=3E=0D=0ABcc=3A_x?= <jo@park.example>", "<admin@bank.example> Bcc: x"),
        ("jo@park.example (Jo (the (elder)) Park)", "Jo (the (elder)) Park"),
        ("jo@park.example", ""),
    ],
)
def test_display_names_are_names_only(header, expected):
    assert mail.scan(_raw(From=header)).sender == mail.Address(expected, "jo@park.example")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("=?utf-8?q?broken=", "=?utf-8?q?broken="),
        ("=?no-such-charset?q?caf=E9?=", "café"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),  # a character cut in half between two words
        ("=?iso-8859-1*en?Q?a_b?=", "a b"),
        ("=?idna?q?x?=", "x"),
    ],
)
def test_encoded_words_and_broken_ones(word, expected):
    assert mail.scan(_raw(Subject=word)).subject == expected


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        ("windows-1252", b"caf\xe9 \x80", "café €"),
        ("us-ascii", "café".encode(), "café"),
        ("utf-8", b"caf\xe9", "café"),
        ("", b"\x93quoted\x94", "“quoted”"),
        ("gb2312", "你好".encode("gb18030"), "你好"),
        ("x-unknown", "Привет".encode(), "Привет"),
        ("unicode_escape", b"\\x41", "\\x41"),
    ],
)
def test_charsets_declared_then_utf8_then_windows_1252(charset, body, expected):
    assert mail.parse(_raw(body, Content_Type=f"text/plain; charset={charset}")).text == expected


def test_plain_text_is_taken_unless_it_is_a_stub():
    rich = "<p>Tuesday <b>at 3</b>?</p>"
    assert mail.parse(_multipart("multipart/alternative", ("text/plain", "Plain"), ("text/html", rich))).text == "Plain"
    for stub in ("", "  ", "Please view this email in your browser.", "Your client does not support HTML e-mail"):
        found = mail.parse(_multipart("multipart/alternative", ("text/plain", stub), ("text/html", rich)))
        assert found.text == "Tuesday at 3?"


def test_flowed_text_is_joined_and_the_signature_mark_kept():
    body = b"Could we do \r\nFriday?\r\n> as you \r\n> said\r\n-- \r\nJo\r\n"
    raw = _raw(body, Content_Type="text/plain; format=flowed")
    assert mail.parse(raw).text == "Could we do Friday?\n> as you said\n-- \nJo\n"


def test_files_are_listed_and_invitations_kept():
    message = EmailMessage()
    message["From"] = "jo@park.example"
    message.set_content("See you")
    message.add_attachment(b"%PDF" * 100, maintype="application", subtype="pdf", filename="../Rechnung für Jö.pdf")
    message.add_attachment(b"BEGIN:VCALENDAR\r\n", maintype="text", subtype="calendar", filename="invite.ics")
    found = mail.parse(message.as_bytes())
    assert found.text.strip() == "See you"
    assert found.attachments == (mail.Attachment(".._Rechnung für Jö.pdf", "application/pdf", 400),)
    assert found.calendar_parts == (b"BEGIN:VCALENDAR\r\n",)


def test_an_attached_message_reads_like_a_forward():
    inner = "From: Tom <tom@x.example>\r\nDate: Thu, 30 Apr 2026 10:00:00 +0200\r\nSubject: Knee\r\n\r\nCan she see me?"
    text = mail.parse(_multipart("multipart/mixed", ("text/plain", "One for you"), ("message/rfc822", inner))).text
    new, forward = mail.zones(text)
    assert (new.kind, forward.kind, forward.author_email) == ("new", "forward", "tom@x.example")
    assert "Can she see me?" in text[forward.start : forward.end]


@pytest.mark.parametrize(
    ("headers", "flags"),
    [
        ({}, (False, False, False)),
        ({"From": "jo@gmail.com"}, (False, False, False)),
        ({"Auto_Submitted": "no"}, (False, False, False)),
        ({"Auto_Submitted": "auto-replied"}, (True, False, False)),
        ({"Subject": "Automatische Antwort: Termin"}, (True, False, False)),
        ({"List_Unsubscribe": "<https://x.example>"}, (False, True, False)),
        ({"Precedence": "bulk"}, (False, True, False)),
        ({"From": "no-reply@bank.example"}, (False, False, True)),
        ({"From": "no-reply@forms.example", "Reply_To": "jo@park.example"}, (False, False, False)),
        ({"From": "noreen.reply@park.example"}, (False, False, False)),
    ],
)
def test_who_wrote_it(headers, flags):
    found = mail.scan(_raw(**headers))
    assert (found.auto_submitted, found.bulk, found.no_reply) == flags


@pytest.mark.parametrize(
    "value", ["yesterday", "Wed, 15 Dec 2010 59:10 -0500", "Mon, 30 Jun 3609 15:33:50 +0600", "", "\x00"]
)
def test_a_date_that_makes_no_sense_is_none_and_said(value):
    found = mail.scan(_raw(Date=value))
    assert found.date is None
    assert len(found.problems) == 1


def test_the_hash_is_of_the_message_and_not_of_its_way():
    plain = mail.parse(_raw()).content_hash
    assert mail.parse(b"X-Gmail-Labels: Inbox\r\nReceived: from x\r\n" + _raw()).content_hash == plain
    assert mail.parse(_raw().replace(b"\r\n", b"\n")).content_hash == plain
    assert mail.parse(_raw(b"Hello!")).content_hash != plain


def test_a_bounce_says_who_did_not_get_it():
    report = (
        "Final-Recipient: rfc822; gone@park.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no"
    )
    found = mail.parse(
        _multipart(
            "multipart/report",
            ("text/plain", "Sorry"),
            ("message/delivery-status", report),
            ("message/rfc822", "From: a"),
        )
    )
    assert found.bounce == mail.Bounce(("gone@park.example",), True, "5.1.1", "550 no")
    assert found.auto_submitted
    assert found.text == "Sorry"


def _timed(raw: bytes, seconds: float) -> mail.ParsedMail:
    begun = time.monotonic()
    found = mail.parse(raw)
    mail.zones(found.text)
    assert time.monotonic() - begun < seconds
    return found


@pytest.mark.outside(25)
def test_bombs_end_soon():
    many = _timed(_multipart("multipart/mixed", *[("text/plain", "x")] * 10_000), 2)
    assert "Only the first 500 parts were read." in many.problems
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level) for level in range(3000)
    )
    assert any("deeper" in problem for problem in _timed(_raw()[:-7] + deep, 2).problems)
    _timed(_raw(b"<div>" * 9000 + b"deep" + b"</div>" * 9000, Content_Type="text/html"), 5)
    _timed(_raw(b'<a href="' * 100_000, Content_Type="text/html"), 5)
    _timed(_raw(b"<" * 500_000, Content_Type="text/html"), 5)
    _timed(_raw(b"> " * 50_000 + b"\n" + b">" * 100_000), 5)
    _timed(_raw(b"On Mon, 4 May 2026 at 10:00\n" * 5000), 5)
    _timed(_raw(b"From: a@b\nSent: x\nTo: " + b"a@b, \n" * 20_000), 5)
    _timed(_raw(From="(" * 50_000 + "jo@park.example"), 5)
    _timed(_raw(To="a@b.example, " * 20_000), 5)
    _timed(_raw(Subject="=?utf-8?q?" * 20_000), 5)
    long = _timed(_raw(b"word " * 100_000), 5)
    assert len(long.text) == 200_000
    assert any("200,000" in problem for problem in long.problems)


def test_more_than_25_mb_and_what_is_no_mail_are_refused():
    with pytest.raises(Unreadable, match="25 MB"):
        mail.parse(_raw(b"x" * 25 * 1024 * 1024))
    for raw in (b"", b"\n\n", b"Dear diary\n", b"\x00\x01\x02"):
        with pytest.raises(Unreadable):
            mail.parse(raw)


def test_every_real_mail_is_read_and_its_zones_cover_it():
    paths = sorted(shared("real-data/mail").rglob("*.eml"))
    assert len(paths) >= 115
    for path in paths:
        raw = path.read_bytes()
        found = mail.parse(raw)
        assert found.sender == mail.scan(raw).sender
        assert "\x00" not in found.text
        assert "\r" not in found.text
        assert "".join(found.text[zone.start : zone.end] for zone in mail.zones(found.text)) == found.text


def test_naughty_strings_in_every_header_and_in_the_text():
    for text in json.loads(shared("real-data/hostile/blns.json").read_text()):
        one_line = text.replace("\r", " ").replace("\n", " ")
        names = (
            "From",
            "To",
            "Cc",
            "Reply_To",
            "Subject",
            "Date",
            "Message_ID",
            "References",
            "Content_Type",
            "Auto_Submitted",
        )
        found = mail.parse(_raw(text.encode("utf-8", "replace"), **dict.fromkeys(names, one_line)))
        for shown in (found.subject, *(person.name for person in (*found.to, *found.cc))):
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
        assert "".join(found.text[zone.start : zone.end] for zone in mail.zones(found.text)) == found.text


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    for raw in (
        data,
        b"From: a@b.example\n" + data,
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=B\n\n--B\n" + data,
    ):
        try:
            found = mail.parse(raw)
        except Unreadable:
            continue
        found.text.encode()  # no half of a surrogate pair: it can be stored
        assert found.date is None or found.date.tzinfo is not None


_LINES = """
Hello||> quoted|>> deep|On Mon, 4 May 2026 at 10:00, Jo <jo@park.example> wrote:|-- |Jo|From: Jo <jo@x.example>|To: me
Sent: Monday 4 May 2026 10:00|Subject: Hi|________________|-----Original Message-----|Best|+47 22 55 01 44|a / b
---------- Forwarded message ---------|Sent from my iPhone|> On 4 May 2026, at 10:00, Jo wrote:|\u200b
"""
_line = st.sampled_from(_LINES.strip("\n").replace("\n", "|").split("|"))


@given(
    st.one_of(st.text(max_size=300), st.lists(_line, max_size=25).map("\n".join)),
    st.text(max_size=20),
    st.text(max_size=20),
)
@settings(max_examples=500, deadline=None)
def test_zones_cover_any_text_in_order(text, sender, subject):
    found = mail.zones(text, sender=sender, subject=subject)
    assert "".join(text[zone.start : zone.end] for zone in found) == text
    assert all(zone.start < zone.end for zone in found)
    assert all((zone.depth > 0) == (zone.kind in ("quote", "forward")) for zone in found)
    assert found == mail.zones(text, sender=sender, subject=subject)
