"""Cross-validation: every real mail answered by weights that have not seen its practitioner or part, end to end."""

from __future__ import annotations

import copy
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from omnicrm.assistant import embedded
from omnicrm.assistant.candidates.base import Candidate
from omnicrm.assistant.ranker import Model
from training import fitting, short_cases
from training.rows import Mail, agrees

SHOWN, CLEAN = 0.4, 0.5
FOLDS = 5


def report(mails: Sequence[Mail], *, words: bool = True, ask: bool = True, listing: str = "") -> None:
    """Exact F1, clean rate and calibration error of each kind of mails, and of the short ones by their first answer."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    bins: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))
    for mail, using in _models(mails, words=words, ask=ask):
        chosen = answers(mail, using)
        name = "short mails" if mail.answers else "cases"
        right = [_right(mail, c) for c in chosen]
        sums = totals[name]
        sums["mails"] += 1
        sums["expected"] += len(mail.answers[0]) if mail.answers else len(mail.expect)
        sums["given"] += len(chosen)
        sums["exact"] += sum(right)
        sums["empty"] += not mail.asks
        sums["clean"] += not mail.asks and not any(c.probability >= CLEAN for c in chosen)
        whole = _whole(mail, chosen)
        sums["whole"] += whole
        for candidate, hit in zip(chosen, right, strict=True):
            cell = bins[name][min(9, int(candidate.probability * 10))]
            cell[0] += 1
            cell[1] += candidate.probability
            cell[2] += hit
        if not whole and listing and mail.fold.startswith(listing):
            given = [(short_cases.short(c.type, c.slots), round(c.probability, 2)) for c in chosen]
            wanted = mail.answers or mail.expect
            text = mail.case.mail.text if mail.case.mail else ""
            sys.stdout.write(f"  {text[:150]!r}\n     wanted {wanted}\n     given  {given}\n")
    for name, sums in sorted(totals.items()):
        error = sum(abs(p - hit) for _n, p, hit in bins[name].values()) / max(1, sums["given"])
        sys.stdout.write(
            f"{name:12} {sums['mails']:4} mails  all right {sums['whole'] / sums['mails']:.3f}  exact F1 "
            f"{2 * sums['exact'] / max(1, sums['expected'] + sums['given']):.3f}  clean {sums['clean'] / max(1, sums['empty']):.3f}  "
            f"calibration error {error:.3f}\n"
        )


def _models(mails: Sequence[Mail], *, words: bool, ask: bool) -> Iterator[tuple[Mail, Model]]:
    fits: list[tuple[set[str], Model]] = []
    scored = []
    for left in fitting.parts(mails, FOLDS):
        fitted = fitting.fit_all([m for m in mails if m.fold not in left], words=words, ask=ask)
        fits.append((left, fitted))
        scored += fitting.scores([m for m in mails if m.fold in left], fitted)
    calibration = fitting.calibrate(scored, ask=ask)
    for left, fitted in fits:
        fitted["calibration"] = calibration
        for mail in mails:
            if mail.fold in left:
                yield mail, fitted


def answers(mail: Mail, using: Model) -> list[Candidate]:
    """What would be shown of a mail under these weights, without events and replies."""
    if mail.ctx is None:
        return []
    found = embedded.of_mail(mail.ctx, copy.deepcopy(mail.found), using)
    return [c for c in found if c.type != "reply.draft" and c.probability >= SHOWN]


def _right(mail: Mail, candidate: Candidate) -> bool:
    if not mail.answers:
        return any(e["type"] == candidate.type and agrees(e, candidate.slots) for e in mail.expect)
    said = short_cases.short(candidate.type, candidate.slots)
    return any(short_cases.agrees(wanted, said) for answer in mail.answers for wanted in answer)


def _whole(mail: Mail, chosen: list[Candidate]) -> bool:
    given = [short_cases.short(c.type, c.slots) for c in chosen]
    if mail.answers:
        return any(
            len(a) == len(given) and all(any(short_cases.agrees(w, g) for g in given) for w in a) for a in mail.answers
        )
    return len(chosen) == len(mail.expect) and all(_right(mail, c) for c in chosen)
