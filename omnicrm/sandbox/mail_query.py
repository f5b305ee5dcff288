"""Gmail's search box, as far as programs use it: dates, people, labels, categories, words, minus, OR, braces."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from omnicrm.core import clock
from omnicrm.sandbox.mailbox import Message

Test = Callable[[Message], bool]

_WORD = re.compile(r'-?(?:[a-z0-9_]+:)?(?:"[^"]*"|\([^()]*\)|[^\s{}()"]+)|[{}()]', re.IGNORECASE)
_CATEGORY = {"primary": "PERSONAL", "reservations": "UPDATES", "purchases": "UPDATES"}
_UNIT = {"d": 1, "m": 30, "y": 365, "h": 1 / 24}


def matches(query: str) -> Test:
    """The test that `query` stands for. Terms must all hold; `{a b}` and `a OR b` need one."""
    return _all(_WORD.findall(query))


def _all(words: list[str]) -> Test:
    groups: list[list[Test]] = []
    either = False
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word.upper() == "OR":
            either = True
            continue
        if word in "{(":
            end = words.index("}" if word == "{" else ")", position)
            inner, position = words[position:end], end + 1
            test = _any([_term(one) for one in inner]) if word == "{" else _all(inner)
        elif word in "})" or word.upper() == "AND":
            continue
        else:
            test = _term(word)
        if either and groups:
            groups[-1].append(test)
        else:
            groups.append([test])
        either = False
    tests = [_any(group) for group in groups]
    return lambda message: all(test(message) for test in tests)


def _any(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda message: any(test(message) for test in tests)


def _term(word: str) -> Test:
    if word.startswith("-") and len(word) > 1:
        positive = _term(word[1:])
        return lambda message: not positive(message)
    operator, colon, value = word.partition(":")
    value = value.strip('"()')
    test = _operator(operator.lower(), value) if colon else None
    return test or _word(word.strip('"'))


def _operator(name: str, value: str) -> Test | None:
    if name in ("after", "newer"):
        start = _instant_ms(value)
        return lambda message: message.at_ms >= start
    if name in ("before", "older"):
        end = _instant_ms(value)
        return lambda message: message.at_ms < end
    if name in ("newer_than", "older_than"):
        edge = _ms(clock.now() - timedelta(days=int(value[:-1]) * _UNIT[value[-1]]))
        return (
            (lambda message: message.at_ms >= edge) if name == "newer_than" else (lambda message: message.at_ms < edge)
        )
    if name == "category":
        label = "CATEGORY_" + _CATEGORY.get(value.lower(), value.upper())
        return lambda message: label in message.labels
    if name in ("in", "label", "is"):
        return _label(value)
    if name == "rfc822msgid":
        return lambda message: value.strip("<>") in str(message.mime.get("Message-ID", ""))
    if name == "has":
        return lambda message: message.mime.is_multipart() and any(p.get_filename() for p in message.mime.walk())
    if name in ("from", "to", "cc", "subject", "deliveredto"):
        header, wanted = {"deliveredto": "Delivered-To"}.get(name, name), value.lower()
        return lambda message: wanted in str(message.mime.get(header, "")).lower()
    return None


def _label(value: str) -> Test:
    name = {"drafts": "DRAFT", "chats": "CHAT"}.get(value.lower(), value.upper())
    if value.lower() == "anywhere":
        return lambda message: True
    if value.lower() == "read":
        return lambda message: "UNREAD" not in message.labels
    return lambda message: name in message.labels or value in message.labels


def _word(word: str) -> Test:
    wanted = word.lower().encode()
    return lambda message: wanted in message.raw.lower()


def _instant_ms(value: str) -> int:
    if value.isdigit() and len(value) > 8:
        return int(value) * 1000
    day = datetime.strptime(value.replace("-", "/"), "%Y/%m/%d").replace(tzinfo=UTC)
    return _ms(day)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
