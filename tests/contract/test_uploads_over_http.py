"""What the upload and export routes of the running application answer to who means harm."""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text

from omnicrm.core import config, ids
from omnicrm.core.db import transaction
from omnicrm.domain import accounts
from omnicrm.domain.accounts import Browser, Registration
from omnicrm.domain.imports import uploads
from tests.serving import Served
from tests.web import PASSWORD

pytestmark = pytest.mark.xdist_group("uploads")  # what is kept is one folder's for all workers

TABLE = b"Name,Mail\nJo Park,jo@park.example\n"
BOUNDARY = "a-boundary"


@pytest.fixture(scope="module")
def login(database: str) -> tuple[str, uuid.UUID]:
    """A cookie's token, and whose it is."""
    form = Registration(
        name="Maya", email=f"maya-{ids.new()}@stillwater.example", password=PASSWORD, time_zone="Europe/Helsinki"
    )
    with transaction(ids.new()) as db:
        me = accounts.register(db, form)
        return accounts.open_login(db, Browser()), me.id


@pytest.fixture
def headers(served: Served, login: tuple[str, uuid.UUID]) -> dict[str, str]:
    return {"Origin": served.url, "Cookie": f"omnicrm={login[0]}"}


def put(served: Served, headers: dict[str, str], content: bytes, name: str = "a.csv", kind: str = "text/csv") -> int:
    answer = httpx.post(f"{served.url}/import/file", files={"file": (name, content, kind)}, headers=headers, timeout=30)
    assert "Traceback" not in answer.text
    return answer.status_code


@pytest.mark.outside(14)
def test_nobody_unknown_and_no_other_site_hands_a_file_over(served: Served, headers: dict[str, str]) -> None:
    assert put(served, {"Origin": served.url}, TABLE) == 401
    assert put(served, {**headers, "Cookie": f"omnicrm={ids.token()}"}, TABLE) == 401
    assert put(served, {**headers, "Origin": "https://evil.example"}, TABLE) == 403
    assert put(served, {**headers, "Origin": "null"}, TABLE) == 403


@pytest.mark.outside(14)
@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "..\\x.csv", "a\u202evsc.exe", "x" * 5_000, "\x00.csv", "%2e%2e%2fx", "/etc/passwd"]
)
def test_a_name_is_never_a_place(served: Served, headers: dict[str, str], name: str) -> None:
    before = _kept()
    assert put(served, headers, TABLE, name) in (303, 413, 422)
    new = _kept() - before
    assert all(uuid.UUID(path.name) and path.parent == uploads.path(ids.new()).parent for path in new)
    for path in new:
        path.unlink()


@pytest.mark.outside(14)
@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04" + bytes(2_000),
        b"\x1f\x8b\x08" + bytes(2_000),
        b"\xff\xfe" + b"\x00\xd8" * 500,
        b"%PDF-1.7\n" + bytes(500),
        bytes(range(256)) * 20,
    ],
    ids=["png", "svg", "html", "zip", "gzip", "lone surrogates", "pdf", "bytes"],
)
def test_what_is_no_table_is_refused_in_words_or_waits_to_be_looked_at(
    served: Served, headers: dict[str, str], login: tuple[str, uuid.UUID], content: bytes
) -> None:
    before = _kept()
    status = put(served, headers, content, "photo.png", "image/png")
    assert status in (303, 413, 415, 422)
    assert (_kept() == before) is (status != 303)
    for path in _kept() - before:
        path.unlink()
    with transaction(login[1]) as db:
        assert db.execute(text("select count(*) from contacts")).scalar() == 0


@pytest.mark.outside(14)
def test_a_body_without_end_is_refused_before_it_is_taken(served: Served, headers: dict[str, str]) -> None:
    """5 GB said, and 5 GB in chunks that say nothing: answered at once, and never held in memory."""
    head = {**headers, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    grown = _memory(served)
    for lengths in ({"Content-Length": str(5 * 2**30)}, {"Transfer-Encoding": "chunked"}):
        connection = http.client.HTTPConnection(served.host, timeout=20)
        connection.putrequest("POST", "/import/file")
        for name, value in (head | lengths).items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            for _ in range(2_000):  # 128 MB, unless it hangs up before
                piece = b"x" * 65_536
                connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if "Transfer-Encoding" in lengths else piece)
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass
        try:
            assert connection.getresponse().status == 413
        except (ConnectionResetError, http.client.BadStatusLine):
            pass  # it hung up while we were still sending
        finally:
            connection.close()
    assert _memory(served) - grown < 50
    assert served.get("/healthz").status_code == 200


def _parts(count: int) -> bytes:
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
    return (part * count + f"--{BOUNDARY}--\r\n").encode()


@pytest.mark.outside(25)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (_parts(10_000), f"multipart/form-data; boundary={BOUNDARY}"),
        (b"--" + BOUNDARY.encode() + b"\r\n" + b"X: y\r\n" * 50_000, f"multipart/form-data; boundary={BOUNDARY}"),
        (b"--" + BOUNDARY.encode(), f"multipart/form-data; boundary={BOUNDARY}"),
        (TABLE, "multipart/form-data"),
        (TABLE, "multipart/form-data; boundary="),
        (TABLE, "text/csv"),
        (b"file=x", "application/x-www-form-urlencoded"),
        (b"x=1&" * 100_000, "application/x-www-form-urlencoded"),
        (b'{"file": [' * 50_000, "application/json"),
        (b"", ""),
    ],
    ids=[
        "10,000 parts",
        "headers",
        "cut off",
        "no boundary",
        "empty boundary",
        "bare",
        "form",
        "fields",
        "json",
        "none",
    ],
)
def test_a_form_that_is_none_is_refused_in_words(
    served: Served, headers: dict[str, str], body: bytes, kind: str
) -> None:
    before = _kept()
    answer = httpx.post(
        f"{served.url}/import/file", content=body, headers={**headers, "Content-Type": kind}, timeout=30
    )
    assert answer.status_code in (400, 413, 422)
    assert answer.text.strip()
    assert "Traceback" not in answer.text
    assert _kept() == before
    assert "Traceback" not in served.log.read_text()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/export/contacts/xls", 404),
        ("/export/contacts/..%2f..%2fetc", 404),
        ("/export/contacts/", 404),
        ("/export/contacts/csv%00", 404),
        ("/export/contacts/" + "x" * 1_500, 404),
        ("/import/file", 404),
    ],
)
def test_an_export_that_there_is_not(served: Served, headers: dict[str, str], path: str, status: int) -> None:
    answer = httpx.get(f"{served.url}{path}", headers=headers, timeout=30)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


@pytest.mark.outside(24)
def test_what_goes_out_is_an_attachment_that_runs_nothing(
    served: Served, headers: dict[str, str], login: tuple[str, uuid.UUID]
) -> None:
    starts = ("=1+1", "+1", "-1", "@x", "\t=1")
    with transaction(login[1]) as db:
        for start in starts:
            db.execute(
                text("insert into contacts (id, first_name) values (:id, :name)"), {"id": ids.new(), "name": start}
            )
    try:
        assert httpx.get(f"{served.url}/export/contacts/csv").status_code == 401
        answer = httpx.get(f"{served.url}/export/contacts/csv", headers=headers, timeout=30)
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        cells = [cell.strip('"') for line in answer.text.splitlines()[1:] for cell in line.split(",")]
        assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell] == []
    finally:
        with transaction(login[1]) as db:
            db.execute(text("delete from contacts"))


def _kept() -> set[Path]:
    folder = uploads.path(ids.new()).parent
    return set(folder.iterdir()) if folder.exists() else set()


def _memory(served: Served) -> float:
    process = psutil.Process(served.process.pid)
    every: Iterator[psutil.Process] = iter((process, *process.children(recursive=True)))
    return float(sum(one.memory_info().rss for one in every) / 2**20)


def test_what_waits_lies_where_no_address_leads(served: Served, headers: dict[str, str]) -> None:
    folder = uploads.path(ids.new()).parent
    assert folder.is_relative_to(config.settings().data_dir)
    before = _kept()
    assert put(served, headers, TABLE) == 303
    (new,) = _kept() - before
    for address in (
        f"/{new.name}",
        f"/uploads/{new.name}",
        f"/_upload/{new.name}",
        f"/import/{new.name}",
        f"/files/{new.name}",
    ):
        assert TABLE.decode() not in httpx.get(f"{served.url}{address}", headers=headers).text
    new.unlink()
