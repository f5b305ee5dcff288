"""What a file is, by its bytes and never by its name or what the sender says. Nothing that a browser would run."""

from __future__ import annotations

import re

PHOTOS = ("image/jpeg", "image/png", "image/webp", "image/gif")
ENDINGS = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
    "image/heic": ("heic", "heif"),
    "application/pdf": ("pdf",),
    "application/vnd.openxmlformats-officedocument": ("docx", "xlsx", "pptx"),
    "application/vnd.oasis.opendocument": ("odt", "ods", "odp"),
    "application/msword": ("doc", "xls", "ppt"),
    "application/rtf": ("rtf",),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a",),
    "video/mp4": ("mp4", "mov", "m4v"),
    "text/plain": ("txt", "csv", "md", "log", "vcf", "ics"),
}
_OPEN_DOCUMENT = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)")
_MARKUP = re.compile(rb"^[\s\xef\xbb\xbf]*<|<(?:!doctype|html|svg|script|body|iframe|\?xml)", re.I)


def sniff(head: bytes) -> str | None:
    """The media type by the first bytes (4 kB), or None for what is not taken: markup, scripts, programs, archives."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"{\\rtf"):
        return "application/rtf"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "application/msword"
    if head.startswith(b"ID3") or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    if head[4:8] == b"ftyp":
        return _iso(head[8:12])
    if head.startswith(b"PK\x03\x04"):
        return _zip(head)
    return "text/plain" if _is_text(head) else None


def fits(name: str, media_type: str) -> bool:
    """Whether a name's ending may stand for that type; a name without one fits any."""
    _, dot, ending = name.rpartition(".")
    return not dot or ending.lower() in ENDINGS[media_type]


def _iso(brand: bytes) -> str | None:
    if brand in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"):
        return "image/heic"
    return "audio/mp4" if brand == b"M4A " else "video/mp4"


def _zip(head: bytes) -> str | None:
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head:
        return "application/vnd.openxmlformats-officedocument"
    return "application/vnd.oasis.opendocument" if _OPEN_DOCUMENT.search(head) else None


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head or _MARKUP.search(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # else a character that the cut went through
            return False
    return True
