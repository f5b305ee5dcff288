"""Keys that sort by time (UUIDv7, RFC 9562) and tokens nobody guesses."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

import uuid6


def new() -> UUID:
    return UUID(bytes=uuid6.uuid7().bytes)


def token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def token_hash(value: str) -> str:
    """SHA-256 as hex: what is stored of a token (it has full entropy, so no salt is needed)."""
    return hashlib.sha256(value.encode()).hexdigest()
