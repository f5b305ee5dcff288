"""A table or an address book of contacts, brought in chunk by chunk: looked at, rehearsed, run, taken back."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError

from omnicrm.core import db as database
from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid, OmniError
from omnicrm.domain import imports, practice
from omnicrm.domain.imports import Judge, Look, Person, Plan, Reverted, Verdict, look
from omnicrm.formats import Refusal, Unreadable, vcard
from omnicrm.formats.csv_contacts import Mapping
from omnicrm.models.imports import ImportStatus

CHUNK = 2_000
MAX_ROWS = 1_000_000
SHOWN = 200  # rows of each kind that a rehearsal keeps for showing
Progress = Callable[[int], None]

__all__ = ["CHUNK", "Look", "Plan", "Report", "look", "rehearse", "revert", "run"]


@dataclass
class Report:
    """What was done, or (`batch_id` None) would be. `perhaps` are the first 200, `reasons` the first 1,000."""

    batch_id: UUID | None = None
    counts: Counter[str] = field(default_factory=Counter)
    perhaps: list[Verdict] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    resumed_at: int = 0

    def remark(self, name: str, reason: str) -> None:
        if len(self.reasons) < imports.MAX_REASONS:
            self.reasons.append((name, reason))


def rehearse(user_id: UUID, file: Look, plan: Plan, *, progress: Progress = lambda rows: None) -> Report:
    """What would happen to every row; nothing is written. Raises Unreadable, Invalid where no column names anybody."""
    report = Report()
    judge = Judge(since=datetime.max.replace(tzinfo=UTC), remembers=True)
    for chunk in _chunks(_people(user_id, file, plan)):
        people = _only_people(chunk, report)
        with database.transaction(user_id) as db:
            verdicts = judge.judge(db, people)
        for verdict in verdicts:
            report.counts[f"contact {_BECOMES[verdict.kind]}"] += 1
            if verdict.kind == "perhaps" and len(report.perhaps) < SHOWN:
                report.perhaps.append(verdict)
        progress(report.counts["rows"])
    return report


def run(
    user_id: UUID,
    file: Look,
    plan: Plan,
    *,
    batch_id: UUID | None = None,
    progress: Progress = lambda rows: None,
) -> Report:
    """Bring a file in. Each chunk is one transaction with its part of the revert log, so that an import that is cut
    short (a killed process, a lost database) has whole contacts only; the same file again goes on where it stopped.

    `batch_id` is the one that was made for an uploaded file. Raises Unreadable, Invalid, Unavailable, Conflict where
    the same import runs elsewhere.
    """
    report, since = _begun(user_id, file, plan, batch_id)
    judge = Judge(since=since)
    position = report.resumed_at
    batch_id = report.batch_id
    assert batch_id is not None  # noqa: S101  # _begun made it
    try:
        for chunk in _chunks(_people(user_id, file, plan), after=position):
            seen = Counter({"rows": len(chunk)})

            def work(chunk: list[Any] = chunk, at: int = position) -> tuple[Report, Counter[str]]:
                part = Report()
                people = _only_people(chunk, part)
                with database.transaction(user_id, reason=f"import of {file.name[:100]}") as db:
                    verdicts = judge.judge(db, people)
                    counts, made = _kept(db, verdicts, plan, part)
                    part.counts.update(counts)
                    made["reasons"] = (
                        [list(one) for one in part.reasons] if len(report.reasons) < imports.MAX_REASONS else []
                    )
                    imports.note(db, batch_id, at, part.counts, made)
                part.perhaps = [verdict for verdict in verdicts if verdict.kind == "perhaps"]
                return part, part.counts

            part, counts = database.retrying(work)
            report.counts.update(counts)
            report.reasons += part.reasons[: imports.MAX_REASONS - len(report.reasons)]
            report.perhaps += part.perhaps[: SHOWN - len(report.perhaps)]
            position += seen["rows"]
            progress(position)
    except OmniError:
        _finish(user_id, batch_id, ImportStatus.FAILED)
        raise
    _finish(user_id, batch_id, ImportStatus.DONE)
    return report


def revert(user_id: UUID, batch_id: UUID, *, progress: Progress = lambda done: None) -> Reverted:
    """Take an import back, whatever kind it was. Cut short, it goes on when it is asked again.

    Raises NotFound, and Refused for one that runs, is taken back already, or is older than 30 days.
    """
    with database.transaction(user_id) as db:
        batch = imports.get(db, batch_id)
        db.expunge(batch)
    whole = Reverted()
    for kind, entries in imports.waiting(batch, 1_000):

        def work(kind: str = kind, entries: list[Any] = entries) -> Reverted:
            with database.transaction(user_id, reason="import taken back") as db:
                return imports.take_back(db, batch, kind, entries)

        whole.merge(database.retrying(work))
        progress(whole.removed + whole.put_back + whole.items)
    with database.transaction(user_id) as db:
        imports.mark_reverted(db, batch_id)
    return whole


_BECOMES = {"new": "new", "same": "known", "perhaps": "perhaps known"}


def _begun(user_id: UUID, file: Look, plan: Plan, batch_id: UUID | None) -> tuple[Report, datetime]:
    """The import, or the one of this very file that was cut short, and since when it runs."""
    mapping = {
        "sha256": _digest(file.path),
        "targets": list(plan.targets),
        "days_first": plan.days_first,
        "perhaps": plan.perhaps,
        "choices": {str(row): choice for row, choice in sorted(plan.choices.items())},
    }
    with database.transaction(user_id) as db:
        batch = imports.get(db, batch_id, lock=True) if batch_id else imports.unfinished(db, mapping)
        if batch is None:
            batch = imports.get(db, imports.begin(db, file.kind, file.name, mapping))
        report = Report(batch.id, Counter({key: number for key, number in batch.counts.items()}))
        report.resumed_at = report.counts["rows"]
        report.reasons = [(name, reason) for name, reason in (batch.revert_log or {}).get("reasons", [])]
        return report, batch.created_at


def _kept(db: Db, verdicts: list[Verdict], plan: Plan, part: Report) -> tuple[Counter[str], dict[str, list[Any]]]:
    """The chunk in one go; where the database refuses a row, one by one, so that it costs that row only."""
    try:
        with db.begin_nested():
            return imports.keep(db, verdicts, plan)
    except (DataError, IntegrityError):
        counts: Counter[str] = Counter()
        made: dict[str, list[Any]] = {}
        for verdict in verdicts:
            try:
                with db.begin_nested():
                    more, rows = imports.keep(db, [verdict], plan)
            except (DataError, IntegrityError):
                part.counts["contact refused"] += 1
                part.remark(f"row {verdict.person.number}", "The database does not take this row.")
                more, rows = Counter(), {}
                _forget(verdict, gone=True)
            else:
                _forget(verdict, gone=False)
            counts.update(more)
            for table, keys in rows.items():
                made.setdefault(table, []).extend(keys)
        return counts, made


def _forget(verdict: Verdict, *, gone: bool) -> None:
    """A row that stands in the database is filled in there; one that was refused is nobody that others could be."""
    if verdict.me is not None:
        verdict.me.values = None
        verdict.me.id = None if gone else verdict.me.id


def _people(user_id: UUID, file: Look, plan: Plan) -> Iterator[Person | Refusal]:
    with database.transaction(user_id) as db:
        region = practice.of(db).region
    if file.sheet is None:
        yield from _cards(file, region)
        return
    if not Mapping(plan.targets, plan.days_first).usable:
        raise Invalid("No column is a name, a mail or a phone. Say which one is.")
    if len(plan.targets) != len(file.sheet.headers):
        raise Invalid(f"The file has {len(file.sheet.headers)} columns, and {len(plan.targets)} were given.")
    read = imports.reader(plan, region, "csv_import")
    for number, row in enumerate(file.sheet.rows()):
        if number >= MAX_ROWS:
            yield Refusal(
                f"row {number}", f"Only the first {MAX_ROWS:,} rows are read. Part the file, and bring the rest."
            )
            return
        if isinstance(row, Refusal):
            yield row
            continue
        try:
            yield read(row)
        except Invalid as error:
            yield Refusal(f"row {row.number}", error.message)


def _cards(file: Look, region: str | None) -> Iterator[Person | Refusal]:
    if file.path.stat().st_size > vcard.MAX_BYTES:
        raise Unreadable(f"The address book is larger than {vcard.MAX_BYTES // 1024 // 1024} MB. Export it in parts.")
    book = vcard.read(file.path.read_bytes())
    yield from book.refused
    for number, card in enumerate(book.cards, 1):
        try:
            yield imports.of_card(number, card, region, "vcard_import")
        except Invalid as error:
            yield Refusal(card.name or f"card {number}", error.message)


def _only_people(chunk: list[Person | Refusal], report: Report) -> list[Person]:
    """The refused ones are counted with their reasons, remarks are kept."""
    people = []
    for item in chunk:
        if isinstance(item, Refusal):
            report.counts["contact refused"] += 1
            report.remark(item.name, item.reason)
        else:
            people.append(item)
            for remark in item.remarks:
                report.remark(f"row {item.number}", remark)
    report.counts["rows"] += len(chunk)
    return people


def _chunks(items: Iterator[Person | Refusal], *, after: int = 0) -> Iterator[list[Person | Refusal]]:
    rest = islice(items, after, None)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _finish(user_id: UUID, batch_id: UUID, status: ImportStatus) -> None:
    with database.transaction(user_id) as db:
        imports.finish(db, batch_id, status)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
