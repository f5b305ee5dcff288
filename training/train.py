"""Fits the embedded assistant: on synthetic mails, the short ones, and (if given) folders of labelled cases.

    python -m training [--cases DIR]... [--synthetic N] [--out FILE] [--cross-validate] [--ablate]

Numpy only; a seed fixes everything. Real cases are read, never copied.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from training import fitting, rows, validate

OUT = Path(__file__).parent.parent / "omnicrm" / "assistant" / "weights.json"
CASES = Path(__file__).parent / "cases"  # labelled mails of our own
LEAST = 0.02  # a weight below this decides nothing


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=Path, action="append", default=[], help="a folder of labelled cases")
    parser.add_argument("--synthetic", type=int, default=6000, help="how many synthetic cases to make")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cross-validate", action="store_true", help="only report on mails left out of the fit")
    parser.add_argument("--ablate", action="store_true", help="the same without each part")
    parser.add_argument("--list", default="", help="with --cross-validate: show misses of folds that begin so")
    options = parser.parse_args(arguments)
    mails = rows.synthetic(options.synthetic, options.seed) + rows.shorts() + rows.real(CASES)
    for folder in options.cases:
        mails += rows.real(folder)
    if options.cross_validate or options.ablate:
        validate.report(mails, listing=options.list)
    if options.ablate:
        for name, words, ask in (("no words", False, True), ("no model of the mail", True, False), ("neither", False, False)):  # fmt: skip
            sys.stdout.write(f"-- {name}\n")
            validate.report(mails, words=words, ask=ask)
        for name, kept in (
            ("no synthetic mails", [m for m in mails if m.fold != "synthetic"]),
            ("no short mails", [m for m in mails if not m.answers]),
        ):
            sys.stdout.write(f"-- {name}\n")
            validate.report(kept)
    if options.cross_validate or options.ablate:
        return 0
    fitted = fitting.model(mails)
    fitted["weights"] = {kind: _rounded(weights) for kind, weights in fitted["weights"].items()}
    fitted["asking"] = _rounded(fitted["asking"])
    options.out.write_text(json.dumps(fitted, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _rounded(weights: fitting.Weights) -> fitting.Weights:
    return {name: round(value, 3) for name, value in sorted(weights.items()) if abs(value) >= LEAST}


if __name__ == "__main__":
    sys.exit(main())
