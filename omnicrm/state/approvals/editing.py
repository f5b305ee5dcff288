"""What the open editor of a proposal shows: a week of days and steppers, clients to choose, services, plain values."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from omnicrm.core.db import Db
from omnicrm.domain import contacts, practice, services, sessions
from omnicrm.domain.approvals import ApprovalCard, FieldRow

STEP = 15  # minutes


class DayChoice(BaseModel):
    date: str
    name: str
    number: str
    on: bool
    was: bool


class PersonChoice(BaseModel):
    id: str
    name: str
    initials: str
    more: str
    on: bool


class Editor(BaseModel):
    """The field that is open, at most one. `slot` empty: none."""

    slot: str = ""
    kind: str = ""
    label: str = ""
    value: str = ""
    days: list[DayChoice] = []
    time: str = ""
    span: str = ""
    warning: str = ""
    free: list[str] = []
    people: list[PersonChoice] = []
    options: list[str] = []
    error: str = ""


def of(db: Db, card: ApprovalCard, field: FieldRow, *, query: str = "", week: str = "") -> Editor:
    """The editor for `field` as `card` has it now. `week` is a day of the week that is shown."""
    plain = Editor(slot=field.name, kind=field.kind, label=field.label, value=field.raw)
    match field.kind:
        case "datetime":
            return _moment(db, card, plain, week)
        case "client":
            rows = contacts.listed(db, query, limit=5).rows
            people = [
                PersonChoice(
                    id=row.id,
                    name=row.name,
                    initials=row.initials,
                    more=f"Next: {row.next}" if row.next else row.detail,
                    on=row.id == card.contact_id,
                )
                for row in rows
            ]
            return plain.model_copy(update={"people": people})
        case "service":
            return plain.model_copy(update={"options": [row.name for row in services.listed(db)]})
        case _:
            return plain


def shifted(value: str, minutes: int) -> str:
    """A wall-clock moment, `minutes` on and on the quarter-hour grid that it stands on."""
    return (datetime.fromisoformat(value) + timedelta(minutes=minutes)).isoformat(timespec="minutes")


def length_of(card: ApprovalCard) -> int:
    """In minutes; an hour where it is not said."""
    found = next((field.raw for field in card.fields if field.name == "duration_minutes"), "")
    return int(found) if found.isdigit() else 60


def _moment(db: Db, card: ApprovalCard, editor: Editor, week: str) -> Editor:
    at = datetime.fromisoformat(editor.value)
    who = practice.of(db)
    viewer = who.viewer()
    shown = date.fromisoformat(week) if week else at.date()
    first = shown - timedelta(days=(shown.weekday() - who.week_start) % 7)
    before = _before(db, card)
    days = [first + timedelta(days=number) for number in range(7)]
    minutes = length_of(card)
    editable = any(field.name == "duration_minutes" and field.editable for field in card.fields)
    return editor.model_copy(
        update={
            "days": [
                DayChoice(
                    date=day.isoformat(),
                    name=viewer.day(day)[:2],
                    number=str(day.day),
                    on=day == at.date(),
                    was=day == before,
                )
                for day in days
            ],
            "time": f"{at.hour}:{at:%M}",
            "span": f"{minutes} min" if editable else "",
            "warning": " ".join(card.clashes[:2]),
            "free": sessions.free_times(db, at.date(), minutes, near=at.time(), other_than=card.session_id),
        }
    )


def _before(db: Db, card: ApprovalCard) -> date | None:
    """The day of the session that a proposal moves."""
    if card.type != "session.reschedule" or not card.session_id:
        return None
    return date.fromisoformat(sessions.card(db, UUID(card.session_id)).date)
