"""A body announced as too large is not read, one that turns out to be is cut off, whatever the application does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from omnicrm.routes.shield import LARGEST_BODY, Shield

PART = b"x" * 100_000


class Reader:
    """An application that reads everything and answers with its length."""

    def __init__(self, *, raises: bool = False) -> None:
        self.read = 0
        self.raises = raises

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            self.read += len(message["body"])
            if not message["more_body"]:
                break
        else:
            if self.raises:
                raise ConnectionError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(self.read).encode()})


def answer(app: Reader, tmp_path: Path, *, parts: int, path: str = "/x", announced: int | None = None) -> Any:
    headers = [(b"host", b"localhost")]
    if announced is not None:
        headers.append((b"content-length", str(announced).encode()))
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "scheme": "http", "client": ("::1", 1)}
    left = [{"type": "http.request", "body": PART, "more_body": n < parts - 1} for n in range(parts)]
    sent: list[Any] = []

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Shield(app, tmp_path)(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"]


@pytest.mark.parametrize("raises", [False, True])
def test_a_body_without_end_is_cut_off(tmp_path: Path, raises: bool) -> None:
    app = Reader(raises=raises)
    assert answer(app, tmp_path, parts=50) == 413
    assert app.read <= LARGEST_BODY


def test_an_announced_one_is_not_read(tmp_path: Path) -> None:
    app = Reader()
    assert answer(app, tmp_path, parts=1, announced=LARGEST_BODY + 1) == 413
    assert app.read == 0


def test_small_ones_and_uploads_pass(tmp_path: Path) -> None:
    assert answer(Reader(), tmp_path, parts=3) == 200
    assert answer(Reader(), tmp_path, parts=50, path="/files") == 200
