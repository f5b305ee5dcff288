"""A file handed over in the browser: taken privately, its columns changed, rehearsed, decided, run, taken back."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from omnicrm.core.db import transaction
from omnicrm.domain.imports import uploads
from omnicrm.jobs import uploads as job
from omnicrm.models.accounts import User
from omnicrm.models.contacts import Contact
from omnicrm.models.imports import ImportBatch
from omnicrm.state import imports as importing
from omnicrm.state.imports import ImportState
from tests.doors import send
from tests.factories import make_contact
from tests.web import client, registered

TABLE = (
    b"Name;Notiz;Mail\nSofia Nyman;seit 2020;sofia@work.example\nJo Park;;jo@park.example\nKai;;kai[at]falk.example\n"
)


class Beside:
    """Does at once what the application does in a thread after the handler's transaction."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, UUID, UUID]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda user, batch: self.asked.append((name, user, batch))

    def work(self) -> None:
        (name, user, batch) = self.asked.pop()
        getattr(job, {"begin_rehearsal": "rehearse", "begin_run": "run", "begin_revert": "revert"}[name])(user, batch)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Beside:
    found = Beside()
    monkeypatch.setattr(importing, "_work", found)
    return found


def _received(user: UUID, data: bytes = TABLE) -> str:
    import io

    with transaction(user) as db:
        return str(uploads.receive(db, "klienten.csv", io.BytesIO(data)))


def test_a_form_hands_a_file_over(database: str) -> None:
    browser, typed = registered()
    answer = browser.post("/import/file", files={"file": ("klienten.csv", TABLE, "text/csv")})
    assert answer.status_code == 303
    key = UUID(parse_qs(urlsplit(answer.headers["location"]).query)["file"][0])
    kept = uploads.path(key)
    assert kept.read_bytes() == TABLE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with transaction(None) as db:
        assert db.scalars(select(User).where(User.email == typed["email"])).first() is None  # nobody sees it unnamed
    kept.unlink()


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [(b"", 422, "empty"), (b"PK\x03\x04" + bytes(600), 422, "Save it as CSV")],
)
def test_what_is_no_table_is_said_and_not_kept(
    database: str, content: bytes, status: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "path", lambda batch_id: tmp_path / str(batch_id))  # other workers keep files too
    browser, _ = registered()
    answer = browser.post("/import/file", files={"file": ("a.csv", content, "text/csv")})
    assert (answer.status_code, words in answer.text) == (status, True)
    assert list(tmp_path.iterdir()) == []


def test_nobody_unknown_and_nothing_too_large_is_read(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client(html=False).post("/import/file", files={"file": ("a.csv", TABLE)}).status_code == 401
    monkeypatch.setattr(uploads, "LARGEST", 100)
    browser, _ = registered()
    answer = browser.post("/import/file", files={"file": ("a.csv", b"x" * 200_000)})
    assert answer.status_code == 413


def test_from_columns_over_the_rehearsal_to_the_end_and_back(maya: UUID, beside: Beside) -> None:
    with transaction(maya) as db:
        make_contact(db, first_name="Sofia", last_name="Nyman", email="sofia@home.example")
    key = _received(maya)
    page = send(ImportState, "load", as_=maya, route_={"file": key})
    assert [(column.header, column.target) for column in page.card.columns] == [
        ("Name", "full_name"),
        ("Notiz", "notes"),
        ("Mail", "email"),
    ]
    page = send(ImportState, "set_column", as_=maya, on_=page, place=1, target="tags")
    page = send(ImportState, "rehearse", as_=maya, on_=page)
    assert page.card.step == "rehearsing"
    beside.work()
    page = send(ImportState, "again", as_=maya, on_=page)
    assert page.card.step == "rehearsal"
    assert (page.card.new, page.card.known, page.card.perhaps, page.card.refused) == (1, 0, 1, 1)
    assert [(row.name, row.like, row.why) for row in page.card.perhaps_rows] == [
        ("Sofia Nyman", "Sofia Nyman", "same name")
    ]
    assert page.card.comes_in == 1  # nobody has said yet
    page = send(ImportState, "choose", as_=maya, on_=page, row=2, choice="same")
    assert page.card.comes_in == 2
    page = send(ImportState, "run", as_=maya, on_=page)
    beside.work()
    page = send(ImportState, "again", as_=maya, on_=page)
    assert (page.card.step, page.card.new, page.card.filled, page.card.refused) == ("done", 1, 1, 1)
    assert not uploads.path(UUID(key)).exists()
    with transaction(maya) as db:
        book = {contact.display_name: contact for contact in db.scalars(select(Contact))}
        assert set(book) == {"Sofia Nyman", "Jo Park"}
        assert book["Sofia Nyman"].tags == ["seit 2020"]
    send(ImportState, "revert", as_=maya, on_=page, batch=key)
    beside.work()
    page = send(ImportState, "load", as_=maya, route_={"file": key})
    assert page.card.step == "reverted"
    with transaction(maya) as db:
        (left,) = db.scalars(select(Contact))
        assert (left.display_name, left.tags) == ("Sofia Nyman", [])
        assert db.scalars(select(ImportBatch)).one().status == "reverted"


def test_another_practitioners_file_is_not_there(maya: UUID, natalie: UUID, beside: Beside) -> None:
    page = send(ImportState, "load", as_=natalie, route_={"file": _received(maya)})
    assert page.card.id == ""
    assert "not here" in page.toast["text"]
