"""Settings from the environment and `.env`; everything has a default in the embedded mode. See .env.example."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from omnicrm.core.errors import OmniError


class Misconfigured(OmniError):
    """A setting is missing or wrong: refused at the start, with the remedy."""

    code = "misconfigured"


def project_root() -> Path:
    return Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """One field a documented variable (design: interfaces, Configuration)."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str | None = None
    database_jobs_url: str | None = None
    database_owner_url: str | None = None
    omnicrm_database: str = "omnicrm"  # its name on the server; tests give each worker one of its own
    redis_url: str | None = None
    omnicrm_secret_keys: str | None = None  # comma separated; the first encrypts, all decrypt
    omnicrm_public_url: str | None = None
    omnicrm_data_dir: Path | None = None
    omnicrm_build_dir: Path | None = None  # where pages are built and kept; absent: in the data folder
    google_client_id: str | None = None
    google_client_secret: str | None = None
    google_api_base: str | None = None
    google_units_per_minute: int = Field(default=6000, ge=1)  # Gmail's quota for a user; the stand-in has none
    google_timeout_seconds: float = Field(default=30, gt=0)
    google_retry_seconds: float = Field(default=1, gt=0)  # the first wait before a call is tried again
    stripe_secret_key: str | None = None
    stripe_webhook_secret: str | None = None
    stripe_api_base: str | None = None
    smtp_url: str | None = None
    storage_url: str | None = None
    ai_base_url: str | None = None
    ai_api_key: str | None = None
    ai_model: str | None = None
    trusted_proxy_hops: int = Field(default=0, ge=0, le=10)
    sentry_dsn: str | None = None
    log_format: str = "text"
    metrics_token: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether the built-in PostgreSQL is used."""
        return self.database_url is None

    @property
    def production(self) -> bool:
        return not self.embedded or (self.omnicrm_public_url or "").startswith("https://")

    @property
    def data_dir(self) -> Path:
        """Where the database, files, keys and bundles live.

        As root the embedded server runs as another user, who cannot look into a home folder: hence /var/lib.
        """
        if self.omnicrm_data_dir is not None:
            return self.omnicrm_data_dir.expanduser().resolve()
        if os.geteuid() == 0:
            root = project_root()
            return Path("/var/lib/omnicrm") / f"{root.name}-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"
        return project_root() / "var"

    @property
    def build_dir(self) -> Path:
        """The built pages and what building them needs: can be shipped, and made anew at any time."""
        return self.omnicrm_build_dir.expanduser().resolve() if self.omnicrm_build_dir else self.data_dir

    def secret_keys(self) -> list[str]:
        """The configured keys, first one encrypting; in the embedded mode one is made and kept in the data folder."""
        if self.omnicrm_secret_keys:
            keys = [key.strip() for key in self.omnicrm_secret_keys.split(",") if key.strip()]
            if any(len(key) < 32 for key in keys):
                raise Misconfigured("OMNICRM_SECRET_KEYS: each key needs at least 32 characters.")
            return keys
        if self.production:
            raise Misconfigured("OMNICRM_SECRET_KEYS is missing. Set it to a long random value and keep a copy of it.")
        return [_own_key(self.data_dir / "secret.key")]


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read once; tests call `settings.cache_clear()` after changing the environment.

    Raises Misconfigured with the names of what cannot be read.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{str(part['loc'][0]).upper()}: {part['msg']}" for part in error.errors())
        raise Misconfigured(f"The configuration cannot be read. {wrong}. See .env.example.") from None


def _own_key(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as new:  # mode 0600
            new.write(secrets.token_urlsafe(48))
        try:
            os.link(new.name, path)  # fails where another process was first: its key stands
        except FileExistsError:
            pass
        finally:
            os.unlink(new.name)
    return path.read_text().strip()
