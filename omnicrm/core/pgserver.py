"""The embedded PostgreSQL server: one a data folder, shared by every process that uses the folder, and kept running.

It listens on a Unix socket in a folder that nobody else may enter, never on TCP.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from omnicrm.core import pgtree
from omnicrm.core.config import Misconfigured
from omnicrm.core.errors import Unavailable

SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_FOLDER = 80  # bytes; the kernel allows 107 with the socket's own name
_START_TRIES = 5
_SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 150
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
# Statements and the details of their errors hold clients' names: they stay out of the log.
log_error_verbosity = terse
log_min_error_statement = panic
"""


@dataclass(frozen=True)
class Server:
    """One cluster. `account` is the operating-system user that runs it where the application is root, else None."""

    base: Path
    account: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.base / "postgres"

    @property
    def socket_folder(self) -> Path:
        folder = self.base / "run"
        if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
            return folder
        return Path(tempfile.gettempdir()) / f"omnicrm-{hashlib.sha256(os.fsencode(self.base)).hexdigest()[:16]}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """As superuser, autocommit, without a password. Raises psycopg.OperationalError while it does not run."""
        return psycopg.connect(
            host=str(self.socket_folder), user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=5
        )

    def ensure(self) -> None:
        """Made, started and answering, or Unavailable with what the server said. Hold `locked()`."""
        if self.answers():
            return
        programs = pgtree.programs(self.base)
        self._own_folder(self.socket_folder, 0o700)
        if not (self.data / "PG_VERSION").exists():
            self._create(programs)
        self._check_version()
        self._start(programs)

    def answers(self) -> bool:
        """Whether it takes connections; waits up to a minute for one that is just starting or recovering."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect().close()
                return True
            except psycopg.OperationalError as error:
                if "the database system is" not in str(error):
                    return "FATAL:" in str(error)  # it runs, and refuses us for a reason of its own
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends it and its connections; data are kept. Nothing happens if it does not run. Hold `locked()`."""
        if (self.data / "postmaster.pid").exists():
            self._run(pgtree.programs(self.base) / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time makes, starts or stops the server."""
        self.base.mkdir(parents=True, exist_ok=True)
        with (self.base / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _create(self, programs: Path) -> None:
        new = self.base / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)  # of a first start that was cut off
        shutil.rmtree(self.data, ignore_errors=True)
        self._own_folder(new, 0o700)
        made = self._run(
            *(programs / "initdb", "-D", new, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"),
            *("--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums", "--no-sync"),
        )
        if made.returncode:
            raise Unavailable(f"The built-in PostgreSQL could not be set up: {_last_line(made.stdout)}")
        with (new / "postgresql.conf").open("a") as conf:
            conf.write(_SETTINGS)
        new.rename(self.data)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != pgtree.MAJOR:
            raise Misconfigured(
                f"The database in {self.data} was made by PostgreSQL {found}, and this version of OmniCRM has"
                f" {pgtree.MAJOR}. Make a backup with the version that made it, then restore it with this one."
            )

    def _start(self, programs: Path) -> None:
        log = self.base / "postgres.log"
        said = ""
        for attempt in range(_START_TRIES):
            if attempt:
                time.sleep(0.5 * attempt)
                self._clear_leftovers()
            log.unlink(missing_ok=True)
            self._own_file(log)
            started = self._run(
                *(programs / "pg_ctl", "-D", self.data, "-l", log, "-w", "-t", "60"),
                *("-o", f"-k '{self.socket_folder}'", "start"),
            )
            if self.answers():
                return
            said = _last_line(log.read_text(errors="replace")) or _last_line(started.stdout)
        raise Unavailable(f"The built-in PostgreSQL does not start: {said} (more in {log} and {self.data / 'log'})")

    def _clear_leftovers(self) -> None:
        """After a killed server: its orphans keep the shared memory, its lock files may name a stranger's process."""
        processes = _processes_in(self.data)
        postmaster = _first_number(self.data / "postmaster.pid")
        if postmaster in processes:
            return  # alive and busy: pg_ctl waits for it
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (_SOCKET, f"{_SOCKET}.lock"):
            (self.socket_folder / name).unlink(missing_ok=True)

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        who: dict[str, Any] = {}
        if self.account is not None:
            who = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return subprocess.run(  # noqa: S603  # our own programs, our own arguments
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,  # Ctrl-C in the terminal is not meant for it
            check=False,
            **who,
        )

    def _own_folder(self, path: Path, mode: int) -> None:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        status = path.lstat()
        owner = os.geteuid() if self.account is None else self.account.pw_uid
        if path.is_symlink() or status.st_uid not in (os.geteuid(), owner):
            raise Misconfigured(f"{path} belongs to somebody else. Remove it and start again.")
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        path.chmod(mode)

    def _own_file(self, path: Path) -> None:
        path.touch(mode=0o600)
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)


def at(data_dir: Path) -> Server:
    """The server of a data folder. As root it is run by `omnicrm`, `postgres` or `nobody`, whichever exists first.

    Raises Misconfigured where no such user exists, or where the current user has no name.
    """
    if os.geteuid():
        _check_own_name()
        return Server(data_dir, None)
    account = _unprivileged(data_dir / "postgres")
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(data_dir.stat().st_mode | 0o011)  # passing through; what is secret inside has its own mode
    if _reachable(data_dir, account):
        return Server(data_dir, account)
    elsewhere = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]  # below a closed home folder
    return Server(Path("/var/lib/omnicrm") / f"database-{elsewhere}", account)


def _check_own_name() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise Misconfigured(
            f"The user id {os.geteuid()} has no name on this machine, and PostgreSQL refuses that. Run as a user that"
            " /etc/passwd knows, or set DATABASE_URL."
        ) from None


def _unprivileged(data: Path) -> pwd.struct_passwd:
    if data.exists():
        return pwd.getpwuid(data.stat().st_uid)  # who made it runs it
    for name in ("omnicrm", "postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Misconfigured(
        "PostgreSQL does not run as root, and there is no user omnicrm, postgres or nobody. Add one:"
        " `useradd --system omnicrm`, or set DATABASE_URL."
    )


def _reachable(path: Path, account: pwd.struct_passwd) -> bool:
    """Whether `account` may pass through every folder down to `path`."""
    for folder in (path, *path.parents):
        status = folder.stat()
        shift = 6 if status.st_uid == account.pw_uid else 3 if status.st_gid == account.pw_gid else 0
        if not status.st_mode >> shift & 0o1:
            return False
    return True


def _processes_in(folder: Path) -> set[int]:
    """PostgreSQL processes that work in this folder (found on Linux only)."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            program = Path(os.readlink(entry / "exe").removesuffix(" (deleted)")).name
            if program == "postgres" and os.readlink(entry / "cwd") == str(folder.resolve()):
                found.add(int(entry.name))
        except OSError:
            continue  # ended meanwhile, or not ours to see
    return found


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "rror" in line]
    return (telling or lines or [""])[-1]
