"""The fits: signs held near what is known of language, words on what the signs leave unexplained, calibration."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from omnicrm.assistant.ranker import Model
from training.prior import WEIGHTS
from training.rows import Mail, Row

TYPES = tuple(WEIGHTS)
HELD = 6.0  # how firmly a weight is held at its prior: the precision of its deviation
WORDS_HELD = 12.0  # the same of the weight of a word, whose prior is nothing
ASKING_HELD = 12.0
FEWEST = 4.0  # a word that is rarer than this in mails (synthetic ones count a twentieth) is no sign
CEILING = 0.94
CAUTION = 0.75  # log-odds by which mails of other writers are less sure than those the patterns were written beside

Weights = dict[str, float]


def model(mails: Sequence[Mail], *, words: bool = True, ask: bool = True, folds: int = 5) -> Model:
    """All weights from these mails; the calibration from fits that left a part of the real ones out."""
    fitted = fit_all(mails, words=words, ask=ask)
    curves = calibrate(out_of_fold(mails, words=words, ask=ask, folds=folds), ask=ask)
    fitted["calibration"] = {kind: [own, asks, round(at - CAUTION, 3)] for kind, (own, asks, at) in curves.items()}
    return fitted


def fit_all(mails: Sequence[Mail], *, words: bool, ask: bool) -> Model:
    rows = [row for mail in mails for row in mail.rows]
    weights = {}
    for kind in TYPES:
        mine = [row for row in rows if row.kind == kind]
        weights[kind] = signs(kind, mine)
        if words:
            weights[kind] |= of_words(mine, [score(weights[kind], row.features) for row in mine], WORDS_HELD)
    asking: Weights = {"bias": 0.0}
    if ask:
        asking = whole(mails)
    return {"weights": weights, "asking": asking, "calibration": {}, "ceiling": CEILING}


def signs(kind: str, mine: Sequence[Row]) -> Weights:
    """Weights of one type: the prior plus a deviation, by Newton steps on the penalised likelihood."""
    prior = WEIGHTS[kind]
    counts: dict[str, int] = defaultdict(int)
    for row in mine:
        for name in row.features:
            counts[name] += not name.startswith("w:")
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


def of_words(mine: Sequence[Row], scores: Sequence[float], held: float) -> Weights:
    """Weights of words, given the scores that the signs have reached already."""
    return _sparse(
        [{k: v for k, v in row.features.items() if k.startswith("w:")} for row in mine],
        np.array([float(row.right) for row in mine]), np.array([row.weight for row in mine]), np.array(scores), held,
    )  # fmt: skip


def whole(mails: Sequence[Mail]) -> Weights:
    """Weights of the model that tells whether a mail asks for anything."""
    y = np.array([float(mail.asks) for mail in mails])
    sample = np.array([mail.weight for mail in mails])
    bias = float(np.log((sample @ y + 1) / (sample @ (1 - y) + 1)))
    found = _sparse([mail.features for mail in mails], y, sample, np.full(len(mails), bias), ASKING_HELD)
    return {"bias": bias, **found}


def _sparse(signs_: Sequence[Weights], y: np.ndarray, sample: np.ndarray, offset: np.ndarray, held: float) -> Weights:
    """Ridge-penalised logistic weights over few signs a row, by accelerated gradient steps from nothing."""
    counts: dict[str, float] = defaultdict(float)
    for row, weight in zip(signs_, sample, strict=True):
        for name in row:
            counts[name] += 1.0 if weight >= 1 else 0.05
    names = sorted(name for name, count in counts.items() if count >= FEWEST)
    index = {name: i for i, name in enumerate(names)}
    if not names:
        return {}
    where = [(i, index[name], value) for i, row in enumerate(signs_) for name, value in row.items() if name in index]
    rows, columns, values = (np.array(part) for part in zip(*where, strict=True))
    found = np.zeros(len(names))
    ahead, momentum = found.copy(), 1.0
    # a step that is safe for each weight: the curvature's bound by the length of the rows
    length = np.bincount(rows, np.abs(values), minlength=len(y))
    bound = 0.25 * np.bincount(columns, (sample * length)[rows] * np.abs(values), minlength=len(names)) + held
    for _step in range(150):
        z = offset + np.bincount(rows, values * ahead[columns], minlength=len(y))
        p = 1 / (1 + np.exp(-np.clip(z, -30, 30)))
        gradient = np.bincount(columns, (sample * (p - y))[rows] * values, minlength=len(names)) + held * ahead
        following = ahead - gradient / bound
        after = (1 + math.sqrt(1 + 4 * momentum * momentum)) / 2
        ahead = following + (momentum - 1) / after * (following - found)
        found, momentum = following, after
    return {name: float(value) for name, value in zip(names, found, strict=True)}


def score(weights: Weights, features: Weights) -> float:
    return weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in features.items())


def parts(mails: Sequence[Mail], folds: int) -> list[set[str]]:
    """The folds of the real mails, dealt out."""
    known = sorted({mail.fold for mail in mails if mail.fold != "synthetic"})
    return [set(known[part::folds]) for part in range(folds)]


def scores(mails: Sequence[Mail], fitted: Model) -> list[tuple[Row, float, float]]:
    """Each row with its score, and the score of its mail."""
    found = []
    for mail in mails:
        asks = score(fitted["asking"], mail.features)
        found += [(row, score(fitted["weights"][row.kind], row.features), asks) for row in mail.rows]
    return found


def out_of_fold(mails: Sequence[Mail], *, words: bool, ask: bool, folds: int) -> list[tuple[Row, float, float]]:
    """The scores of each real row, of fits that have not seen its fold."""
    found = []
    for left in parts(mails, folds):
        fitted = fit_all([m for m in mails if m.fold not in left], words=words, ask=ask)
        found += scores([m for m in mails if m.fold in left], fitted)
    return found


def calibrate(scored: Sequence[tuple[Row, float, float]], *, ask: bool) -> dict[str, list[float]]:
    """For each type the slopes over its score and the mail's, and the offset: Platt's curve, held near that of all."""
    if not scored:
        return {kind: [0.8, 0.0, 0.0] for kind in TYPES}
    start = _platt(scored, np.array([0.8, 0.2 if ask else 0.0, 0.0]), np.array([5.0, 5.0 if ask else 1e9, 1.0]))
    return {
        kind: [
            round(float(v), 3)
            for v in _platt(
                [s for s in scored if s[0].kind == kind], start, np.array([20.0, 20.0 if ask else 1e9, 8.0])
            )
        ]
        for kind in TYPES
    }


def _platt(scored: Sequence[tuple[Row, float, float]], start: np.ndarray, held: np.ndarray) -> np.ndarray:
    x = np.array([[own, asks, 1.0] for _row, own, asks in scored]).reshape(-1, 3)
    y = np.array([float(row.right) for row, _own, _asks in scored])
    found = start.copy()
    for _step in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        gradient = x.T @ (p - y) + held * (found - start)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + np.diag(held)
        found = found - np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
    return found
