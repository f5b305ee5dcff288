"""python -m bench [NAMES…] [--quick] [--out FILE]: measure, print, write the figures as JSON.

Exit 0: every target was met (each missed one was measured twice), 1: one was missed, 2: wrong usage.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import ground
from bench.harness import Figure, report, table
from omnicrm.core import config, log

# name -> (module, function): what `make bench` runs, in this order
BENCHMARKS = {
    "start": ("bench.startup", "start"),
    "bytes": ("bench.pages", "weight"),
    "click": ("bench.pages", "click"),
    "open": ("bench.pages", "open_pages"),
    "search": ("bench.lists", "find"),
    "approve": ("bench.deciding", "approve"),
    "contact": ("bench.lists", "contact"),
    "clients": ("bench.lists", "clients"),
    "month": ("bench.lists", "month"),
    "import": ("bench.moving", "move_in"),
    "sync": ("bench.syncing", "sync"),
    "propose": ("bench.proposing", "propose"),
}
SIZES, QUICK_SIZES = [1_000, 10_000, 100_000], [200, 2_000]


def main() -> int:
    chosen = _arguments()
    log.setup("text")
    sizes = chosen.sizes or (QUICK_SIZES if chosen.quick else SIZES)
    out = chosen.out or config.project_root() / "bench-results" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    sys.stderr.write("The practices to measure with:\n")
    base = ground.prepare(sizes, quick=chosen.quick)
    figures: list[Figure] = []
    for name in chosen.names or BENCHMARKS:
        module, function = BENCHMARKS[name]
        sys.stderr.write(f"{name}…\n")
        began = time.perf_counter()
        new = getattr(importlib.import_module(module), function)(base)
        figures += new
        sys.stderr.write(f"{table(new)}\n  {time.perf_counter() - began:.0f} s\n")
    return 0 if report(figures, out, {"sizes": sizes, "quick": chosen.quick}) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small practices, fewer items: does it run?")
    parser.add_argument(
        "--sizes", type=lambda text: sorted(int(one) for one in text.split(",")), help="numbers of clients"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes (default: bench-results/)")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
