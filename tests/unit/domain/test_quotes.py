"""A source cut at its evidence: joined again it is the source, and marks are numbered as they are read."""

from hypothesis import given
from hypothesis import strategies as st

from omnicrm.domain.approvals import words

TEXT = "Hi Maya,\nI can’t make our 14:30. Could we do Friday at ten instead?\nAino"


def quote(text, slot=None, field="text"):
    start = TEXT.index(text)
    return {"slot": slot, "field": field, "start": start, "end": start + len(text), "quote": text}


def test_marks_are_numbered_in_reading_order():
    found = words.marks([quote("Friday at ten", "scheduled_at"), quote("our 14:30", "session_ref")])
    assert [(mark.badge, mark.quote, mark.slots) for mark in found] == [
        (1, "our 14:30", ("session_ref",)),
        (2, "Friday at ten", ("scheduled_at",)),
    ]
    assert [(part.text, part.badge) for part in words.segments(TEXT, found)] == [
        ("Hi Maya,\nI can’t make ", 0),
        ("our 14:30", 1),
        (". Could we do ", 0),
        ("Friday at ten", 2),
        (" instead?\nAino", 0),
    ]


def test_quotes_that_overlap_are_one_mark():
    (mark,) = words.marks([quote("do Friday", "a"), quote("Friday at ten", "b")])
    assert (mark.quote, mark.slots) == ("do Friday at ten", ("a", "b"))


def test_an_excerpt_is_short_and_holds_the_quote():
    text = "word " * 200 + TEXT
    start = text.index("Friday at ten")
    marks = words.marks([{"slot": None, "field": "text", "start": start, "end": start + 13, "quote": "Friday at ten"}])
    parts = words.excerpt(text, marks)
    assert any(part.badge == 1 and part.text == "Friday at ten" for part in parts)
    assert sum(len(part.text) for part in parts) < 300


def test_where_the_words_are_gone_the_quotes_stay():
    marks = words.marks([quote("Friday at ten")])
    assert [(part.text, part.badge) for part in words.excerpt("", marks)] == [("Friday at ten", 1)]


@given(st.text(max_size=200), st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)), max_size=8))
def test_the_parts_are_the_whole(text, spans):
    evidence = [
        {"slot": None, "field": "text", "start": start, "end": start + size, "quote": text[start : start + size]}
        for start, size in spans
        if start + size <= len(text)
    ]
    assert "".join(part.text for part in words.segments(text, words.marks(evidence))) == text
