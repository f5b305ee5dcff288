"""What can go wrong, in words for a person. Doors translate these; anything else is a bug."""

from __future__ import annotations

from datetime import datetime


class OmniError(Exception):
    """A sentence for the person that says what to do. `code` is stable for machines."""

    code = "error"
    http_status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(OmniError):
    """An unknown id or another practitioner's: answered alike."""

    code = "not_found"
    http_status = 404


class Invalid(OmniError):
    """Input breaks a rule; `fields` maps a field's name to its sentence."""

    code = "invalid"
    http_status = 422

    def __init__(
        self, message: str = "Please look at the marked fields.", fields: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.fields = fields or {}


class Conflict(OmniError):
    """Changed elsewhere, or in the way of something. `override` names the argument that does it all the same."""

    code = "conflict"
    http_status = 409

    def __init__(self, message: str, override: str | None = None) -> None:
        super().__init__(message)
        self.override = override


class Refused(OmniError):
    """A rule of the practice forbids it (opted out, no credit)."""

    code = "refused"
    http_status = 403


class SignedOut(OmniError):
    """No login, or a dead one."""

    code = "signed_out"
    http_status = 401

    def __init__(self, message: str = "Please sign in.") -> None:
        super().__init__(message)


class TooMany(OmniError):
    """A rate limit; try again at `retry_at`."""

    code = "too_many"
    http_status = 429

    def __init__(self, message: str, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class Unavailable(OmniError):
    """The outside is down, slow or limits us; retried at `retry_at`."""

    code = "unavailable"
    http_status = 503

    def __init__(self, message: str, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class NeedsReconnect(OmniError):
    """The outside withdrew access: the connection stops until the practitioner connects again."""

    code = "needs_reconnect"
    http_status = 409
