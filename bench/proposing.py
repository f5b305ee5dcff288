"""11: from one mail to proposals, against the standard library's quickest parse of that mail."""

from __future__ import annotations

import email
import email.policy
import json
import statistics
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from bench.ground import Ground
from bench.harness import PAIRS, Figure, Run, compare, percentile, timed, worst_step
from omnicrm import assistant
from omnicrm.assistant import case_files
from omnicrm.core import config
from omnicrm.core.db import transaction
from omnicrm.domain import inbox
from omnicrm.domain.cases import Case
from omnicrm.models.inbox import SourceItem

CASES = Path("tests/approval_cases/own")
_MEMORY = """
import json, resource, sys
import bench.proposing as it
cases = it.cases()
before = it.resident()
for case, _ in cases:
    it.assistant.generate(case)
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before))
"""


def propose(ground: Ground) -> list[Figure]:
    """Every mail of the repository's own cases. The ratio is that of the medians over the mails, in pairs."""
    known = cases()

    def floor() -> object:
        return [_plain(raw) for _, raw in known]

    def product() -> object:
        return [assistant.generate(case) for case, _ in known]

    figure = compare("11 propose, a mail", floor, product, target=100)
    each = [
        statistics.median(timed(lambda case=case: assistant.generate(case)) for _ in range(PAIRS)) for case, _ in known
    ]
    for name in ("floor_ms", "product_ms", "product_p95_ms"):
        setattr(figure, name, getattr(figure, name) / len(known))
    spread = percentile(each, 0.95) / statistics.median(each)
    figure.extra |= {
        "mails": len(known),
        "p50 of a mail": f"{statistics.median(each):.2f} ms",
        "p95 of a mail": f"{percentile(each, 0.95):.2f} ms",
    }
    figure.grow(
        worst_step([_from_inbox(user) for user in ground.practices.values()]), limit=1.5, words="ten times the clients"
    )
    figure.memory_mb, figure.memory_target_mb = _memory(), 200
    even = Figure("11 propose, p95 by p50 of the mails", ratio=spread, target=5, pairs=PAIRS)
    return [figure, even]


def cases() -> list[tuple[Case, bytes]]:
    """The repository's own cases of mails, with the raw mail."""
    folder = config.project_root() / CASES
    found = []
    for case_id, row in case_files.lines(folder):
        if isinstance(row, str):
            raise RuntimeError(f"{case_id}: {row}")
        if str(row["source"]).endswith(".eml"):
            found.append((case_files.case(folder, row), (folder / row["source"]).read_bytes()))
    return found


def resident() -> float:
    """This process's resident memory now, in MB."""
    import psutil

    return float(psutil.Process().memory_info().rss / 2**20)


def _plain(raw: bytes) -> object:
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    return [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]


def _from_inbox(user: UUID) -> Run:
    """What the job does for one waiting mail, but for storing: the case out of the practice's book, and the drafts."""
    with transaction(user) as db:
        item = db.scalars(
            select(col(SourceItem.id)).where(col(SourceItem.external_id).like("waiting-%")).limit(1)
        ).one()

    def run() -> object:
        with transaction(user) as db:
            return assistant.consider(inbox.case_for(db, item))

    return run


def _memory() -> float:
    """What generating adds to a process of its own, at its peak."""
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY], cwd=config.project_root(), capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout))
