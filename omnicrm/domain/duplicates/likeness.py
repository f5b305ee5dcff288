"""How much speaks for two entries being one person: names, birthdays and addresses, each with its weight. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from omnicrm.domain.contacts import normal

Key = TypeVar("Key")

ENOUGH = 3.0  # measured on Febrl's data: see the test
MAX_BLOCK = 60  # a block of more says nothing: half the book has that town


@dataclass(frozen=True, slots=True)
class Entry(Generic[Key]):
    """What is compared: `name` as `normal.name` gives it, `born` as YYYYMMDD, `place` street, town and code in one."""

    key: Key
    name: str
    born: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Pair(Generic[Key]):
    one: Key
    other: Key
    score: float
    why: str


def entry(key: Key, name: str, *, born: str = "", place: Sequence[str | None] = ()) -> Entry[Key]:
    """`born` in any form with its eight digits; `place` the parts of an address."""
    digits = "".join(sign for sign in born if sign.isdigit())
    words = " ".join(part for part in place if part).casefold().split()
    return Entry(key, normal.name(name), digits if len(digits) == 8 else "", " ".join(words))


def pairs(entries: Sequence[Entry[Key]], *, least: float = ENOUGH) -> list[Pair[Key]]:
    """The pairs that are likely one person, the likeliest first. Each is compared with those of its blocks only, and
    blocks are bounded, so that twice as many entries cost twice as much."""
    blocks: dict[int, list[int]] = {}
    for place, one in enumerate(entries):
        for block in set(_blocks(one)):
            blocks.setdefault(block, []).append(place)
    seen: set[tuple[int, int]] = set()
    found = []
    for members in blocks.values():
        if 1 < len(members) <= MAX_BLOCK:
            for pair in combinations(members, 2):
                if pair in seen:
                    continue
                seen.add(pair)
                first, second = entries[pair[0]], entries[pair[1]]
                score, why = compare(first, second)
                if score >= least:
                    found.append(Pair(first.key, second.key, score, why))
    return sorted(found, key=lambda pair: -pair.score)


def compare(one: Entry[Key], other: Entry[Key]) -> tuple[float, str]:
    """(what speaks for one person, in words): above ENOUGH is likely. What is not known on either side says nothing."""
    name = _name(one.name, other.name)
    born = _born(one.born, other.born)
    place = _place(one.place, other.place)
    said = [
        words
        for weight, words in (
            (name, "same name" if one.name == other.name else "a name much like it"),
            (born, "same birthday" if one.born == other.born else "a birthday much like it"),
            (place, "same address" if one.place == other.place else "an address much like it"),
        )
        if weight > 1
    ]
    return name + born + place, ", ".join(said)


def _name(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    alike = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    if alike >= 95:
        return 5.0 if " " in one and " " in other else 2.0
    if alike >= 85:
        return 3.5
    if alike >= 72:
        return 1.5
    first, second = set(one.split()), set(other.split())
    return 0.5 if first & second else -2.5


def _born(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    if one == other:
        return 4.0
    slips = Levenshtein.distance(one, other, score_cutoff=2)
    return 1.5 if slips == 1 else 0.5 if sorted(one) == sorted(other) else -2.5


def _place(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    alike = fuzz.token_set_ratio(one, other)
    if alike >= 90:
        return 3.0
    if alike >= 75:
        return 1.5
    return -1.5 if alike < 50 else 0.0


def _blocks(one: Entry[Key]) -> Iterator[int]:
    words = one.name.split()
    for first, second in combinations(words[:4], 2):
        yield hash(("n", first[:3], second[:3]))
        yield hash(("e", first[-3:], second[-3:]))
    if one.born:
        yield hash(("d", one.born))
        for word in words[:4]:
            yield hash(("y", one.born[:4], word[:3]))
            yield hash(("m", one.born[4:], word[:2]))
    place = one.place.split()
    for word in words[:4]:
        for part in place:
            if any(sign.isdigit() for sign in part) and len(part) > 3:
                yield hash(("p", part, word[:2]))
    if len(place) > 1:
        yield hash(("a", *sorted(place)[:3]))
