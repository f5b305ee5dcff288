"""Bad input to every command: 2 for wrong usage, 1 for what is refused, one line that says why, nothing changed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
import typer
from sqlalchemy import text

from omnicrm import cli
from omnicrm.__main__ import run
from omnicrm.core import ids
from omnicrm.core.db import transaction
from omnicrm.models.accounts import User
from tests.contract.test_command_line import omnicrm, refused

NOBODY = "nobody@nowhere.example"
NO_ID = "01a21040-d1c0-733a-b229-60882fb4c03c"
Line = Callable[..., str]


def leaves() -> list[list[str]]:
    """Every command, generated: a new one is in it alone."""

    def below(group: typer.Typer | object, names: list[str]) -> Iterator[list[str]]:
        commands = getattr(group, "commands", None)
        if commands is None:
            yield names
            return
        for name, command in commands.items():
            yield from below(command, [*names, name])

    return list(below(typer.main.get_command(cli.build()), []))


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> Line:
    """Runs a command line that must end with `code`, and gives the one line on stderr; stdout stays empty."""

    def ran(*arguments: str, code: int = 1) -> str:
        capsys.readouterr()
        assert run(list(arguments)) == code
        said = capsys.readouterr()
        lines = said.err.strip().splitlines()
        assert len(lines) == 1, said.err
        assert lines[0].startswith("omnicrm: ")
        assert "fault of ours" not in lines[0]
        assert code == 2 or "import" in arguments or said.out in ("", "\n") or "--json" in arguments, said.out
        return lines[0]

    return ran


@pytest.fixture
def me(maya: UUID) -> str:
    with transaction(maya) as db:
        return db.get_one(User, maya).email


@pytest.mark.parametrize("names", leaves(), ids=" ".join)
def test_an_option_that_there_is_not_is_wrong_usage(line: Line, names: list[str]) -> None:
    assert "--no-such-thing" in line(*names, "--no-such-thing", code=2)


@pytest.mark.parametrize("names", leaves(), ids=" ".join)
def test_more_than_is_asked_for_is_wrong_usage(line: Line, names: list[str]) -> None:
    assert line(*names, "--help=x", code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["user", "create"],
        ["user", "create", "a@b.example", "--name", "A"],
        ["user", "delete"],
        ["approvals", "list"],
        ["approvals", "approve", "--user", NOBODY],
        ["approvals", "snooze", NO_ID, "--user", NOBODY],
        ["approvals", "list", "--user", NOBODY, "--limit", "0"],
        ["approvals", "list", "--user", NOBODY, "--limit", "many"],
        ["demo", "--contacts", "5"],
        ["demo", "--contacts", "all"],
        ["import", "contacts", "--user", NOBODY],
        ["import", "takeout"],
        ["import", "revert", "--user", NOBODY],
        ["propose"],
        ["propose", "--user", NOBODY, "--cases", "."],
        ["sync"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "0"],
        ["sandbox", "--mails", "-1"],
        ["migrate", "now"],
    ],
    ids=" ".join,
)
def test_what_is_missing_or_no_number_is_wrong_usage(line: Line, arguments: list[str]) -> None:
    line(*arguments, code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync"],
        ["propose"],
        ["demo"],
        ["approvals", "list"],
        ["approvals", "approve", NO_ID],
        ["approvals", "reject", NO_ID],
        ["approvals", "snooze", NO_ID, "--until", "2030-01-01"],
        ["approvals", "retry", NO_ID],
        ["approvals", "undo", NO_ID],
        ["import", "contacts", "pyproject.toml"],
        ["import", "takeout", "pyproject.toml"],
        ["import", "revert", NO_ID],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("who", [NOBODY, "", "no address", "x" * 400, "' or 1=1 --"])
def test_nobody_is_told_so(database: str, line: Line, arguments: list[str], who: str) -> None:
    assert "There is no account" in line(*arguments, "--user", who)


@pytest.mark.parametrize("command", ["approve", "reject", "retry", "undo"])
@pytest.mark.parametrize(
    ("typed", "says"), [("7", "not the id"), ("x" * 300, "not the id"), (NO_ID, "no longer exists")]
)
def test_an_id_that_is_none_or_nobodys(line: Line, me: str, command: str, typed: str, says: str) -> None:
    assert says in line("approvals", command, typed, "--user", me)


@pytest.mark.parametrize("until", ["", "tomorrow", "2030-13-01", "2030-02-30T10:00", "99999-01-01", "1999-01-01T00:00"])
def test_a_time_that_is_none_or_over(line: Line, me: str, until: str) -> None:
    line("approvals", "snooze", NO_ID, "--until", until, "--user", me)


def test_words_that_are_no_pair_and_no_shelf(line: Line, me: str) -> None:
    assert "FIELD=VALUE" in line("approvals", "approve", NO_ID, "--set", "nothing", "--user", me)
    assert "--shelf" in line("approvals", "list", "--shelf", "attic", "--user", me)
    line("approvals", "list", "--after", "not a cursor", "--user", me)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "no address"}, "email"),
        ({"email": f"{'x' * 400}@y.example"}, "email"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"name": ""}, "name"),
        ({"password": "short"}, "password"),
        ({"password": ""}, "password"),
    ],
)
def test_an_account_that_cannot_be(
    database: str, line: Line, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], says: str
) -> None:
    typed = {
        "email": f"{ids.new()}@x.example",
        "name": "A",
        "time_zone": "Europe/Berlin",
        "password": "a boat in reeds",
    } | changes
    monkeypatch.setattr("sys.stdin", io.StringIO(typed["password"] + "\n"))
    before = _accounts()
    said = line(
        *("user", "create", typed["email"], "--name", typed["name"], "--time-zone", typed["time_zone"]),
        "--password-stdin",
    )
    assert says in said.replace("time zone", "time_zone").lower()
    assert typed["password"] not in said or not typed["password"]
    assert _accounts() == before


def test_an_account_twice_and_a_deletion_without_a_yes(line: Line, me: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _accounts()
    line("user", "create", me.upper(), "--name", "A", "--time-zone", "Europe/Berlin")
    assert "--yes" in line("user", "delete", me)
    assert "There is no account" in line("user", "delete", NOBODY, "--yes")
    assert _accounts() == before


def _odd_files(folder: Path) -> list[Path]:
    folder.joinpath("bytes.csv").write_bytes(bytes(range(256)) * 40)
    folder.joinpath("empty.csv").write_bytes(b"")
    folder.joinpath("utf16.vcf").write_bytes("BEGIN:VCARD\nEND:VCARD".encode("utf-16") + b"\xff")
    folder.joinpath("cut.zip").write_bytes(b"PK\x03\x04" + b"\0" * 40)
    folder.joinpath("no.mbox").write_bytes(b"\xff\xfe\x00" * 99)
    folder.joinpath("picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    folder.joinpath("loop").symlink_to("loop")
    return [folder / "not there.csv", folder / "loop", *(path for path in folder.iterdir() if path.name != "loop")]


@pytest.mark.parametrize("kind", ["contacts", "takeout"])
def test_files_that_cannot_be_read(
    tmp_path: Path, me: str, maya: UUID, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    for file in [*_odd_files(tmp_path), Path("/proc/self/mem")]:
        capsys.readouterr()
        code = run(["import", kind, str(file), "--user", me])
        said = capsys.readouterr()
        assert code in (0, 1), (file, said)
        if code == 1:
            assert len(said.err.strip().splitlines()) == 1, (file, said.err)
        assert "fault of ours" not in said.err, (file, said.err)
        assert "Traceback" not in said.err
        if not file.exists():
            assert code == 1, file
    with transaction(maya) as db:
        assert db.execute(text("select count(*) from contacts")).scalar() == 0
        assert db.execute(text("select count(*) from source_items where outcome is null")).scalar() == 0


def test_a_map_that_is_none(tmp_path: Path, line: Line, me: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Name,Mail\nJo Park,jo@park.example\n")
    for name, content in (("a.json", b"{"), ("b.json", b"\xff"), ("c.json", b"[]"), ("d.json", b'{"columns": 7}')):
        (tmp_path / name).write_bytes(content)
        line("import", "contacts", str(file), "--map", str(tmp_path / name), "--user", me)
    line("import", "contacts", str(file), "--map", str(tmp_path / "none.json"), "--user", me)
    line("import", "contacts", str(file), "--perhaps", "maybe", "--user", me)
    line("import", "revert", "x", "--user", me)
    line("import", "revert", NO_ID, "--user", me)


def test_cases_that_are_none(tmp_path: Path, line: Line) -> None:
    line("propose", "--cases", str(tmp_path))
    line("propose", "--cases", str(tmp_path / "not there"))
    (tmp_path / "cases.jsonl").write_bytes(b'{"id": 1}\nnot json\n\xff\xfe\n')
    line("propose", "--cases", str(tmp_path), "--out", str(tmp_path / "no" / "such" / "folder"))


@pytest.mark.parametrize("arguments", [("user", "list"), ("worker",), ("migrate", "--check"), ("serve", "--port", "1")])
def test_a_database_that_is_down_is_said_in_one_line(arguments: tuple[str, ...]) -> None:
    nowhere = "postgresql://omnicrm@127.0.0.1:1/omnicrm"
    said = refused(
        omnicrm(
            *arguments,
            DATABASE_URL=nowhere,
            DATABASE_JOBS_URL=nowhere,
            DATABASE_OWNER_URL=nowhere,
            OMNICRM_SECRET_KEYS="k" * 40,
        )
    )
    assert re.search("database|Port 1 ", said), said
    assert "Traceback" not in said


def _accounts() -> int:
    with transaction(None, role="owner") as db:
        return int(db.execute(text("select count(*) from users")).scalar_one())
