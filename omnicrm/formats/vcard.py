"""Address books: vCard 2.1, 3.0 and 4.0, each card read or refused on its own."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from omnicrm.formats import Refusal, Unreadable
from omnicrm.formats.addresses import normalise_email
from omnicrm.formats.contentlines import Line, read_line, split_escaped, unescape
from omnicrm.formats.mail import charset, headers

MAX_BYTES = 50 * 1024 * 1024
MAX_CARDS = 50_000
MAX_LINES = 5_000  # of one card
MAX_NOTE = 20_000
MAX_EACH = 50  # addresses, numbers … of one card

_BINARY = ("PHOTO", "LOGO", "SOUND", "KEY")  # pictures and keys are not kept, whatever their size
_NO_LABEL = {"internet", "pref", "voice", "x400", "text", "uri", "msg", "dom", "intl", "postal", "parcel"}
_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """An e-mail address, a number or a link; `label` such as “home”, “work, mobile”, or what its owner called it."""

    value: str
    label: str = ""
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class PostalAddress:
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    label: str = ""

    @property
    def text(self) -> str:
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return "\n".join(part for part in (self.street, town, self.region, self.country) if part)


@dataclass(frozen=True, slots=True)
class Card:
    """One person or firm. The preferred address, number … stands first. `birthday` only with its year."""

    name: str
    first_name: str = ""
    last_name: str = ""
    middle_name: str = ""
    nickname: str = ""
    emails: tuple[Labelled, ...] = ()
    phones: tuple[Labelled, ...] = ()
    addresses: tuple[PostalAddress, ...] = ()
    organisation: str = ""
    title: str = ""
    birthday: date | None = None
    urls: tuple[Labelled, ...] = ()
    note: str = ""
    categories: tuple[str, ...] = ()
    uid: str = ""
    version: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VcardFile:
    cards: tuple[Card, ...]
    refused: tuple[Refusal, ...]


def read(data: bytes) -> VcardFile:
    """The cards of an address book. Raises Unreadable for what is none, or is larger than 50 MB."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The address book is larger than {MAX_BYTES // 1024 // 1024} MB.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = charset.decode(data, "utf-16")[0].encode()
    # Each line may have its own charset: bytes that are no UTF-8 are kept as they are until its parameters are known.
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    cards: list[Card] = []
    refused: list[Refusal] = []
    number = 0
    for number, source in enumerate(_sources(text), 1):
        if len(cards) >= MAX_CARDS:
            refused.append(Refusal(f"card {number}", f"Only the first {MAX_CARDS:,} cards were read."))
            break
        try:
            cards.append(_card(source))
        except _Refused as error:
            refused.append(Refusal(source.text("FN") or f"card {number}", str(error)))
    if number == 0:
        raise Unreadable("This is not an address book: it has no BEGIN:VCARD.")
    return VcardFile(tuple(cards), tuple(refused))


class _Refused(ValueError):
    pass


@dataclass(slots=True)
class _Source:
    """The properties of one card, decoded; `whole` is False where its end is missing."""

    known: dict[str, list[Line]] = field(default_factory=dict)
    unread: int = 0
    whole: bool = True
    lines: int = 0

    def all(self, name: str) -> list[Line]:
        return self.known.get(name, [])[:MAX_EACH]

    def text(self, name: str, limit: int = 1000) -> str:
        return next((found for line in self.all(name) if (found := _clean(line.value, limit))), "")

    def parts(self, name: str, count: int) -> list[str]:
        """The components of a structured value, padded to `count`."""
        line = next((line for line in self.all(name) if line.value.strip(" ;")), None)
        return _components(line.value if line else "", count)


def _sources(text: str) -> Iterator[_Source]:
    source: _Source | None = None
    inner = 0  # cards inside a card (AGENT of vCard 2.1) are skipped
    for raw in _logical(text):
        word = raw.strip().upper()
        if word == "BEGIN:VCARD":
            if source is None:
                source, inner = _Source(), 0
            elif inner == 0 and "AGENT" not in source.known:
                source.whole = False
                yield source
                source = _Source()
            else:
                inner += 1
        elif source is None:
            continue
        elif word == "END:VCARD":
            if inner:
                inner -= 1
                continue
            yield source
            source = None
        elif not inner and word:
            source.lines += 1
            if source.lines <= MAX_LINES:
                _take(source, raw)
    if source is not None:
        source.whole = False
        yield source


def _logical(text: str) -> Iterator[str]:
    """Unfolded lines; a quoted-printable value goes on after a line that ends in “=”."""
    pending = ""
    quoted = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if quoted and pending.endswith("="):
            pending = pending[:-1] + line.lstrip(" \t") if line[:1] in " \t" else pending[:-1] + line
        elif line[:1] in (" ", "\t") and line.strip():
            pending += line[1:]
        else:
            if pending:
                yield pending
            pending = line
            quoted = "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
        if len(pending) > MAX_BYTES // 8:
            pending = pending[:1000]
    if pending:
        yield pending


def _take(source: _Source, raw: str) -> None:
    try:
        line = read_line(raw)
    except ValueError:
        source.unread += 1
        return
    if line.name in _BINARY:
        return
    declared = line.parameter("CHARSET")
    if line.parameter("ENCODING").upper() in ("QUOTED-PRINTABLE", "Q"):
        data = binascii.a2b_qp(line.value.encode("utf-8", "surrogateescape"))
        line.value = charset.decode(data, declared)[0]
    elif declared or not line.value.isascii():
        line.value = charset.decode(line.value.encode("utf-8", "surrogateescape"), declared)[0]
    if line.parameter("ENCODING").upper() in ("BASE64", "B"):
        return
    source.known.setdefault(line.name, []).append(line)


def _card(source: _Source) -> Card:
    kind = source.text("KIND").lower() or source.text("X-ADDRESSBOOKSERVER-KIND").lower()
    if kind == "group":
        raise _Refused("A group, not a person.")
    problems = []
    if not source.whole:
        problems.append("The card does not end: it may be cut.")
    if source.unread:
        problems.append(f"{source.unread} lines could not be read.")
    last, first, middle, _, _ = (_clean(part, 200) for part in source.parts("N", 5))
    emails = _labelled(source, "EMAIL", _email)
    phones = _labelled(source, "TEL", _phone)
    organisation = ", ".join(part for part in (_clean(part, 200) for part in source.parts("ORG", 1)) if part)
    name = source.text("FN", 300) or " ".join(part for part in (first, middle, last) if part)
    name = name or organisation or source.text("NICKNAME", 200) or (emails[0].value if emails else "")
    if not name and not phones:
        raise _Refused("It has no name, no address and no number.")
    birthday = _birthday(source.text("BDAY", 60), source.all("BDAY"), problems)
    return Card(
        name=name or phones[0].value,
        first_name=first,
        last_name=last,
        middle_name=middle,
        nickname=source.text("NICKNAME", 200),
        emails=emails,
        phones=phones,
        addresses=_addresses(source),
        organisation=organisation,
        title=source.text("TITLE", 300) or source.text("ROLE", 300),
        birthday=birthday,
        urls=_labelled(source, "URL", lambda value: value),
        note="\n\n".join(filter(None, (_multiline(line.value) for line in source.all("NOTE"))))[:MAX_NOTE],
        categories=_categories(source),
        uid=source.text("UID", 500),
        version=source.text("VERSION", 10),
        problems=tuple(problems),
    )


def _clean(value: str, limit: int = 1000) -> str:
    return headers.line(unescape(value[: limit * 4]).replace("=?", "= ?"), limit)


def _multiline(value: str) -> str:
    return _NO_TEXT.sub("", unescape(value[: MAX_NOTE * 2]).replace("\r\n", "\n").replace("\r", "\n")).strip()


def _components(value: str, count: int) -> list[str]:
    parts = split_escaped(value, ";")
    return parts[:count] + [""] * (count - len(parts)) if count > 1 else parts


def _labelled(source: _Source, name: str, form: Callable[[str], str]) -> tuple[Labelled, ...]:
    found: dict[str, Labelled] = {}
    for line in source.all(name):
        value = form(_clean(line.value, 500))
        if value:
            found.setdefault(value, Labelled(value, _label(source, line), _preferred(line)))
    return tuple(sorted(found.values(), key=lambda one: not one.preferred))


def _label(source: _Source, line: Line) -> str:
    if line.group:
        for label in source.all("X-ABLABEL"):
            if label.group == line.group:
                text = _clean(label.value, 60)
                return _APPLE.sub(r"\1", text).lower() if _APPLE.search(text) else text
    types = [one.strip().lower() for value in line.parameters.get("TYPE", ()) for one in value.split(",")]
    kept = [one.removeprefix("x-") for one in dict.fromkeys(types) if one and one not in _NO_LABEL]
    return headers.line(", ".join("mobile" if one == "cell" else one for one in kept), 60)


def _preferred(line: Line) -> bool:
    return line.parameter("PREF") == "1" or any(
        "pref" in value.lower().split(",") for value in line.parameters.get("TYPE", ())
    )


def _email(value: str) -> str:
    read = headers.addresses(value.replace("MAILTO:", "mailto:"))
    return normalise_email(read[0].email) if read else ""


def _phone(value: str) -> str:
    value = re.sub(r"^tel:", "", value, flags=re.IGNORECASE).replace(";ext=", " ext. ").partition(";")[0]
    return value.strip() if sum(sign.isdigit() for sign in value) >= 3 else ""


def _addresses(source: _Source) -> tuple[PostalAddress, ...]:
    found: list[PostalAddress] = []
    for line in source.all("ADR"):
        box, extended, street, city, region, code, country = (
            _clean(part.replace("\\n", ", ").replace("\n", ", "), 300) for part in _components(line.value, 7)
        )
        streets = ", ".join(part for part in (box, extended, street) if part)
        address = PostalAddress(streets, city, region, code, country, _label(source, line))
        if address.text and address not in found:
            found.append(address)
    return tuple(found)


def _categories(source: _Source) -> tuple[str, ...]:
    found = [_clean(one, 100) for line in source.all("CATEGORIES") for one in split_escaped(line.value, ",")]
    return tuple(dict.fromkeys(one for one in found if one))[:MAX_EACH]


def _birthday(text: str, lines: list[Line], problems: list[str]) -> date | None:
    if not text:
        return None
    match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?:$|[T ])", text)
    omitted = lines[0].parameter("X-APPLE-OMIT-YEAR")
    if match is None or match[1] == omitted or (omitted and match[1] == "1604"):
        problems.append(f"The birthday “{text[:30]}” has no year, or is no date: left out.")
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        problems.append(f"The birthday “{text[:30]}” is no date: left out.")
        return None
