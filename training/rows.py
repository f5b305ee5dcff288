"""What there is to learn from: candidates with whether they are right, and mails with whether they ask for anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from omnicrm.assistant import asking, candidates, case_files, context, events, language
from omnicrm.assistant.candidates.base import Candidate
from omnicrm.assistant.context import Context
from omnicrm.domain.cases import Case
from training import generate, short_cases

REAL = 3.0  # how much a real case counts against a synthetic one
SYNTHETIC = 0.35
PARTS = 10  # of the short mails, for cross-validation


@dataclass
class Row:
    """One candidate: its type, signs, whether it is right, how much it counts, the fold and the mail of its case."""

    kind: str
    features: dict[str, float]
    right: bool
    weight: float
    fold: str
    mail: Mail


@dataclass
class Mail:
    """One mail: the signs of the whole, whether anything is expected of it, and its candidates."""

    features: dict[str, float]
    asks: bool
    weight: float
    fold: str
    case: Case
    ctx: Context | None = None
    found: list[Candidate] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    expect: list[dict[str, object]] = field(default_factory=list)
    answers: list[list[str]] = field(default_factory=list)


def synthetic(count: int, seed: int) -> list[Mail]:
    """`count` synthetic cases."""
    found = []
    for case, expect, _scenario in generate.cases(count, seed):
        if (mail := _of_case(case, expect, SYNTHETIC, "synthetic")) is not None:
            mail.ctx, mail.found = None, []  # thousands of them would fill the memory
            found.append(mail)
    return found


def shorts() -> list[Mail]:
    """The short mails; a candidate is right if the first answer holds it."""
    found = []
    for number, (case, answers) in enumerate(short_cases.cases()):
        ctx = context.of(case)
        mail = _mail(case, ctx, bool(answers[0]), REAL, f"short-{number % PARTS}")
        mail.answers = answers
        for candidate in mail.found:
            said = short_cases.short(candidate.type, candidate.slots)
            right = any(short_cases.agrees(wanted, said) for answer in answers for wanted in answer)
            mail.rows.append(Row(candidate.type, candidate.features, right, REAL, mail.fold, mail))
        found.append(mail)
    return found


def real(folder: Path) -> list[Mail]:
    """The labelled cases of a folder; its practitioners are the folds."""
    found = []
    for _case_id, line in case_files.lines(folder):
        if isinstance(line, dict):
            case = case_files.case(folder, line)
            mail = _of_case(case, line["expect"], REAL, case.practitioner.email)
            if mail is not None:
                found.append(mail)
    return found


def _of_case(case: Case, expect: list[dict[str, object]], weight: float, fold: str) -> Mail | None:
    """The judged candidates of one case; events and invitations are not judged but decided."""
    if case.mail is None:
        return None
    ctx = context.of(case)
    if not language.is_english(ctx.reading.new_text):
        return None
    _decided, about_sessions = events.of_mail(ctx)
    mail = _mail(case, ctx, bool(expect), weight, fold)
    mail.expect = expect
    for candidate in mail.found:
        if about_sessions and candidate.type.startswith("session."):
            continue
        right = any(e["type"] == candidate.type and agrees(e, candidate.slots) for e in expect)
        mail.rows.append(Row(candidate.type, candidate.features, right, weight, fold, mail))
    return mail


def _mail(case: Case, ctx: Context, asks: bool, weight: float, fold: str) -> Mail:
    return Mail(asking.signs(ctx), asks, weight, fold, case, ctx, candidates.propose(ctx))


def agrees(expected: dict[str, object], slots: dict[str, object]) -> bool:
    """Whether every slot of the expectation is met."""
    return all(same(key, value, slots.get(key)) for key, value in expected.items() if key != "type")


def same(key: str, wanted: object, given: object) -> bool:
    if wanted in (None, ""):
        return given in (None, "")
    if given is None:
        return False
    if key == "scheduled_at":
        return datetime.fromisoformat(str(wanted)) == datetime.fromisoformat(str(given))
    if key == "amount":
        try:
            return Decimal(str(wanted)) == Decimal(str(given))
        except InvalidOperation:
            return False
    return " ".join(str(wanted).casefold().split()) == " ".join(str(given).casefold().split())
