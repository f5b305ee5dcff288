"""What the client sent, refused in words for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from omnicrm.core.errors import Invalid, NotFound, OmniError

Made = TypeVar("Made")

GONE = "This is not in your practice any more. Load the page again."

_SENTENCES = {
    "missing": "Please fill this in.",
    "string_type": "Please fill this in.",
    "bool_type": "Choose yes or no.",
    "bool_parsing": "Choose yes or no.",
    "literal_error": "Choose one of the list.",
    "enum": "Choose one of the list.",
    "timezone_aware": "The time zone is missing.",
    "extra_forbidden": "This is not known here.",
}
_BY_PREFIX = {
    "int_": "Write a whole number.",
    "float_": "Write a number.",
    "decimal_": "Write an amount such as 85 or 85.50.",
    "date_": "Write a date such as 2026-03-04.",
    "datetime_": "Write a date and time such as 2026-03-04T10:30.",
    "time_": "Write a time such as 10:30.",
    "url_": "Write an address such as https://example.org.",
}
_BOUNDS = {"gt": "More than", "ge": "At least", "lt": "Less than", "le": "At most"}


def in_words(error: ValidationError) -> OmniError:
    """An unreadable id is answered like an unknown one; everything else names its fields."""
    details = error.errors(include_input=False, include_url=False)
    if any(detail["type"].startswith("uuid") for detail in details):
        return NotFound(GONE)
    return Invalid(fields={_name(detail): _sentence(detail) for detail in details})


def key(value: str) -> UUID:
    """The id that a var or an address holds as text. Raises NotFound for what is none, as for an unknown one."""
    try:
        return UUID(value)
    except ValueError:
        raise NotFound(GONE) from None


def checked(make: Callable[[], Made]) -> Made:
    """What `make` builds. Raises Invalid for each field that breaks a rule of its model."""
    try:
        return make()
    except ValidationError as error:
        raise in_words(error) from None


def refuse_odd_text(value: Any) -> None:
    """Raises ValueError for a NUL character anywhere: no column can keep it."""
    if any("\0" in text for text in _texts(value)):
        raise ValueError("NUL in text")


def _name(detail: ErrorDetails) -> str:
    """The field of the form: the last name on the way, list positions left out."""
    names = [str(part) for part in detail["loc"] if isinstance(part, str)]
    return names[-1] if names else "form"


def _sentence(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    if kind in ("string_too_short", "too_short"):
        least = context.get("min_length", 1)
        return "Please fill this in." if least == 1 else f"At least {least} characters, please."
    if kind in ("string_too_long", "too_long"):
        return f"At most {context.get('max_length')} characters, please."
    for bound, words in _BOUNDS.items():
        if bound in context:
            return f"{words} {context[bound]}."
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    return next((words for prefix, words in _BY_PREFIX.items() if kind.startswith(prefix)), "This cannot be read.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
