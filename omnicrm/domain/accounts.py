"""Who a practitioner is: accounts, logins, and the ways to sign in."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_territory_currencies
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy import delete as delete_from
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from omnicrm.core import clock, ids, signals, zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound, SignedOut
from omnicrm.domain import limits, passwords
from omnicrm.domain.limits import Limit
from omnicrm.formats.addresses import valid_email
from omnicrm.models.accounts import LoginSession, User, UserIdentity

LOGIN_LASTS = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)

# Wrong tries. The pair is what a person meets; the others stop who spreads the tries out.
BY_PAIR = Limit("sign-in", 6, timedelta(minutes=15))
BY_EMAIL = Limit("sign-in-email", 30, timedelta(minutes=15))
BY_ADDRESS = Limit("sign-in-address", 300, timedelta(minutes=15))  # good ones too: a studio shares an address
REGISTRATIONS = Limit("register", 60, timedelta(hours=1))


class Login(BaseModel):
    """A living login session and whose it is."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    user_id: UUID
    last_seen_at: datetime | None = None


class Practitioner(BaseModel):
    """The person whose practice it is. `week_start` 0 is Monday."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    name: str
    email: str
    time_zone: str
    locale: str
    currency: str
    week_start: int
    business_name: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        return zones.zone(self.time_zone)


class Registration(BaseModel):
    """What a new practitioner types. `password` is None where Google vouches for them."""

    model_config = ConfigDict(str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=200)
    email: str = Field(min_length=3, max_length=254)
    time_zone: str = Field(min_length=1, max_length=64)
    password: str | None = Field(default=None, repr=False)


class AccountRow(BaseModel):
    """A line of `omnicrm user list`."""

    email: str
    name: str
    time_zone: str
    created_at: datetime


class Browser(BaseModel):
    """Where a login comes from, as the list of logins shows it."""

    model_config = ConfigDict(frozen=True)

    user_agent: str = ""
    address: str = ""


class LoginRow(BaseModel):
    """One line of “Where you are signed in”."""

    id: UUID
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    is_this: bool


def register(db: Db, form: Registration) -> Practitioner:
    """A new account, under the id that the transaction was opened for (`transaction(ids.new())`).

    Currency, locale and first day of the week follow from the time zone's country.
    Raises Invalid with the fields that are wrong, Conflict where the e-mail address has an account.
    """
    email = _checked(form)
    currency, locale, week_start = _customs(form.time_zone)
    user = User(
        id=_current(db),
        email=email,
        name=form.name,
        password_hash=passwords.hashed(form.password) if form.password is not None else None,
        time_zone=form.time_zone,
        currency=currency,
        locale=locale,
        week_start=week_start,
    )
    db.add(user)
    try:
        db.flush()
    except IntegrityError as error:
        if "users_email" not in str(error.orig):
            raise
        raise Conflict("There is an account with this address already. Sign in instead.") from None
    return Practitioner.model_validate(user)


def overview(db: Db) -> list[AccountRow]:
    """Every account, oldest first. For the owner role, whom row-level security lets read `users`."""
    rows = db.execute(
        select(col(User.email), col(User.name), col(User.time_zone), col(User.created_at)).order_by(col(User.id))
    )
    return [AccountRow.model_validate(row._mapping) for row in rows]


def by_email(db: Db, email: str) -> UUID | None:
    """Whose account it is. One of the few questions that may be asked before a practitioner is known."""
    return db.execute(text("select user_id from find_login(:email)"), {"email": email}).scalar()


def anyone(db: Db) -> bool:
    """Whether there is any account at all: the first visit is offered to make one."""
    return bool(db.execute(text("select anyone_registered()")).scalar())


def by_google(db: Db, subject: str) -> UUID | None:
    """Whose account the Google identity `sub` opens. Asked before a practitioner is known."""
    return db.execute(text("select find_identity('google', :subject)"), {"subject": subject}).scalar()


def who_is(db: Db, token_hash: str) -> Login | None:
    """The login behind a cookie's hash, or None where it is unknown, expired or revoked."""
    row = db.execute(text("select * from find_login_session(:hash)"), {"hash": token_hash}).first()
    if row is None or row.expires_at <= clock.now():
        return None
    return Login(id=row.id, user_id=row.user_id, last_seen_at=row.last_seen_at)


def practitioner(db: Db) -> Practitioner:
    """The practitioner of this transaction. Raises SignedOut where there is none."""
    user = db.execute(select(User)).scalar_one_or_none()
    if user is None:
        raise SignedOut()
    return Practitioner.model_validate(user)


def count_try(db: Db, email: str, address: str) -> int:
    """Count a try to sign in before the password is looked at; gives how many are left. Raises TooMany."""
    limits.count(db, BY_ADDRESS, address)
    limits.count(db, BY_EMAIL, email.strip().casefold())
    return limits.count(db, BY_PAIR, _pair(email, address))


def forget_tries(db: Db, email: str, address: str) -> None:
    """After a good sign-in. The address's own count stays: one good account does not pay for many wrong tries."""
    limits.forget(db, BY_PAIR, _pair(email, address))
    limits.forget(db, BY_EMAIL, email.strip().casefold())


def sign_in(db: Db, password: str, browser: Browser) -> str:
    """A new login by password for the transaction's practitioner: the token for the cookie.

    Raises SignedOut where the password is wrong, or the account has none.
    """
    user = db.execute(select(User)).scalar_one_or_none()
    stored = user.password_hash if user else None
    if user is None or not passwords.matches(password, stored):
        raise SignedOut("Mail or password is not right.")
    if stored and passwords.is_outdated(stored):
        user.password_hash = passwords.hashed(password)
    return open_login(db, browser)


def open_login(db: Db, browser: Browser) -> str:
    """A login for a practitioner whose identity is proved already: the token for the cookie. Only its hash is kept."""
    token = ids.token()
    db.add(
        LoginSession(
            token_hash=ids.token_hash(token),
            expires_at=clock.now() + LOGIN_LASTS,
            last_seen_at=clock.now(),
            user_agent=browser.user_agent[:400],
            ip_address=browser.address[:64],
        )
    )
    db.flush()
    return token


def is_unseen(login: Login) -> bool:
    """Whether it is time to note again that a login is in use: every five minutes."""
    return login.last_seen_at is None or clock.now() - login.last_seen_at > SEEN_EVERY


def seen(db: Db, login: Login) -> None:
    """Note that a login is in use."""
    db.execute(update(LoginSession).where(col(LoginSession.id) == login.id).values(last_seen_at=clock.now()))


def sign_out(db: Db, login_id: UUID) -> None:
    """End one login; its open pages are closed with the commit. Raises NotFound for an unknown or foreign one."""
    row = db.get(LoginSession, login_id, with_for_update=True)
    if row is None:
        raise NotFound("This login is not in your list any more.")
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        db.flush()
        signals.logins_changed(db)


def forget_old_logins(db: Db, *, after: timedelta = timedelta(days=30)) -> int:
    """Drop logins that ended that long ago; how many."""
    before = clock.now() - after
    gone = db.scalars(
        delete_from(LoginSession)
        .where(or_(col(LoginSession.expires_at) < before, col(LoginSession.revoked_at) < before))
        .returning(col(LoginSession.id))
    ).all()
    return len(gone)


def sign_out_others(db: Db, keep: UUID | None) -> int:
    """End every other login; gives how many there were."""
    statement = update(LoginSession).where(col(LoginSession.revoked_at).is_(None), _lasts())
    if keep is not None:
        statement = statement.where(col(LoginSession.id) != keep)
    ended = db.scalars(statement.values(revoked_at=clock.now()).returning(col(LoginSession.id))).all()
    signals.logins_changed(db)
    return len(ended)


def logins(db: Db, current: UUID) -> list[LoginRow]:
    """The living logins, this one first, then by last use."""
    found = db.execute(
        select(LoginSession)
        .where(col(LoginSession.revoked_at).is_(None), _lasts())
        .order_by(func.coalesce(LoginSession.last_seen_at, LoginSession.created_at).desc())
        .limit(50)
    ).scalars()
    rows = [
        LoginRow(
            id=login.id,
            user_agent=login.user_agent or "",
            address=login.ip_address or "",
            created_at=login.created_at,
            last_seen_at=login.last_seen_at or login.created_at,
            is_this=login.id == current,
        )
        for login in found
    ]
    return sorted(rows, key=lambda row: not row.is_this)


def has_password(db: Db) -> bool:
    """Whether this account opens by password, rather than by Google alone."""
    return db.execute(select(col(User.password_hash))).scalar_one_or_none() is not None


def change_password(db: Db, login: Login, *, old: str, new: str) -> int:
    """Set another password and end all other logins; gives how many. An account without one needs no old one.

    Raises Invalid for a wrong old or an unfit new password.
    """
    user = db.execute(select(User).with_for_update()).scalar_one()
    if user.password_hash is not None and not passwords.matches(old, user.password_hash):
        raise Invalid(fields={"old": "This is not your password."})
    if wrong := passwords.fault(new, user.name, user.email, user.email.partition("@")[0]):
        raise Invalid(fields={"new": wrong})
    user.password_hash = passwords.hashed(new)
    db.flush()
    return sign_out_others(db, login.id)


def delete(db: Db, *, password: str) -> None:
    """Erase the account and everything in it. Raises Invalid where the password is wrong.

    An account without a password (Google only) is confirmed by its e-mail address instead.
    """
    user = db.execute(select(User).with_for_update()).scalar_one()
    if user.password_hash is not None:
        if not passwords.matches(password, user.password_hash):
            raise Invalid(fields={"password": "This is not your password."})
    elif password.strip().casefold() != user.email.casefold():
        raise Invalid(fields={"password": f"Type {user.email} to confirm."})
    erase(db)


def erase(db: Db) -> None:
    """Erase the account of this transaction and everything in it; its open pages are closed."""
    db.delete(db.execute(select(User).with_for_update()).scalar_one())
    db.flush()
    signals.logins_changed(db)


def name_practice(db: Db, name: str) -> None:
    """What the practice is called."""
    db.execute(select(User).with_for_update()).scalar_one().business_name = name.strip()[:200] or None
    db.flush()


def google_address(db: Db) -> str:
    """The Google account that signs in to this one; empty where none does."""
    found = db.scalars(select(col(UserIdentity.email)).where(col(UserIdentity.provider) == "google")).first()
    return found or ""


def link_google(db: Db, subject: str, email: str) -> None:
    """Let the Google identity `sub` open this account from now on.

    Raises Conflict where it opens another one, or this account has another identity.
    """
    owner = by_google(db, subject)
    if owner == _current(db):
        return
    if owner is not None:
        raise Conflict("This Google account signs in to another account here.")
    if db.execute(select(UserIdentity).where(col(UserIdentity.provider) == "google")).first():
        raise Conflict("Another Google account signs in to this account already.")
    db.add(UserIdentity(provider="google", subject=subject, email=email))
    db.flush()


def _checked(form: Registration) -> str:
    """The address as it is stored. Raises Invalid with every field that is wrong."""
    wrong: dict[str, str] = {}
    email = unicodedata.normalize("NFC", form.email)
    if not valid_email(email):
        wrong["email"] = "This is not a mail address. Write it like name@example.org."
    if form.time_zone not in zones.names():
        wrong["time_zone"] = "Choose a time zone such as Europe/Berlin."
    own = (form.name, form.email, form.email.partition("@")[0])
    if form.password is not None and (fault := passwords.fault(form.password, *own)):
        wrong["password"] = fault
    if wrong:
        raise Invalid(fields=wrong)
    return email


def _customs(time_zone: str) -> tuple[str, str, int]:
    """Currency, locale and first day of the week of the country that a time zone belongs to."""
    territory = get_global("zone_territories").get(time_zone)
    currencies = get_territory_currencies(territory) if territory else []
    try:
        locale = Locale.parse(f"en_{territory}") if territory else Locale("en")
    except UnknownLocaleError:
        locale = Locale("en")
    return (currencies or ["USD"])[0], str(locale), locale.first_week_day


def _lasts() -> ColumnElement[bool]:
    return col(LoginSession.expires_at) > clock.now()


def _current(db: Db) -> UUID:
    return UUID(str(db.execute(text("select current_setting('app.user_id')")).scalar()))


def _pair(email: str, address: str) -> str:
    return f"{email.strip().casefold()} {address}"
