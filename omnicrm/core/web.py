"""What a request says about itself: whose cookie, from where, over TLS or not. Believes a proxy only as configured."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from omnicrm.core import config

Scope: TypeAlias = Mapping[str, Any]

SECURE_COOKIE = "__Host-omnicrm"
PLAIN_COOKIE = "omnicrm"


def header(scope: Scope, name: str) -> str | None:
    """The first header of that name (lower case), decoded; None where there is none."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope.get("headers", []) if key == wanted), None)


def host(scope: Scope) -> str:
    """What the browser has in its address bar: host and port, lower case, the scheme's own port left out."""
    forwarded = header(scope, "x-forwarded-host") if config.settings().trusted_proxy_hops else None
    name = (forwarded or header(scope, "host") or "").rpartition(",")[2].strip().lower()
    return name.removesuffix(":443" if is_https(scope) else ":80")


def is_https(scope: Scope) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy that we were told of."""
    if scope.get("scheme") in ("https", "wss") or public_url().startswith("https://"):
        return True
    if not config.settings().trusted_proxy_hops:
        return False
    return (header(scope, "x-forwarded-proto") or "").rpartition(",")[2].strip().lower() in ("https", "wss")


def is_loopback(scope: Scope) -> bool:
    """Whether the address bar names this very machine: the only place where plain http will do."""
    name = urlsplit(f"//{host(scope)}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def base_url(scope: Scope) -> str:
    """Scheme and host without a trailing slash: what absolute links and redirects to us begin with."""
    if public := public_url():
        return public
    return f"{'https' if is_https(scope) else 'http'}://{host(scope)}"


def same_origin(scope: Scope) -> bool:
    """Whether the request comes from our own pages, or from no page at all (a script sends no Origin).

    `null`, another host, another port, or http where we speak https are foreign.
    """
    if header(scope, "sec-fetch-site") in ("cross-site", "same-site"):
        return False
    origins = [value.decode("latin-1") for key, value in scope.get("headers", []) if key == b"origin"]
    if not origins:
        return True
    try:
        parts = urlsplit(origins[0].lower())
        port = parts.port
    except ValueError:
        return False
    if len(origins) > 1 or parts.scheme not in ("http", "https") or parts.path or parts.query or "@" in parts.netloc:
        return False
    if is_https(scope) and parts.scheme != "https":
        return False
    default = 443 if parts.scheme == "https" else 80
    netloc = parts.netloc.removesuffix(f":{default}") if port == default else parts.netloc
    ours = {host(scope)} | ({urlsplit(public_url().lower()).netloc} if public_url() else set())
    return netloc in ours


def client_address(scope: Scope) -> str:
    """The address that rate limits go by. X-Forwarded-For counts only as far as proxies are configured."""
    peer = str((scope.get("client") or ("", 0))[0])
    hops = config.settings().trusted_proxy_hops
    if not hops:
        return peer
    chain = [part.strip() for part in (header(scope, "x-forwarded-for") or "").split(",") if part.strip()]
    return chain[-hops] if len(chain) >= hops else peer


def cookie_name(scope: Scope) -> str:
    return SECURE_COOKIE if is_https(scope) else PLAIN_COOKIE


def session_token(scope: Scope) -> str | None:
    """The login's token from the cookie of the scheme in use; None where there is none or two."""
    found = [value for name, value in _cookies(scope) if name == cookie_name(scope)]
    return found[0] if len(found) == 1 and 20 <= len(found[0]) <= 200 else None


def _cookies(scope: Scope) -> Iterable[tuple[str, str]]:
    for key, value in scope.get("headers", []):
        if key != b"cookie":
            continue
        for part in value.decode("latin-1").split(";"):
            try:
                yield from ((name, morsel.value) for name, morsel in SimpleCookie(part.strip()).items())
            except CookieError:
                continue


def public_url() -> str:
    """The configured address of this installation, without a trailing slash; empty where there is none."""
    return (config.settings().omnicrm_public_url or "").rstrip("/")
