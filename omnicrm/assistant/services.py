"""Which service words name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from omnicrm.domain.cases import Service

_PLAIN = frozenset(
    "session sessions class classes lesson lessons appointment appointments treatment treatments consultation visit call "
    "private the a an and of for with in to on at by or minutes minute min hour one two your our full half".split()
)


_KINDS = frozenset("class lesson treatment consultation visit assessment evaluation workshop course intensive".split())
_COMMON = frozenset(
    "deep foot hand head back neck intro first full half hour free time work life body mind home call walk talk step core form care good best same rest mass mass".split()
)


@dataclass(frozen=True, slots=True)
class Named:
    """A service named by `text[start:end]`; `strength` 1.0 for its whole name, less for its telling words."""

    service: Service
    start: int
    end: int
    strength: float


@lru_cache(maxsize=256)
def _words(name: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in re.findall(r"[^\W\d_]+|\d+", name.lower()))


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def named(text: str, services: tuple[Service, ...]) -> list[Named]:
    """The services that `text` picks: whole names first, then words that only one service on the list has."""
    found: list[Named] = []
    tokens = [
        (match.start(), match.end(), _stem(match.group().lower())) for match in re.finditer(r"[^\W\d_]+|\d+", text)
    ]
    words = [token[2] for token in tokens]
    taken: set[int] = set()
    names = [(service, _words(name)) for service in services for name in (service.name, *service.words)]
    for service, name in sorted(names, key=lambda pair: -len(pair[1])):
        if not name:
            continue
        for index in range(len(words) - len(name) + 1):
            span = range(index, index + len(name))
            if words[index : index + len(name)] == list(name) and not taken & set(span):
                taken |= set(span)
                found.append(Named(service, tokens[index][0], tokens[index + len(name) - 1][1], 1.0))
    for service in services:
        if any(n.service is service for n in found):
            continue
        telling = _telling(service, services)
        hits = [i for i, word in enumerate(words) if i not in taken and any(_alike(word, t) for t in telling)]
        pairs = {a + b for a, b in pairwise(_words(service.name))}
        hits += [i for i, word in enumerate(words) if i not in taken and i not in hits and word in pairs]
        joined = [i for i in range(len(words) - 1) if not taken & {i, i + 1} and words[i] + words[i + 1] in telling]
        if hits or joined:
            first = (hits or joined)[0]
            last = max(i for i in [*hits, *(j + 1 for j in joined)] if i - first <= 4)
            need = [word for word in _words(service.name) if word in telling]
            share = len({t for t in telling if any(_alike(words[i], t) for i in hits)}) / max(1, len(set(need)))
            found.append(Named(service, tokens[first][0], tokens[last][1], 0.5 + 0.4 * min(1.0, share)))
    return sorted(found, key=lambda n: n.start)


@lru_cache(maxsize=8192)
def _alike(word: str, telling: str) -> bool:
    """Whether a word is a service's telling one: itself, its beginning ("physio"), or a slip of the pen."""
    if word == telling:
        return True
    if len(word) < 4 or word[0] != telling[0]:
        return False
    if telling.startswith(word) or (len(telling) >= 5 and word.startswith(telling)):
        return word not in _COMMON
    return len(word) >= 6 and len(telling) >= 6 and SequenceMatcher(None, word, telling).ratio() >= 0.86


@lru_cache(maxsize=512)
def _telling_of(name: str, others: tuple[str, ...]) -> frozenset[str]:
    theirs = {word for other in others for word in _words(other)}
    own = {
        word for word in _words(name) if word not in theirs and word not in {_stem(p) for p in _PLAIN} and len(word) > 2
    }
    return frozenset(own)


def _telling(service: Service, services: tuple[Service, ...]) -> frozenset[str]:
    return _telling_of(service.name, tuple(s.name for s in services if s is not service))


@lru_cache(maxsize=256)
def pick(text: str, services: tuple[Service, ...]) -> Named | None:
    """The one service that `text` picks, or None where it names none or several."""
    found = [n for n in named(text, services) if not _ruled_out(text, n)]
    if not found:
        return _by_plain_word(text, services)
    names = {n.service.name for n in found}
    if len(names) == 1:
        return max(found, key=lambda n: n.strength)
    whole = [n for n in found if n.strength == 1.0]
    return whole[0] if len({n.service.name for n in whole}) == 1 else None


def _by_plain_word(text: str, services: tuple[Service, ...]) -> Named | None:
    """The service that alone has a plain word of the text in its name: "a lesson" where one lesson is on the list."""
    for match in re.finditer(r"[^\W\d_]+", text):
        word = _stem(match.group().lower())
        if word in _KINDS:
            owners = [s for s in services if word in _words(s.name)]
            if (
                len(owners) == 1
                and len(services) > 1
                and not _ruled_out(text, Named(owners[0], match.start(), match.end(), 0.3))
            ):
                return Named(owners[0], match.start(), match.end(), 0.3)
    return None


def _ruled_out(text: str, name: Named) -> bool:
    head = text[max(0, name.start - 34) : name.start].lower()
    return bool(
        re.search(
            r"\b(?:not|instead of|rather than|no longer|can't do|cannot do|isn't|no more)\s+(?:the\s+|a\s+|an\s+|another\s+)?(?:\w+\s+)?$",
            head,
        )
    )


def mentions_practice(text: str, services: tuple[Service, ...]) -> bool:
    """Whether `text` has any word of a service on the list, plain ones left out."""
    words = {_stem(word) for word in re.findall(r"[^\W\d_]+", text.lower())}
    plain = {_stem(word) for word in _PLAIN}
    return any(
        word in words for service in services for word in _words(service.name) if word not in plain and len(word) > 2
    )
