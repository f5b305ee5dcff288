"""A task in one line: what is understood of it. Written on Tuesday 10 March 2026 at 9:00."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.assistant.entries import Entry, read

TODAY, NOW = date(2026, 3, 10), time(9)
PROJECTS = ("Solstice workshop", "Treatment room", "Steady")


def entry(text: str, **more: object) -> Entry:
    return read(text, TODAY, NOW, projects=PROJECTS, **more)  # type: ignore[arg-type]  # what a test varies


def test_everything_in_one_line():
    found = entry("call back Anna tomorrow 5pm !high #workshop")
    assert found == Entry("call back Anna", date(2026, 3, 11), time(17), "high", "", "Solstice workshop", ("Anna",))


@pytest.mark.parametrize(
    ("line", "title", "on", "at"),
    [
        ("call Hanna Friday", "call Hanna", "2026-03-13", None),
        ("Send the invoice on 3 December at 14:00", "Send the invoice", "2026-12-03", "14:00"),
        ("Prepare the class by next Tuesday", "Prepare the class", "2026-03-17", None),
        ("call at 5pm", "call", "2026-03-10", "17:00"),
        ("call at 8am", "call", "2026-03-11", "08:00"),  # eight is gone
        ("yoga mats 12.12.", "yoga mats", "2026-12-12", None),
        ("meet in 2 weeks", "meet", "2026-03-24", None),
        ("call at noon", "call", "2026-03-10", "12:00"),
        ("tomorrow", "tomorrow", "2026-03-11", None),  # nothing else is said: it is the title too
        ("Read 3 pages", "Read 3 pages", None, None),
        ("Invoice 2026-0141 for Jonas", "Invoice 2026-0141 for Jonas", None, None),
    ],
)
def test_days_and_hours(line, title, on, at):
    found = entry(line)
    assert found.title == title
    assert found.due_on == (date.fromisoformat(on) if on else None)
    assert found.due_at == (time.fromisoformat(at) if at else None)


def test_where_the_month_comes_first():
    assert entry("rent 4/5", month_first=True).due_on == date(2026, 4, 5)
    assert entry("rent 4/5").due_on == date(2026, 5, 4)


@pytest.mark.parametrize(
    ("line", "rule", "title"),
    [
        ("Buy lavender oil every month", "FREQ=MONTHLY", "Buy lavender oil"),
        ("water the plants every other day", "FREQ=DAILY;INTERVAL=2", "water the plants"),
        ("review every Monday and Thursday 9am", "FREQ=WEEKLY;BYDAY=MO,TH", "review"),
        ("every weekday stretch", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "stretch"),
        ("newsletter every 3 weeks", "FREQ=WEEKLY;INTERVAL=3", "newsletter"),
        ("taxes yearly", "FREQ=YEARLY", "taxes"),
        ("books every quarter", "FREQ=MONTHLY;INTERVAL=3", "books"),
        ("praise every single day", "", "praise every single day"),
    ],
)
def test_rules(line, rule, title):
    found = entry(line)
    assert (found.rrule, found.title) == (rule, title)


@pytest.mark.parametrize(
    ("word", "priority"), [("!high", "high"), ("!", "high"), ("!!!", "high"), ("!2", "medium"), ("!low", "low")]
)
def test_priorities(word, priority):
    assert entry(f"call {word}").priority == priority
    assert entry(f"call{word}").priority == ""  # an exclamation


def test_projects_by_their_name_a_word_of_it_or_its_beginning():
    assert entry("mats #Treatment room").project == "Treatment room"
    assert entry("mats #treat").project == "Treatment room"
    assert entry("mats #steady").project == "Steady"
    unknown = entry("mats #garden")
    assert (unknown.project, unknown.title) == ("", "mats #garden")


def test_what_is_not_meant_belongs_to_the_title_again():
    found = entry("call Anna Friday !high", ignore=["due", "priority"])
    assert (found.title, found.due_on, found.priority) == ("call Anna Friday !high", None, "")


def test_who_may_be_meant():
    assert entry("call hanna").people == ("hanna",)
    assert entry("Send the plan to Jonas Berg tomorrow").people[-1] == "Jonas Berg"
    assert entry("@Priya plan").people == ("Priya",)
    assert entry("@Priya plan").title == "Priya plan"
    assert entry("Buy oil").people == ()


@given(st.text(max_size=400))
def test_any_line_is_read_and_keeps_a_title(line):
    found = entry(line)
    assert len(found.title) <= 300
    assert bool(found.title) == bool(line.split())


@given(st.lists(st.sampled_from("every other day at 5 on Friday next week !high #steady @Anna 3pm monthly by".split())))
def test_any_mixture_of_its_words_is_read(words):
    found = entry(" ".join(words))
    assert found.due_on is None or found.due_on >= TODAY
