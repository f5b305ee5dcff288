"""Cutting a stylesheet: what pages do not use goes, everything else stays as it was."""

from __future__ import annotations

import pytest

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
