"""What the practitioner teaches holds, is told in plain words, and can be taken back; decisions correct confidence."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import approvals, inbox, meanings
from omnicrm.models.approvals import PendingApproval
from tests.drafts import draft, proposed
from tests.factories import make_contact, make_service, make_source_item

AT = "2026-03-13T10:30:00+01:00"


def waiting(db) -> set[UUID]:
    return set(inbox.waiting(db))


def test_a_revoked_rule_has_what_it_stopped_read_again_once(db, clock):
    first = proposed(db, make_source_item(db, sender="news@mats.example"), "task.create", title="Order mats")
    approvals.reject(db, first.id, teaches="sender")
    stopped = make_source_item(db, sender="news@mats.example")
    other = make_source_item(db, sender="jo@park.example")
    made = approvals.propose(db, draft("task.create", title="Order more"), stopped.id)
    for item in (stopped, other):
        inbox.mark(db, item.id, "nothing", made.note)
    assert waiting(db).isdisjoint({stopped.id, other.id})
    rule = approvals.taught(db)[0]
    assert approvals.forget(db, UUID(rule.id)) == 1
    assert stopped.id in waiting(db)
    assert other.id not in waiting(db)
    again = [approvals.propose(db, draft("task.create", title="Order more"), stopped.id) for _ in range(2)]
    assert [one.outcome for one in again] == ["new", "unchanged"]
    with pytest.raises(NotFound):
        approvals.forget(db, UUID(rule.id))


def test_what_was_decided_is_not_proposed_again_by_a_revoked_rule(db, clock):
    item = make_source_item(db, sender="news@mats.example")
    first = proposed(db, item, "task.create", title="Order mats")
    approvals.reject(db, first.id, teaches="kind")
    approvals.propose(db, draft("task.create", title="Order more"), make_source_item(db, sender="news@mats.example").id)
    approvals.forget(db, UUID(approvals.taught(db)[0].id))
    assert approvals.propose(db, draft("task.create", title="Order mats"), item.id).outcome == "unchanged"


def test_a_taught_word_stands_in_the_case_and_its_use_is_told(db, clock):
    make_contact(db, email="jo@park.example")
    feet = make_service(db, name="Reflexology")
    meanings.teach(db, "The  foot thing", feet.id)
    item = make_source_item(db, body_text="The foot thing on Friday at 10:30 please")
    assert [one.words for one in inbox.case_for(db, item.id).services if one.name == "Reflexology"] == [
        ("the foot thing",)
    ]
    said = draft("session.create", item, contact_email="jo@park.example", scheduled_at=AT, service="Reflexology")
    quote = {"slot": "service", "start": 0, "end": 14, "quote": "The foot thing"}
    said = said.model_validate(said.model_dump() | {"evidence": (quote,)})
    assert approvals.propose(db, said, item.id).outcome == "new"
    rule = approvals.taught(db)[0]
    assert rule.sentence == "“the foot thing” means Reflexology."
    assert rule.effect.startswith("named the service of 1 proposal since ")
    approvals.forget(db, UUID(rule.id))
    assert approvals.taught(db) == []
    assert meanings.by_service(db) == {}


def test_a_word_means_one_service_and_the_last_one_said(db, clock):
    feet, deep = make_service(db, name="Reflexology"), make_service(db, name="Deep tissue massage")
    meanings.teach(db, "the usual", feet.id)
    meanings.teach(db, "The usual", deep.id)
    assert meanings.by_service(db) == {str(deep.id): ["the usual"]}
    with pytest.raises(Invalid):
        meanings.teach(db, "?!", feet.id)


def test_a_corrected_service_becomes_a_rule_in_plain_words(db, clock):
    make_contact(db, email="jo@park.example")
    make_service(db, name="Hot stone massage")
    deep = make_service(db, name="Deep tissue massage")
    item = make_source_item(db, body_text="a stone on Friday at 10:30 please")
    said = draft("session.create", item, contact_email="jo@park.example", scheduled_at=AT, service="Hot stone massage")
    quote = {"slot": "service", "start": 2, "end": 7, "quote": "stone"}
    made = approvals.propose(db, said.model_validate(said.model_dump() | {"evidence": (quote,)}), item.id)
    done = approvals.approve(db, made.approval_id, edits={"service": deep.name})
    assert done.also == ["From now on: “stone” means Deep tissue massage."]
    assert meanings.by_service(db) == {str(deep.id): ["stone"]}


def test_decisions_correct_the_confidence_that_is_shown(db, clock):
    made = []
    for number in range(24):
        item = make_source_item(db, thread_id=f"t{number}")
        made.append(proposed(db, item, "task.create", title=f"Call {number}", confidence=0.9))
        clock.advance(timedelta(minutes=1))
    assert {float(one.ai_confidence_score) for one in made} == {0.9}
    for number, one in enumerate(made):
        if number % 3:
            approvals.reject(db, one.id)
        else:
            approvals.approve(db, one.id)
    item = make_source_item(db, thread_id="t99")
    later = proposed(db, item, "task.create", title="Call back", confidence=0.9)
    assert 0.45 < float(later.ai_confidence_score) < 0.65
    assert later.decided_fields == {"said": 0.9}
    words = approvals.effect(approvals.scales(db), approvals.records(db)["task.create", "clear"])
    assert words.startswith("What the assistant is 90 % sure of is shown as ")


bands = st.tuples(
    st.tuples(st.floats(0.4, 0.49), st.integers(0, 40), st.integers(0, 40)),
    st.tuples(st.floats(0.5, 0.79), st.integers(0, 40), st.integers(0, 40)),
    st.tuples(st.floats(0.8, 0.97), st.integers(0, 40), st.integers(0, 40)),
).map(lambda rows: [(mean, min(right, total), total) for mean, right, total in rows if total])


@given(bands, st.lists(st.floats(0.4, 0.97), min_size=2, max_size=8))
def test_a_scale_never_puts_the_surer_below_the_less_sure(rows, scores):
    scale = approvals.scale_of(rows)
    shown = [scale.of(score) for score in sorted(scores)]
    assert shown == sorted(shown)
    assert all(0.4 <= one <= 0.97 for one in shown)


@given(bands)
def test_few_decisions_change_nothing(rows):
    if sum(total for _mean, _right, total in rows) < 20:
        assert approvals.scale_of(rows).of(0.83) == 0.83


def test_nothing_is_counted_of_another_type(db, clock):
    for number in range(21):
        approvals.reject(db, proposed(db, make_source_item(db, thread_id=f"t{number}"), "task.create", title="Call").id)
    assert "session.create" not in approvals.scales(db)
    assert isinstance(approvals.scales(db)["task.create"].of(0.9), float)
    assert db.query(PendingApproval).count() == 21
