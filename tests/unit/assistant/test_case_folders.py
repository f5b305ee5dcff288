"""Folders of cases: the command line, broken cases, and floors under the score."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from omnicrm.assistant import case_files
from omnicrm.cli import propose
from omnicrm.core.errors import Invalid
from tests.shared_data import shared

OWN = Path(__file__).resolve().parents[2] / "approval_cases" / "own"


def test_every_case_is_answered_and_evidence_is_there() -> None:
    answers = list(propose.answers(OWN))
    assert len(answers) == len((OWN / "cases.jsonl").read_text(encoding="utf-8").splitlines())
    for answer in answers:
        assert "error" not in answer
        assert answer["ms"] >= 0
        for proposal in answer["proposals"]:
            assert 0 <= proposal["confidence"] <= 1
            assert proposal["evidence"]


def test_a_broken_case_is_an_error_and_stops_nothing(tmp_path: Path) -> None:
    shutil.copytree(OWN, tmp_path / "set")
    lines = (OWN / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    broken = json.loads(lines[0])
    outside = {**json.loads(lines[1]), "source": "../../../etc/hostname"}
    missing = {**json.loads(lines[2]), "source": "mail/nowhere.eml"}
    zone = json.loads(lines[3])
    zone["practitioner"]["timezone"] = "Nowhere/Land"
    del broken["practitioner"]
    rows = ["{not json", "[]", *(json.dumps(row) for row in (broken, outside, missing, zone)), lines[4]]
    (tmp_path / "set" / "cases.jsonl").write_text("\n".join(rows), encoding="utf-8")
    answers = list(propose.answers(tmp_path / "set"))
    assert [("error" in answer) for answer in answers] == [True] * 6 + [False]


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        list(case_files.lines(tmp_path))


def scorer() -> ModuleType:
    folder = str(shared("approval-cases/score.py").parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module("score")


def scored(folder: Path, tmp_path: Path) -> dict[str, float]:
    out = tmp_path / "answers.jsonl"
    out.write_text("\n".join(json.dumps(a, ensure_ascii=False) for a in propose.answers(folder)), encoding="utf-8")
    report: dict[str, float] = scorer().score(folder, out)
    return report


def test_a_floor_under_the_development_set(tmp_path: Path) -> None:
    report = scored(shared("approval-cases/dev"), tmp_path)
    assert report["exact_f1"] >= 0.9
    assert report["clean_rate"] >= 0.9
    assert report["evidence_support"] == 1.0


def test_a_floor_under_the_set_that_nothing_was_tuned_on(tmp_path: Path) -> None:
    report = scored(OWN, tmp_path)
    assert report["exact_f1"] >= 0.65
    assert report["clean_rate"] >= 0.8
    assert report["evidence_support"] == 1.0
