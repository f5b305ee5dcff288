"""Where the design data lies that some tests measure against: OMNICRM_SHARED, or `shared` beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared(path: str) -> Path:
    """The file or folder `path` of the design data; skips the test, and says so, where it is not there."""
    named = os.environ.get("OMNICRM_SHARED")
    places = [Path(named)] if named else [ROOT.parent / "shared", ROOT.parent.parent / "shared"]
    for place in places:
        if (place / path).exists():
            return place / path
    pytest.skip(f"design data not found: {path} (set OMNICRM_SHARED to its folder)")
