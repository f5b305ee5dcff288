"""How likely each candidate is right: a logistic model for each type over its signs, then calibration."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from importlib import resources
from typing import TypedDict

from omnicrm.assistant.candidates.base import Candidate


class Model(TypedDict):
    """`weights[type][sign]`, with "bias" among the signs; `asking[sign]` of the mail as a whole.

    `calibration[type]` has the slopes over a candidate's score and over its mail's, and the offset (Platt's curve). No probability passes `ceiling`: however clear the wish, a slot of it may be misread.
    """

    weights: dict[str, dict[str, float]]
    asking: dict[str, float]
    calibration: dict[str, list[float]]
    ceiling: float


@lru_cache(maxsize=1)
def model() -> Model:
    """The trained weights that ship with the package."""
    text = resources.files("omnicrm.assistant").joinpath("weights.json").read_text(encoding="utf-8")
    loaded: Model = json.loads(text)
    return loaded


def judge(candidates: list[Candidate], asks: dict[str, float], using: Model | None = None) -> None:
    """Sets `score` (log-odds) and `probability` (calibrated) of each candidate; `asks` are the signs of the mail."""
    known = using or model()
    whole = _score(known["asking"], asks)
    for candidate in candidates:
        if candidate.certain:
            continue
        score = _score(known["weights"].get(candidate.type, {}), candidate.features)
        own, mail, offset = known["calibration"].get(candidate.type, (1.0, 0.0, 0.0))
        candidate.score = score
        candidate.probability = known["ceiling"] * _sigmoid(own * score + mail * whole + offset)


def _score(weights: dict[str, float], signs: dict[str, float]) -> float:
    return weights.get("bias", 0.0) + sum(weights.get(name, 0.0) * value for name, value in signs.items())


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))
