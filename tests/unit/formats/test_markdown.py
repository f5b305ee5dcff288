"""Markdown of notes: what it looks like, and that nothing in it can act."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.formats import html, markdown


def test_it_reads_as_written():
    html = markdown.to_html("## Knee\n\nFull **bend**\nwithout ~~much~~ pain\n\n- calf\n- thigh")
    assert "<h2>Knee</h2>" in html
    assert "Full <strong>bend</strong><br>" in html
    assert "<s>much</s>" in html
    assert html.count("<li>") == 2


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[press](javascript:alert(1))",
        "![seen](https://tracker.example/p.gif)",
        "[press](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='https://x.example' onclick='alert(1)'>x</a>",
        "```\n</code></pre><iframe src=//x.example>\n```",
    ],
)
def test_nothing_in_it_acts(hostile):
    html = markdown.to_html(hostile)
    for part in (
        "<script",
        "<img",
        "<iframe",
        'href="javascript',
        'href="data',
        "<a href='",
        "onclick='alert(1)'>x</a>\n<",
    ):
        assert part not in html


@given(st.text(max_size=300))
def test_any_text_gives_html_without_foreign_tags(text):
    for tag in ("<script", "<img", "<iframe", "<style", "<svg", "<form", "<input"):
        assert tag not in markdown.to_html(text)


def test_the_words_alone():
    assert markdown.to_text("**Left** knee, [see](https://x.example)").startswith("Left knee, see")
    assert markdown.to_text("# A\n\nB").split() == ["A", "B"]


def test_depth_costs_nothing():
    assert len(markdown.to_html("> " * 5_000 + "x")) < 40_000


@given(st.text(alphabet="abzÄöß019 ,;:.?'\"’“”()/%-_*#>\n\t\\`[<&!~", max_size=40))
def test_plain_words_come_out_as_from_the_whole_reader(text: str):
    assert markdown.to_text(text) == html.to_text(markdown._reader().render(text))
