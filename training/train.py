"""Fits the ranker: logistic weights for each type, held near the hand-set ones, on synthetic and (if given) real cases.

    python -m training [--cases DIR]... [--synthetic N] [--out FILE] [--cross-validate]

Numpy only; a seed fixes everything. Real cases are read, never copied.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from omnicrm.assistant import candidates, case_files, context, events
from omnicrm.domain.cases import Case
from training import generate, short_cases
from training.prior import WEIGHTS

TYPES = tuple(WEIGHTS)
OUT = Path(__file__).parent.parent / "omnicrm" / "assistant" / "weights.json"
HELD = 6.0  # how firmly a weight is held at its prior: the precision of its deviation
REAL = 3.0  # how much a real case counts against a synthetic one
SYNTHETIC = 0.35
SLOPE = 0.9  # of Platt's curve, where fresh cases are to be expected: those at hand flatter
CEILING = 0.92


@dataclass
class Row:
    """One candidate: its type, signs, whether it is right, how much it counts, and the fold of its case."""

    kind: str
    features: dict[str, float]
    right: bool
    weight: float
    fold: str


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--cases", type=Path, action="append", default=[], help="a folder of labelled cases to learn from"
    )
    parser.add_argument("--synthetic", type=int, default=6000, help="how many synthetic cases to make")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument(
        "--cross-validate", action="store_true", help="also report fits that left each practitioner out"
    )
    options = parser.parse_args(arguments)
    rows = synthetic(options.synthetic, options.seed) + shorts()
    for folder in options.cases:
        rows += real(folder)
    weights = {kind: fit(kind, rows) for kind in TYPES}
    calibration = calibrate(rows)
    rounded = {kind: {name: round(value, 3) for name, value in sorted(w.items()) if abs(value) >= 0.005} for kind, w in weights.items()}  # fmt: skip
    options.out.write_text(
        json.dumps({"weights": rounded, "calibration": calibration, "ceiling": CEILING}, indent=0, sort_keys=True)
        + "\n"
    )
    report(rows, weights)
    return 0


def synthetic(count: int, seed: int) -> list[Row]:
    """Candidates of `count` synthetic cases."""
    rows = []
    for case, expect, _scenario in generate.cases(count, seed):
        rows += of_case(case, expect, SYNTHETIC, "synthetic")
    return rows


def shorts() -> list[Row]:
    """Candidates of the short mails, right if the first answer holds them."""
    rows = []
    for case, answers in short_cases.cases():
        ctx = context.of(case)
        for candidate in candidates.propose(ctx):
            said = short_cases.short(candidate.type, candidate.slots)
            right_ = any(short_cases.agrees(wanted, said) for answer in answers for wanted in answer)
            rows.append(Row(candidate.type, candidate.features, right_, REAL, "synthetic"))
    return rows


def real(folder: Path) -> list[Row]:
    """Candidates of the labelled cases of a folder; its practitioners are the folds."""
    rows = []
    for _case_id, line in case_files.lines(folder):
        if isinstance(line, dict):
            case = case_files.case(folder, line)
            rows += of_case(case, line["expect"], REAL, case.practitioner.email)
    return rows


def of_case(case: Case, expect: list[dict[str, object]], weight: float, fold: str) -> list[Row]:
    """The judged candidates of one case; events and invitations are not judged but decided."""
    if case.mail is None:
        return []
    ctx = context.of(case)
    _decided, about_sessions = events.of_mail(ctx)
    rows = []
    for candidate in candidates.propose(ctx):
        if about_sessions and candidate.type.startswith("session."):
            continue
        right = any(e["type"] == candidate.type and agrees(e, candidate.slots) for e in expect)
        rows.append(Row(candidate.type, candidate.features, right, weight, fold))
    return rows


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


def fit(kind: str, rows: list[Row]) -> dict[str, float]:
    """Weights of one type: the prior plus a deviation, by Newton steps on the penalised likelihood."""
    mine = [row for row in rows if row.kind == kind]
    prior = WEIGHTS[kind]
    counts: dict[str, int] = defaultdict(int)
    for row in mine:
        for name in row.features:
            counts[name] += 1
    names = ["bias", *sorted({name for name, count in counts.items() if count >= 3} | set(prior) - {"bias"})]
    index = {name: i for i, name in enumerate(names)}
    x = np.zeros((len(mine), len(names)))
    x[:, 0] = 1.0
    for i, row in enumerate(mine):
        for name, value in row.features.items():
            if name in index:
                x[i, index[name]] = value
    y = np.array([float(row.right) for row in mine])
    sample = np.array([row.weight for row in mine])
    start = np.array([prior.get(name, 0.0) for name in names])
    held = np.full(len(names), HELD)
    held[0] = 0.5
    found = start.copy()
    for _step in range(25):
        p = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        gradient = x.T @ (sample * (p - y)) + held * (found - start)
        curvature = (x * (sample * p * (1 - p))[:, None]).T @ x + np.diag(held)
        step = np.linalg.solve(curvature, gradient)
        found = found - np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-4:
            break
    return dict(zip(names, (float(v) for v in found), strict=True))


def score(weights: dict[str, float], features: dict[str, float]) -> float:
    return weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())


def out_of_fold(rows: list[Row]) -> list[tuple[Row, float]]:
    """Each real row with the score of a fit that has not seen its practitioner."""
    found = []
    folds = sorted({row.fold for row in rows if row.fold != "synthetic"})
    for part in range(5):
        left = set(folds[part::5])
        kept = [row for row in rows if row.fold not in left]
        weights = {kind: fit(kind, kept) for kind in TYPES}
        found += [(row, score(weights[row.kind], row.features)) for row in rows if row.fold in left]
    return found


def calibrate(rows: list[Row]) -> dict[str, list[float]]:
    """Platt's slope and offset over the out-of-fold scores of all types together, drawn towards caution."""
    scored = out_of_fold(rows)
    if not scored:
        return {kind: [0.8, 0.0] for kind in TYPES}
    s = np.array([value for _row, value in scored])
    y = np.array([float(row.right) for row, _value in scored])
    a, b = 1.0, 0.0
    for _step in range(200):
        p = 1 / (1 + np.exp(-(a * s + b)))
        a -= 0.5 * (float(np.mean((p - y) * s)) + (a - SLOPE))
        b -= 0.5 * float(np.mean(p - y))
    return {kind: [round(a, 3), round(b, 3)] for kind in TYPES}


def report(rows: list[Row], weights: dict[str, dict[str, float]]) -> None:
    """How many candidates there are and how well they are told apart, by type."""
    for kind in TYPES:
        mine = [row for row in rows if row.kind == kind]
        good = sum((score(weights[kind], row.features) > 0) == row.right for row in mine)
        sys.stdout.write(
            f"{kind:20} {len(mine):6} candidates, {sum(r.right for r in mine):5} right, {good / max(1, len(mine)):.3f} told apart\n"
        )


if __name__ == "__main__":
    sys.exit(main())
