"""Account and security: where one is signed in, the password, the end of the account."""

from __future__ import annotations

import re
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, Field

from omnicrm.core.db import Db
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Login, Practitioner
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in


class LoginLine(BaseModel):
    """`device` is in words, `icon` laptop or smartphone, `detail` says when and from where."""

    id: str
    device: str
    icon: str
    detail: str
    is_this: bool


class PasswordForm(BaseModel):
    old: str = Field(default="", max_length=300)
    new: str = Field(min_length=1, max_length=300)


class LoginsState(PageState):
    lines: list[LoginLine] = []
    email: str = ""
    saved: int = 0  # grows with each saved password, so that the form empties itself

    @signed_in
    def load(self, db: Db, me: Practitioner, login: Login):
        self._read(db, me, login)

    @signed_in
    def end(self, db: Db, me: Practitioner, login: Login, login_id: UUID):
        """Sign one browser out. This one leaves by itself."""
        accounts.sign_out(db, login_id)
        self._read(db, me, login)
        self.say("Signed out there.")

    @signed_in
    def end_others(self, db: Db, me: Practitioner, login: Login):
        ended = accounts.sign_out_others(db, login.id)
        self._read(db, me, login)
        self.say(f"Signed out of {counted(ended, 'other place')}.")

    @signed_in(busy=True)
    def change_password(self, db: Db, me: Practitioner, login: Login, form: PasswordForm):
        ended = accounts.change_password(db, login, old=form.old, new=form.new)
        self._read(db, me, login)
        self.saved += 1
        self.say(f"Password changed. Signed out of {counted(ended, 'other place')}." if ended else "Password changed.")

    @signed_in(busy=True)
    def delete_account(self, db: Db, confirmation: str):
        """Erases everything. The password confirms it, or the e-mail address where there is none."""
        accounts.delete(db, password=confirmation)
        return rx.redirect("/signed-out", replace=True)

    def _read(self, db: Db, me: Practitioner, login: Login) -> None:
        self.email = me.email
        self.lines = [_line(row, me) for row in accounts.logins(db, login.id)]


def _line(row: accounts.LoginRow, me: Practitioner) -> LoginLine:
    device, icon = _device(row.user_agent)
    return LoginLine(
        id=str(row.id),
        device=f"This {device}" if row.is_this else device[0].upper() + device[1:],
        icon=icon,
        detail=", ".join(part for part in (_browser(row.user_agent), row.address, _when(row, me)) if part),
        is_this=row.is_this,
    )


def _when(row: accounts.LoginRow, me: Practitioner) -> str:
    viewer = Viewer(me.zone, me.locale)
    return f"since {viewer.day(row.created_at)}" if row.is_this else viewer.distance(row.last_seen_at)


def _device(agent: str) -> tuple[str, str]:
    for pattern, word, icon in (
        ("iPad", "iPad", "tablet"),
        ("iPhone", "iPhone", "smartphone"),
        ("Android.*Mobile", "Android phone", "smartphone"),
        ("Android", "Android tablet", "tablet"),
        ("Windows", "Windows computer", "laptop"),
        ("Mac OS X|Macintosh", "Mac", "laptop"),
        ("CrOS", "Chromebook", "laptop"),
        ("Linux|X11", "Linux computer", "laptop"),
    ):
        if re.search(pattern, agent):
            return word, icon
    return "browser or script", "laptop"


def _browser(agent: str) -> str:
    names = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    for mark, name in names.items():
        if mark in agent:
            return name
    return ""
