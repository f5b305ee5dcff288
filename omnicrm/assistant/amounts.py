"""Sums of money in a text, in any of the usual ways of writing them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_CODES = "USD|EUR|GBP|AUD|NZD|CAD|CHF|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|INR|ZAR|BRL|MXN|ARS|CLP|COP|SGD|HKD|JPY|CNY|KRW|THB|MYR|IDR|PHP|VND|AED|SAR|QAR|ILS|TRY|KES|NGN|EGP|PKR|BDT|LKR"
_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "¥": "JPY",
    "₪": "ILS",
    "₺": "TRY",
    "₩": "KRW",
    "₽": "RUB",
    "฿": "THB",
    "₦": "NGN",
    "₱": "PHP",
}
_PREFIXED = {
    "us$": "USD",
    "usd$": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "nz$": "NZD",
    "c$": "CAD",
    "ca$": "CAD",
    "r$": "BRL",
    "s$": "SGD",
    "hk$": "HKD",
    "rs": "",
    "rs.": "",
    "inr": "INR",
    "r": "ZAR",
    "fr.": "CHF",
    "dhs": "AED",
    "dh": "AED",
    "rm": "MYR",
    "ksh": "KES",
}
_NAMES = {
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "sterling": "GBP", "us dollars": "USD",
    "us dollar": "USD", "american dollars": "USD", "australian dollars": "AUD", "canadian dollars": "CAD", "rupees": "",
    "rupee": "", "rand": "ZAR", "rands": "ZAR", "reais": "BRL", "real": "BRL", "dirhams": "AED", "dirham": "AED",
    "francs": "CHF", "yen": "JPY", "kronor": "SEK", "swedish kronor": "SEK", "norwegian kroner": "NOK", "danish kroner": "DKK",
    "dollars": "", "dollar": "", "bucks": "", "kroner": "", "kr": "", "kr.": "", "crowns": "", "pesos": "", "usd": "USD",
    "quids": "GBP", "lakh": "", "/-": "",
}  # fmt: skip
_NUMBER = r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,3}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?(?!\d)"
_NAMED = "|".join(sorted((re.escape(name) for name in _NAMES), key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<pre>(?<![A-Za-z])(?:US\$|USD\$|AU\$|A\$|NZ\$|CA\$|C\$|R\$|S\$|HK\$|Rs\.?|INR|R(?=\s?\d)|Fr\.|Dhs?|RM|KSh|kr\.?|{_CODES})|[$€£₹¥₪₺₩₽฿₦₱])\s*(?P<n1>{_NUMBER})(?P<k1>k\b)?(?P<tail>/-|,-|:-|\.-)?(?:\s*(?P<code1>{_CODES})\b)?"
    rf"|(?<![\d.,\w#/-])(?P<n2>{_NUMBER})(?P<k2>k\b)?(?:,-|:-)?\s?(?P<post>(?:{_CODES})\b|[€£₹$]|(?:{_NAMED})(?!\w))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum, `text[start:end]`. `currency` "" stands for the practitioner's own ("$", "kr")."""

    start: int
    end: int
    value: Decimal
    currency: str


def find(text: str) -> list[Amount]:
    """All sums with a currency beside them, in order."""
    found = []
    for match in _AMOUNT.finditer(text):
        digits = match["n1"] or match["n2"]
        value = parse(digits)
        if value is None:
            continue
        if match["k1"] or match["k2"]:
            value *= 1000
        found.append(Amount(match.start(), match.end(), value, _currency(match)))
    return found


def _currency(match: re.Match[str]) -> str:
    if match["code1"]:
        return match["code1"].upper()
    if match["pre"]:
        mark = match["pre"].strip()
        if mark in _SYMBOLS:
            return _SYMBOLS[mark]
        return _PREFIXED.get(mark.lower(), "" if mark.lower() in ("$", "kr", "kr.") else mark.upper())
    mark = match["post"].strip()
    if mark in _SYMBOLS or mark == "$":
        return _SYMBOLS.get(mark, "")
    return _NAMES.get(mark.lower(), mark.upper())


def parse(digits: str) -> Decimal | None:
    """The value of digits grouped in any usual way; the last separator with one or two digits after it is the point."""
    plain = re.sub(r"[\s'\u00a0\u202f]", "", digits)
    if match := re.fullmatch(r"([\d.,]*?)[.,](\d{1,2})", plain):
        whole, cents = re.sub(r"[.,]", "", match[1]), match[2]
    else:
        whole, cents = re.sub(r"[.,]", "", plain), ""
    try:
        return Decimal(f"{whole or '0'}.{cents or '0'}")
    except InvalidOperation:
        return None


def bare(text: str, values: tuple[Decimal, ...]) -> list[Amount]:
    """Numbers without a currency that equal one of `values` (an invoice's total, a price)."""
    found = []
    for match in re.finditer(rf"(?<![\d.,\w#/:+-])(?:{_NUMBER})(?![\d\w%/:-]|[.,]\d)", text):
        value = parse(match.group())
        if value is not None and value in values and value > 0:
            found.append(Amount(match.start(), match.end(), value, ""))
    return found
