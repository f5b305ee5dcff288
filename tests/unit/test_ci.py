"""`.ci/run` installs what a clean Debian lacks, and then runs `make test`: tried with stand-ins on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from omnicrm.core import config

SCRIPT = config.project_root() / ".ci" / "run"
PACKAGES = {"make": "make", "chromium": "chromium fonts-liberation", "redis-server": "redis-server"}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that write down how they were called; those of `PACKAGES` come with the installation."""
    for name in ("bash", "dirname", "touch", "chmod", "cat"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    _program(tmp_path, "id", "echo ${FAKE_ID:-0}")
    _program(tmp_path, "python3", "exit ${NO_VENV:-0}")
    installs = "\n".join(
        f'case "$*" in *{name}*) echo "echo {name} \\$* \\$REQUIRE_BROWSER \\$REQUIRE_REDIS" > {tmp_path}/{name};'
        f" chmod +x {tmp_path}/{name};; esac"
        for name in PACKAGES
    )
    _program(tmp_path, "apt-get", f'echo "apt-get $*" >> {tmp_path}/log\n{installs}')
    return tmp_path


def test_a_clean_machine_gets_everything_then_the_tests_run(machine: Path) -> None:
    done = run(machine)
    assert done.returncode == 0, done.stderr
    update, install = (machine / "log").read_text().splitlines()
    assert update.startswith("apt-get update")
    assert install.endswith(" ".join(PACKAGES.values()))
    assert "--no-install-recommends" in install
    assert done.stdout.splitlines()[-1] == "make test 1 1"


def test_a_machine_that_has_everything_is_left_alone(machine: Path) -> None:
    for name in PACKAGES:
        _program(machine, name, f"echo {name} $* $REQUIRE_BROWSER $REQUIRE_REDIS")
    done = run(machine)
    assert (done.returncode, done.stdout) == (0, "make test 1 1\n")
    assert not (machine / "log").exists()


def test_a_python_without_venv_gets_one(machine: Path) -> None:
    run(machine, NO_VENV="1")
    assert "python3 python3-venv" in (machine / "log").read_text()


def test_who_may_not_install_is_told_what_is_missing(machine: Path) -> None:
    done = run(machine, FAKE_ID="1000")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert all(name in done.stderr for name in PACKAGES)
    assert not (machine / "log").exists()


def run(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SCRIPT)],
        env={"PATH": str(machine), "HOME": os.environ.get("HOME", "/")} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def _program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
    path.chmod(0o755)
