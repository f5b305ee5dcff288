"""Files of clients go in and come out: who calls and how much is said are asked before a byte is taken."""

from __future__ import annotations

from typing import BinaryIO
from urllib.parse import quote
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from omnicrm.core import db as database
from omnicrm.core import storage
from omnicrm.core.errors import Invalid, NotFound, OmniError, SignedOut
from omnicrm.core.storage import TooLarge
from omnicrm.domain import contacts, files, limits
from omnicrm.domain.accounts import Login
from omnicrm.models.files import File
from omnicrm.routes import pages

ENVELOPE = 64 * 1024  # bytes of a multipart body beside the file
PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


async def receive(request: Request) -> Response:
    """A file (`file`) of a client (`contact`), or with `kind=photo` the client's photo.

    201 with what was kept as JSON, 303 to the client for a browser's form; 401 signed out, 404 for an unknown client,
    413 past 25 MB or of unknown length, 415 for what is not taken, 429 for too many, 422 for what did not arrive.
    """
    login = await run_in_threadpool(pages.current_login, request)
    if login is None:
        raise SignedOut
    said = request.headers.get("content-length", "")
    if not said.isdigit() or int(said) > files.LARGEST + ENVELOPE:
        return pages.refused(request, TooLarge(f"The file is larger than {files.LARGEST // 1_000_000} MB."))
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            file, kind = form.get("file"), form.get("kind") or "file"
            if not isinstance(file, UploadFile) or not file.filename:
                raise Invalid("Choose a file first.")
            if kind not in ("file", "photo"):
                raise Invalid("A file is of the kind file or photo.")
            contact_id = _id(form.get("contact"))
            take = _photo if kind == "photo" else _file
            kept = await run_in_threadpool(take, login, contact_id, file.filename, file.file)
    except HTTPException:
        return pages.refused(request, Invalid("The file did not arrive whole. Choose it again."))
    except OmniError as error:
        return pages.refused(request, error)
    if pages.wants_html(request):
        return pages.away(f"/contacts/{contact_id}" if contact_id else "/contacts")
    return JSONResponse(kept, status_code=201, headers=PRIVATE)


async def send(request: Request) -> Response:
    """The file as an attachment; 401 signed out, 404 for an unknown one, another practitioner's or a removed one."""
    login = await _login(request)
    file = await run_in_threadpool(_found, login, _known(request.path_params["file"]))
    name = quote(file.name, safe="")
    plain = file.name.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_").replace("?", "_")
    headers = {**PRIVATE, "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"}
    return FileResponse(storage.path(login.user_id, file.storage_key), media_type=file.media_type, headers=headers)


async def photo(request: Request) -> Response:
    """A client's photo, which we encoded ourselves; 401 signed out, 404 where there is none."""
    login = await _login(request)
    key = await run_in_threadpool(_photo_of, login, _known(request.path_params["contact"]))
    headers = {"cache-control": "private, max-age=86400", "x-content-type-options": "nosniff"}
    return FileResponse(storage.path(login.user_id, key), media_type="image/jpeg", headers=headers)


routes = [
    Route("/files", receive, methods=["POST"]),
    Route("/files/photo/{contact}", photo),
    Route("/files/{file}", send),
]


async def _login(request: Request) -> Login:
    login = await run_in_threadpool(pages.current_login, request)
    if login is None:
        raise SignedOut
    return login


def _file(login: Login, contact_id: UUID | None, name: str, content: BinaryIO) -> dict[str, object]:
    _count(login)
    stored, shown, media_type = files.take(login.user_id, content, name)
    try:
        with database.transaction(login.user_id, actor="practitioner") as db:
            file = files.add(db, contact_id, stored, shown, media_type)
            return {"id": str(file.id), "name": file.name, "size": file.size, "media_type": file.media_type}
    except BaseException:
        storage.remove(login.user_id, stored.key)
        raise


def _photo(login: Login, contact_id: UUID | None, name: str, content: BinaryIO) -> dict[str, object]:
    _count(login)
    if contact_id is None:
        raise Invalid("A photo is of a client.")
    stored = files.portrait(login.user_id, storage.put(login.user_id, content, most=files.LARGEST))
    try:
        with database.transaction(login.user_id, actor="practitioner") as db:
            before = files.set_photo(db, contact_id, stored.key)
            return {"photo": stored.key, "before": before}
    except BaseException:
        storage.remove(login.user_id, stored.key)
        raise


def _count(login: Login) -> None:
    with database.transaction(None) as db:
        limits.count(db, files.UPLOADS, str(login.user_id))


def _found(login: Login, file_id: UUID) -> File:
    with database.transaction(login.user_id) as db:
        file = files.get(db, file_id)
        db.expunge(file)
        return file


def _photo_of(login: Login, contact_id: UUID) -> str:
    with database.transaction(login.user_id) as db:
        key = contacts.get(db, contact_id).profile_image_path
    if not key:
        raise NotFound("There is no photo of this client.")
    return key


def _id(value: object) -> UUID | None:
    return _known(value) if value else None


def _known(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise NotFound("This is not in your practice any more. Load the page again.") from None
