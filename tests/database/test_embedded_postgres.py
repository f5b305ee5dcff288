"""The embedded server: shared, recovering, and clear about what it cannot do. Each test has its own data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from omnicrm.core import config, pgserver, pgtree, postgres

ASK = "from omnicrm.core import postgres; print(postgres.url('app'))"


@pytest.fixture
def data_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="omnicrm-test-"))  # not tmp_path: that is closed to the server's user
    monkeypatch.setenv("OMNICRM_DATA_DIR", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    config.settings.cache_clear()
    try:
        yield folder
    finally:
        postgres.stop()
        config.settings.cache_clear()
        shutil.rmtree(folder, ignore_errors=True)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def run(code: str = ASK) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.strip()


def test_two_processes_that_start_together_share_one_server(data_dir: Path) -> None:
    first, second = run(), run()
    assert said(first) == said(second)
    pid = postmaster(data_dir)
    assert said(run())
    assert postmaster(data_dir) == pid, "a third one attaches"


def test_a_killed_server_comes_back_with_its_data(data_dir: Path) -> None:
    with postgres.superuser(postgres.DATABASE) as admin:
        admin.execute("create table kept (word text); insert into kept values ('still here')")
    killed = postmaster(data_dir)
    os.kill(killed, signal.SIGKILL)
    with postgres.superuser(postgres.DATABASE) as admin:
        assert admin.execute("select word from kept").fetchall() == [("still here",)]
    assert postmaster(data_dir) != killed


def test_an_orphan_that_is_busy_does_not_block_the_next_start(data_dir: Path) -> None:
    with postgres.superuser() as admin:
        orphan = admin.info.backend_pid
        os.kill(orphan, signal.SIGSTOP)  # it cannot notice that its parent is gone
        os.kill(postmaster(data_dir), signal.SIGKILL)
        postgres.ensure()
    assert not alive(orphan)


def test_a_lock_file_that_names_a_strangers_process_is_no_obstacle(data_dir: Path) -> None:
    postgres.ensure()
    os.kill(postmaster(data_dir), signal.SIGKILL)
    lock = data_dir / "postgres" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lock.write_text(lock.read_text().replace(lock.read_text().split()[0], str(stranger.pid), 1))
        postgres.ensure()
        assert stranger.poll() is None, "the stranger lives on"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_that_was_cut_off_is_taken_up_again(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir()
    (data_dir / "postgres.new" / "half").write_text("")
    postgres.ensure()
    assert not (data_dir / "postgres.new").exists()


def test_roles_can_sign_in_and_bypass_nothing(data_dir: Path) -> None:
    postgres.ensure()
    with postgres.superuser() as admin:
        roles = admin.execute(
            "select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
            " where rolname like 'omnicrm%' order by 1"
        ).fetchall()
    assert roles == [(role, True, False, False, False, False) for role in sorted(postgres.ROLES)]


def test_a_new_database_has_the_extensions_and_a_copy_has_them_too(data_dir: Path) -> None:
    postgres.create_database("first")
    postgres.create_database("second", template="first")
    wanted = set(postgres.EXTENSIONS)
    for name in (postgres.DATABASE, "first", "second"):
        with postgres.superuser(name) as admin:
            assert wanted <= {row[0] for row in admin.execute("select extname from pg_extension")}
            assert admin.execute("select unaccent('Überñ'), lower('É')").fetchone() == ("Ubern", "é")
    postgres.drop_database("second")
    with pytest.raises(psycopg.OperationalError, match="does not exist"), postgres.superuser("second"):
        pass


def test_nobody_reaches_it_over_the_network_or_through_the_file_system(data_dir: Path) -> None:
    postgres.ensure()
    with postgres.superuser() as admin:
        assert admin.execute("show listen_addresses").fetchone() == ("",)
    sockets = pgserver.at(data_dir).socket_folder
    assert sockets.stat().st_mode & 0o077 == 0
    assert (data_dir / "postgres").stat().st_mode & 0o077 == 0


def test_a_long_path_gets_a_short_socket_folder(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = data_dir / ("x" * 100)
    monkeypatch.setenv("OMNICRM_DATA_DIR", str(deep))
    config.settings.cache_clear()
    try:
        with postgres.superuser() as admin:
            assert admin.execute("select 1").fetchone() == (1,)
    finally:
        postgres.stop()
        shutil.rmtree(pgserver.at(deep).socket_folder, ignore_errors=True)


def test_a_database_of_another_major_version_is_refused_with_the_remedy(data_dir: Path) -> None:
    postgres.ensure()
    postgres.stop()
    version = data_dir / "postgres" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(config.Misconfigured, match=r"PostgreSQL 17.*backup"):
        postgres.ensure()
    version.write_text(f"{pgtree.MAJOR}\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without a name")
def test_a_user_id_without_a_name_is_told_so(data_dir: Path) -> None:
    code = (
        "import os\nfrom omnicrm.core import postgres\nos.setuid(4242)\n"
        "try: postgres.ensure()\n"
        "except Exception as error: print(error)"
    )
    assert "4242 has no name on this machine" in said(run(code))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [("mysql://a@b/c", "not a PostgreSQL address"), ("nonsense", "not a database address")],
)
def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str, sentence: str) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    config.settings.cache_clear()
    try:
        with pytest.raises(config.Misconfigured, match=sentence):
            postgres.url("app")
        with pytest.raises(config.Misconfigured, match="DATABASE_OWNER_URL is missing"):
            postgres.url("owner")
    finally:
        config.settings.cache_clear()


def test_a_configured_address_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://omnicrm_app:s%40fe@db.example/practice?sslmode=require")
    monkeypatch.delenv("OMNICRM_DATABASE", raising=False)  # a worker's own, where the suite runs as a whole
    config.settings.cache_clear()
    try:
        assert postgres.url("app") == "postgresql+psycopg://omnicrm_app:s%40fe@db.example/practice?sslmode=require"
        assert postgres.url("app", "other").split("?")[0].endswith("/other")
    finally:
        config.settings.cache_clear()
