"""Sign in with Google, and grants for mail and calendar: OAuth 2.0 with PKCE, OpenID Connect, renewal, revocation."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from omnicrm.core import clock, config
from omnicrm.core.config import Misconfigured
from omnicrm.core.errors import NeedsReconnect, Refused, Unavailable
from omnicrm.core.wire import Identity, Tokens
from omnicrm.integrations import google

Purpose = Literal["sign_in", "mail", "calendar"]

SIGN_IN = ("openid", "email", "profile")
GMAIL_READ = "https://www.googleapis.com/auth/gmail.readonly"
CALENDAR_LIST = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
CALENDAR_EVENTS = "https://www.googleapis.com/auth/calendar.events"
SCOPES: dict[Purpose, tuple[str, ...]] = {
    "sign_in": SIGN_IN,
    "mail": ("openid", "email", GMAIL_READ),
    "calendar": ("openid", "email", CALENDAR_LIST, CALENDAR_EVENTS),
}
_GOOGLE = "https://accounts.google.com"
_ISSUERS = (_GOOGLE, "accounts.google.com")
_PLACES = {  # what the discovery document says, which Google keeps stable
    "authorization_endpoint": f"{_GOOGLE}/o/oauth2/v2/auth",
    "token_endpoint": "https://oauth2.googleapis.com/token",
    "revocation_endpoint": "https://oauth2.googleapis.com/revoke",
    "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
}


@dataclass(frozen=True)
class Begun:
    """A flow under way. Everything but `url` is kept on the server, bound to the browser that began it."""

    url: str
    purpose: Purpose
    state: str
    nonce: str
    code_verifier: str
    redirect_uri: str


def configured() -> bool:
    """Whether this installation can offer Google (a stand-in needs no client)."""
    return bool(config.settings().google_client_id or config.settings().google_api_base)


def begin(purpose: Purpose, redirect_uri: str, *, login_hint: str | None = None, base: str | None = None) -> Begun:
    """Where to send the browser. Mail and calendar are asked for separately; earlier grants stay.

    Raises Misconfigured where no client is set up.
    """
    state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
    asked: dict[str, str] = {
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
        "prompt": "select_account",
    }
    if purpose != "sign_in":
        asked |= {"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"}
    if login_hint:
        asked["login_hint"] = login_hint
    url = prepare_grant_uri(
        _place("authorization_endpoint", base),
        client_id=_client(base)[0],
        response_type="code",
        redirect_uri=redirect_uri,
        scope=" ".join(SCOPES[purpose]),
        state=state,
        **asked,
    )
    return Begun(url, purpose, state, nonce, verifier, redirect_uri)


def finish(begun: Begun, answer: dict[str, str], *, base: str | None = None) -> tuple[Tokens, Identity]:
    """The callback's query turned into a grant and a proven identity.

    Raises Refused: the person said no or unticked what we need, or the answer is not the one to `begun` (state, nonce,
    signature); Unavailable.
    """
    if not hmac.compare_digest(answer.get("state", ""), begun.state):
        raise Refused("This sign-in was not begun in this browser. Please start again.")
    if "error" in answer or "code" not in answer:
        raise Refused("Google was not connected, because access was not granted.")
    body = _post(
        "token_endpoint",
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": begun.redirect_uri,
            "code_verifier": begun.code_verifier,
        },
        base,
    )
    if "error" in body:
        raise Refused("This sign-in has run out. Please start again.")
    tokens, identity = _tokens(body, None), _identity(body, begun.nonce, base)
    missing = [scope for scope in SCOPES[begun.purpose] if scope not in SIGN_IN and scope not in tokens.scopes]
    if missing:
        what = "your mail" if begun.purpose == "mail" else "your calendar"
        raise Refused(f"Access to {what} was left out. Connect again, and leave its boxes ticked.")
    return tokens, identity


def refresh(tokens: Tokens, *, base: str | None = None) -> Tokens:
    """New tokens; a rotated refresh token replaces the old one, else the old one is kept.

    Raises NeedsReconnect where the grant was withdrawn, Unavailable.
    """
    if tokens.refresh_token is None:
        raise NeedsReconnect("Google’s permission has run out. Connect the account again.")
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    body = google.patiently(lambda: _post("token_endpoint", form, base))
    if body.get("error") == "invalid_grant":
        raise NeedsReconnect("Google no longer lets us in. Connect the account again.")
    if "error" in body:
        raise Refused(f"Google refused our client: {body['error']}. Check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.")
    return _tokens(body, tokens)


def revoke(tokens: Tokens, *, base: str | None = None) -> None:
    """Give the grant back. A grant that is gone already is no error. Raises Unavailable."""
    _post("revocation_endpoint", {"token": tokens.refresh_token or tokens.access_token}, base, with_client=False)


def _tokens(body: dict[str, Any], before: Tokens | None) -> Tokens:
    try:
        lasts = timedelta(seconds=float(body.get("expires_in", 3600)) - 60)
        return Tokens(
            access_token=body["access_token"],
            refresh_token=body.get("refresh_token") or (before.refresh_token if before else None),
            expires_at=clock.now() + lasts,
            scopes=tuple(body["scope"].split()) if body.get("scope") else (before.scopes if before else ()),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise google.translated(ValueError("tokens")) from error


def _identity(body: dict[str, Any], nonce: str, base: str | None) -> Identity:
    client_id, _ = _client(base)
    issuers = [base.rstrip("/")] if base else list(_ISSUERS)
    try:
        token = jwt.decode(body["id_token"], KeySet.import_key_set(_certificates(base)), algorithms=["RS256"])
        jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=60,
            iss={"essential": True, "values": issuers},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(token.claims)
    except (KeyError, ValueError, JoseError) as error:
        raise Refused("Google’s answer could not be verified. Please start again.") from error
    claims = token.claims
    return Identity(
        sub=claims["sub"],
        email=claims.get("email", ""),
        email_verified=claims.get("email_verified") is True,
        name=claims.get("name"),
    )


def _certificates(base: str | None) -> Any:
    return _call("GET", _place("jwks_uri", base), base)


def _post(place: str, form: dict[str, str], base: str | None, *, with_client: bool = True) -> dict[str, Any]:
    if with_client:
        client_id, secret = _client(base)
        form = form | {"client_id": client_id} | ({"client_secret": secret} if secret else {})
    return _call("POST", _place(place, base), base, form)


def _call(method: str, url: str, base: str | None, form: dict[str, str] | None = None) -> dict[str, Any]:
    """An OAuth answer, errors of the protocol included. Raises Unavailable for everything that passes by itself."""
    try:
        with httpx.Client(timeout=config.settings().google_timeout_seconds, trust_env=base is None) as client:
            response = client.request(method, url, data=form)
        if response.status_code == 429 or response.status_code >= 500:
            raise google.answered(response.status_code, response.content, response.headers.get("retry-after"))
        body = response.json() if response.content else {}
    except Exception as error:
        raise google.translated(error) from error
    if not isinstance(body, dict):
        raise Unavailable("Google’s answer could not be read. It is tried again by itself.")
    return body


def _place(name: str, base: str | None) -> str:
    if not base:
        return _PLACES[name]
    stand_in = {
        "authorization_endpoint": "/o/oauth2/v2/auth",
        "token_endpoint": "/token",
        "revocation_endpoint": "/revoke",
        "jwks_uri": "/oauth2/v3/certs",
    }
    return base.rstrip("/") + stand_in[name]


def _client(base: str | None) -> tuple[str, str]:
    settings = config.settings()
    if settings.google_client_id:
        return settings.google_client_id, settings.google_client_secret or ""
    if base:
        return "omnicrm", ""
    raise Misconfigured("Google is not set up: GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are missing.")
