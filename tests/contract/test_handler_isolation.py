"""Generated: every handler × every value that could be an id × {another practitioner's, a missing one, odd ones}.

What is another's is answered like what does not exist, shows nothing of theirs, and changes nothing of theirs.
"""

from __future__ import annotations

import json
import re
import typing
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from pydantic import BaseModel, NaiveDatetime
from sqlalchemy import text

from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.state import guard
from tests import factories
from tests.doors import import_all, send

import_all()

CANARY = "kanarienvogel"
ODD: tuple[Any, ...] = ("", "1", "../../x", "' or true --", "\u202e", "9999-12-31", "0001-01-01", "x" * 9_000)
ODD += (7, -1, 10**12, -(10**12), 1.5, True, None, [], {}, ["x"], {"id": "x"})


Case: TypeAlias = tuple[str, Any, str, tuple[str, ...], set[Any]]


def _cases() -> list[Case]:
    """(label, state, handler, the way to one value in what it takes, the types of that value)."""
    found: list[Case] = []
    for name, handler in guard.handlers():
        policy = guard.policy_of(handler)
        if policy is None or policy.rule != "signed_in":
            continue
        short = name.rpartition(".")[2]
        for argument, field in policy.model.model_fields.items():
            for way, kinds in _ways(argument, field.annotation):
                found.append((f"{name.split('____')[-1]}({'.'.join(way)})", handler.state, short, way, kinds))
    return found


def _ways(name: str, annotation: Any) -> list[tuple[tuple[str, ...], set[Any]]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return [((name, *way), kinds) for inner, field in fields for way, kinds in _ways(inner, field.annotation)]
    return [((name,), {annotation, *typing.get_args(annotation)})]


CASES = _cases()
IDS = [case for case in CASES if case[4] & {str, UUID}]


def _whole(table: str) -> Any:
    return text(f"select to_jsonb(t) from {table} t")  # noqa: S608  # names of our own tables


class Tenant:
    """Natalie's practice: a canary in every row, every id known to Maya."""

    def __init__(self, user_id: UUID) -> None:
        self.user_id = user_id
        with transaction(user_id) as db:
            contact = factories.make_contact(db, first_name=CANARY, last_name=CANARY, notes=CANARY)
            session = factories.make_session(db, title=CANARY, contact_id=contact.id)
            item = factories.make_source_item(db, subject=CANARY, body_text=CANARY)
            rows = [
                contact,
                session,
                item,
                factories.make_note(db, content=CANARY, contact_id=contact.id),
                factories.make_task(db, title=CANARY, contact_id=contact.id),
                factories.make_approval(db, summary=CANARY),
                factories.make_rule(db, match={"sender": CANARY}),
                factories.make_connection(db, account_email=f"{CANARY}@natalie.example"),
                factories.make_service(db, name=CANARY),
                factories.make_group(db, name=CANARY),
                factories.make_job_run(db, error=CANARY),
                factories.make_outbox_message(db, last_error=CANARY),
                factories.make_project(db, name=CANARY),
                factories.make_login_session(db, user_agent=CANARY),
            ]
            self.ids = {type(row).__tablename__: str(row.id) for row in rows}

    def contents(self) -> str:
        """Everything of hers, as text."""
        with transaction(self.user_id) as db:
            return json.dumps(
                {
                    table: sorted(str(row) for row in db.execute(_whole(table)).scalars())
                    for table in (*self.ids, "audit_log")
                }
            )


@pytest.fixture(scope="module")
def stranger(database: str) -> Tenant:
    return Tenant(factories.make_user(name=CANARY))


@pytest.fixture(scope="module")
def me(database: str) -> UUID:
    return factories.make_user(name="Maya Lindqvist")


@pytest.mark.parametrize(("state", "handler", "way"), [case[1:4] for case in IDS], ids=[case[0] for case in IDS])
@pytest.mark.outside(2)
def test_anothers_id_is_answered_like_a_missing_one(state, handler, way, stranger):
    before = stranger.contents()
    missing = answered(state, handler, way, str(ids.new()))
    for table, foreign in stranger.ids.items():
        theirs = answered(state, handler, way, foreign)
        assert CANARY not in theirs, f"{table}: something of hers is shown"
        assert theirs == missing, f"{table}: another's id is answered differently"
    assert stranger.contents() == before, "something of hers was changed"


@pytest.mark.parametrize(("state", "handler", "way"), [case[1:4] for case in CASES], ids=[case[0] for case in CASES])
def test_odd_values_are_refused_in_words(state, handler, way, database):
    me = factories.make_user()  # of its own: an odd value may have set a password or deleted the account
    for value in ODD:
        shown = answered(state, handler, way, value, me)
        assert "give us this reference" not in shown, f"{value!r} is a bug: {shown[:400]}"


@pytest.mark.parametrize(
    ("state", "handler"), sorted({(case[1], case[2]) for case in CASES}, key=str), ids=lambda value: str(value)[-60:]
)
def test_what_was_not_asked_for_is_refused(state, handler, me, stranger):
    """A client cannot slip in whose data it is about, nor what the guard hands over."""
    for extra in ("user_id", "db", "me", "is_admin"):
        page = send(state, handler, as_=me, **{**plain(state, handler), extra: str(stranger.user_id)})
        assert page.toast["bad"], extra


@pytest.mark.parametrize("table", ["contacts", "sessions", "tasks", "pending_approvals", "source_items"])
@pytest.mark.outside(2)
def test_an_id_in_the_address_is_no_other(table, stranger):
    """What stands in the address comes from the client too."""
    for name, found in guard.handlers():
        policy = guard.policy_of(found)
        if policy is None or policy.model.model_fields or not name.endswith((".load", ".reload", ".refresh")):
            continue
        state, handler, me = found.state, name.rpartition(".")[2], factories.make_user(name="Maya Lindqvist")
        theirs = _visible(send(state, handler, as_=me, route_=_anywhere(stranger.ids[table])), stranger.ids[table])
        missing_id = str(ids.new())
        missing = _visible(send(state, handler, as_=me, route_=_anywhere(missing_id)), missing_id)
        assert CANARY not in theirs
        assert theirs == missing, f"{state.__name__}.{handler}"


def _anywhere(value: str) -> dict[str, str]:
    from reflex.route import get_route_args
    from reflex_base.registry import RegistrationContext

    pages = RegistrationContext.get().decorated_pages
    return {name: value for _, page in pages for name in get_route_args(page["route"])} | {"id": value}


def answered(state: Any, handler: str, way: tuple[str, ...], value: Any, me: UUID | None = None) -> str:
    """All that the page shows after the event, of a fresh practitioner; the value and what always differs left out."""
    me = me or factories.make_user(name="Maya Lindqvist")
    payload = plain(state, handler)
    place = payload
    for name in way[:-1]:
        place = place.setdefault(name, {})
    place[way[-1]] = value
    return _visible(send(state, handler, as_=me, **payload), value)


def _visible(page: Any, value: Any) -> str:
    for state in (page, page._get_root_state()):
        if "shown" in state.base_vars:
            state.shown = ""  # the calendar's count of readings, by the clock
    shown = json.dumps(page._get_root_state().dict(), default=str) + repr(page._following)
    if isinstance(value, str) and len(value) > 8:
        shown = shown.replace(value, "ID")
    shown = re.sub(r'"n_?": \d+', "", shown)
    shown = re.sub(r"0x[0-9a-f]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", shown)
    return re.sub(r"\d\d:\d\d:\d\d(\.\d+)?|\d{6,}|\.\d{6}", "", shown)


def plain(state: Any, handler: str) -> dict[str, Any]:
    """Arguments that would do."""
    model = guard.policy_of(getattr(state, handler)).model
    return {name: _of(field.annotation) for name, field in model.model_fields.items() if field.is_required()}


def _of(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {name: _of(field.annotation) for name, field in annotation.model_fields.items() if field.is_required()}
    if typing.get_origin(annotation) is typing.Literal:
        return typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (list, tuple, set):
        return [_of(typing.get_args(annotation)[0])]
    if typing.get_origin(annotation) is dict:
        return {}
    if typing.get_args(annotation):
        return _of(typing.get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation)).value
    plain_values: dict[Any, Any] = {
        str: "60",
        int: 60,
        bool: True,
        float: 1.0,
        Decimal: "60",
        UUID: str(ids.new()),
        date: "2026-03-10",
        time: "10:30",
        datetime: "2026-03-10T10:30:00Z",
        NaiveDatetime: "2026-03-10T10:30",
    }
    return plain_values[annotation]
