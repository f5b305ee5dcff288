"""Recurring tasks: one open task at a time; finishing it makes the next, exactly once."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import dropwhile
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import zones
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import counted
from omnicrm.domain import practice
from omnicrm.formats.recurrence import BadRule, Rule, instances, read_rule
from omnicrm.models.contacts import Contact
from omnicrm.models.tasks import Task, TaskPriority, TaskSeries, TaskStatus

Scope: TypeAlias = Literal["this", "following"]
_PERIODS = {"DAILY": ("day", "Daily"), "WEEKLY": ("week", "Weekly"), "MONTHLY": ("month", "Monthly")}
_PERIODS["YEARLY"] = ("year", "Yearly")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORKDAYS = {0, 1, 2, 3, 4}


def read(rrule: str) -> Rule:
    """The rule, where tasks can follow it. Raises Invalid, beside the field `rrule`."""
    try:
        rule = read_rule(rrule)
    except BadRule as error:
        raise Invalid(fields={"rrule": f"This rule cannot be followed: {error}."}) from None
    if rule.frequency not in _PERIODS or any(rule.by(name) for name in ("BYHOUR", "BYMINUTE", "BYSECOND")):
        raise Invalid(fields={"rrule": "A task repeats at most once a day."})
    return rule


def first(rrule: str, on_or_after: date) -> date:
    """The first day of a rule that begins then. Raises Invalid for one that has none."""
    day = _next(read(rrule), on_or_after, on_or_after)
    if day is None:
        raise Invalid(fields={"rrule": "No day comes of this rule. Look at its end."})
    return day


def begin(db: Db, task: Task, rrule: str, on: date) -> TaskSeries:
    """From here on `task` is the one of the day `on` of a new series."""
    read(rrule)
    series = TaskSeries(rrule=rrule, time_zone=practice.of(db).zone.key, starts_on=on, template=_template(db, task))
    db.add(series)
    db.flush()
    task.series_id, task.occurs_on = series.id, on
    db.flush()
    return series


def change_following(db: Db, task: Task, rrule: str) -> None:
    """This one as it stands now and all that come after it; an empty rule: none does. The ones before stay."""
    series = _locked(db, task.series_id)
    if series is None:
        return
    if not rrule:
        stop(db, task)
        return
    day = _day(db, task) or task.occurs_on or practice.of(db).today()
    if rrule != series.rrule or day != task.occurs_on:
        read(rrule)
        task.series_id = None
        db.flush()
        begin(db, task, rrule, day)
    else:
        series.template = _template(db, task)
    db.flush()


def stop(db: Db, task: Task) -> None:
    """The task stays, as one that does not repeat."""
    task.series_id, task.occurs_on = None, None
    db.flush()


def make_next(db: Db, task: Task) -> Task | None:
    """The one after `task`, which is done: the first of the rule's days that is not gone yet. None at the end of the
    series, and where it is there already."""
    series = _locked(db, task.series_id)
    if series is None or task.occurs_on is None:
        return None
    if after(db, task) is not None:
        return None
    day = _after(series, task.occurs_on, practice.of(db).today())
    if day is None:
        return None
    template = series.template
    wall = time.fromisoformat(template["due_at"]) if template.get("due_at") else None
    made = Task(
        title=template["title"],
        description=template.get("description"),
        priority=TaskPriority(template["priority"]),
        contact_id=_contact(db, template.get("contact_id"), task),
        project_id=task.project_id,
        section=task.section,
        position=task.position,
        due_date=zones.at_wall(day, wall or time(0), practice.of(db).zone),
        due_has_time=wall is not None,
        series_id=series.id,
        occurs_on=day,
    )
    db.add(made)
    db.flush()
    _copy_steps(db, task, made)
    return made


def unmake_next(db: Db, task: Task) -> None:
    """`task` is open again: what finishing it made goes, unless somebody worked on it meanwhile."""
    made = after(db, task)
    if made is None or made.version != 1 or made.status is not TaskStatus.PENDING:
        return
    steps = list(db.scalars(select(Task).where(col(Task.parent_task_id) == made.id)))
    if all(step.version == 1 for step in steps):
        db.delete(made)
        db.flush()


def skip(db: Db, task: Task) -> bool:
    """Leave this time out: the task moves to the next day of its rule. False where there is none."""
    series = _locked(db, task.series_id)
    if series is None or task.occurs_on is None:
        return False
    day = _after(series, task.occurs_on, practice.of(db).today())
    if day is None or after(db, task) is not None:
        return False
    who = practice.of(db)
    wall = task.due_date.astimezone(who.zone).time() if task.due_date and task.due_has_time else time(0)
    task.occurs_on, task.due_date = day, zones.at_wall(day, wall, who.zone)
    db.flush()
    return True


def after(db: Db, task: Task) -> Task | None:
    """The one of the same series that comes next, where it is made already."""
    if task.series_id is None or task.occurs_on is None:
        return None
    query = select(Task).where(col(Task.series_id) == task.series_id, col(Task.occurs_on) > task.occurs_on)
    return db.scalars(query.order_by(col(Task.occurs_on)).limit(1)).first()


def words(rrule: str) -> str:
    """`Weekly`, `Every 2 weeks on Monday and Thursday`, `Every weekday`; `Repeats` for what has no short words."""
    try:
        rule = read_rule(rrule)
    except BadRule:
        return "Repeats"
    if rule.frequency not in _PERIODS:
        return "Repeats"
    one, simple = _PERIODS[rule.frequency]
    said = simple if rule.interval == 1 else f"Every {counted(rule.interval, one)}"
    days = [day for nth, day in rule.days if nth == 0]
    if set(days) == _WORKDAYS and rule.interval == 1 and rule.frequency in ("WEEKLY", "DAILY"):
        return "Every weekday"
    if days and rule.frequency == "WEEKLY":
        names = [_WEEKDAYS[day] for day in sorted(days)]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        said = f"Every {listed}" if rule.interval == 1 else f"{said} on {listed}"
    return said


def _after(series: TaskSeries, occurs_on: date, today: date) -> date | None:
    """Days that went by unnoticed are not made up for."""
    earliest = max(today, date.fromordinal(occurs_on.toordinal() + 1))
    return _next(read(series.rrule), series.starts_on, earliest)


def _next(rule: Rule, starts_on: date, earliest: date) -> date | None:
    start, near = datetime.combine(starts_on, time(0)), datetime.combine(earliest, time(0))
    try:
        found = dropwhile(lambda one: one < near, instances(rule, start, after=near))
        return next((one.date() for one in found), None)
    except (BadRule, OverflowError):
        return None


def _locked(db: Db, series_id: UUID | None) -> TaskSeries | None:
    if series_id is None:
        return None
    return db.get(TaskSeries, series_id, with_for_update=True, populate_existing=True)


def _template(db: Db, task: Task) -> dict[str, Any]:
    local = task.due_date.astimezone(practice.of(db).zone) if task.due_date and task.due_has_time else None
    return {
        "title": task.title,
        "description": task.description,
        "priority": task.priority.value,
        "contact_id": str(task.contact_id) if task.contact_id else None,
        "due_at": f"{local:%H:%M}" if local else None,
    }


def _day(db: Db, task: Task) -> date | None:
    return task.due_date.astimezone(practice.of(db).zone).date() if task.due_date else None


def _contact(db: Db, kept: str | None, task: Task) -> UUID | None:
    """Of the series; where that client was merged or is gone, of the task."""
    contact = db.get(Contact, UUID(kept)) if kept else None
    if kept and (contact is None or contact.merged_into_id is not None):
        return task.contact_id
    return contact.id if contact else None


def _copy_steps(db: Db, task: Task, made: Task) -> None:
    steps = select(Task).where(col(Task.parent_task_id) == task.id).order_by(col(Task.position), col(Task.id))
    for step in db.scalars(steps):
        copy = Task(title=step.title, parent_task_id=made.id, project_id=made.project_id, position=step.position)
        db.add(copy)
    db.flush()
