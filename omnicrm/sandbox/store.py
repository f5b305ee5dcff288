"""What the sandbox knows: accounts, grants, faults on demand and a log of requests; in memory, or in a folder too."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from omnicrm.core import clock, ids
from omnicrm.sandbox.answers import Problem, unauthenticated
from omnicrm.sandbox.calendar import Calendar
from omnicrm.sandbox.faults import Fault
from omnicrm.sandbox.mailbox import Mailbox

LOG_LENGTH = 20_000


@dataclass
class Account:
    email: str
    name: str
    time_zone: str = "UTC"
    mailbox: Mailbox = field(default_factory=Mailbox)
    calendars: dict[str, Calendar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.email not in self.calendars:
            self.calendars[self.email] = Calendar(self.email, self.email, self.email, self.time_zone, primary=True)

    @property
    def sub(self) -> str:
        """Google's numeric account id: stays, while the address may change."""
        return str(int(hashlib.sha256(self.email.encode()).hexdigest()[:16], 16)).rjust(21, "1")[:21]

    def calendar(self, identity: str) -> Calendar | None:
        return self.calendars.get(self.email if identity == "primary" else identity)


@dataclass
class Grant:
    """A consent of one account to one client. Its refresh token lives until it is revoked (or rotated)."""

    id: str
    client_id: str
    email: str
    scopes: list[str]
    refresh_token: str


@dataclass
class Code:
    grant_id: str
    redirect_uri: str
    challenge: str
    scopes: list[str]
    nonce: str | None
    offline: bool
    expires_at: datetime


@dataclass
class Settings:
    """What /sandbox/settings changes. `quota_per_minute`: units an account, None: unlimited."""

    quota_per_minute: int | None = None
    rotate_refresh_tokens: bool = False
    access_token_seconds: int = 3599
    largest_page: int = 2500  # Google may give fewer events than asked for, and says where to go on
    client_secret: str | None = None  # where set, token requests must send it


class Store:
    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.accounts: dict[str, Account] = {}
        self.grants: dict[str, Grant] = {}
        self.codes: dict[str, Code] = {}
        self.access_tokens: dict[str, tuple[str, datetime]] = {}  # token → grant, expiry
        self.settings = Settings()
        self.faults: list[Fault] = []
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.requests = 0
        self.in_flight = 0
        self.peak_in_flight = 0
        self.units: dict[str, tuple[datetime, int]] = {}
        self.units_total = 0
        self.last_page: dict[str, bytes] = {}  # for the fault that repeats a page
        self.tap: Callable[[dict[str, Any], bytes], None] | None = None  # sees each call with its true answer
        if folder is not None:
            self._load(folder)

    def account(self, email: str, name: str | None = None, time_zone: str = "UTC") -> Account:
        """The account with that address, made where it does not exist."""
        if email not in self.accounts:
            self.accounts[email] = Account(email, name or email.split("@")[0].title(), time_zone)
        return self.accounts[email]

    def grant(self, email: str, client_id: str, scopes: list[str], *, include_earlier: bool = False) -> Grant:
        earlier = next((g for g in self.grants.values() if (g.email, g.client_id) == (email, client_id)), None)
        if earlier and include_earlier:
            scopes = sorted({*earlier.scopes, *scopes})
        granted = Grant(ids.token()[:16], client_id, email, sorted(scopes), "1//" + ids.token())
        self.grants[granted.id] = granted
        return granted

    def access_token(self, grant: Grant) -> tuple[str, int]:
        token = "ya29." + ids.token()
        seconds = self.settings.access_token_seconds
        self.access_tokens[token] = (grant.id, clock.now() + timedelta(seconds=seconds))
        return token, seconds

    def grant_of(self, access_token: str) -> Grant:
        """Raises Problem (401) for a token that is unknown, expired or whose grant was revoked."""
        grant_id, expires_at = self.access_tokens.get(access_token, ("", clock.now()))
        grant = self.grants.get(grant_id)
        if grant is None or expires_at <= clock.now():
            raise unauthenticated()
        return grant

    def spend(self, email: str, units: int) -> None:
        """Counts quota units in a fixed window of a minute. Raises Problem (429) beyond the limit."""
        self.units_total += units
        limit = self.settings.quota_per_minute
        if limit is None:
            return
        began, used = self.units.get(email, (clock.now(), 0))
        if clock.now() - began >= timedelta(minutes=1):
            began, used = clock.now(), 0
        if used + units > limit:
            wait = 60 - int((clock.now() - began).total_seconds())
            message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'."
            raise Problem(429, "rateLimitExceeded", message, domain="usageLimits", retry_after=max(wait, 1))
        self.units[email] = (began, used + units)

    def save(self) -> None:
        """Writes the state to the folder, whole or not at all; nothing without a folder."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.access_tokens = {key: kept for key, kept in self.access_tokens.items() if kept[1] > clock.now()}
        data = {
            "settings": asdict(self.settings),
            "grants": [asdict(grant) for grant in self.grants.values()],
            "access_tokens": {key: [grant, at.isoformat()] for key, (grant, at) in self.access_tokens.items()},
            "accounts": [
                {
                    "email": account.email,
                    "name": account.name,
                    "time_zone": account.time_zone,
                    "mailbox": account.mailbox.dump(),
                    "calendars": [calendar.dump() for calendar in account.calendars.values()],
                }
                for account in self.accounts.values()
            ],
        }
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as new:  # mode 0600: tokens are in it
            json.dump(data, new)
        os.replace(new.name, self.folder / "state.json")

    def _load(self, folder: Path) -> None:
        path = folder / "state.json"
        if not path.exists():
            return
        data = json.loads(path.read_text())
        self.settings = Settings(**data["settings"])
        self.grants = {grant["id"]: Grant(**grant) for grant in data["grants"]}
        self.access_tokens = {
            token: (grant, datetime.fromisoformat(at)) for token, (grant, at) in data["access_tokens"].items()
        }
        for entry in data["accounts"]:
            calendars = {calendar["id"]: Calendar.load(calendar) for calendar in entry["calendars"]}
            self.accounts[entry["email"]] = Account(
                entry["email"], entry["name"], entry["time_zone"], Mailbox.load(entry["mailbox"]), calendars
            )
