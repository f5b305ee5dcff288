"""The ledger of credits as a state machine: whatever is said, corrected, bought, moved and lost, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from omnicrm.core import clock as core_clock
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import OmniError
from omnicrm.domain import credits
from omnicrm.models.programs import CreditEntry, ProgramEnrollment
from tests.conftest import Clock
from tests.factories import make_contact, make_enrollment, make_program, make_session, make_user

WHO, WHICH = st.integers(0, 1), st.integers(0, 3)
SAID = st.sampled_from(["registered", "present", "late", "no_show", "cancelled", "late_cancel"])
COSTS = {"present", "late", "no_show"}  # this package forgives a late cancellation


class Crash(BaseException):
    """The process dies before its commit."""


class Ledger(RuleBasedStateMachine):
    """Two clients with one package each of the same kind, four sessions, and what should be left."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(datetime(2026, 3, 10, 8, tzinfo=UTC))
        self.user = make_user()
        self.bought: dict[int, list[UUID]] = {0: [], 1: []}
        self.left = {0: 0, 1: 0}
        self.used: dict[tuple[int, int], bool] = {}
        self.back: set[UUID] = set()
        self.written = 0
        with transaction(self.user) as db:
            program = make_program(db, late_cancel_uses_credit=False)
            self.program = program.id
            people = [make_contact(db) for _ in range(2)]
            for contact in people:
                make_enrollment(db, program, contact)
            self.people = [contact.id for contact in people]
            self.sessions = [self._session(db, week) for week in range(4)]

    @rule(who=WHO, which=WHICH, said=SAID, dies=st.sampled_from([False, False, False, True]))
    def say(self, who: int, which: int, said: Any, dies: bool) -> None:
        try:
            with transaction(self.user) as db:
                settled = credits.settle_attendance(db, self.sessions[which], self.people[who], said)
                again = credits.settle_attendance(db, self.sessions[which], self.people[who], said)
                assert again.delta == 0
                if dies:
                    raise Crash
        except Crash:
            return
        before, costs = self.used.get((who, which), False), said in COSTS
        alive = not self._over(who, self._at(which))
        pays = costs and (before or (self.left[who] > 0 and alive))
        assert settled.delta == int(before) - int(pays)
        assert settled.missing == (costs and not pays and alive)
        self.used[who, which] = pays
        self.left[who] += settled.delta

    @rule(who=WHO, number=st.integers(1, 3), days=st.sampled_from([None, 5, 40]))
    def buy(self, who: int, number: int, days: int | None) -> None:
        ends = core_clock.now() + timedelta(days=days) if days else None
        over = self._over(who)
        with transaction(self.user) as db:
            self.bought[who].append(credits.grant(db, self.people[who], self.program, number, expires_at=ends).id)
        self.left[who] = number + (min(self.left[who], 0) if over else self.left[who])

    @rule(who=WHO, number=st.integers(1, 4))
    def move(self, who: int, number: int) -> None:
        have = {one: 0 if self._over(one) else self.left[one] for one in (0, 1)}
        giver, taker = ((self.people[one], self.program) for one in (who, 1 - who))
        try:
            with transaction(self.user) as db:
                credits.transfer(db, giver, taker, number)
        except OmniError:
            assert have[who] < number
            return
        assert have[who] >= number
        self.left = have
        self.left[who] -= number
        self.left[1 - who] += number

    @rule(who=WHO)
    def take_back_a_purchase(self, who: int) -> None:
        if not self.bought[who]:
            return
        entry = self.bought[who][-1]
        with transaction(self.user) as db:
            size = db.get_one(CreditEntry, entry).delta
        try:
            with transaction(self.user) as db:
                times = credits.reverse(db, [entry])
        except OmniError:
            assert entry not in self.back
            assert self.left[who] < size
            return
        assert times == (entry not in self.back)
        self.left[who] -= size * times
        self.back.add(entry)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))

    @rule()
    def keep_house(self) -> None:
        long_ago = core_clock.now() - timedelta(days=2)
        over = [who for who in (0, 1) if self._over(who, long_ago) and self.left[who] > 0]
        with transaction(self.user) as db:
            assert credits.expire(db) == len(over)
            assert credits.expire(db) == 0
        self.left.update(dict.fromkeys(over, 0))

    @invariant()
    def the_ledger_says_so_and_never_less_than_nothing(self) -> None:
        with transaction(self.user) as db:
            entries = db.scalars(select(CreditEntry)).all()
            for who, contact in enumerate(self.people):
                assert credits.balance(db, contact, self.program) == self.left[who] >= 0
                usable = credits.balances(db, [contact]).get(contact, 0)
                assert usable == (0 if self._over(who) else self.left[who])
            for (who, which), used in self.used.items():
                net = sum(
                    one.delta
                    for one in entries
                    if (one.session_id, one.contact_id) == (self.sessions[which], self.people[who])
                )
                assert net == -int(used)
        assert len(entries) >= self.written  # it only grows
        self.written = len(entries)

    def _over(self, who: int, at: datetime | None = None) -> bool:
        with transaction(self.user) as db:
            ends = db.get_one(ProgramEnrollment, (self.program, self.people[who])).expires_at
        return ends is not None and ends <= (at or core_clock.now())

    def _session(self, db: Db, week: int) -> UUID:
        return make_session(db, capacity=9, scheduled_at=self._at(week)).id

    def _at(self, week: int) -> datetime:
        return datetime(2026, 3, 12, 9, tzinfo=UTC) + timedelta(weeks=week)


@pytest.mark.usefixtures("database", "clock")
def test_the_ledger_of_credits_agrees_with_what_happened():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
