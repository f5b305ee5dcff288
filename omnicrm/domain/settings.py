"""What a practitioner set: one typed model with a default for each key, stored a key a row."""

from __future__ import annotations

from datetime import time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.models.accounts import UserSetting

MailCategory = Literal["primary", "promotions", "social", "forums", "updates"]


class QuietHours(BaseModel):
    """No reminder leaves between these wall-clock times; `ends` may lie on the next day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts: time
    ends: time


class Digest(BaseModel):
    """The morning mail. Off by default; `hour` is the practitioner's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: bool = False
    hour: int = Field(default=7, ge=0, le=23)


class OwnField(BaseModel):
    """A field of clients that the practitioner defined."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    kind: Literal["text", "number", "date", "choice"] = "text"
    choices: tuple[str, ...] = ()


class Settings(BaseModel):
    """Every key with its default: what stands here is what a new practitioner has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gcal_business_calendar_id: str = "primary"  # where sessions are written
    gcal_calendar_ids: tuple[str, ...] = ()  # calendars that are read; empty: all that the account shows
    ai_scan_frequency_gmail: int = Field(default=10, ge=5, le=24 * 60)  # minutes
    enrichment_enabled: bool = True  # signatures of a client's own mails may fill blank fields
    google_event_title: Literal["initials_service", "name_service", "service", "busy"] = "initials_service"
    morning_digest: Digest = Digest()
    mail_retention_days: int = Field(default=90, ge=1, le=3650)
    mail_window_days: int = Field(default=30, ge=1, le=3650)  # how far back a first sync reads
    scan_mail_categories: tuple[MailCategory, ...] = ("primary",)
    excluded_senders: tuple[str, ...] = ()  # addresses, or @domain for all of one
    quiet_hours: QuietHours | None = None
    minimum_notice_hours: int = Field(default=0, ge=0, le=24 * 60)
    default_session_minutes: int = Field(default=60, ge=5, le=24 * 60)
    ai_enabled: bool = True  # the global switch: off, nothing is proposed
    onboarded: bool = False  # first run seen
    appearance: Literal["system", "light", "dark"] = "system"
    single_key_shortcuts: bool = True
    own_fields: tuple[OwnField, ...] = ()  # of clients, as contacts.own_fields defines them
    two_people: tuple[tuple[str, str], ...] = ()  # contacts that look alike, and are not one

    @field_validator("excluded_senders", mode="after")
    @classmethod
    def _normalised(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = dict.fromkeys(entry.strip().casefold() for entry in value if entry.strip())
        if wrong := [entry for entry in cleaned if "@" not in entry]:
            raise ValueError(f"“{wrong[0][:60]}” is neither an address nor an @domain")
        return tuple(cleaned)

    def excludes(self, address: str) -> bool:
        """Whether mail from `address` is never read."""
        address = address.strip().casefold()
        return any(address.endswith(entry) if entry[0] == "@" else address == entry for entry in self.excluded_senders)


def of(db: Db) -> Settings:
    """All settings, read once a transaction. A stored value that is no longer valid counts as not set."""
    known = db.info.get("settings")
    if not isinstance(known, Settings):
        known = db.info["settings"] = _read(db)
    return known


def get(db: Db, key: str) -> Any:
    """One setting, or its default. Raises Invalid for an unknown key."""
    _known(key)
    return getattr(of(db), key)


def set(db: Db, key: str, value: Any) -> Settings:
    """Store one setting; None takes it back to its default. Raises Invalid for an unknown key or a wrong value."""
    _known(key)
    db.info.pop("settings", None)
    if value is None:
        db.execute(delete(UserSetting).where(col(UserSetting.setting_key) == key))
        return of(db)
    try:
        checked = Settings.model_validate({key: value})
    except ValidationError as error:
        sentence = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise Invalid(f"{key}: {sentence}.", {key: f"{sentence}."}) from error
    stored = checked.model_dump(mode="json", include={key})[key]
    db.execute(
        insert(UserSetting)
        .values(setting_key=key, setting_value=stored)
        .on_conflict_do_update(index_elements=["user_id", "setting_key"], set_={"setting_value": stored})
    )
    return of(db)


def _read(db: Db) -> Settings:
    rows: dict[str, Any] = {
        key: value for key, value in db.execute(select(col(UserSetting.setting_key), col(UserSetting.setting_value)))
    }
    known = {key: value for key, value in rows.items() if key in Settings.model_fields}
    try:
        return Settings.model_validate(known)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        return Settings.model_validate({key: value for key, value in known.items() if key not in wrong})


def _known(key: str) -> None:
    if key not in Settings.model_fields:
        raise Invalid(f"There is no setting “{key[:60]}”.", {key[:60]: "Unknown setting."})
