"""Logging without secrets: handler payloads, tokens and mail text never reach it."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from types import TracebackType
from typing import TypeAlias

from omnicrm.core.errors import OmniError

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_SECRET = re.compile(
    r"(?i)\b((?:access|refresh|id)_token|authorization|cookie|password|client_secret|code_verifier|code)"
    r"(['\"]?\s*[=:]\s*['\"]?)(?:bearer\s+)?[^\s'\"&,;}]+"
)


_HEAD = "Traceback (most recent call last):\n"  # as Python writes it, for whoever searches a log


class _Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRET.sub(r"\1\2[hidden]", record.getMessage())
        record.args = ()
        return True


def trace(error: BaseException) -> str:
    """Where an error came from, with what caused it: kinds, SQL states and places.

    An error's own words stay away, because they quote what was worked on (PostgreSQL and `int()` the text that is no
    number, a key that is there twice its values). Ours and the system's say nothing of a client's, and are kept.
    """
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    parts = [f"{_HEAD}{''.join(traceback.format_tb(one.__traceback__))}{_kind(one)}" for one in reversed(chain)]
    return "\nwhich led to\n".join(parts)


def bug(logger: logging.Logger, error: BaseException) -> str:
    """Log what is our fault under a reference, which is returned for the person to name."""
    reference = secrets.token_hex(4)
    logger.error("Reference %s: %s\n%s", reference, _kind(error), trace(error))
    return reference


def _kind(error: BaseException) -> str:
    name = type(error).__name__
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    if state:
        return f"{name} {state}"
    return f"{name}: {error}" if isinstance(error, OmniError | OSError) else name


class _Text(logging.Formatter):
    def formatException(self, ei: ExcInfo) -> str:
        return trace(ei[1]) if ei[1] is not None else ""


class _Json(_Text):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def setup(log_format: str = "text", level: int = logging.INFO) -> None:
    """One handler on stderr; `json` or `text`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Redact())
    handler.setFormatter(_Json() if log_format == "json" else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "googleapiclient.discovery", "reflex", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
