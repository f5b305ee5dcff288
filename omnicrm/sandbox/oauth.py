"""Google's OAuth 2.0 and OpenID Connect: consent, code with PKCE, tokens, refresh, revocation, identity."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from omnicrm.core import clock, ids
from omnicrm.sandbox import consent as consent_page
from omnicrm.sandbox.access import Caller
from omnicrm.sandbox.answers import Problem
from omnicrm.sandbox.store import Account, Code, Grant, Store

SIGN_IN = ("openid", "email", "profile")
_LONG = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}


async def discovery(request: Request) -> Response:
    base = _base(request)
    return JSONResponse(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/o/oauth2/v2/auth",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/v1/userinfo",
            "revocation_endpoint": f"{base}/revoke",
            "jwks_uri": f"{base}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "name", "sub"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }
    )


async def certificates(request: Request) -> Response:
    return JSONResponse({"keys": [_key().as_dict(private=False)]})


async def consent(request: Request) -> Response:
    """The page on which a person chooses the account and unticks what it shall not have."""
    query = request.query_params
    if problem := _refused(dict(query)):
        return HTMLResponse(consent_page.blocked(problem), 400)
    store: Store = request.app.state.store
    scopes = [scope for scope in query["scope"].split() if scope not in SIGN_IN]
    chosen = query.get("login_hint") or next(iter(store.accounts), None)
    return HTMLResponse(consent_page.page(query, store.accounts, scopes, chosen))


async def decide(request: Request) -> Response:
    form = await request.form()
    if problem := _refused({key: str(value) for key, value in form.items()}):
        return HTMLResponse(consent_page.blocked(problem), 400)
    store: Store = request.app.state.store
    target = str(form["redirect_uri"])
    state = {"state": str(form["state"])} if "state" in form else {}
    account = store.accounts.get(str(form.get("account", "")))
    if form.get("answer") != "allow" or account is None:
        return _back(target, {"error": "access_denied"} | state)
    asked = str(form["scope"]).split()
    granted = [scope for scope in asked if scope in SIGN_IN or scope in form.getlist("granted")]
    grant = store.grant(
        account.email,
        str(form["client_id"]),
        [_LONG.get(scope, scope) for scope in granted],
        include_earlier=form.get("include_granted_scopes") == "true",
    )
    code = "4/" + ids.token()
    store.codes[code] = Code(
        grant_id=grant.id,
        redirect_uri=target,
        challenge=_challenge(form),
        scopes=grant.scopes,
        nonce=str(form["nonce"]) if "nonce" in form else None,
        offline=form.get("access_type") == "offline",
        expires_at=clock.now() + timedelta(minutes=10),
    )
    return _back(target, {"code": code, "scope": " ".join(grant.scopes), "authuser": "0", "prompt": "consent"} | state)


async def token(request: Request) -> Response:
    form, store = await request.form(), request.app.state.store
    client_id, secret = _client(request, form)
    if store.settings.client_secret is not None and not hmac.compare_digest(secret, store.settings.client_secret):
        return _error("invalid_client", "The provided client secret is invalid.", 401)
    if form.get("grant_type") == "authorization_code":
        return _exchange(request, store, form, client_id)
    if form.get("grant_type") == "refresh_token":
        return _refresh(store, form, client_id)
    return _error("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")


async def revoke(request: Request) -> Response:
    """Revoking either token ends the whole grant of that account to that client."""
    form, store = await request.form(), request.app.state.store
    value = str(form.get("token", request.query_params.get("token", "")))
    grant_id, _ = store.access_tokens.get(value, ("", None))
    grant = store.grants.get(grant_id) or next((g for g in store.grants.values() if g.refresh_token == value), None)
    if grant is None:
        return _error("invalid_token", "Token expired or revoked")
    forget(store, grant.email, grant.client_id)
    return JSONResponse({})


async def userinfo(request: Request) -> Response:
    try:
        caller = Caller.of(request, ("openid", _LONG["email"]))
    except Problem as problem:
        return problem.response("gmail")
    return JSONResponse(_claims(caller.account))


def forget(store: Store, email: str, client_id: str | None = None) -> None:
    """What "remove access" in the account's settings does."""
    for grant in list(store.grants.values()):
        if grant.email == email and client_id in (None, grant.client_id):
            del store.grants[grant.id]


def routes() -> list[Route]:
    return [
        Route("/.well-known/openid-configuration", discovery),
        Route("/oauth2/v3/certs", certificates),
        Route("/o/oauth2/v2/auth", consent, methods=["GET"]),
        Route("/o/oauth2/v2/auth", decide, methods=["POST"]),
        Route("/token", token, methods=["POST"]),
        Route("/revoke", revoke, methods=["POST"]),
        Route("/v1/userinfo", userinfo),
    ]


def _refused(asked: dict[str, str]) -> str | None:
    """Why Google would not show the consent page, in its words."""
    for name in ("client_id", "redirect_uri", "scope"):
        if not asked.get(name):
            return f"Error 400: invalid_request. Missing required parameter: {name}"
    if asked.get("response_type") != "code":
        return "Error 400: unsupported_response_type"
    uri = urlsplit(asked["redirect_uri"])
    if uri.scheme not in ("http", "https") or not uri.netloc or uri.fragment:
        return "Error 400: redirect_uri_mismatch"
    if asked.get("code_challenge_method", "S256") not in ("S256", "plain"):
        return "Error 400: invalid_request. Invalid code_challenge_method"
    return None


def _challenge(form: FormData) -> str:
    return f"{form.get('code_challenge_method', 'plain')}:{form.get('code_challenge', '')}"


def _exchange(request: Request, store: Store, form: FormData, client_id: str) -> Response:
    code = store.codes.pop(str(form.get("code", "")), None)  # a code works once
    grant = store.grants.get(code.grant_id) if code else None
    if code is None or grant is None or code.expires_at <= clock.now() or grant.client_id != client_id:
        return _error("invalid_grant", "Malformed auth code.")
    if form.get("redirect_uri") != code.redirect_uri:
        return _error("redirect_uri_mismatch", "Bad Request")
    if not _verified(code.challenge, str(form.get("code_verifier", ""))):
        return _error("invalid_grant", "Invalid code verifier.")
    answer = _tokens(store, grant)
    if code.offline:
        answer["refresh_token"] = grant.refresh_token
    if "openid" in code.scopes:
        answer["id_token"] = _id_token(request, store.accounts[grant.email], client_id, code.nonce)
    return JSONResponse(answer)


def _refresh(store: Store, form: FormData, client_id: str) -> Response:
    sent = str(form.get("refresh_token", ""))
    grant = next((g for g in store.grants.values() if g.refresh_token == sent and g.client_id == client_id), None)
    if grant is None:
        return _error("invalid_grant", "Token has been expired or revoked.")
    answer = _tokens(store, grant)
    if store.settings.rotate_refresh_tokens:
        grant.refresh_token = answer["refresh_token"] = "1//" + ids.token()
    return JSONResponse(answer)


def _tokens(store: Store, grant: Grant) -> dict[str, Any]:
    access_token, seconds = store.access_token(grant)
    return {
        "access_token": access_token,
        "expires_in": seconds,
        "scope": " ".join(grant.scopes),
        "token_type": "Bearer",
    }


def _verified(challenge: str, verifier: str) -> bool:
    method, _, wanted = challenge.partition(":")
    if not wanted:
        return True  # no PKCE was asked for
    if method == "plain":
        return hmac.compare_digest(verifier, wanted)
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(digest, wanted)


def _id_token(request: Request, account: Account, client_id: str, nonce: str | None) -> str:
    now = int(clock.now().timestamp())
    claims = _claims(account) | {
        "iss": _base(request),
        "aud": client_id,
        "azp": client_id,
        "iat": now,
        "exp": now + 3600,
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return jwt.encode({"alg": "RS256", "kid": _key().kid, "typ": "JWT"}, claims, _key())


def _claims(account: Account) -> dict[str, Any]:
    first, _, last = account.name.partition(" ")
    return {
        "sub": account.sub,
        "email": account.email,
        "email_verified": True,
        "name": account.name,
        "given_name": first,
        "family_name": last,
    }


@lru_cache(maxsize=1)
def _key() -> RSAKey:
    """One signing key a process; id_tokens are checked at once, so it need not outlive it."""
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)


def _client(request: Request, form: FormData) -> tuple[str, str]:
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        identity, _, secret = base64.b64decode(packed).decode().partition(":")
        return identity, secret
    return str(form.get("client_id", "")), str(form.get("client_secret", ""))


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _back(target: str, query: dict[str, str]) -> Response:
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(query)}", 303)


def _error(code: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": description}, status)
