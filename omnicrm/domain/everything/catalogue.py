"""Which rows of which table belong to a practitioner, or to one client: worked out from the tables themselves, so that
a new table is in the archive without anybody's doing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ForeignKeyConstraint, Table

from omnicrm.models.base import metadata

# Never leave: they open doors, and nobody can read them anyway.
SECRETS: dict[str, tuple[str, ...]] = {
    "users": ("password_hash", "totp_secret", "recovery_codes"),
    "login_sessions": ("token_hash",),
    "oauth_connections": ("access_token", "refresh_token", "credentials"),
    "share_links": ("token_hash", "pin_hash"),
    "outbox_messages": ("payload",),  # what is to be told to others, tokens to be given back among it
    "webhook_events": ("payload",),
    "erased_ids": ("identifier_hashes",),
}
# Made from the other tables (search), or nobody's (rate limits).
DERIVED = ("search_entries", "rate_limits")
# Shared with other clients: what a client is in, not what is theirs; only the row that is referred to, named.
_SHARED = ("groups", "programs", "services", "resources", "projects", "forms")


@dataclass(frozen=True, slots=True)
class Part:
    """A table with the condition (SQL over `t`, `:client` bound) that its rows meet, and the columns left out."""

    table: str
    condition: str
    left_out: tuple[str, ...]


def parts(*, client: bool) -> list[Part]:
    """Every table of the archive, parents first; for one `client` those whose rows are theirs."""
    tables = [table for table in metadata.sorted_tables if table.name not in DERIVED]
    if not client:
        return [Part(table.name, "true", SECRETS.get(table.name, ())) for table in tables]
    conditions: dict[str, str] = {"contacts": "(t.id = :client or t.merged_into_id = :client)"}
    for table in tables:
        if table.name != "contacts" and (found := _theirs(table, conditions)):
            conditions[table.name] = found
    own = dict(conditions)
    for name in _SHARED:
        if used := _used(name, own):
            conditions[name] = used
    conditions["audit_log"] = _history(own)
    return [
        Part(table.name, conditions[table.name], SECRETS.get(table.name, ()))
        for table in tables
        if table.name in conditions
    ]


def _theirs(table: Table, known: dict[str, str]) -> str:
    """By a reference to the client; else by what is theirs: references that must be filled before those that may be."""
    keys = [key for key in table.foreign_key_constraints if key.referred_table.name in known]
    direct = [key for key in keys if key.referred_table.name == "contacts"]
    required = [key for key in keys if not any(table.c[name].nullable for name in key.column_keys)]
    chosen = direct or required or [key for key in keys if key.referred_table.name != table.name]
    if table.name in _SHARED:
        return ""
    found = [_in(key, known) for key in sorted(chosen, key=lambda key: sorted(key.column_keys))]
    if table.name == "sessions":  # classes too that they were in
        found.append(
            "t.id in (select a.session_id from session_attendees a where a.contact_id in"  # noqa: S608  # names of our own
            f" (select t.id from contacts t where {known['contacts']}))"
        )
    return " or ".join(found)


def _in(key: ForeignKeyConstraint, known: dict[str, str]) -> str:
    """The rows whose key points at rows that are in."""
    pairs = [(part.parent.name, part.column.name) for part in key.elements if part.parent.name != "user_id"]
    mine = ", ".join(f"t.{name}" for name, _ in pairs)
    theirs = ", ".join(f"t.{name}" for _, name in pairs)
    parent = key.referred_table.name
    return f"({mine}) in (select {theirs} from {parent} t where {known[parent]})"  # noqa: S608  # names of our own


def _used(name: str, known: dict[str, str]) -> str:
    """Rows of a shared table that something of theirs names."""
    found = [
        f"t.{part.column.name} in (select t.{part.parent.name} from {table.name} t where {known[table.name]})"  # noqa: S608  # names of our own
        for table in metadata.sorted_tables
        if table.name in known
        for key in sorted(table.foreign_key_constraints, key=lambda key: sorted(key.column_keys))
        if key.referred_table.name == name
        for part in key.elements
        if part.parent.name != "user_id"
    ]
    return " or ".join(found)


def _history(known: dict[str, str]) -> str:
    """What was done to rows that are theirs."""
    alone = f"t.contact_id in (select t.id from contacts t where {known['contacts']})"  # noqa: S608  # as below
    known = {**known, "sessions": alone}  # the history of a class speaks of others
    found = [
        f"(t.entity = '{name}' and t.entity_id in (select t.id from {name} t where {condition}))"  # noqa: S608  # names of our own
        for name, condition in known.items()
        if "id" in metadata.tables[name].c
    ]
    return " or ".join(found)
