"""Markdown as safe HTML, and as the plain words of a list."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

from omnicrm.formats import html

_TAGS = set("p br h1 h2 h3 h4 h5 h6 strong em s ul ol li blockquote code pre hr a table thead tbody tr th td".split())

# One line of words and stops that begins with a letter: what most notes are, and nothing that Markdown reads otherwise.
_PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ ,;:.?'\"’“”()/%-])*")


def to_html(text: str) -> str:
    """HTML for `text` (CommonMark, tables, struck words; a line break is one), with nothing in it that could act.

    Raw HTML stays what was typed, pictures are left out, links open elsewhere and tell nobody where they come from.
    """
    return nh3.clean(
        _reader().render(text),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def to_text(text: str) -> str:
    """The words of `text` without its marks, a line for each block: for an excerpt."""
    if _PLAIN.fullmatch(text):
        return " ".join(text.split())
    return html.to_text(_reader().render(text))


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    return reader.enable(["table", "strikethrough"]).disable("image")
