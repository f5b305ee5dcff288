"""A file of contacts is handed over: a plain form of the page /import."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnicrm.core import db as database
from omnicrm.core.errors import Invalid, OmniError, SignedOut
from omnicrm.domain.accounts import Login
from omnicrm.domain.imports import uploads
from omnicrm.routes import pages


class TooLarge(Invalid):
    """More than is taken in the browser."""

    http_status = 413


ENVELOPE = 64 * 1024  # bytes of a multipart body beside the file


async def receive(request: Request) -> Response:
    """303 to the import's page; 401 signed out, 413 past 100 MB or of unknown length, 422 with a sentence.

    Who calls and how much is said are asked before a byte of the file is taken.
    """
    login = await run_in_threadpool(pages.current_login, request)
    if login is None:
        raise SignedOut
    said = request.headers.get("content-length", "")
    if not said.isdigit() or int(said) > uploads.LARGEST + ENVELOPE:
        error = TooLarge(
            "The file is larger than 100 MB. `omnicrm import contacts` on the command line takes any size."
        )
        return pages.refused(request, error)
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise Invalid("Choose a file first.")
            batch_id = await run_in_threadpool(_kept, login, file.filename, file.file)
    except HTTPException:
        return pages.refused(request, Invalid("The file did not arrive whole. Choose it again."))
    except OmniError as error:
        return pages.refused(request, error)
    return pages.away(f"/import?file={batch_id}")


routes = [Route("/import/file", receive, methods=["POST"])]


def _kept(login: Login, name: str, content: BinaryIO) -> UUID:
    with database.transaction(login.user_id) as db:
        return uploads.receive(db, name, content)
