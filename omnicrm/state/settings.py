"""Settings: the practice, Google and its limits, appearance, who is signed in."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, Field

from omnicrm.core import config
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.core.show import counted
from omnicrm.domain import accounts, approvals, connections, meanings, practice, services, settings
from omnicrm.domain.accounts import Login, Practitioner
from omnicrm.domain.approvals import RuleRow
from omnicrm.domain.connections import ConnectionRow
from omnicrm.state import inputs
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

Category = Literal["primary", "promotions", "social", "forums", "updates"]
Appearance = Literal["system", "light", "dark"]


class LimitsTyped(BaseModel):
    window: Annotated[str, Field(pattern=r"^\d{1,4}$")]
    excluded: Annotated[str, Field(max_length=20_000)] = ""
    every: Annotated[str, Field(pattern=r"^\d{1,4}$")]
    keep: Annotated[str, Field(pattern=r"^\d{1,4}$")]


class WordTyped(BaseModel):
    word: Annotated[str, Field(min_length=2, max_length=60)]
    service: Annotated[str, Field(max_length=60)]


class PasswordTyped(BaseModel):
    old: str = ""
    new: str = ""


class RecordView(BaseModel):
    """How often proposals of a kind and a band were right."""

    what: str
    band: str
    words: str
    effect: str = ""


class ServiceChoice(BaseModel):
    value: str
    words: str


class LoginView(BaseModel):
    id: str
    device: str
    where: str
    is_this: bool


class SettingsState(PageState):
    """The practice and how the pages look."""

    name: str = ""
    email: str = ""
    business: str = ""
    zone: str = ""
    currency: str = ""
    appearance: str = "system"
    single_keys: bool = True

    @signed_in
    def load(self, db: Db, me: Practitioner):
        self.name, self.email, self.business = me.name, me.email, me.business_name or ""
        self.zone, self.currency = me.time_zone, me.currency
        kept = settings.of(db)
        self.appearance, self.single_keys = kept.appearance, kept.single_key_shortcuts

    @signed_in
    def set_appearance(self, db: Db, value: Appearance):
        settings.set(db, "appearance", value)
        self.appearance = value

    @signed_in
    def set_single_keys(self, db: Db, on: bool):
        settings.set(db, "single_key_shortcuts", on)
        self.single_keys = on
        self.say("Single keys work from the next page on." if on else "Single keys are switched off.")


class GoogleState(PageState):
    """Connected accounts, and what of them is read."""

    connections: list[ConnectionRow] = []
    has_mail: bool = False
    has_calendar: bool = False
    categories: dict[str, bool] = {}
    window: str = "30"
    excluded: str = ""
    every: str = "10"
    keep: str = "90"
    ai: bool = True
    event_title: str = ""
    rules: list[RuleRow] = []
    records: list[RecordView] = []
    services: list[ServiceChoice] = []
    word_key: int = 0  # a new form after each word
    leaving: str = ""
    leaving_words: str = ""

    @signed_in
    def load(self, db: Db):
        self._read(db)

    @signed_in
    def set_category(self, db: Db, name: Category, on: bool):
        kept = [known for known in settings.of(db).scan_mail_categories if known != name]
        settings.set(db, "scan_mail_categories", [*kept, name] if on else kept)
        self._read(db)

    @signed_in
    def set_ai(self, db: Db, on: bool):
        settings.set(db, "ai_enabled", on)
        self._read(db)
        self.say("New proposals are made." if on else "Nothing is proposed any more. What waits stays.")

    @signed_in
    def set_event_title(self, db: Db, value: Literal["initials_service", "name_service", "service", "busy"]):
        settings.set(db, "google_event_title", value)
        self._read(db)
        self.say("Saved. It counts for the next events that are written.")

    @signed_in(busy=True)
    def save_limits(self, db: Db, form: LimitsTyped):
        try:
            settings.set(db, "mail_window_days", int(form.window))
            settings.set(db, "ai_scan_frequency_gmail", int(form.every))
            settings.set(db, "mail_retention_days", int(form.keep))
            settings.set(
                db, "excluded_senders", [line for line in form.excluded.replace(",", "\n").split("\n") if line.strip()]
            )
        except Invalid as error:
            names = {
                "mail_window_days": "window",
                "ai_scan_frequency_gmail": "every",
                "mail_retention_days": "keep",
                "excluded_senders": "excluded",
            }
            raise Invalid(fields={names.get(key, key): words for key, words in error.fields.items()}) from error
        self._read(db)
        self.say("Saved.")

    @signed_in
    def forget(self, db: Db, rule: UUID):
        again = approvals.forget(db, rule)
        self._read(db)
        more = f" {counted(again, 'message')} will be read again." if again else ""
        self.say(f"The rule is forgotten. Such proposals are made again.{more}")

    @signed_in(busy=True)
    def teach(self, db: Db, form: WordTyped):
        try:
            rule = meanings.teach(db, form.word, inputs.key(form.service))
        except NotFound as error:
            raise Invalid(fields={"service": error.message}) from error
        self.word_key += 1
        self._read(db)
        self.say(f"Saved: {approvals.sentence(rule.match)}")

    @signed_in
    def ask_disconnect(self, db: Db, connection: UUID):
        row = connections.get(db, connection)
        self.leaving, self.leaving_words = str(row.id), row.account_email

    @signed_in
    def stay(self):
        self.leaving = ""

    @signed_in
    def disconnect(self, db: Db):
        connections.disconnect(db, inputs.key(self.leaving))
        self.leaving = ""
        self._read(db)
        self.say("Disconnected. Clients, sessions and notes stayed.")

    def _read(self, db: Db) -> None:
        self.connections = connections.listed(db)
        providers = {row.provider for row in self.connections}
        self.has_mail, self.has_calendar = "google_gmail" in providers, "google_calendar" in providers
        kept = settings.of(db)
        self.categories = {
            name: name in kept.scan_mail_categories for name in ("primary", "updates", "forums", "social", "promotions")
        }
        self.window, self.every = str(kept.mail_window_days), str(kept.ai_scan_frequency_gmail)
        self.keep, self.excluded = str(kept.mail_retention_days), "\n".join(kept.excluded_senders)
        self.rules = approvals.taught(db)
        records = approvals.records(db)
        scales = approvals.scales(db)
        self.records = [
            RecordView(what=record.label, band=record.band, words=record.words, effect=approvals.effect(scales, record))
            for _, record in sorted(records.items())
        ]
        self.services = [ServiceChoice(value=str(one.id), words=one.name) for one in services.offered(db)]
        self.ai, self.event_title = kept.ai_enabled, kept.google_event_title


class DeleteTyped(BaseModel):
    password: str = Field(min_length=1, max_length=300)


class AccountState(PageState):
    """Password, and where one is signed in."""

    email: str = ""
    logins: list[LoginView] = []
    changing: bool = False
    changed: int = 0
    deleting: bool = False
    has_password: bool = True
    google: str = ""  # the Google account that signs in here
    google_offered: bool = False

    @signed_in
    def load(self, db: Db, me: Practitioner, login: Login):
        self.email, self.changing, self.deleting = me.email, False, False
        self.has_password, self.google = accounts.has_password(db), accounts.google_address(db)
        self.google_offered = bool(config.settings().google_client_id or config.settings().google_api_base)
        self._read(db, login)

    @signed_in
    def open_password(self):
        self.field_errors = {}
        self.changing = True

    @signed_in
    def close_password(self):
        self.changing = False

    @signed_in(busy=True)
    def change_password(self, db: Db, login: Login, form: PasswordTyped):
        ended = accounts.change_password(db, login, old=form.old, new=form.new)
        self.changing = False
        self.changed += 1
        self._read(db, login)
        self.say("Password changed." + (f" {ended} other logins were ended." if ended else ""))

    @signed_in
    def open_delete(self):
        self.field_errors = {}
        self.deleting = True

    @signed_in
    def close_delete(self):
        self.deleting = False

    @signed_in(busy=True)
    def delete(self, db: Db, form: DeleteTyped):
        """Erases the account and all that is in it; its open pages leave by themselves."""
        accounts.delete(db, password=form.password)
        return rx.redirect("/signed-out", replace=True)

    @signed_in
    def end(self, db: Db, login: Login, other: UUID):
        accounts.sign_out(db, other)
        self._read(db, login)
        self.say("Signed out there.")

    @signed_in
    def end_others(self, db: Db, login: Login):
        ended = accounts.sign_out_others(db, login.id)
        self._read(db, login)
        self.say(f"Signed out in {ended} other places." if ended else "You are signed in nowhere else.")

    def _read(self, db: Db, login: Login) -> None:
        viewer = practice.of(db).viewer()
        self.logins = [
            LoginView(
                id=str(row.id),
                device=_device(row.user_agent),
                where=", ".join(
                    part
                    for part in (
                        row.address,
                        "in use now" if row.is_this else f"last used {viewer.moment(row.last_seen_at)}",
                        f"since {viewer.short_date(row.created_at)}",
                    )
                    if part
                ),
                is_this=row.is_this,
            )
            for row in accounts.logins(db, login.id)
        ]


def _device(user_agent: str) -> str:
    """`Firefox on Linux`: the few that people know by name."""
    browsers = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in user_agent), "")
    system = next((name for mark, name in systems if mark in user_agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Another device"
