"""The geometry of a chart, worked out here: shapes in a square of 100 by 100 that is stretched to its place, words as
HTML beside it, so that they are as large on a phone as anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from pydantic import BaseModel, ConfigDict

WORDS = 6  # labels that stand under a chart at most


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Bar(_Frozen):
    """`tone`: on (the one that is spoken of), part (still under way), two (a second amount on top), or empty."""

    x: float
    y: float
    width: float
    height: float
    tone: str


class Word(_Frozen):
    """A text at `left` and `top` per cent; `side` is mid, start or end: near an edge it stays inside."""

    left: float
    top: float
    text: str
    side: str = "mid"


class Chart(_Frozen):
    """`line` is the path of a line chart, empty for bars; `dots` mark its points that have a value."""

    bars: list[Bar] = []
    line: str = ""
    dots: list[Word] = []
    numbers: list[Word] = []
    labels: list[Word] = []
    ticks: list[Word] = []


def bars(
    amounts: Sequence[int], labels: Sequence[str], *, on: int | None, part: int | None, above: Sequence[int] = ()
) -> Chart:
    """Bars from zero; `above` are second amounts on top. The bar `on` has its number, `part` is still under way."""
    if not amounts:
        return Chart()
    tops = [amount + (above[place] if above else 0) for place, amount in enumerate(amounts)]
    most = max(*tops, 1) * 1.12
    step = 100 / len(amounts)
    shapes, values = [], []
    for place, amount in enumerate(amounts):
        x, width = place * step + step * 0.16, step * 0.68
        tone = "on" if place == on else "part" if place == part else ""
        shapes.append(_bar(x, amount, 0, most, width, tone))
        if above and above[place]:
            shapes.append(_bar(x, above[place], amount, most, width, "two"))
        if place in (on, part) and tops[place]:
            values.append(Word(left=_round(x + width / 2), top=_round(_y(tops[place], most)), text=str(tops[place])))
    return Chart(bars=shapes, numbers=values, labels=_labels(labels, [(n + 0.5) * step for n in range(len(labels))]))


def line(shares: Sequence[float | None], labels: Sequence[str], *, told: Sequence[int], full: bool = False) -> Chart:
    """Per cents over time; a gap (None) breaks the line. The points `told` have their number; `full`: up to 100 %."""
    known = [share for share in shares if share is not None]
    if not known:
        return Chart()
    most = 100.0 if full else _nice(max(*known, 4.0))
    step = 100 / max(len(shares) - 1, 1)
    path, lifted = [], True
    for place, share in enumerate(shares):
        if share is None:
            lifted = True
            continue
        path.append(f"{'M' if lifted else 'L'}{_round(place * step)} {_round(_y(share, most * 1.08))}")
        lifted = False
    dots = [
        Word(
            left=_round(place * step),
            top=_round(_y(shares[place] or 0, most * 1.08)),
            text=f"{shares[place]:.0f} %",
            side=_side(place * step),
        )
        for place in told
        if shares[place] is not None
    ]
    ticks = [Word(left=0, top=_round(_y(share, most * 1.08)), text=f"{share:.0f} %") for share in (0, most / 2, most)]
    return Chart(
        line="".join(path), dots=dots, ticks=ticks, labels=_labels(labels, [n * step for n in range(len(labels))])
    )


def _bar(x: float, amount: float, below: float, most: float, width: float, tone: str) -> Bar:
    top = _y(amount + below, most)
    return Bar(x=_round(x), y=_round(top), width=_round(width), height=_round(_y(below, most) - top), tone=tone)


def _labels(labels: Sequence[str], places: Sequence[float]) -> list[Word]:
    """At most six, evenly; the last one always, and none that would stand too near to it."""
    every = ceil(len(labels) / WORDS)
    last = len(labels) - 1
    chosen = [place for place in range(0, len(labels), every) if last - place >= every or place == last]
    if last >= 0 and last not in chosen:
        chosen.append(last)
    return [
        Word(left=_round(places[place]), top=100, text=labels[place], side=_side(places[place])) for place in chosen
    ]


def _side(left: float) -> str:
    return "end" if left > 92 else "start" if left < 6 else "mid"


def _nice(most: float) -> float:
    """The next round number: 5, 10, 20, 50, 100."""
    size = 10 ** floor(log10(most))
    return float(next(step * size for step in (1, 2, 5, 10) if step * size >= most))


def _y(amount: float, most: float) -> float:
    return 100 - 100 * amount / most


def _round(number: float) -> float:
    return round(number, 2)
