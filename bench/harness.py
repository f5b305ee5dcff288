"""Pairs, ratios, growth and memory: how every benchmark here is measured and told.

A benchmark gives two callables that do the same job, the floor (the least anybody could do) and the product. They run
in turn (ABAB), so that a noisy machine disturbs both; what counts is the median of the pairs' ratios, never a
millisecond. A ratio over its target is measured once more before it is called a failure.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAIRS = 9
Run = Callable[[], Any]


@dataclass
class Figure:
    """One measured line. Times in milliseconds; `ratio` is the median of the pairs' product/floor."""

    name: str
    floor_ms: float | None = None
    product_ms: float | None = None
    product_p95_ms: float | None = None
    ratio: float | None = None
    ratio_p95: float | None = None
    target: float | None = None
    target_p95: float | None = None
    growth: float | None = None
    growth_target: float | None = None
    memory_mb: float | None = None
    memory_target_mb: float | None = None
    pairs: int = 0
    note: str = ""
    extra: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """None where the line has no target."""
        checks = [
            value <= limit
            for value, limit in (
                (self.ratio, self.target),
                (self.ratio_p95, self.target_p95),
                (self.growth, self.growth_target),
                (self.memory_mb, self.memory_target_mb),
            )
            if value is not None and limit is not None
        ]
        return all(checks) if checks else None

    def grow(self, step: float | None, *, limit: float, words: str) -> None:
        """The cost at one size by that at the size before, and what is compared. None: there was one size."""
        if step is None:
            return
        self.growth, self.growth_target = step, limit
        self.extra["growth of"] = words


def timed(run: Run) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def compare(
    name: str,
    floor: Run,
    product: Run,
    *,
    target: float | None,
    target_p95: float | None = None,
    pairs: int = PAIRS,
    inner: int = 1,
    warm_up: int = 1,
    measure: Callable[[Run], float] = timed,
) -> Figure:
    """Floor and product in turn; each sample is the mean of `inner` calls. Measured again once if over a target.

    `measure` gives the milliseconds of one call (for what a browser clocks itself).
    """

    def once(warm_up: int) -> Figure:
        for _ in range(warm_up):
            floor()
            product()
        floors, products = [], []
        for _ in range(pairs):
            floors.append(statistics.fmean(measure(floor) for _ in range(inner)))
            products.append(statistics.fmean(measure(product) for _ in range(inner)))
        return Figure(
            name=name,
            floor_ms=statistics.median(floors),
            product_ms=statistics.median(products),
            product_p95_ms=percentile(products, 0.95),
            ratio=statistics.median(p / f for f, p in zip(floors, products, strict=True)),
            ratio_p95=percentile(products, 0.95) / percentile(floors, 0.95),
            target=target,
            target_p95=target_p95,
            pairs=pairs,
        )

    figure = once(warm_up)
    if figure.met is False:
        figure = once(0)
        figure.note = "measured twice"
    return figure


def clocked(run: Callable[[], float]) -> float:
    """For jobs that give their own milliseconds."""
    return run()


def worst_step(
    runs: list[Run],
    *,
    rounds: int = PAIRS,
    inner: int = 1,
    measure: Callable[[Run], float] = timed,
    enough: float = 0.0,
) -> float | None:
    """The same job at growing sizes, in turn: the largest median of a size's ratio to the one before. None: one size.

    Taken twice where the noise of one round could decide, the smaller one counting; once where that is `enough`
    (for what takes minutes).
    """
    if len(runs) < 2:
        return None
    first = _worst_step_once(runs, rounds, inner, measure)
    return first if first <= enough else min(first, _worst_step_once(runs, rounds, inner, measure))


def _worst_step_once(runs: list[Run], rounds: int, inner: int, measure: Callable[[Run], float]) -> float:
    for run in runs:
        run()
    samples: list[list[float]] = []
    for _ in range(rounds):
        samples.append([statistics.fmean(measure(run) for _ in range(inner)) for run in runs])
    return max(statistics.median(sample[at] / sample[at - 1] for sample in samples) for at in range(1, len(runs)))


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def report(figures: list[Figure], out: Path, conditions: dict[str, object]) -> bool:
    """Writes the JSON, prints the table; whether every target was met."""
    out.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "conditions": conditions,
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "cores": os.cpu_count() or 1,
            "load": os.getloadavg()[0],
        },
        "figures": [{**asdict(figure), "met": figure.met} for figure in figures],
    }
    out.write_text(json.dumps(document, indent=1))
    sys.stdout.write(table(figures) + f"\nAll figures: {out}\n")
    return all(figure.met is not False for figure in figures)


def table(figures: list[Figure]) -> str:
    rows = [("benchmark", "floor", "product", "ratio", "target", "growth", "memory", "")]
    for figure in figures:
        rows.append(
            (
                figure.name,
                _ms(figure.floor_ms),
                _ms(figure.product_ms),
                _number(figure.ratio, "x"),
                "-" if figure.target is None else f"<= {figure.target:g}x",
                _growth(figure),
                "-" if figure.memory_mb is None else f"{figure.memory_mb:+.0f} MB",
                {True: "met", False: "MISSED", None: ""}[figure.met] + (f" ({figure.note})" if figure.note else ""),
            )
        )
        rows += [("", *("",) * 6, f"{key}: {value}") for key, value in figure.extra.items()]
    widths = [max(len(row[i]) for row in rows) for i in range(7)]
    return "\n".join("  ".join([*(row[i].ljust(widths[i]) for i in range(7)), row[7]]).rstrip() for row in rows)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} ms" if value < 100 else f"{value / 1000:.2f} s"


def _number(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.2f}{unit}"


def _growth(figure: Figure) -> str:
    if figure.growth is None:
        return "-"
    return f"{figure.growth:.2f}" + (f" (<= {figure.growth_target:g})" if figure.growth_target else "")
