"""From bytes to text: the declared charset, then UTF-8, then windows-1252. Nothing is “repaired” beyond that."""

from __future__ import annotations

import binascii
import codecs
import re
from functools import lru_cache

# What mail declares and what browsers take it for (encoding.spec.whatwg.org), where Python's own name is narrower.
_ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
}
# Python knows encodings that no mail means and that are slow or surprising on hostile bytes (idna, unicode_escape).
_KNOWN = re.compile(
    r"(utf-(7|8|16|32)(-[lb]e)?|cp(125\d|437|85\d|86\d|874|932|949|950|1006|720|737|775)|iso8859-\d+|koi8-[rtu]"
    r"|gb18030"
    r"|big5|big5hkscs|hz|euc_j\w+|shift_jis\w*|iso2022_\w+|johab|mac-\w+|ptcp154|kz1048)$"
)
_CP1252_HOLES = {0x81: 0xFFFD, 0x8D: 0xFFFD, 0x8F: 0xFFFD, 0x90: 0xFFFD, 0x9D: 0xFFFD}


@lru_cache(maxsize=256)
def codec(declared: str) -> str | None:
    """Python's name for a declared charset, or None when it is unknown or no charset of text."""
    name = declared.strip().strip("\"'").partition(";")[0].strip().lower()[:40]
    if name.startswith("cp-"):
        name = "cp" + name[3:]
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return found if _KNOWN.match(found) else None


def decode(data: bytes, declared: str = "") -> tuple[str, bool]:
    """The text of `data`, and whether it needed a guess (the declared charset did not fit).

    Text is never changed to look nicer: mojibake that was sent stays, so that quotes of it stay verbatim.
    """
    name = codec(declared) if declared else "utf-8"
    if name is not None:
        try:
            return data.decode(name), False
        except (UnicodeError, ValueError):
            pass
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError:
        pass
    if name is not None and not name.startswith("cp125") and not name.startswith("iso8859"):
        # One broken byte in a long text: keep the declared charset unless most of what is not ASCII is broken.
        text = data.decode(name, "replace")
        broken = text.count("\ufffd")
        if broken * 2 <= sum(1 for char in text if char > "\x7f"):
            return text, True
    return data.decode("latin-1").translate(_WINDOWS), True


_WINDOWS = {
    byte: _CP1252_HOLES.get(byte) or ord(bytes([byte]).decode("cp1252", "replace")) for byte in range(0x80, 0xA0)
}

_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?]{0,2000})\?=")
_BETWEEN = re.compile(r"[ \t\r\n]*\Z")


def header(raw: bytes) -> str:
    """A header's value as text with encoded words in it: raw 8-bit bytes are UTF-8 (RFC 6532) or windows-1252."""
    return decode(raw)[0]


def words(value: str) -> str:
    """`value` with its encoded words (RFC 2047) read, broken ones left as they stand.

    Neighbours of one charset are joined before decoding, since many writers cut characters in half between them.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    at = 0
    pending = b""
    charset = ""

    def flush() -> None:
        nonlocal pending
        if pending:
            out.append(decode(pending, charset)[0])
            pending = b""

    for match in _WORD.finditer(value):
        between = value[at : match.start()]
        data = _word_bytes(match[2], match[3])
        if data is None:
            flush()
            out.append(value[at : match.end()])
        else:
            joined = at > 0 and bool(pending) and _BETWEEN.match(between) is not None
            if not joined or match[1].lower() != charset:
                flush()
            if not joined:
                out.append(between)
            charset = match[1].lower()
            pending += data
        at = match.end()
    flush()
    out.append(value[at:])
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes | None:
    if not text.isascii():
        return None
    data = text.encode("ascii")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data.rstrip(b"=")) % 4))
    except binascii.Error:
        return None
