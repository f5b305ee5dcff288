"""kill -9 in the middle of an import: whole contacts only, counts that are true, resumed or taken back."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core.db import transaction
from omnicrm.jobs import contacts_import as job
from omnicrm.models.contacts import Contact, ContactIdentifier
from omnicrm.models.imports import ImportBatch
from tests.faults.processes import running, until

PROGRAM = """
from pathlib import Path
from uuid import UUID
from omnicrm.domain.imports import Plan
from omnicrm.jobs import contacts_import as job
job.CHUNK = {chunk}
file = job.look(Path({path!r}))
job.run(UUID({user!r}), file, Plan(file.guess.targets, file.guess.day_first))
"""


def _count(user: UUID, table: type) -> int:
    with transaction(user) as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def _batch(user: UUID) -> ImportBatch | None:
    with transaction(user) as db:
        return db.scalars(select(ImportBatch)).one_or_none()


@pytest.mark.outside(17)
@pytest.mark.parametrize("afterwards", ["resumed", "taken back"])
@pytest.mark.parametrize(
    ("rows", "chunk"), [(1_000, 100), pytest.param(100_000, 2_000, marks=[pytest.mark.soak])], ids=["short", "long"]
)
def test_killed_half_way_an_import_is_resumed_or_taken_back_whole(
    maya: UUID, tmp_path: Path, rows: int, chunk: int, afterwards: str
) -> None:
    path = tmp_path / "book.csv"
    lines = (f"Client {n},Person {n},c{n}@example.org,c{n}@work.example,+4670{n:07}\n" for n in range(rows))
    path.write_text("First name,Last name,E-mail,E-mail 2 Address,Phone\n" + "".join(lines))
    with running(PROGRAM.format(chunk=chunk, path=str(path), user=str(maya))) as process:
        until(lambda: (batch := _batch(maya)) and batch.counts.get("rows", 0) >= rows // 2, seconds=600)
        process.kill()
        process.wait()
    batch = _batch(maya)
    assert batch is not None
    done = batch.counts["rows"]
    assert rows // 2 <= done < rows
    assert batch.counts["contact stored"] == done == _count(maya, Contact) == len(batch.revert_log["contacts"])
    assert _count(maya, ContactIdentifier) == 3 * done  # nobody without the further address
    file = job.look(path)
    if afterwards == "resumed":
        report = job.run(maya, file, job.Plan(file.guess.targets, file.guess.day_first))
        assert (report.batch_id, report.resumed_at, report.counts["contact stored"]) == (batch.id, done, rows)
        assert _count(maya, Contact) == rows
        assert _batch(maya).status == "done"
    else:
        with transaction(maya) as db:  # interrupted is known by its silence; the practitioner need not wait in a test
            db.execute(ImportBatch.__table__.update().where(col(ImportBatch.id) == batch.id).values(status="failed"))
        assert job.revert(maya, batch.id).removed == done
        assert _count(maya, Contact) == _count(maya, ContactIdentifier) == 0
