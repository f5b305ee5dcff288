"""omnicrm doctor: what the installation needs, one line each, with the remedy where something is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass

import typer

from omnicrm.cli import output
from omnicrm.core import config
from omnicrm.core.errors import OmniError


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` is None for what is not set up and need not be; `remedy` is empty where nothing is to be done."""

    name: str
    ok: bool | None
    says: str
    remedy: str = ""


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(as_json: output.AsJson = False) -> None:
    """Check what the installation needs, and say what to do where something is wrong."""
    findings = [_careful(name, check) for name, check in CHECKS.items()]
    healthy = all(finding.ok is not False for finding in findings)
    figures = {"ok": healthy, "checks": [asdict(finding) for finding in findings]}
    output.report(figures, map(line, findings), as_json=as_json)
    if not healthy:
        raise typer.Exit(1)


def line(finding: Finding) -> str:
    word = {True: "ok", False: "WRONG", None: "off"}[finding.ok]
    return f"{finding.name:<11}{word:<7}{finding.says} {finding.remedy}".rstrip()


def _careful(name: str, check: Callable[[], Finding]) -> Finding:
    """What goes wrong is a finding. Only our own sentences are repeated: a driver's may quote an address."""
    try:
        return check()
    except OmniError as error:
        says = error.message if error.__cause__ is None else "It cannot be used or does not answer."
        return Finding(name, False, " ".join(says.split()), REMEDIES[name])


def _database() -> Finding:
    import psycopg
    from sqlalchemy import make_url

    from omnicrm.core import postgres

    address = make_url(postgres.url("app")).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, connect_timeout=5):
            pass
    except psycopg.Error:
        return Finding("database", False, "The database does not answer.", REMEDIES["database"])
    if not config.settings().embedded:
        postgres.refuse_powerful_roles()
    kind = "built-in" if config.settings().embedded else "configured"
    return Finding("database", True, f"The {kind} PostgreSQL answers.")


def _migrations() -> Finding:
    from omnicrm.core import migrations, postgres

    here, head = migrations.current(postgres.url("app")), migrations.head()
    if here == head:
        return Finding("migrations", True, f"The schema is current ({head}).")
    says = f"The schema is at {here or 'nothing'}, this version needs {head}."
    return Finding("migrations", False, says, REMEDIES["migrations"])


def _keys() -> Finding:
    count = len(config.settings().secret_keys())
    return Finding("keys", True, f"{count} {'key' if count == 1 else 'keys'} for stored secrets.")


def _google() -> Finding:
    settings = config.settings()
    if settings.google_client_id and not settings.google_client_secret and not settings.google_api_base:
        return Finding("google", False, "GOOGLE_CLIENT_SECRET is missing.", REMEDIES["google"])
    if settings.google_client_id or settings.google_api_base:
        return Finding("google", True, "Google is configured (nothing was asked of it).")
    return Finding("google", None, "Not set up.", "Set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET to connect accounts.")


def _storage() -> Finding:
    folder = config.settings().data_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent  # it is made when it is first needed
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("storage", False, "The data folder cannot be written.", REMEDIES["storage"])
    return Finding("storage", True, "Files are kept in the data folder, which can be written.")


CHECKS: dict[str, Callable[[], Finding]] = {
    "database": _database,
    "migrations": _migrations,
    "keys": _keys,
    "google": _google,
    "storage": _storage,
}
REMEDIES = {
    "database": "Check DATABASE_URL, or the data folder and its postgres/log.",
    "migrations": "Run `omnicrm migrate`.",
    "keys": "Set OMNICRM_SECRET_KEYS to a long random value, 32 characters or more, and keep a copy.",
    "google": "Set both GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.",
    "storage": "Let the user that runs OmniCRM write in OMNICRM_DATA_DIR.",
}
