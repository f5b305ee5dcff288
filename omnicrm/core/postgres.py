"""Where the database is: the configured server, or the embedded one, started when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from omnicrm.core import config, pgserver, pgtree
from omnicrm.core.config import Misconfigured
from omnicrm.core.errors import Refused, Unavailable

Role: TypeAlias = Literal["app", "jobs", "owner"]

DATABASE = "omnicrm"
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")
ROLES = ("omnicrm_owner", "omnicrm_app", "omnicrm_jobs")
_VARIABLES: dict[Role, str] = {
    "app": "DATABASE_URL",
    "jobs": "DATABASE_JOBS_URL",
    "owner": "DATABASE_OWNER_URL",
}


def url(role: Role = "app", database: str | None = None) -> str:
    """A SQLAlchemy URL (`postgresql+psycopg://…`) for a role; starts the embedded server if need be.

    `database` defaults to OMNICRM_DATABASE ("omnicrm"). With DATABASE_URL set the three URLs come from the
    configuration, and a `database` other than "omnicrm" replaces theirs. Raises Misconfigured for a missing or
    unreadable one, Unavailable if the server does not start.
    """
    database = database or config.settings().omnicrm_database
    if config.settings().embedded:
        ensure()
        return _embedded_url(f"omnicrm_{role}", database)
    return _configured_url(role, database)


def ensure() -> None:
    """The embedded server runs, with its roles and the database. Cheap when it does; nothing to do when configured.

    Raises Misconfigured or Unavailable with what stands in the way.
    """
    if not config.settings().embedded:
        return
    server = _server()
    try:
        with server.locked():
            server.ensure()
            _prepare_cluster(server)
    except psycopg.Error as error:
        raise Unavailable(f"The built-in PostgreSQL does not answer: {error}") from error
    except OSError as error:
        raise Misconfigured(f"The data folder {server.base} cannot be used: {error.strerror}.") from error


def stop() -> None:
    """Ends the embedded server for everybody who uses this data folder. Data are kept."""
    if config.settings().embedded:
        server = _server()
        with server.locked():
            server.stop()


def create_database(name: str, template: str | None = None) -> None:
    """A database beside the main one, with the extensions (or what its template has). Embedded server only.

    An old one of that name is dropped, whoever is connected to it.
    """
    drop_database(name)
    with superuser() as admin:
        _create_database(admin, name, template)
    if template is None:
        with superuser(name) as admin:
            _add_extensions(admin)


def drop_database(name: str) -> None:
    """Connections to it are ended. Nothing happens if there is none. Embedded server only."""
    with superuser() as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def superuser(database: str = "postgres") -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The embedded server's superuser, autocommit: for databases and extensions, never for the practice's data."""
    if not config.settings().embedded:
        raise Misconfigured("With DATABASE_URL set, databases and extensions are made by the server's administrator.")
    ensure()
    with _server().connect(database) as connection:
        yield connection


def refuse_powerful_roles() -> None:
    """Raises Refused where a configured serving role could read past row-level security, Unavailable while away."""
    serving: tuple[Role, ...] = ("app", "jobs")
    for role in serving:
        if not getattr(config.settings(), _VARIABLES[role].lower()):
            continue
        address = make_url(_configured_url(role, config.settings().omnicrm_database)).set(drivername="postgresql")
        try:
            with psycopg.connect(address.render_as_string(hide_password=False), connect_timeout=5) as connection:
                query = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
                powerful = connection.execute(query).fetchone()
        except psycopg.OperationalError:
            raise Unavailable(f"The database of {_VARIABLES[role]} cannot be reached just now.") from None
        if powerful is None or powerful[0]:
            raise Refused(
                f"The role of {_VARIABLES[role]} is a superuser or has BYPASSRLS, so nothing would keep practitioners"
                " apart. Give it a role of its own, as docs/operators.md makes them."
            )


def programs() -> str:
    """The folder of psql, pg_dump and pg_restore (embedded), or "" for those on the PATH."""
    if not config.settings().embedded:
        return ""
    return str(pgtree.programs(_server().base))


def _server() -> pgserver.Server:
    return _server_at(str(config.settings().data_dir))


@lru_cache(maxsize=8)
def _server_at(data_dir: str) -> pgserver.Server:
    return pgserver.at(Path(data_dir))


def _prepare_cluster(server: pgserver.Server) -> None:
    with server.connect() as admin:
        present = {row[0] for row in admin.execute("select rolname from pg_roles")}
        for role in ROLES:
            if role not in present:
                admin.execute(
                    sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole nobypassrls").format(
                        sql.Identifier(role)
                    )
                )
        if admin.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
            return
        making = f"{DATABASE}_new"  # renamed when complete: a start that is cut off leaves no half of one
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(making)))
        _create_database(admin, making, None)
        with server.connect(making) as inside:
            _add_extensions(inside)
        admin.execute(
            sql.SQL("alter database {} rename to {}").format(sql.Identifier(making), sql.Identifier(DATABASE))
        )


def _create_database(admin: psycopg.Connection[tuple[object, ...]], name: str, template: str | None) -> None:
    database = sql.Identifier(name)
    admin.execute(
        sql.SQL("create database {} template {} owner omnicrm_owner").format(
            database, sql.Identifier(template or "template0")
        )
    )
    admin.execute(sql.SQL("revoke all on database {} from public").format(database))
    admin.execute(sql.SQL("grant connect on database {} to omnicrm_app, omnicrm_jobs").format(database))


def _add_extensions(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    for extension in EXTENSIONS:
        admin.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))


def _embedded_url(user: str, database: str) -> str:
    folder = os.fspath(_server().socket_folder)
    return URL.create("postgresql+psycopg", user, database=database, query={"host": folder}).render_as_string(False)


def _configured_url(role: Role, database: str) -> str:
    variable = _VARIABLES[role]
    given: str | None = getattr(config.settings(), variable.lower())
    if not given:
        raise Misconfigured(f"{variable} is missing: the connection of the role omnicrm_{role}. See .env.example.")
    try:
        parsed = make_url(given)
    except ArgumentError:
        raise Misconfigured(f"{variable} is not a database address (postgresql://user:password@host/name).") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise Misconfigured(f"{variable} is not a PostgreSQL address (postgresql://user:password@host/name).")
    parsed = parsed.set(drivername="postgresql+psycopg")
    if database != DATABASE:
        parsed = parsed.set(database=database)
    return parsed.render_as_string(hide_password=False)
