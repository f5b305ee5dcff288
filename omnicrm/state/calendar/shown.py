"""What the calendar's grids and its list draw, made from what stands in it. Times are wall clocks of the viewer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from pydantic import BaseModel

from omnicrm.core.show import Viewer
from omnicrm.domain.sessions import CalendarRow

WHOLE_DAY = 24 * 60  # minutes
_COLOURS = ("jade", "sky", "amber", "tomato")
_OVER = ("completed", "no_show")


class Block(BaseModel):
    """One block of a grid. `starts` and `ends` are `2026-11-24T12:00`, without an offset, so that no browser shifts
    them. `lane`: it takes whole days. `open`: it can be moved. `still`: it cannot be opened. `blocks`: it would be in
    the way of a session. `label` says it to who does not see the grid."""

    id: str
    kind: str
    title: str
    sub: str
    starts: str
    ends: str
    minutes: int
    lane: bool
    tone: str
    open: bool
    still: bool
    blocks: bool
    label: str


class Day(BaseModel):
    """A day of the phone's strip; `load` is a dot for each session, at most four."""

    date: str
    name: str
    number: str
    on: bool
    today: bool
    load: list[int]


class AgendaRow(BaseModel):
    """A line of the list. `kind` is that of a calendar's row, off, or now: the line between past and coming."""

    key: str
    id: str = ""
    kind: str
    tone: str = ""
    time: str
    title: str = ""
    sub: str = ""
    places: str = ""
    status: str = ""
    status_label: str = ""
    status_icon: str = ""
    status_tone: str = ""


class AgendaDay(BaseModel):
    date: str
    name: str
    rows: list[AgendaRow]


class Off(BaseModel):
    """A stretch without sessions."""

    id: str
    reason: str
    starts_at: datetime
    ends_at: datetime


def block(row: CalendarRow, viewer: Viewer) -> Block:
    name = f"{row.title}?" if row.kind == "proposed" else row.title
    still = row.kind == "busy"
    lane = row.all_day or row.minutes >= WHOLE_DAY
    said = (name, row.detail, viewer.long_day(date.fromisoformat(row.day)), "" if lane else row.span, row.places)
    return Block(
        id=row.id,
        kind=row.kind,
        title=name,
        sub=_joined(row.time, row.places or row.detail, row.their_time),
        starts=row.starts_at[:16],
        ends=row.ends_at[:16],
        minutes=row.minutes,
        lane=lane,
        tone=tone(row),
        open=row.open,
        still=still,
        blocks=row.kind in ("session", "class", "busy"),
        label=_joined(*said, row.their_time, "" if still else row.status_label),
    )


def off_block(off: Off, viewer: Viewer) -> Block:
    starts, ends = viewer.local(off.starts_at), viewer.local(off.ends_at)
    minutes = round((off.ends_at - off.starts_at) / timedelta(minutes=1))
    lane = starts.time() == time(0) and ends.time() == time(0)
    return Block(
        id=off.id,
        kind="off",
        title=off.reason,
        sub="",
        starts=starts.isoformat()[:16],
        ends=ends.isoformat()[:16],
        minutes=minutes,
        lane=lane,
        tone="off",
        open=False,
        still=True,
        blocks=False,
        label=_joined(off.reason, viewer.long_day(starts), "" if lane else viewer.span(off.starts_at, off.ends_at)),
    )


def tone(row: CalendarRow) -> str:
    """The colour of a block: what happened to it, else what it is, else its service's."""
    if row.kind in ("busy", "proposed"):
        return {"busy": "busy", "proposed": "prop"}[row.kind]
    if row.status in _OVER:
        return "done"
    return row.color if row.color in _COLOURS else "sky" if row.kind == "class" else "jade"


def strip(days: list[date], chosen: date, viewer: Viewer, rows: list[CalendarRow]) -> list[Day]:
    loads: dict[str, int] = {}
    for row in rows:
        loads[row.day] = loads.get(row.day, 0) + (row.kind != "busy")
    return [
        Day(
            date=day.isoformat(),
            name=viewer.day(day)[:2],
            number=str(day.day),
            on=day == chosen,
            today=day == viewer.today(),
            load=list(range(min(loads.get(day.isoformat(), 0), 4))),
        )
        for day in days
    ]


def agenda(first: date, last: date, viewer: Viewer, rows: list[CalendarRow], offs: list[Off]) -> list[AgendaDay]:
    """The days from `first` to `last` on which there is something, and the first and today whatever there is."""
    found: dict[date, list[tuple[datetime, AgendaRow]]] = {first: []}
    if first <= viewer.today() <= last:
        found.setdefault(viewer.today(), [])
    for off in offs:
        starts, ends = viewer.local(off.starts_at), viewer.local(off.ends_at)
        row = AgendaRow(key=off.id, kind="off", tone="off", time="", title=off.reason, sub="Time off")
        for day in _days(starts, ends, first, last):
            whole = starts.date() < day or starts.time() == time(0)
            at = "all day" if whole else viewer.time(starts)
            found.setdefault(day, []).append((_begins(day, starts), row.model_copy(update={"time": at})))
    for one in rows:
        starts, ends = datetime.fromisoformat(one.starts_at), datetime.fromisoformat(one.ends_at)
        for day in _days(starts, ends, first, last):
            found.setdefault(day, []).append((_begins(day, starts), _line(one, goes_on=day > starts.date())))
    if found.get(viewer.today()):
        now = viewer.local(viewer.now)
        found[now.date()].append((now, AgendaRow(key="now", kind="now", time=viewer.time(now))))
    return [
        AgendaDay(
            date=str(day),
            name=_name(day, viewer),
            rows=[line for _, line in sorted(found[day], key=lambda pair: (pair[0], pair[1].kind == "now"))],
        )
        for day in sorted(found)
    ]


def _begins(day: date, starts: datetime) -> datetime:
    """Where a stretch stands among those of a day: what goes on from before comes first."""
    return max(starts, datetime.combine(day, time(0), starts.tzinfo))


def _line(row: CalendarRow, *, goes_on: bool) -> AgendaRow:
    whole = row.all_day or goes_on or row.minutes >= WHOLE_DAY
    length = "" if whole else f"{row.minutes} min"
    return AgendaRow(
        key=row.id,
        id=row.id,
        kind=row.kind,
        tone=tone(row),
        time="all day" if whole else row.time,
        title=f"{row.title}?" if row.kind == "proposed" else row.title,
        sub=_joined(row.detail, length, row.their_time),
        places=row.places,
        status=row.status,
        status_label=row.status_label,
        status_icon=row.status_icon,
        status_tone=row.status_tone,
    )


def _days(starts: datetime, ends: datetime, first: date, last: date) -> list[date]:
    """The days within first to last that a stretch touches; one that ends at midnight does not touch the next."""
    till = (ends - timedelta(microseconds=1)).date() if ends > starts else starts.date()
    begins, until = max(starts.date(), first), min(till, last)
    return [begins + timedelta(days=number) for number in range((until - begins).days + 1)]


def _name(day: date, viewer: Viewer) -> str:
    near = {0: "Today, ", 1: "Tomorrow, "}.get((day - viewer.today()).days, "")
    return f"{near}{viewer.long_day(day)}"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
