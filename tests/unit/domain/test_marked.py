"""The words that were looked for are marked in what was found, and nothing is lost or added."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.domain.anything import marked


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("Left knee still stiff", "knee", ["knee"]),
        ("Knees, kneeling", "knee", ["Knee", "knee"]),
        ("Tomás Ferreira", "tomas", ["Tomás"]),
        ("Saara Hämäläinen", "hamal", ["Hämäl"]),
        ("an ankle", "an", ["an"]),
        ("knee and hip", "HIP knee", ["knee", "hip"]),
        ("shoulder", "knee", []),
        ("knee", "", []),
        ("", "knee", []),
    ],
)
def test_hits_are_words_or_beginnings_whatever_their_accents(text: str, query: str, hits: list[str]) -> None:
    assert [part.text for part in marked(text, query) if part.hit] == hits


@given(st.text(max_size=60), st.text(max_size=20))
def test_the_pieces_are_the_text(text: str, query: str) -> None:
    assert "".join(part.text for part in marked(text, query)) == text
