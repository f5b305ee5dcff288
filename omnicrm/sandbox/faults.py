"""Faults on demand: what Google does on a bad day, for the next calls that match."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import HTMLResponse, JSONResponse, Response

from omnicrm.sandbox.answers import (
    Problem,
    condition_not_met,
    insufficient,
    rate_limited,
    sync_token_expired,
    unauthenticated,
)

# answered in place of the real answer: nothing was done
REFUSALS = (
    "401",
    "403",
    "403-scope",
    "403-daily",
    "404",
    "409",
    "410",
    "412",
    "429",
    "500",
    "502",
    "503",
    "html",
    "invalid_grant",
)
# done, and then answered badly
ALTERATIONS = ("truncated", "repeat_page", "reorder", "unknown_fields", "empty_page")
# the answer does not come: before anything was done, or after
HANGS = ("hang", "hang_after")


class Fault(BaseModel):
    """`match`: a regular expression searched in "METHOD /path?query"; `skip` calls pass before it strikes `times`
    calls."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    match: str = "."
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    retry_after: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=30, ge=0, le=3600)
    struck: int = 0

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in (*REFUSALS, *ALTERATIONS, *HANGS):
            raise ValueError(f"unknown fault; known are {', '.join((*REFUSALS, *ALTERATIONS, *HANGS))}")
        return kind

    @field_validator("match")
    @classmethod
    def _readable(cls, match: str) -> str:
        try:
            re.compile(match)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return match


def take(faults: list[Fault], line: str) -> Fault | None:
    """The fault that strikes the call `line`, if any; counted down, and gone after its last call."""
    for fault in faults:
        if re.search(fault.match, line):
            if fault.skip:
                fault.skip -= 1
                continue
            fault.struck += 1
            if fault.struck >= fault.times:
                faults.remove(fault)
            return fault
    return None


def refusal(fault: Fault, api: str) -> Response:
    if fault.kind == "html":
        page = "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p>That’s an error.</html>"
        return HTMLResponse(page, 502)
    if fault.kind == "invalid_grant":
        return JSONResponse(
            {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, status_code=400
        )
    problems = {
        "401": unauthenticated(),
        "403": rate_limited(retry_after=fault.retry_after),
        "403-scope": insufficient(),
        "403-daily": Problem(403, "dailyLimitExceeded", "Daily Limit Exceeded", domain="usageLimits"),
        "404": Problem(404, "notFound", "Not Found"),
        "409": Problem(409, "duplicate", "The requested identifier already exists."),
        "410": sync_token_expired(),
        "412": condition_not_met(),
        "429": rate_limited(code=429, retry_after=fault.retry_after),
        "500": Problem(500, "backendError", "Backend Error"),
        "502": Problem(502, "backendError", "Bad Gateway"),
        "503": Problem(503, "backendError", "Service Unavailable", retry_after=fault.retry_after),
    }
    return problems[fault.kind].response(api)


def altered(fault: Fault, body: bytes, last_page: bytes | None) -> bytes:
    """The answer's bytes after the fault. Answers that are no JSON object are left as they are."""
    if fault.kind == "truncated":
        return body[: len(body) // 2]
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    if fault.kind == "repeat_page":
        return last_page or body
    if fault.kind == "unknown_fields":
        return json.dumps(_with_unknown(answer)).encode()
    for name in ("messages", "history", "items"):
        if fault.kind == "reorder" and name in answer:
            answer[name].reverse()
        if fault.kind == "empty_page" and name in answer:
            return json.dumps({**answer, name: []}).encode()
    return json.dumps(answer).encode()


def _with_unknown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_unknown(item) for key, item in value.items()} | {"xUnknownField": {"nested": [1, None]}}
    if isinstance(value, list):
        return [_with_unknown(item) for item in value]
    return value
