"""How likely each candidate is right: a logistic model for each type over its signs, then calibration."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from importlib import resources
from typing import TypedDict

from omnicrm.assistant.candidates.base import Candidate


class Model(TypedDict):
    """`weights[type][sign]`, with "bias" among the signs; `calibration[type]` is Platt's slope and offset.

    No probability passes `ceiling`: however clear the wish, a slot of it may be misread.
    """

    weights: dict[str, dict[str, float]]
    calibration: dict[str, tuple[float, float]]
    ceiling: float


@lru_cache(maxsize=1)
def model() -> Model:
    """The trained weights that ship with the package."""
    text = resources.files("omnicrm.assistant").joinpath("weights.json").read_text(encoding="utf-8")
    loaded: Model = json.loads(text)
    return loaded


def judge(candidates: list[Candidate], using: Model | None = None) -> None:
    """Sets `score` (log-odds) and `probability` (calibrated) of each candidate."""
    known = using or model()
    for candidate in candidates:
        if candidate.certain:
            continue
        weights = known["weights"].get(candidate.type, {})
        score = weights.get("bias", 0.0)
        for name, value in candidate.features.items():
            score += weights.get(name, 0.0) * value
        slope, offset = known["calibration"].get(candidate.type, (1.0, 0.0))
        candidate.score = score
        candidate.probability = known["ceiling"] * _sigmoid(slope * score + offset)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))
