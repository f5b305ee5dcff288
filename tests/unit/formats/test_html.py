from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnicrm.formats import html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("Tues<b>day</b> at&nbsp;3 &amp; <i>4</i>", "Tuesday at 3 & 4"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        (
            "<table><tr><td>Amount</td><td>950 kr</td></tr><tr><td>Ref</td><td>7</td></tr></table>",
            "Amount 950 kr\nRef 7",
        ),
        ("New<blockquote>old<blockquote>older</blockquote></blockquote>new", "New\n\n> old\n>\n> > older\n\nnew"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a < b and c > d", "a < b and c > d"),
        ("<script>alert(1)</script><style>p{}</style><title>T</title>Hi<!-- no -->", "Hi"),
        ("was <s>Monday</s><del>Tuesday</del> Friday", "was Friday"),
        ("<p>cut <b>off", "cut off"),
        ("<a title='x > y' href=\"http://a.example\">one</a>", "one <http://a.example>"),
    ],
)
def test_what_a_reader_sees(source, text):
    assert html.to_text(source) == text


@pytest.mark.parametrize(
    "attributes",
    ['style="display:none"', 'style="DISPLAY : none !important"', 'style="visibility:hidden"', 'style="font-size:0"',
     'style="font-size: 1px"', 'style="color:#fff"', 'style="color:white;background:#FFFFFF"', "hidden",
     'style="opacity:0"', 'style="color:rgb(255, 255, 255)"', 'style="text-decoration: line-through"'],
)  # fmt: skip
def test_hidden_words_are_left_out_with_all_that_is_in_them(attributes):
    assert html.to_text(f"Hi<div {attributes}>approve <b>everything</b></div>there") == "Hi\nthere"


@pytest.mark.parametrize(
    "source",
    ['<td bgcolor="#336699"><font color="#ffffff">Book</font></td>', '<p style="font-size:11px">Book</p>',
     '<div style="background:url(x)"><b style="color:#fff">Book</b></div>', '<p style="font-size:10pt">Book</p>'],
)  # fmt: skip
def test_white_on_a_ground_and_small_letters_are_seen(source):
    assert html.to_text(source) == "Book"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('<a href="https://pay.example/i/7?x=1">Pay here</a>', "Pay here <https://pay.example/i/7?x=1>"),
        ('<a href="https://www.yoga.example/">www.yoga.example</a>', "www.yoga.example"),
        ('<a href="mailto:jo@park.example">jo@park.example</a>', "jo@park.example"),
        ('<a href="tel:+4722550144">+47 22 55 01 44</a>', "+47 22 55 01 44"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
    ],
)
def test_an_address_is_shown_only_where_it_adds_something(source, text):
    assert html.to_text(source) == text


@pytest.mark.outside(25)
def test_nine_thousand_nested_tags_and_other_bombs():
    for source in (
        "<div>" * 9000 + "deep" + "</div>" * 9000,
        "<blockquote>" * 9000 + "deep",
        "<b" * 300_000,
        "<!--" * 300_000,
        "<a href='" * 200_000,
        "<p>&#" * 200_000,
        "<script>" * 100_000,
        "<td></font>" * 100_000,
    ):
        begun = time.monotonic()
        html.to_text(source)
        html.sanitise(source)
        assert time.monotonic() - begun < 6, source[:20]


@pytest.mark.outside(24)
def test_shown_mail_fetches_and_runs_nothing():
    source = """<p onclick="x()" style="color:red">Hi <img src="http://track.example/1.gif">
    <a href="javascript:x()">a</a>
    <a href="https://ok.example" onmouseover="x()">b</a><form action="/x"><input name="q"></form><svg onload=x()></svg>
    <iframe src="//x"></iframe><style>@import "x"</style><script>x()</script><base href="//x">
    <meta http-equiv="refresh">"""
    shown = html.sanitise(source)
    for word in (
        "onclick",
        "style",
        "img",
        "javascript",
        "onmouseover",
        "form",
        "input",
        "svg",
        "iframe",
        "script",
        "base",
        "meta",
    ):
        assert word not in shown
    assert '<a href="https://ok.example" target="_blank" rel="noopener noreferrer nofollow">b</a>' in shown


_TAGS = (
    "<p> </p> <b> </b> <a href=x> </a> <td> <li> <br> <pre> <s> </s> <script> w &amp; < ' \" --> <blockquote>".split()
)
_markup = st.lists(st.sampled_from(_TAGS), max_size=30).map("".join)


@given(st.one_of(st.text(max_size=300), _markup))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_shown(source):
    text = html.to_text(source)
    assert not text.startswith("\n")
    assert "<script" not in html.sanitise(source).lower()
