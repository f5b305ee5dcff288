"""Names that are nearly alike, found among many without comparing each with each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from rapidfuzz import fuzz

from omnicrm.domain.contacts import normal

ALIKE = 88.0  # of 100: “Jonas Berg” and “Jonas Bergh”, not “Jonas Berg” and “Joan Berg”
MAX_BLOCK = 400  # names that share a beginning; of more only the first are compared


class NameIndex:
    """Names by the beginnings of their words. About 300 bytes a name, so that 100,000 fit in 30 MB."""

    def __init__(self, people: Iterable[tuple[UUID, str]] = ()) -> None:
        self._ids: list[int] = []
        self._names: list[str] = []
        self._blocks: dict[int, list[int]] = {}
        for key, name in people:
            self.add(key, name)

    def add(self, key: UUID, name: str) -> None:
        plain = normal.name(name)
        place = len(self._names)
        self._ids.append(key.int)
        self._names.append(plain)
        for block in _blocks(plain):
            self._blocks.setdefault(block, []).append(place)

    def alike(self, name: str) -> Iterator[UUID]:
        """The people whose names are nearly this one or equal to it, the likest first."""
        if not self._names:
            return
        plain = normal.name(name)
        places = {place for block in _blocks(plain) for place in self._blocks.get(block, ())[:MAX_BLOCK]}
        scored = ((likeness(plain, self._names[place]), place) for place in places)
        for _, place in sorted((one for one in scored if one[0] >= ALIKE), reverse=True):
            yield UUID(int=self._ids[place])


def likeness(one: str, other: str) -> float:
    """0 to 100 for two names as `normal.name` gives them: spelling only, order and accents are gone already."""
    if one == other:
        return 100.0
    first, second = set(one.split()), set(other.split())
    if len(first) == 1 or len(second) == 1:  # “Jo” is not nearly “Joe Park”
        return fuzz.ratio(one, other) if len(first) == len(second) and min(len(one), len(other)) > 4 else 0.0
    return fuzz.ratio(one, other)


def _blocks(plain: str) -> set[int]:
    """Two words at a time, by their beginnings and by their ends: one slip leaves a block in common."""
    words = plain.split()[:4]
    if len(words) == 1:
        return {hash((words[0][:3],)), hash((words[0][-3:], ""))}
    found = set()
    for place, word in enumerate(words):
        for other in words[place + 1 :]:
            found.add(hash((word[:2], other[:2])))
            found.add(hash((word[-3:], other[-2:], "")))
    return found
