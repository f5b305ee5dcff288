"""The practitioner's book as a file."""

from __future__ import annotations

import tempfile
from typing import IO
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from omnicrm.core import clock
from omnicrm.core import db as database
from omnicrm.core.errors import NotFound, SignedOut
from omnicrm.domain import exports
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


routes = [Route("/export/contacts/{form}", contacts)]


def _group(request: Request) -> UUID | None:
    asked = request.query_params.get("group")
    try:
        return UUID(asked) if asked else None
    except ValueError:
        raise NotFound("This group no longer exists.") from None


def _written(login: Login, kind: Kind, group_id: UUID | None) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # closed when it is sent
    with database.transaction(login.user_id) as db:
        for piece in exports.written(db, kind, group_id=group_id):
            file.write(piece.encode())
    file.seek(0)
    return file
