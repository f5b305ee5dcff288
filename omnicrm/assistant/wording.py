"""Words and pairs of words as signs: what no pattern foresaw can still be weighed."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d[\d.,:h]*|[?!]|:\)|:\(|£|€|\$")
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thur thurs fri sat sun mondays tuesdays wednesdays thursdays fridays saturdays sundays today tomorrow tmrw tonight".split()
)
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sept sep oct nov dec".split()
)


@lru_cache(maxsize=512)
def of(text: str) -> tuple[str, ...]:
    """The words and neighbouring pairs of a sentence, once each; days, months and numbers stand for their kind."""
    words = ["^", *(_kind(match.group().lower()) for match in _TOKEN.finditer(text)), "$"]
    found = dict.fromkeys(words[1:-1])
    found |= dict.fromkeys(f"{a} {b}" for a, b in pairwise(words) if (a, b) != ("^", "$"))
    return tuple(found)


def _kind(word: str) -> str:
    word = word.removesuffix("'s") if word.removesuffix("'s") in _DAYS else word
    if word in _DAYS:
        return "%day"
    if word in _MONTHS and word != "may":
        return "%month"
    return "%n" if word[0].isdigit() else word
