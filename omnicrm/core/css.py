"""Cuts a stylesheet down to what the pages use: half of Radix Themes is breakpoints and components that we lack."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
# Inside these a name does not say that the rule is about that component.
_FUNCTIONAL = re.compile(r":(?:where|not|is)\((?:[^()]|\([^()]*\))*\)")
_COMPONENT = re.compile(r"\.(rt-[A-Z]\w*)")
_URL = re.compile(r"""url\([^"'()]*\)""")


def prune(css: str, used: Collection[str], unused_breakpoints: Collection[str] = ("xs", "sm", "lg", "xl")) -> str:
    """`css` without the selectors that name an unused breakpoint, or a `.rt-Component` that is not in `used`.

    Rules, and blocks such as `@media`, that are left without content go too. Everything else is kept as it is.
    """
    prefixes = tuple(f".{name}\\:" for name in unused_breakpoints)

    def wanted(selector: str) -> bool:
        plain = _FUNCTIONAL.sub("", selector)
        named = _COMPONENT.findall(plain)
        return not any(prefix in plain for prefix in prefixes) and all(name in used for name in named)

    return _block(_COMMENT.sub("", css), 0, wanted)[0]


def _block(css: str, at: int, wanted: Callable[[str], bool]) -> tuple[str, int]:
    """The kept text of the block that starts at `at`, and the place behind its closing brace (or the end of `css`)."""
    kept: list[str] = []
    start = at
    while at < len(css):
        character = css[at]
        if character == "\\":
            at += 2
        elif character in "\"'":
            at = css.index(character, at + 1) + 1
        elif character == "u" and (url := _URL.match(css, at)):
            at = url.end()
        elif character == ";":
            kept.append(css[start : at + 1])
            at = start = at + 1
        elif character == "}":
            kept.append(css[start:at])
            return "".join(kept), at + 1
        elif character == "{":
            head = css[start:at]
            inside, at = _block(css, at + 1, wanted)
            start = at
            kept.append(_rule(head, inside, wanted))
        else:
            at += 1
    kept.append(css[start:])
    return "".join(kept), at


def _rule(head: str, inside: str, wanted: Callable[[str], bool]) -> str:
    if not inside.strip():
        return ""
    if head.lstrip().startswith("@"):
        return f"{head}{{{inside}}}"
    selectors = [selector for selector in _selectors(head) if wanted(selector)]
    return f"{','.join(selectors)}{{{inside}}}" if selectors else ""


def _selectors(head: str) -> list[str]:
    """Split at the commas outside of parentheses."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(head):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(head[start:at])
            start = at + 1
    return [*parts, head[start:]]
