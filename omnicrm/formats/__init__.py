"""Pure readers and writers of files from outside: every byte is hostile, every loop is bounded, nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass

from omnicrm.core.errors import OmniError


class Unreadable(OmniError):
    """A file or an item that cannot be read; the message says why, in words for the practitioner."""

    code = "unreadable"
    http_status = 422

    @property
    def reason(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item left out of a file whose other items were read. `name` says which, `reason` says why."""

    name: str
    reason: str
