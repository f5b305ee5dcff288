"""E-mail addresses that people type: is it one, and in which form is it kept."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

_ATOM = r"[^\s\x00-\x1f\x7f()<>\[\]:;@\\,.\"]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*\Z")
_QUOTED = re.compile(r'"(?:[^\x00-\x1f\x7f"\\]|\\[\x20-\x7e])*"\Z')
_LABEL = re.compile(r"(?!-)[^\W_](?:[^\W_]|-)*(?<!-)\Z")


def valid_email(address: str) -> bool:
    """Whether mail could be sent to `address` as RFC 5321 and 6531 write it: no comments, no folded white space."""
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or not address.isprintable() or len(address.encode("utf-8", "replace")) > 254:
        return False
    if len(local.encode("utf-8", "replace")) > 64 or not (_LOCAL.match(local) or _QUOTED.match(local)):
        return False
    return _literal(domain[1:-1]) if domain[0] == "[" and domain[-1] == "]" else _name(domain)


def normalise_email(address: str) -> str:
    """`address` as it is stored and compared: no white space around it, lower case, one Unicode form. Never raises."""
    return unicodedata.normalize("NFC", address.strip().removeprefix("mailto:")).lower()


def _name(domain: str) -> bool:
    try:
        ascii_name = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        return False
    labels = domain.split(".")
    return (
        len(ascii_name) <= 253
        and all(len(label) <= 63 for label in ascii_name.split("."))
        and all(_LABEL.match(label) for label in labels)
    )


def _literal(text: str) -> bool:
    try:
        if text[:5].lower() == "ipv6:":
            ipaddress.IPv6Address(text[5:])
        else:
            ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
