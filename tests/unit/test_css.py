"""Cutting a stylesheet: what pages do not use goes, everything else stays as it was."""

from __future__ import annotations

import re

import pytest

from omnicrm.components.theme import STYLESHEETS
from omnicrm.core import config
from omnicrm.core.css import prune


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".rt-Button{color:red}", ".rt-Button{color:red}"),
        (".rt-Table{color:red}", ""),
        (".rt-Table,.rt-Button{color:red}", ".rt-Button{color:red}"),
        (".rt-Table,.plain{color:red}", ".plain{color:red}"),
        (".rt-Button:where(.rt-Table *){x:y}", ".rt-Button:where(.rt-Table *){x:y}"),
        (".a:not(.rt-Table:is(.b,.c)){x:y}", ".a:not(.rt-Table:is(.b,.c)){x:y}"),
        (r".sm\:rt-r-p-1{x:y}", ""),
        (r".md\:rt-r-p-1{x:y}", r".md\:rt-r-p-1{x:y}"),
        ("@media (min-width:1px){.rt-Table{x:y}}", ""),
        ("@media (min-width:1px){.rt-Table{x:y}.a{x:y}}", "@media (min-width:1px){.a{x:y}}"),
        (".a{x:y;&:hover{x:z}}", ".a{x:y;&:hover{x:z}}"),
        ('@import "x.css";.a{content:"};{"}', '@import "x.css";.a{content:"};{"}'),
        (".a{background:url(data:image/png;base64,AA==)}", ".a{background:url(data:image/png;base64,AA==)}"),
        ("/* {;} */.a{x:y}", ".a{x:y}"),
        (r".a\{b{x:y}", r".a\{b{x:y}"),
    ],
)
def test_what_is_kept(css: str, kept: str) -> None:
    assert prune(css, {"rt-Button"}) == kept


def test_a_class_is_described_in_one_stylesheet() -> None:
    """All pages load all of them: a class of one page that is named like another's changes both."""
    where: dict[str, set[str]] = {}
    for name in STYLESHEETS:
        text = (config.project_root() / "assets" / name.lstrip("/")).read_text()
        for selectors in re.findall(r"^(\.[\w-]+(?:, \.[\w-]+)*) \{", text, re.M):
            for one in selectors.split(", "):
                where.setdefault(one, set()).add(name)
    assert {one: sorted(files) for one, files in where.items() if len(files) > 1} == {}
