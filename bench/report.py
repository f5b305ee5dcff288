"""python -m bench.report [FILE]: the newest figures of `make bench` into docs/measurements.md, between the markers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from omnicrm.core import config

BEGIN, END = "<!-- figures of make bench: begin -->", "<!-- figures of make bench: end -->"
PAGE = Path("docs/measurements.md")


def main() -> int:
    root = config.project_root()
    results = [Path(sys.argv[1])] if len(sys.argv) > 1 else sorted((root / "bench-results").glob("*.json"))
    if not results or not results[-1].is_file():
        sys.stderr.write("There are no figures. Run `make bench` first.\n")
        return 1
    text = (root / PAGE).read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.stderr.write(f"{PAGE} has lost its markers.\n")
        return 1
    before, _, rest = text.partition(BEGIN)
    figures = rendered(json.loads(results[-1].read_text()))
    (root / PAGE).write_text(f"{before}{BEGIN}\n{figures}\n{END}{rest.partition(END)[2]}")
    sys.stdout.write(f"{PAGE} shows {results[-1].name}.\n")
    return 0


def rendered(document: dict[str, Any]) -> str:
    """The table, and under it the conditions and what was measured beside."""
    machine, conditions = document["machine"], document["conditions"]
    sizes = ", ".join(f"{size:,}" for size in conditions["sizes"])
    lines = [
        f"Measured {document['measured_at'][:10]}: {machine['cores']} cores, {machine['system']},"
        f" Python {machine['python']}, load {machine['load']:.1f} at the end; practices of {sizes} clients among twenty"
        f"{' (quick run: does it work, not how fast)' if conditions['quick'] else ''}.",
        "",
        "| benchmark | floor | product | ratio | target | growth | memory | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    lines += [_row(figure) for figure in document["figures"]]
    beside = [figure for figure in document["figures"] if figure["extra"]]
    lines += ["", *(f"- {figure['name']}: {_words(figure['extra'])}" for figure in beside)]
    return "\n".join(lines)


def _row(figure: dict[str, Any]) -> str:
    said = {True: "met", False: "**missed**", None: ""}[figure["met"]]
    cells = (
        figure["name"],
        _time(figure["floor_ms"]),
        _time(figure["product_ms"]),
        _limited(figure["ratio"], None, "{:.2f}×"),
        "" if figure["target"] is None else f"≤ {figure['target']:g}×",
        _limited(figure["growth"], figure["growth_target"], "{:.2f}"),
        _limited(figure["memory_mb"], figure["memory_target_mb"], "{:+.0f} MB"),
        ", ".join(part for part in (said, figure["note"]) if part),
    )
    return f"| {' | '.join(cells)} |"


def _time(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} ms" if value < 100 else f"{value / 1000:.2f} s"


def _limited(value: float | None, limit: float | None, shape: str) -> str:
    if value is None:
        return ""
    return shape.format(value) + (f" (≤ {limit:g})" if limit is not None else "")


def _words(extra: dict[str, Any]) -> str:
    return "; ".join(f"{name} {value}" for name, value in extra.items())


if __name__ == "__main__":
    sys.exit(main())
