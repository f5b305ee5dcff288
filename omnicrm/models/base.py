"""What every table shares: keys, tenancy, times, versions, and the words of status columns.

Conventions that the domain relies on:
- `user_id` is never written by hand: it defaults to the practitioner of the transaction (`app.user_id`).
- `updated_at` and `version` are kept by a trigger, which counts only updates that change something.
  Optimistic locking: a form carries the `version` it was filled from; the domain reads the row FOR UPDATE, compares,
  and raises Conflict. Columns that machines touch (`quiet` in the migration) leave the version
  alone, so that a sync never takes a form from a person's hands.
- Parents are flushed before children, in the order of their foreign keys, without relationships (see `_order_inserts`).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CHAR,
    CheckConstraint,
    DateTime,
    Dialect,
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session as SqlSession
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.orm.unitofwork import _SaveUpdateAll  # private, and the only way to order without relationships
from sqlmodel import AutoString, Field, SQLModel

from omnicrm.core import ids

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
metadata: MetaData = SQLModel.metadata

# Spelled as PostgreSQL gives it back, so that comparing models and database needs no evaluation.
CURRENT_PRACTITIONER = "(NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid"


class Instant(TypeDecorator[datetime]):
    """timestamptz that refuses naive datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("A time needs its zone: naive datetimes are not stored.")
        return value


class Word(TypeDecorator[StrEnum]):
    """A status word: text in the database, a member of its enum in Python. Unknown words are refused."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


def _field(sa_type: Any, *, null: bool = False, default: Any = None, server_default: str | None = None) -> Any:
    kwargs = {"server_default": text(server_default)} if server_default else {}
    return Field(default=default, sa_type=sa_type, nullable=null, sa_column_kwargs=kwargs)


def instant(*, null: bool = False, default: str | None = None) -> Any:
    """A timestamptz column. `default` is SQL, such as "now()"."""
    return _field(Instant, null=null, server_default=default)


def word(words: type[StrEnum], default: StrEnum | None = None, *, null: bool = False) -> Any:
    """A status column; give the table `one_of(column, words)` too."""
    return _field(Word(words), null=null, default=default, server_default=f"'{default}'::text" if default else None)


def words_list() -> Any:
    """text[] NOT NULL, empty by default."""
    return Field(
        default_factory=list,
        sa_type=ARRAY(Text),
        nullable=False,
        sa_column_kwargs={"server_default": text("'{}'::text[]")},
    )


def json_object() -> Any:
    """jsonb NOT NULL, `{}` by default. Assign a new value to change it: changes inside are not noticed."""
    return Field(
        default_factory=dict,
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": text("'{}'::jsonb")},
    )


def json_list() -> Any:
    """jsonb NOT NULL, `[]` by default."""
    return Field(
        default_factory=list,
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": text("'[]'::jsonb")},
    )


def json_value() -> Any:
    """jsonb or NULL."""
    return _field(JSONB(none_as_null=True), null=True)


def amount(*, null: bool = False, default: str | None = None) -> Any:
    """numeric(14,3): money, in the currency of the column beside it."""
    python = Decimal(default) if default is not None else None
    return _field(
        Numeric(14, 3), null=null, default=python, server_default=f"'{default}'::numeric" if default else None
    )


def currency(default: str = "practitioner_currency()") -> Any:
    """char(3), ISO 4217; the practitioner's own unless said otherwise. `default` is SQL."""
    return _field(CHAR(3), server_default=default)


def flag(default: bool) -> Any:
    """boolean NOT NULL."""
    return Field(default=default, nullable=False, sa_column_kwargs={"server_default": text(str(default).lower())})


def number(default: int) -> Any:
    """integer NOT NULL."""
    return Field(default=default, nullable=False, sa_column_kwargs={"server_default": text(str(default))})


def plain(default: str) -> Any:
    """text NOT NULL with a default."""
    return _field(Text, default=default, server_default=f"'{default}'::text")


def owned_by(table: str, column: str, *, on_delete: str) -> ForeignKeyConstraint:
    """The composite key (user_id, column) → table (user_id, id): it cannot point at another practitioner's row.

    `on_delete` is CASCADE (it is only theirs), SET NULL (history stays; nulls `column` only) or NO ACTION (money:
    refused while it is referred to).
    """
    action = f"SET NULL ({column})" if on_delete == "SET NULL" else on_delete
    return ForeignKeyConstraint(["user_id", column], [f"{table}.user_id", f"{table}.id"], ondelete=action)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """A CHECK that allows the members of `words` only."""
    listed = ", ".join(f"'{member}'" for member in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def sealed(column: str) -> CheckConstraint:
    """A CHECK that nothing unencrypted enters `column`: it holds what `core.crypto.encrypt` gives."""
    return CheckConstraint(f"{column} LIKE 'v1.%'", name=f"{column}_sealed")


class Owned(SQLModel):
    """Columns of every practitioner's row."""

    __mapper_args__: ClassVar[Any] = {"eager_defaults": True}  # updated_at and version come back with the UPDATE

    user_id: UUID = Field(
        default=None,
        sa_type=SqlUuid,
        nullable=False,
        foreign_key="users.id",
        ondelete="CASCADE",
        sa_column_kwargs={"server_default": text(CURRENT_PRACTITIONER)},
    )
    created_at: datetime = instant(default="now()")
    updated_at: datetime = Field(
        default=None,
        sa_type=Instant,
        nullable=False,
        sa_column_kwargs={"server_default": text("now()"), "server_onupdate": FetchedValue()},
    )


class Table(Owned):
    """A row with a key that sorts by time (UUIDv7), made here."""

    id: UUID = Field(default_factory=ids.new, sa_type=SqlUuid, primary_key=True)


class Editable(Table):
    """A row that people edit: the second writer is told, never silently overwritten."""

    version: int = Field(
        default=None,
        sa_type=Integer,
        nullable=False,
        sa_column_kwargs={"server_default": text("1"), "server_onupdate": FetchedValue()},
    )


def settle() -> None:
    """Called once all tables are known: `str` is text, and every foreign key has an index that begins with it."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, AutoString):
                column.type = Text()
        _index_foreign_keys(table)


def _index_foreign_keys(table: SqlTable) -> None:
    for key in sorted(table.foreign_key_constraints, key=lambda key: len(key.columns), reverse=True):
        columns = [column.name for column in key.columns]
        if not any(lead[: len(columns)] == columns for lead in _leads(table)):
            Index(None, *[table.c[name] for name in columns])


def _leads(table: SqlTable) -> list[list[str]]:
    keys = [key for key in table.constraints if isinstance(key, PrimaryKeyConstraint | UniqueConstraint)]
    whole = [index for index in table.indexes if index.dialect_options["postgresql"]["where"] is None]
    return [[column.name for column in led.columns] for led in (*keys, *whole)]


@event.listens_for(SqlSession, "before_flush")
def _order_inserts(session: SqlSession, context: UOWTransaction, instances: object) -> None:
    """Insert along the foreign keys. SQLAlchemy orders by relationships, which these models do without."""
    new = {state.mapper.base_mapper for state in (instance._sa_instance_state for instance in session.new)}
    place = {table: position for position, table in enumerate(metadata.sorted_tables)}
    ordered = sorted(new, key=lambda mapper: place.get(mapper.local_table, -1))
    for before, after in pairwise(ordered):
        context.dependencies.add((_saving(context, before), _saving(context, after)))


def _saving(context: UOWTransaction, mapper: Any) -> Any:
    return _SaveUpdateAll(context, mapper)  # type: ignore[no-untyped-call]  # SQLAlchemy's own
