"""Logging without secrets: handler payloads, tokens and mail text never reach it."""

from __future__ import annotations

import json
import logging
import re
import sys

_SECRET = re.compile(
    r"(?i)\b((?:access|refresh|id)_token|authorization|cookie|password|client_secret|code_verifier|code)"
    r"(['\"]?\s*[=:]\s*['\"]?)(?:bearer\s+)?[^\s'\"&,;}]+"
)


class _Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRET.sub(r"\1\2[hidden]", record.getMessage())
        record.args = ()
        return True


class _Json(logging.Formatter):
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
    handler.setFormatter(
        _Json() if log_format == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "googleapiclient.discovery", "reflex", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
