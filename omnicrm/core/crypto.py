"""Encryption of what is secret at rest: AES-256-GCM, the key's id in front, so that keys rotate without downtime."""

from __future__ import annotations

import base64
import hashlib
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from omnicrm.core import config
from omnicrm.core.errors import OmniError

_VERSION = "v1"
_SHAPE = re.compile(r"v1\.[0-9a-f]{8}\.[A-Za-z0-9_=-]{38,}")


class KeyLost(OmniError):
    """A value was encrypted under a key that is no longer configured."""

    code = "key_lost"


def encrypt(plain: str, *, context: str) -> str:
    """`v1.<key id>.<base64 of nonce+ciphertext>`. `context` (e.g. "oauth_connections.refresh_token") is authenticated
    with it, so that a value cannot be moved to another column."""
    key = _keys()[0]
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), context.encode())
    return f"{_VERSION}.{key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(value: str, *, context: str) -> str:
    """Raises KeyLost where no configured key opens it."""
    try:
        version, kid, blob = value.split(".", 2)
        raw = base64.urlsafe_b64decode(blob)
    except ValueError as error:
        raise KeyLost("A stored secret is damaged. Connect the account again.") from error
    for key in _keys():
        if version == _VERSION and key_id(key) == kid:
            try:
                return AESGCM(key).decrypt(raw[:12], raw[12:], context.encode()).decode()
            except InvalidTag as error:
                raise KeyLost("A stored secret is damaged. Connect the account again.") from error
    raise KeyLost("A stored secret was encrypted with a key that is gone. Connect the account again.")


def is_sealed(value: str) -> bool:
    """Whether `value` looks like what `encrypt` gives."""
    return _SHAPE.fullmatch(value) is not None


def is_current(value: str) -> bool:
    """Whether `value` is under the first key: what `keys rotate` looks for."""
    return value.startswith(f"{_VERSION}.{key_id(_keys()[0])}.")


def key_id(key: bytes) -> str:
    return hashlib.sha256(b"id" + key).hexdigest()[:8]


def _keys() -> list[bytes]:
    return [hashlib.sha256(secret.encode()).digest() for secret in config.settings().secret_keys()]
