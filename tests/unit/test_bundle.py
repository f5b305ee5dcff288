"""A bundle belongs to its sources: what changes them changes its name, and what does not leaves it alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnicrm.core import bundle, config

ROOT = config.project_root()
COPIED = ("omnicrm", "assets", "reflex.lock", "requirements", "rxconfig.py", ".npmrc")


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the project to change."""
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, tmp_path / name)
    monkeypatch.setattr(config, "project_root", lambda: tmp_path)
    monkeypatch.setenv("OMNICRM_BUILD_DIR", str(tmp_path / "var"))
    config.settings.cache_clear()
    yield tmp_path
    config.settings.cache_clear()


@pytest.mark.parametrize(
    "path",
    [
        "omnicrm/pages/home.py",
        "omnicrm/components/theme.py",
        "omnicrm/components/ui.jsx",
        "omnicrm/state/base.py",
        "omnicrm/omnicrm.py",
        "omnicrm/core/frontend.py",
        "assets/omni.css",
        "reflex.lock/package-lock.json",
        "rxconfig.py",
    ],
)
def test_an_edit_of_what_is_seen_asks_for_a_build(sources: Path, path: str) -> None:
    before = bundle.input_hash()
    with (sources / path).open("a") as file:
        file.write("\n")
    assert bundle.input_hash() != before


@pytest.mark.parametrize("path", ["omnicrm/domain/accounts.py", "omnicrm/core/pgserver.py", "omnicrm/pages/x.pyc"])
def test_an_edit_of_what_is_not_seen_does_not(sources: Path, path: str) -> None:
    before = bundle.input_hash()
    if path.endswith(".pyc"):
        (sources / "omnicrm/pages/__pycache__").mkdir(exist_ok=True)
        (sources / "omnicrm/pages/__pycache__/x.pyc").write_text("")
    else:
        with (sources / path).open("a") as file:
            file.write("\n")
    assert bundle.input_hash() == before


def test_what_core_shows_on_a_page_counts(sources: Path) -> None:
    (sources / "omnicrm/pages/new.py").write_text("from omnicrm.core import money\n")
    before = bundle.input_hash()
    with (sources / "omnicrm/core/money.py").open("a") as file:
        file.write("\n")
    assert bundle.input_hash() != before


def test_a_folder_without_its_manifest_is_not_served(sources: Path) -> None:
    (sources / "var" / "bundle" / bundle.input_hash()).mkdir(parents=True)
    assert bundle.current() is None


def test_without_node_it_says_what_to_do(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnicrm.core.node.installed", lambda: False)
    with pytest.raises(config.Misconfigured, match="Node is not installed"):
        bundle.ensure()


def test_what_the_build_complains_about_is_kept() -> None:
    ours = ["Warning: `rx.thing` is deprecated", "[warn] chunk is large"]
    output = "\n".join(["Compiling: 14/14", *ours, "npm warn deprecated left-pad", "Done"])
    assert bundle.warnings(output) == ours


def test_the_pages_compile_without_a_warning() -> None:
    assert json.loads((bundle.ensure() / "MANIFEST.json").read_text()).get("warnings", []) == []


@pytest.mark.soak
def test_two_builds_of_the_same_sources_are_the_same_bytes() -> None:
    first = (bundle.ensure() / "MANIFEST.json").read_text()
    assert (bundle.ensure(again=True) / "MANIFEST.json").read_text() == first
