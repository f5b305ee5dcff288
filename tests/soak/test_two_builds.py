"""Two builds of the same sources are the same bytes, so that anybody can check a bundle that was built elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from omnicrm.core import bundle, config

pytestmark = pytest.mark.soak


def test_built_twice_every_file_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNICRM_BUILD_DIR", str(tmp_path))
    config.settings.cache_clear()
    try:
        first = _built(tmp_path)
        kept = _built(tmp_path)  # with what the first one left behind
        shutil.rmtree(tmp_path / "build")
        fresh = _built(tmp_path)
    finally:
        config.settings.cache_clear()
    assert len(first) > 50
    for other in (kept, fresh):
        assert {name for name in first.keys() | other.keys() if first.get(name) != other.get(name)} == set()


def _built(folder: Path) -> dict[str, str]:
    """Name -> hash of every file of a new build."""
    made = bundle.ensure(again=True)
    assert made.is_relative_to(folder)
    files: dict[str, str] = json.loads((made / "MANIFEST.json").read_text())["files"]
    return files
