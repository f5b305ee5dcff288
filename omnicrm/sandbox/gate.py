"""Every call goes through here: faults, the log, and the count of what is under way."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from omnicrm.core import clock
from omnicrm.sandbox import faults
from omnicrm.sandbox.store import Store

LARGEST_BODY = 40 * 1024 * 1024


class Gate:
    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/sandbox/"):
            await self.app(scope, receive, send)
            return
        self.store.in_flight += 1
        self.store.peak_in_flight = max(self.store.peak_in_flight, self.store.in_flight)
        try:
            await self._answer(scope, receive, send)
        finally:
            self.store.in_flight -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            await JSONResponse({"error": {"code": 413, "message": "Request Entity Too Large"}}, 413)(
                scope, receive, send
            )
            return
        query = scope["query_string"].decode()
        line = f"{scope['method']} {scope['path']}" + (f"?{query}" if query else "")
        entry = self._note(scope, query, body)
        fault = faults.take(self.store.faults, line)
        entry["fault"] = fault.kind if fault else None
        if fault and fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind in faults.REFUSALS:
            response = faults.refusal(fault, "gmail" if "/gmail/" in scope["path"] else "calendar")
            entry["status"] = response.status_code
            await response(scope, receive, send)
            return
        status, headers, answer = await self._inner(scope, body)
        entry["status"] = status
        if scope["method"] != "GET":
            self.store.save()
        if self.store.tap is not None:
            self.store.tap(entry, answer)
        if fault and fault.kind == "hang_after":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind in faults.ALTERATIONS:
            answer = faults.altered(fault, answer, self.store.last_page.get(scope["path"]))
        elif scope["method"] == "GET":
            self.store.last_page[scope["path"]] = answer
        kept = {name: value for name, value in headers.items() if name != "content-length"}
        await Response(answer, status, kept)(scope, receive, send)

    async def _inner(self, scope: Scope, body: bytes) -> tuple[int, Headers, bytes]:
        sent: list[Message] = []
        asked = False

        async def replay() -> Message:
            nonlocal asked
            if asked:
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            sent.append(message)

        await self.app(scope, replay, keep)
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], Headers(raw=sent[0]["headers"]), answer

    def _note(self, scope: Scope, query: str, body: bytes) -> dict[str, Any]:
        headers = Headers(scope=scope)
        self.store.requests += 1
        entry: dict[str, Any] = {
            "n": self.store.requests,
            "at": clock.now().isoformat(),
            "method": scope["method"],
            "path": scope["path"],
            "query": parse_qs(query, keep_blank_values=True),
            "if_match": headers.get("if-match"),
            "body": _json(body) if "json" in headers.get("content-type", "") else None,
            "part_of_batch": "omnicrm.batch" in scope,
            "status": None,
        }
        self.store.log.append(entry)
        return entry


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
