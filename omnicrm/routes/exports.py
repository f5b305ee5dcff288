"""The practitioner's book as a file, and everything as an archive."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from omnicrm.core import clock
from omnicrm.core import db as database
from omnicrm.core.errors import NotFound, SignedOut
from omnicrm.domain import everything, exports
from omnicrm.domain.accounts import Login
from omnicrm.domain.exports import Kind
from omnicrm.routes import pages

_KINDS: dict[str, tuple[Kind, str, str]] = {
    "csv": ("csv", "text/csv; charset=utf-8", "csv"),
    "vcard3": ("vcf3", "text/vcard; charset=utf-8", "vcf"),
    "vcard4": ("vcf4", "text/vcard; charset=utf-8", "vcf"),
    "json": ("json", "application/json", "json"),
}
_IN_MEMORY = 1024 * 1024  # bytes; more lies on disk while it is sent


async def contacts(request: Request) -> Response:
    """All clients as an attachment, or with `?group=ID` those of a group; 401 signed out, 404 for another form."""
    login = await run_in_threadpool(pages.current_login, request)
    if login is None:
        raise SignedOut
    if request.path_params["form"] not in _KINDS:
        raise NotFound("Contacts are exported as csv, vcard3, vcard4 or json.")
    kind, media_type, ending = _KINDS[request.path_params["form"]]
    file = await run_in_threadpool(_written, login, kind, _group(request))
    name = f"contacts-{clock.now():%Y-%m-%d}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    pieces = iter(lambda: file.read(64 * 1024), b"")
    return StreamingResponse(pieces, media_type=media_type, headers=headers, background=BackgroundTask(file.close))


async def archive(request: Request) -> Response:
    """An archive that was made in the application; 401 signed out, 404 for an unknown, failed or expired one."""
    login = await run_in_threadpool(pages.current_login, request)
    if login is None:
        raise SignedOut
    file = await run_in_threadpool(_archive, login, _known(request.path_params["export"], "export"))
    headers = {
        "content-disposition": f'attachment; filename="omnicrm-{clock.now():%Y-%m-%d}.zip"',
        "cache-control": "no-store",
    }
    return FileResponse(file, media_type="application/zip", headers=headers)


routes = [Route("/export/contacts/{form}", contacts), Route("/export/everything/{export}", archive)]


def _archive(login: Login, run_id: UUID) -> Path:
    with database.transaction(login.user_id) as db:
        file = everything.file_of(db, run_id)
    if not file.is_file():
        raise NotFound("This export is not here any more. Make a new one.")
    return file


def _group(request: Request) -> UUID | None:
    asked = request.query_params.get("group")
    return _known(asked, "group") if asked else None


def _known(value: str, what: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise NotFound(f"This {what} is not here any more.") from None


def _written(login: Login, kind: Kind, group_id: UUID | None) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # closed when it is sent
    with database.transaction(login.user_id) as db:
        for piece in exports.written(db, kind, group_id=group_id):
            file.write(piece.encode())
    file.seek(0)
    return file
