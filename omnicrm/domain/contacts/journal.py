"""A client's timeline: sessions, notes, mails, payments and tasks in one order, newest first, a page at a time."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import TextClause, text

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.money import Money
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.domain.words import NOTE_TYPES, PAYMENTS, SESSIONS, TASKS
from omnicrm.formats import markdown

KINDS = ("session", "note", "mail", "payment", "task")
_MOST = 200

_COLUMNS = "kind, id, at, title, detail, voice, status, number, extra"  # any branch may be the first, or the only one

# Each branch reads one page along its own index, so that the length of the history does not matter.
_BRANCHES = {
    "session": """
        select 'session', id, scheduled_at, title, location, notes, status::text, duration_minutes::numeric, null::text
        from sessions where contact_id = :contact_id and status <> 'pending_ai_confirmation'
          and (scheduled_at <= :until or status = 'cancelled') {before_session}
        order by scheduled_at desc, id desc limit :limit""",
    "class": """
        select 'session', s.id, s.scheduled_at, s.title, s.location, a.notes, s.status::text,
               s.duration_minutes::numeric, a.attendance_status::text
        from session_attendees a join sessions s on s.id = a.session_id
        where a.contact_id = :contact_id and s.contact_id is distinct from a.contact_id
          and s.scheduled_at <= :until {before_class}
        order by s.scheduled_at desc, s.id desc limit :limit""",
    "note": """
        select 'note', id, created_at, title, note_type, content, null, is_pinned::int::numeric, null
        from notes where contact_id = :contact_id {before_note}
        order by created_at desc, id desc limit :limit""",
    "mail": """
        select 'mail', id, occurred_at, subject, sender, left(body_text, 400), direction::text,
               (select count(*) from pending_approvals p
                 where p.source_item_id = source_items.id and p.status = 'pending')::numeric, null
        from source_items where contact_id = :contact_id and kind = 'mail' {before_mail}
        order by occurred_at desc, id desc limit :limit""",
    "payment": """
        select 'payment', id, coalesce(paid_at, created_at), method,
               (select string_agg(i.number, ', ') from payment_allocations a join invoices i on i.id = a.invoice_id
                 where a.payment_id = payments.id), note, status::text, amount, currency::text
        from payments where contact_id = :contact_id {before_payment}
        order by coalesce(paid_at, created_at) desc, id desc limit :limit""",
    "task": """
        select 'task', id, created_at, title, description, null, status::text, null, null
        from tasks where contact_id = :contact_id {before_task}
        order by created_at desc, id desc limit :limit""",
}
_TIMES = {
    "session": "scheduled_at",
    "class": "s.scheduled_at",
    "note": "created_at",
    "mail": "occurred_at",
    "payment": "coalesce(paid_at, created_at)",
    "task": "created_at",
}
_ATTENDANCE = {"present": "Present", "late": "Late", "no_show": "No-show", "cancelled": "Cancelled"}
_ICONS = {
    "session": "calendar",
    "note": "notebook-pen",
    "mail": "mail",
    "payment": "banknote",
    "task": "list-checks",
}


class JournalEntry(BaseModel):
    """One entry. `voice` is what a person wrote; `month` is the heading that it stands under."""

    model_config = ConfigDict(frozen=True)

    kind: str
    id: str
    month: str
    when: str
    title: str
    detail: str
    voice: str
    icon: str
    tone: str
    pinned: bool
    proposals: int


class JournalPage(BaseModel):
    """`next` goes into `before` for older entries; empty at the beginning of the history."""

    model_config = ConfigDict(frozen=True)

    entries: list[JournalEntry]
    next: str


def journal(
    db: Db, contact_id: UUID, *, kinds: Sequence[str] = KINDS, before: str = "", limit: int = 50
) -> JournalPage:
    """The newest entries of these kinds (older than the cursor `before`), in one statement.

    Sessions to come are shown only where sessions alone are asked for. An unknown client has an empty timeline.
    Raises Invalid for an unknown kind or a broken cursor.
    """
    chosen = [kind for kind in KINDS if kind in kinds]
    if not chosen or len(chosen) != len(set(kinds)):
        raise Invalid("There is no such kind of entry.", {"kinds": f"One of {', '.join(KINDS)}."})
    limit = max(1, min(limit, _MOST))
    until = "infinity" if chosen == ["session"] else clock.now().isoformat()
    values: dict[str, Any] = {"contact_id": contact_id, "limit": limit + 1, "until": until}
    if before:
        values["before_at"], values["before_id"] = _position(before)
    rows = db.execute(_statement(tuple(chosen), bool(before)), values).all()
    viewer = practice.of(db).viewer()
    entries = [_entry(row._mapping, viewer) for row in rows[:limit]]
    return JournalPage(entries=entries, next=_cursor(rows[limit - 1]) if len(rows) > limit else "")


@lru_cache(maxsize=64)
def _statement(kinds: tuple[str, ...], before: bool) -> TextClause:
    condition = "and ({time}, {key}) < (:before_at, :before_id)" if before else ""
    branches = [*kinds, *(["class"] if "session" in kinds else [])]
    union = "\nunion all\n".join(f"({_branch(name, condition)})" for name in branches)
    return text(f"select * from ({union}) as entries ({_COLUMNS}) order by at desc, id desc limit :limit")  # noqa: S608  # constants only


def _branch(name: str, condition: str) -> str:
    older = condition.format(time=_TIMES[name], key="s.id" if name == "class" else "id")
    return _BRANCHES[name].format(**{f"before_{name}": older})


def _entry(row: Any, viewer: Viewer) -> JournalEntry:
    shape: dict[str, Any] = {"icon": _ICONS[row["kind"]], "tone": "quiet", "pinned": False, "proposals": 0}
    title, detail, voice = row["title"] or "", row["detail"] or "", row["voice"] or ""
    match row["kind"]:
        case "session":
            status = SESSIONS[row["status"]]
            length = show.minutes(int(row["number"])) if row["number"] else ""
            title = ", ".join(part for part in (title, length) if part)
            came = _ATTENDANCE.get(row["extra"] or "", status.label)
            detail = ", ".join(part for part in (came, detail) if part)
            shape |= {"icon": status.icon, "tone": status.tone}
        case "note":
            kind = NOTE_TYPES.get(detail, NOTE_TYPES["general"])
            title, detail = title or kind, kind.lower() if title and detail != "general" else ""
            voice = show.excerpt(markdown.to_text(voice[:2_000]), 240)
            shape["pinned"] = bool(row["number"])
        case "mail":
            title = title or "(no subject)"
            detail = "from you" if row["status"] == "out" else ""
            voice, shape["proposals"] = show.excerpt(voice), int(row["number"] or 0)
        case "payment":
            money = viewer.money(Money(Decimal(row["number"]), row["extra"]))
            status = PAYMENTS[row["status"]]
            way = f" by {title}" if title else ""
            title = f"{money} paid{way}" if row["status"] == "paid" else f"{money}, {status.label.lower()}"
            detail = f"invoice {detail}" if detail else ""
            shape["tone"] = status.tone
        case "task":
            status = TASKS[row["status"]]
            detail = f"task, {status.label.lower()}"
            shape["tone"] = status.tone
    return JournalEntry(
        kind=row["kind"],
        id=str(row["id"]),
        month=viewer.month(row["at"]),
        when=viewer.moment(row["at"])
        if viewer.local(row["at"]).date() == viewer.today()
        else viewer.short_date(row["at"]),
        title=title,
        detail=detail,
        voice=voice,
        **shape,
    )


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return datetime.fromisoformat(at), UUID(key)
    except (ValueError, TypeError) as error:
        raise Invalid("This page of the timeline cannot be found. Go back to the newest entries.") from error


def _cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.at.isoformat(), str(row.id)]).encode()).decode()
