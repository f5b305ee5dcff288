"""What is our own fault is told by a reference; what was worked on is in no answer and in no log."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from omnicrm import routes
from omnicrm.core import log
from omnicrm.core.db import transaction
from omnicrm.core.errors import Refused
from omnicrm.routes.shield import Broken, Shield

pytestmark = pytest.mark.outside(23)
PLANTED = "her left knee, kanarienvogel"


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Any:
    """All that is logged, as `serve` would write it."""
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    log.setup(getattr(request, "param", "text"))
    stream = io.StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(level)


def _number_that_is_none(user_id: UUID) -> None:
    with transaction(user_id) as db:
        db.execute(text("select cast(:words as integer)"), {"words": PLANTED})


@pytest.mark.parametrize("written", ["text", "json"], indirect=True)
def test_an_error_of_the_database_is_logged_without_its_words(written: io.StringIO, maya: UUID) -> None:
    with pytest.raises(DataError) as caught:
        _number_that_is_none(maya)
    assert PLANTED in str(caught.value)  # this is what must not get out
    logging.getLogger("omnicrm.jobs").error("A number could not be stored", exc_info=caught.value)
    assert "DataError 22P02" in written.getvalue()
    assert "_number_that_is_none" in written.getvalue()
    assert "kanarienvogel" not in written.getvalue()


def test_causes_are_named_without_their_words_and_ours_with_them() -> None:
    try:
        try:
            int(PLANTED)
        except ValueError as error:
            raise Refused("This is not a number.") from error
    except Refused as error:
        said = log.trace(error)
    assert "ValueError\nwhich led to" in said
    assert said.endswith("Refused: This is not a number.")
    assert "kanarienvogel" not in said


async def _fails(request: Request) -> Response:
    raise ValueError((await request.body()).decode())


async def _fails_half_way(request: Request) -> Response:
    words = (await request.body()).decode()

    async def parts() -> Any:
        yield b"the first half"
        raise ValueError(words)

    return StreamingResponse(parts())


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_bug_of_a_route_is_answered_with_the_reference_that_stands_in_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: io.StringIO, accept: str
) -> None:
    monkeypatch.setattr(routes, "all_routes", lambda: (Route("/fails", _fails, methods=["POST"]),))
    with TestClient(Shield(routes.app(), tmp_path), base_url="http://localhost") as web:
        answer = web.post("/fails", content=PLANTED, headers={"accept": accept})
    assert answer.status_code == 500
    reference = answer.text.partition("this reference: ")[2][:8]
    assert len(reference) == 8
    assert f"Reference {reference}: ValueError" in written.getvalue()
    assert written.getvalue().count("Reference ") == 1
    assert "kanarienvogel" not in answer.text + written.getvalue()


def test_an_answer_that_breaks_off_reaches_the_server_without_words(tmp_path: Path, written: io.StringIO) -> None:
    shield = Shield(Starlette(routes=[Route("/fails", _fails_half_way, methods=["POST"])]), tmp_path)
    scope = {"type": "http", "method": "POST", "path": "/fails", "headers": [(b"host", b"localhost")],
             "asgi": {"spec_version": "2.4"}, "query_string": b"", "scheme": "http", "client": ("::1", 1)}  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": PLANTED.encode(), "more_body": False}

    async def send(message: Any) -> None:
        json.dumps(message, default=str)

    with pytest.raises(Broken) as caught:
        asyncio.run(shield(scope, receive, send))
    assert f"Reference {caught.value}" in written.getvalue()
    assert caught.value.__suppress_context__
    assert "kanarienvogel" not in written.getvalue()
