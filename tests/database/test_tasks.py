"""Tasks: steps, series, many at once, lists in pages. The clock stands at Tuesday 10 March 2026, 09:00 in Stockholm."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain import tasks
from omnicrm.domain.tasks import TaskForm
from omnicrm.models.tasks import Task, TaskStatus
from tests.factories import make_contact, make_project, make_session, make_task

TUESDAY = date(2026, 3, 10)


def of_series(db, task):
    query = select(Task).where(col(Task.series_id) == task.series_id).order_by(col(Task.occurs_on))
    return [(one.occurs_on, one.status) for one in db.scalars(query)]


def test_finishing_a_recurring_task_makes_the_next_exactly_once_and_undo_takes_it_back(db, clock):
    task = tasks.add(db, TaskForm(title="Buy oil", due_on=TUESDAY, due_at=time(17), rrule="FREQ=WEEKLY"))
    tasks.finish(db, task.id)
    tasks.finish(db, task.id)
    week_on = TUESDAY + timedelta(days=7)
    assert of_series(db, task) == [(TUESDAY, TaskStatus.COMPLETED), (week_on, TaskStatus.PENDING)]
    made = tasks.following(db, task)
    assert made is not None
    assert tasks.card(db, made.id).due_at == "17:00"
    tasks.reopen(db, task.id)
    assert of_series(db, task) == [(TUESDAY, TaskStatus.PENDING)]
    tasks.finish(db, task.id)
    assert len(of_series(db, task)) == 2


def test_what_was_worked_on_meanwhile_stays_when_the_one_before_is_open_again(db, clock):
    task = tasks.add(db, TaskForm(title="Buy oil", due_on=TUESDAY, rrule="FREQ=DAILY"))
    tasks.finish(db, task.id)
    made = tasks.following(db, task)
    tasks.rename(db, made.id, "Buy much oil", version=made.version)
    tasks.reopen(db, task.id)
    assert len(of_series(db, task)) == 2
    tasks.finish(db, task.id)
    assert len(of_series(db, task)) == 2


def test_days_that_went_by_are_not_made_up_for(db, clock):
    task = tasks.add(db, TaskForm(title="Water", due_on=TUESDAY, rrule="FREQ=DAILY"))
    clock.advance(timedelta(days=9))
    tasks.finish(db, task.id)
    assert tasks.following(db, task).occurs_on == TUESDAY + timedelta(days=9)


def test_a_series_that_ends_makes_no_more(db, clock):
    task = tasks.add(db, TaskForm(title="Three times", due_on=TUESDAY, rrule="FREQ=DAILY;COUNT=2"))
    tasks.finish(db, task.id)
    last = tasks.following(db, task)
    tasks.finish(db, last.id)
    assert tasks.following(db, last) is None


def test_a_month_that_is_too_short_is_left_out(db, clock):
    task = tasks.add(db, TaskForm(title="Rent", due_on=date(2026, 3, 31), rrule="FREQ=MONTHLY"))
    tasks.finish(db, task.id)
    assert tasks.following(db, task).occurs_on == date(2026, 5, 31)


def test_a_rule_without_a_day_begins_with_its_first(db, clock):
    task = tasks.add(db, TaskForm(title="Newsletter", rrule="FREQ=WEEKLY;BYDAY=MO"))
    assert task.occurs_on == date(2026, 3, 16)


@pytest.mark.parametrize(
    "rule", ["FREQ=HOURLY", "weekly", "FREQ=DAILY;BYHOUR=3", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"]
)
def test_a_rule_that_cannot_be_followed_is_refused(db, clock, rule):
    with pytest.raises(Invalid) as refused:
        tasks.add(db, TaskForm(title="x", rrule=rule))
    assert "rrule" in refused.value.fields


def test_one_alone_is_changed_alone_and_this_and_following_for_good(db, clock):
    task = tasks.add(db, TaskForm(title="Class plan", due_on=TUESDAY, rrule="FREQ=WEEKLY"))
    tasks.change(db, task.id, TaskForm(title="Class plan, long", due_on=TUESDAY, rrule="FREQ=WEEKLY"))
    tasks.finish(db, task.id)
    second = tasks.following(db, task)
    assert second.title == "Class plan"
    thursday = second.occurs_on + timedelta(days=2)
    form = TaskForm(title="Plan of the class", due_on=thursday, rrule="FREQ=WEEKLY;INTERVAL=2", priority="high")
    tasks.change(db, second.id, form, scope="following", version=second.version)
    tasks.finish(db, second.id)
    third = tasks.following(db, second)
    assert (third.title, third.priority, third.occurs_on) == (
        "Plan of the class",
        "high",
        thursday + timedelta(days=14),
    )
    assert db.get(Task, task.id).title == "Class plan, long"  # what was before stays as it was
    tasks.change(db, third.id, TaskForm(title="Once more", due_on=third.occurs_on), scope="following")
    assert tasks.card(db, third.id).rrule == ""
    tasks.finish(db, third.id)
    assert tasks.following(db, third) is None


def test_this_time_can_be_left_out(db, clock):
    task = tasks.add(db, TaskForm(title="Water", due_on=TUESDAY, rrule="FREQ=WEEKLY"))
    assert tasks.series.skip(db, task)
    assert tasks.card(db, task.id).due_on == "2026-03-17"
    assert len(of_series(db, task)) == 1


def test_two_at_once_make_one_next(maya, clock):
    with transaction(maya) as db:
        task = tasks.add(db, TaskForm(title="Water", due_on=TUESDAY, rrule="FREQ=WEEKLY"))
    with transaction(maya) as one:
        tasks.finish(one, task.id)
    with transaction(maya) as other:
        other.get(Task, task.id).status = TaskStatus.PENDING  # as if the first had not been seen
        other.flush()
        tasks.finish(other, task.id)
        assert len(of_series(other, task)) == 2


def test_steps_are_done_with_their_task_and_open_with_it_again(db, clock):
    task = tasks.add(db, TaskForm(title="Room", project_id=make_project(db).id))
    first = tasks.add(db, TaskForm(title="Ask", parent_task_id=task.id))
    second = tasks.add(db, TaskForm(title="Sign", parent_task_id=task.id))
    assert first.project_id == task.project_id
    tasks.finish(db, first.id)
    clock.advance(timedelta(minutes=1))
    tasks.finish(db, task.id)
    assert second.status is TaskStatus.COMPLETED
    tasks.reopen(db, task.id)
    assert (first.status, second.status) == (TaskStatus.COMPLETED, TaskStatus.PENDING)
    page = tasks.page(db)
    assert [(row.title, row.detail) for row in page.rows] == [("Room", "1 of 2 steps"), ("Ask", ""), ("Sign", "")]
    with pytest.raises(Invalid):
        tasks.add(db, TaskForm(title="x", parent_task_id=first.id))
    tasks.move(db, second.id, -1)
    assert [row.title for row in tasks.page(db).rows] == ["Room", "Sign", "Ask"]
    tasks.move(db, second.id, -1)
    assert [row.title for row in tasks.page(db).rows] == ["Room", "Sign", "Ask"]


def test_the_steps_of_a_recurring_task_come_again_unticked(db, clock):
    task = tasks.add(db, TaskForm(title="Month", due_on=TUESDAY, rrule="FREQ=MONTHLY"))
    tasks.add(db, TaskForm(title="Invoices", parent_task_id=task.id))
    tasks.finish(db, task.id)
    made = tasks.following(db, task)
    assert [(step.title, step.status) for step in tasks.steps_of(db, [made.id])[made.id]] == [
        ("Invoices", TaskStatus.PENDING)
    ]
    tasks.reopen(db, task.id)
    assert db.scalar(select(func.count()).select_from(Task)) == 2


def test_a_task_that_was_taken_away_comes_back_with_its_steps(db, clock):
    task = tasks.add(db, TaskForm(title="Room"))
    tasks.add(db, TaskForm(title="Ask", parent_task_id=task.id))
    before = tasks.page(db)
    gone = tasks.remove(db, task.id)
    assert tasks.page(db).rows == []
    tasks.put_back(db, gone)
    tasks.put_back(db, gone)
    assert tasks.page(db) == before
    assert tasks.remove(db, ids.new()).rows == []


def test_many_at_once_and_back(db, clock):
    one = tasks.add(db, TaskForm(title="One", due_on=TUESDAY, due_at=time(9, 30)))
    two = tasks.add(db, TaskForm(title="Two"))
    done = tasks.finish(db, tasks.add(db, TaskForm(title="Done")).id)
    keys = [one.id, two.id, done.id]
    changed = tasks.many.finish(db, keys)
    assert set(changed) == {one.id, two.id}
    tasks.many.reopen(db, changed)
    assert done.status is TaskStatus.COMPLETED
    moved = tasks.many.move(db, [one.id, two.id], date(2026, 3, 30))  # past the change of the clocks
    assert [(row.due_on, row.due_at) for row in tasks.listed(db, "upcoming")] == [
        ("2026-03-30", ""),
        ("2026-03-30", "09:30"),
    ]
    tasks.many.move_back(db, moved)
    assert tasks.card(db, one.id).due_at == "09:30"
    assert tasks.card(db, two.id).due_on == ""
    gone = tasks.many.remove(db, keys)
    assert tasks.counts(db)["open"] == 0
    tasks.put_back(db, gone)
    assert tasks.counts(db)["open"] == 2
    with pytest.raises(NotFound):
        tasks.many.finish(db, [one.id, ids.new()])
    assert one.status is TaskStatus.PENDING
    with pytest.raises(Invalid):
        tasks.many.move(db, [ids.new() for _ in range(201)], None)


def test_the_second_writer_is_told(db, clock):
    task = tasks.add(db, TaskForm(title="Call"))
    version = task.version
    tasks.rename(db, task.id, "Call back", version=version)
    with pytest.raises(Conflict):
        tasks.rename(db, task.id, "Call Jo", version=version)
    with pytest.raises(Conflict):
        tasks.change(db, task.id, TaskForm(title="Call Jo"), version=version)
    assert task.title == "Call back"


def test_the_lists_are_paged(db, clock):
    for number in range(7):
        due = TUESDAY + timedelta(days=number // 2) if number < 5 else None
        tasks.add(db, TaskForm(title=str(number), due_on=due))
    seen, after = [], ""
    while True:
        page = tasks.page(db, "open", after=after, limit=2)
        seen += [row.title for row in page.rows]
        after = page.next
        if not after:
            break
    assert sorted(seen) == [str(number) for number in range(7)]
    assert len(seen) == 7
    for key in [row.id for row in tasks.listed(db)]:
        tasks.finish(db, UUID(key))
    first = tasks.page(db, "done", limit=4)
    rest = tasks.page(db, "done", limit=4, after=first.next)
    assert len({row.id for row in first.rows + rest.rows}) == 7
    with pytest.raises(Invalid):
        tasks.page(db, "done", after="x")
    with pytest.raises(Invalid):
        tasks.page(db, "open", after=first.next)


def test_an_hour_is_overdue_when_it_is_past_and_a_day_when_it_is_over(db, clock):
    tasks.add(db, TaskForm(title="early", due_on=TUESDAY, due_at=time(8)))
    tasks.add(db, TaskForm(title="late", due_on=TUESDAY, due_at=time(18)))
    tasks.add(db, TaskForm(title="today", due_on=TUESDAY))
    tasks.add(db, TaskForm(title="yesterday", due_on=TUESDAY - timedelta(days=1)))
    assert [row.title for row in tasks.listed(db, "overdue")] == ["yesterday", "early"]
    assert tasks.counts(db) == {"today": 4, "overdue": 2, "upcoming": 0, "open": 4}


def test_a_search_finds_among_the_chosen(db, clock):
    tasks.add(db, TaskForm(title="Call Jo about the room", due_on=TUESDAY))
    tasks.finish(db, tasks.add(db, TaskForm(title="Pay for the room")).id)
    assert [row.title for row in tasks.page(db, "open", query="room").rows] == ["Call Jo about the room"]
    assert [row.title for row in tasks.page(db, "done", query="room").rows] == ["Pay for the room"]


def test_what_a_task_belongs_to_must_be_there(db, natalie, clock):
    with transaction(natalie) as hers:
        theirs = {
            "contact_id": make_contact(hers).id,
            "project_id": make_project(hers).id,
            "session_id": make_session(hers).id,
            "parent_task_id": make_task(hers).id,
        }
    for name, key in theirs.items():
        with pytest.raises(NotFound):
            tasks.add(db, TaskForm(title="x", **{name: key}))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=DAILY", "Daily"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "Every 2 weeks on Monday and Thursday"),
        ("FREQ=WEEKLY;BYDAY=FR", "Every Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
        ("FREQ=MONTHLY;INTERVAL=3", "Every 3 months"),
        ("nonsense", "Repeats"),
    ],
)
def test_rules_in_words(rule, said):
    assert tasks.series.words(rule) == said
