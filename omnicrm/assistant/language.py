"""Whether the new words of a mail are English on the whole."""

from __future__ import annotations

import re
import unicodedata

_ENGLISH = frozenset(
    "the a an and or but if so to of in on at for with from by about as is are was were be been am do does did have has had i you he she it we "
    "they me my your his her our their this that these those there here what when where which who how why can could will would shall should may might "
    "must not no yes please thanks thank hi hello dear just up out all any some more very too now then than into over after before today tomorrow "
    "im ive ill dont cant wont its u r ur pls plz ok okay hey get got make see come book time day week next morning afternoon evening good".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FEWEST = 6


def is_english(text: str) -> bool:
    """False only where the text as a whole is in another language; too short a text counts as English."""
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < _FEWEST:
        return True
    latin = [word for word in words if unicodedata.name(word[0], "").startswith("LATIN")]
    if len(latin) * 2 > len(words):
        words = latin  # some words in another script do not make an English mail foreign
    common = sum(word in _ENGLISH for word in words) / len(words)
    if common >= 0.25:
        return True
    import py3langid  # takes a while to load, and is needed for few mails

    language, _score = py3langid.classify(text)
    return language == "en" or (common >= 0.12 and len(words) < 12)
