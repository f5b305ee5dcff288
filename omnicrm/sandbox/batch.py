"""Google's batch endpoint: many calls in one multipart/mixed request, each answered singly."""

from __future__ import annotations

import email
import email.policy
import secrets
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

MOST_CALLS = 100


async def batch(request: Request) -> Response:
    """At most 100 calls. Each goes through the whole application, faults and quota included."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    envelope = email.message_from_bytes(head + await request.body(), policy=email.policy.compat32)
    payload = envelope.get_payload()
    if not isinstance(payload, list) or len(payload) > MOST_CALLS:
        message = f"The batch has no parts, or more than {MOST_CALLS}."
        return JSONResponse({"error": {"code": 400, "message": message, "errors": []}}, 400)
    boundary = f"batch_{secrets.token_hex(12)}"
    answers = []
    for part in payload:
        inner = part.get_payload(decode=True) or b""
        status, body, headers = await _call(request, inner if isinstance(inner, bytes) else b"")
        own = part.get("Content-ID", "").strip().strip("<>")
        answers.append(
            f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <response-{own}>\r\n\r\n"
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
            + b"".join(name + b": " + value + b"\r\n" for name, value in headers)
            + b"\r\n"
            + body
            + b"\r\n"
        )
    content = b"".join(answers) + f"--{boundary}--\r\n".encode()
    return Response(content, media_type=f"multipart/mixed; boundary={boundary}")


def routes() -> list[Route]:
    return [Route(path, batch, methods=["POST"]) for path in ("/batch", "/batch/gmail/v1", "/batch/calendar/v3")]


async def _call(request: Request, inner: bytes) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    top, _, rest = inner.replace(b"\r\n", b"\n").partition(b"\n")
    head, _, body = rest.partition(b"\n\n")
    method, target, *_ = [*top.decode("latin-1").split(" "), "", ""]
    url = urlsplit(target)
    headers = [
        (name.strip().lower().encode(), value.strip().encode())
        for name, colon, value in (line.partition(":") for line in head.decode("latin-1").split("\n"))
        if colon
    ]
    if not any(name == b"authorization" for name, _ in headers):
        headers += [(b"authorization", request.headers.get("authorization", "").encode())]
    scope: Scope = {
        **{key: request.scope[key] for key in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": method,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "root_path": "",
        "query_string": url.query.encode(),
        "headers": headers,
        "omnicrm.batch": True,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await request.app(scope, receive, send)
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]), sent[0]["headers"]
