"""What the open editor of a proposal reads: the card with its edits, and free times of a day."""

from __future__ import annotations

from datetime import time

import pytest

from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid
from omnicrm.domain import approvals, sessions
from tests.browser import stillwater
from tests.browser.stillwater import Practice, at


@pytest.fixture(scope="module")
def practice(database: str) -> Practice:
    return stillwater.make()


def test_the_preview_follows_the_edits_and_keeps_nothing(practice: Practice) -> None:
    move = practice.proposals["move"]
    with transaction(practice.user_id) as db:
        before = approvals.card(db, move)
        shown = approvals.preview(db, move, edits={"scheduled_at": at(3, 11, 15).isoformat(), "duration_minutes": 60})
        assert "at 11:15" in shown.sentence
        assert shown.version == before.version
        assert approvals.card(db, move) == before
    with transaction(practice.user_id) as db:
        assert approvals.card(db, move) == before


def test_the_preview_says_what_would_be_in_the_way(practice: Practice) -> None:
    with transaction(practice.user_id) as db:
        shown = approvals.preview(db, practice.proposals["move"], edits={"scheduled_at": at(3, 13).isoformat()})
    assert shown.clashes


def test_a_field_that_is_left_out_is_gone_from_the_preview(practice: Practice) -> None:
    with transaction(practice.user_id) as db:
        shown = approvals.preview(db, practice.proposals["contact"], leave_out=["phone"])
    assert "phone" not in {field.name for field in shown.fields if field.raw}


def test_an_edit_that_cannot_be_is_refused_and_changes_nothing(practice: Practice) -> None:
    move = practice.proposals["move"]
    with transaction(practice.user_id) as db:
        before = approvals.card(db, move)
        with pytest.raises(Invalid):
            approvals.preview(db, move, edits={"scheduled_at": "soon"})
        assert approvals.card(db, move) == before


def test_free_times_are_the_closest_ones_around_what_is_booked(practice: Practice) -> None:
    with transaction(practice.user_id) as db:
        marta = at(3, 13)
        found = sessions.free_times(db, marta.astimezone(stillwater.ZONE).date(), 60, near=time(13))
    assert found == ["11:30", "12:00", "14:00"]
