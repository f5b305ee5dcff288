"""Answers in Google's own shapes: JSON as the APIs send it, errors as their clients expect them."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

Json = dict[str, Any]

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    410: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class Problem(Exception):
    """An answer that is an error. `api` decides the shape: Gmail adds a status, Calendar does not."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str | None = None,
        location_type: str = "parameter",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.location_type = location_type
        self.retry_after = retry_after

    def response(self, api: str) -> Response:
        detail: Json = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location:
            detail |= {"locationType": self.location_type, "location": self.location}
        error: Json = {"code": self.code, "message": self.message, "errors": [detail]}
        if api == "gmail":
            error["status"] = _STATUS.get(self.code, "UNKNOWN")
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        if self.code == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        return JSONResponse({"error": error}, self.code, headers)


def unauthenticated() -> Problem:
    return Problem(401, "authError", "Invalid Credentials", location="Authorization", location_type="header")


def insufficient() -> Problem:
    return Problem(403, "insufficientPermissions", "Request had insufficient authentication scopes.")


def rate_limited(*, code: int = 403, retry_after: int | None = None) -> Problem:
    reason = "rateLimitExceeded"
    return Problem(code, reason, "Rate Limit Exceeded", domain="usageLimits", retry_after=retry_after)


def not_found(api: str) -> Problem:
    return Problem(404, "notFound", "Requested entity was not found." if api == "gmail" else "Not Found")


def bad_request(message: str, *, location: str | None = None, reason: str = "badRequest") -> Problem:
    return Problem(400, reason, message, location=location)


def condition_not_met() -> Problem:
    return Problem(412, "conditionNotMet", "Precondition Failed", location="If-Match", location_type="header")


def sync_token_expired() -> Problem:
    return Problem(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        location="syncToken",
    )


def number(value: str | None, default: int, low: int, high: int, name: str) -> int:
    """A whole-number query parameter between `low` and `high` (above: cut, as Google does)."""
    if value is None:
        return default
    try:
        parsed = int(value)
    except ValueError:
        raise bad_request(f"Invalid value for {name}: {value}", location=name, reason="invalidParameter") from None
    if parsed < low:
        raise bad_request(f"Invalid value for {name}: {value}", location=name, reason="invalidParameter")
    return min(parsed, high)


def flag(value: str | None, default: bool = False) -> bool:
    return default if value is None else value.lower() == "true"
