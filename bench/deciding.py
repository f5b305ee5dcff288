"""5: approving one proposal, with its history and the way back, against inserting one row and committing."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from bench import practice
from bench.ground import Ground
from bench.harness import PAIRS, Figure, Run, compare, worst_step
from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.domain import approvals

INNER = 3


def approve(ground: Ground) -> list[Figure]:
    """Each approval is another proposal, made before the clock runs."""
    number = INNER * (2 * PAIRS + 3)
    with ground.bare() as bare:
        bare.execute("create schema if not exists bench")
        bare.execute("create table if not exists bench.one_row (id uuid primary key, title text not null)")

        def insert() -> object:
            return bare.execute("insert into bench.one_row values (%s, 'Call back')", (ids.new(),))

        user = ground.practices[ground.middle]
        figure = compare("5 approve one proposal", insert, _approving(user, number), target=40, inner=INNER)
    runs = [_approving(user, 2 * number) for user in ground.practices.values()]
    figure.grow(worst_step(runs, inner=INNER), limit=1.2, words="ten times the clients")
    return [figure]


def _approving(user: UUID, number: int) -> Run:
    waiting = _proposals(user, number)

    def run() -> object:
        with transaction(user) as db:
            return approvals.approve(db, next(waiting))

    return run


def _proposals(user: UUID, number: int) -> Iterator[UUID]:
    with transaction(user, actor="assistant") as db:
        made = practice.propose(db, number, first=int(ids.new().int % 10**12))
    return iter(made)
