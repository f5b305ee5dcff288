"""Reading a message: its zones, cut into sentences, each with its place in the stored text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from omnicrm.assistant import injection
from omnicrm.formats import mail

_LEVEL = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        "\u200b": " ",
        "\ufeff": " ",
        "\t": " ",
        "–": "-",
        "—": "-",
        "‑": "-",
        "“": '"',
        "”": '"',
    }
)
_ABBREVIATED = re.compile(
    r"\b(?:mr|mrs|ms|dr|st|prof|no|nr|inv|approx|ca|resp|incl|etc|e\.g|i\.e|a\.m|p\.m|vs|ref|tel|rs|mt|jr|sr|dept|str|kl|min|hr|hrs|appt|\d{1,2})\.$",
    re.IGNORECASE,
)
_END = re.compile(
    r"[.!?…]+[\"')\]]*(?=\s|$)|\n\s*\n|\n|[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?\s+(?=[A-Za-z])|(?<=\w)\s*:\)+\s|;-?\)\s"
)
_PROSE = re.compile(
    r"(?i)^(?=(?:\S+\s+){3,}\S)(?=.*[.!?…]\W*$|.*\b(?:i|i'm|i've|you|my|we|our|please|pls|can|is|are|was|it's|to|from now)\b)(?!.*\|)(?!(?:kind|best|warm|many|with|yours)\b.{0,20}$)"
)
_LISTED = re.compile(r"\s*(?:[-*•·]\s|\(?\d{1,2}[.)]\s|\(?[a-h][.)]\s)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` without quote marks and fancy punctuation, of the same length as the stored words `[start:end]`."""

    start: int
    end: int
    text: str
    zone: str
    index: int
    line: bool = False  # a line of its own


@dataclass(frozen=True)
class Section:
    """A stretch of one author: `kind` as in formats.mail.Zone; `text` has the same length as the stored one."""

    kind: str
    start: int
    end: int
    text: str
    depth: int = 0
    author_email: str = ""
    author_name: str = ""
    sent_at: datetime | None = None

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(_sentences(self))

    @cached_property
    def breaks(self) -> tuple[int, ...]:
        """Where sentences begin, counted within the section."""
        return tuple(s.start - self.start for s in self.sentences)

    def sentence_at(self, position: int) -> Sentence | None:
        starts = [s.start for s in self.sentences]
        index = bisect_right(starts, position) - 1
        return self.sentences[index] if index >= 0 else None


@dataclass(frozen=True)
class Reading:
    """All sections of a message, in order, with the subject apart."""

    text: str
    level: str
    subject: str
    sections: tuple[Section, ...] = field(default=())

    @cached_property
    def new(self) -> tuple[Section, ...]:
        """What the sender wrote now."""
        return tuple(s for s in self.sections if s.kind == "new")

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for section in self.new for sentence in section.sentences)

    def of(self, *kinds: str) -> tuple[Section, ...]:
        return tuple(s for s in self.sections if s.kind in kinds)

    @cached_property
    def new_text(self) -> str:
        return "\n".join(s.text for s in self.new)


def level(text: str) -> str:
    """`text` with one kind of apostrophe, dash, quote and space; same length."""
    return text.translate(_LEVEL)


def read(text: str, subject: str, sender: str = "", *, signed: bool = True) -> Reading:
    """The sections of a stored text. Commands to machines are blanked out of all of them.

    `signed` False: a program wrote it, so that nothing in it is a signature.
    """
    cleared = injection.without(level(text))
    sections = []
    for zone in mail.zones(text, sender=sender, subject=subject):
        part = cleared[zone.start : zone.end]
        if zone.kind in ("quote", "forward"):
            part = re.sub(r"(?m)^(?:[ ]?>)+[ ]?", lambda m: " " * len(m.group()), part)
        for kind, start, end in _pieces(zone.kind if signed or zone.kind != "signature" else "new", part):
            sections.append(
                Section(
                    kind,
                    zone.start + start,
                    zone.start + end,
                    part[start:end],
                    zone.depth,
                    zone.author_email or "",
                    zone.author_name or "",
                    zone.sent_at,
                )
            )
    return Reading(text, cleared, injection.without(level(subject)), tuple(sections))


def _pieces(kind: str, part: str) -> list[tuple[str, int, int]]:
    """A zone as it is, but with the prose at the head of a signature taken as new words."""
    if kind != "signature":
        return [(kind, 0, len(part))]
    end = 0
    for match in re.finditer(r"[^\n]*(?:\n|\Z)", part):
        line = match.group().strip()
        if line and not _PROSE.search(line):
            break
        if line:
            end = match.end()
    if "?" in part[end:] and len(part) < 1500:
        end = len(part)
    return [piece for piece in (("new", 0, end), ("signature", end, len(part))) if piece[1] < piece[2]]


def _sentences(section: Section) -> list[Sentence]:
    text = section.text
    cuts = [0]
    for match in _END.finditer(text):
        if match.group().startswith("\n"):
            if match.group().count("\n") > 1 or _hard_break(text, match.start(), match.end()):
                cuts.append(match.end())
        elif match.group().startswith("."):
            head = text[max(0, match.start() - 8) : match.end()]
            tail = text[match.end() : match.end() + 12].lstrip()
            if _ABBREVIATED.search(head) and not (
                tail[:1].isupper()
                and not re.match(r".*\d\.$", head, re.DOTALL)
                and re.search(r"(?:a\.m|p\.m|etc|min|hrs?)\.$", head)
            ):
                if re.search(r"\d\.$", head) and re.match(
                    r"(?:I|We|My|The|Can|Could|Please|Is|Would|If|It|You|Do|That|This|See|Thanks?|Let|Just|And|But|So|Also)\b",
                    tail,
                ):
                    cuts.append(match.end())
                continue
            cuts.append(match.end())
        else:
            cuts.append(match.end())
    cuts.append(len(text))
    found = []
    for start, end in pairwise(cuts):
        part = text[start:end]
        if not any(letter.isalnum() for letter in part):  # rules of dashes and rows of pictures say nothing
            continue
        lead, trail = len(part) - len(part.lstrip()), len(part) - len(part.rstrip())
        a, b = section.start + start + lead, section.start + end - trail
        alone = text[:start].rstrip(" ").endswith("\n") and "\n" in text[end - trail - 1 : end + 1]
        found.append(Sentence(a, b, re.sub(r"\s", " ", part.strip()), section.kind, len(found), alone))
    return found


def _hard_break(text: str, start: int, end: int) -> bool:
    """Whether a single line end ends a sentence: not where a mail program only wrapped the line."""
    line = text[text.rfind("\n", 0, start) + 1 : start].rstrip()
    following = text[end : text.find("\n", end) if "\n" in text[end:] else len(text)]
    if not line or not following.strip() or _LISTED.match(following):
        return True
    if line.endswith((",", ";")) and len(line) < 40 and following.lstrip()[:1].isupper():
        return True
    if re.match(r"^[^.?!]{2,30}:\s", following) or re.match(r"^[^.?!]{2,30}:\s", line):
        return True
    first_word = following.split()[0]
    if len(line) + 1 + len(first_word) > 62 and not line.endswith((".", "!", "?", ":")):
        return False
    return len(line) < 55 and (following.lstrip()[:1].isupper() or len(line) < 30 or line.endswith((":", ",")))
