"""A raw socket client: what anybody can send who leaves the page away."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import socketio

from omnicrm.core import web

PLACE = "/_event"


class Raw:
    """One socket. `frames` is everything that the server sent, `tokens` the new ones that it gave."""

    def __init__(self, base: str, *, cookie: str | None = None, token: str | None = None, **headers: str) -> None:
        self.base = base
        self.token = token or str(uuid.uuid4())
        self.headers = {**({"Cookie": f"{web.PLAIN_COOKIE}={cookie}"} if cookie else {}), **headers}
        self.frames: list[Any] = []
        self.tokens: list[str] = []
        self.closed = asyncio.Event()
        self._arrived = asyncio.Event()
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("event", self._keep, namespace=PLACE)
        self.client.on("new_token", self._new_token, namespace=PLACE)
        self.client.on("disconnect", self._close, namespace=PLACE)

    async def __aenter__(self) -> Raw:
        await self.client.connect(
            f"{self.base}{PLACE}?token={self.token}",
            headers=self.headers,
            namespaces=[PLACE],
            transports=["websocket"],
            socketio_path=PLACE,
            wait_timeout=30,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.disconnect()

    async def send(self, name: str, payload: Any = None, **fields: Any) -> None:
        """One event, in Reflex's own form unless `fields` say otherwise."""
        event = {"name": name, "payload": {} if payload is None else payload, **fields}
        event.setdefault("router_data", {"pathname": "/", "asPath": "/", "query": {}})
        await self.emit(event)

    async def emit(self, data: Any) -> None:
        self._arrived.clear()
        await self.client.emit("event", data, namespace=PLACE)

    async def answer(self, within: float = 3.0, *, until: str | None = None) -> list[Any]:
        """The frames that come until it is quiet for a moment, or `until` a text has come; none, if nothing comes."""
        start = len(self.frames)
        deadline = asyncio.get_running_loop().time() + 15
        while until is not None and until not in json.dumps(self.frames[start:], default=str):
            self._arrived.clear()
            await asyncio.wait_for(self._arrived.wait(), deadline - asyncio.get_running_loop().time())
        if until is not None:
            return self.frames[start:]
        try:
            await asyncio.wait_for(self._arrived.wait(), within)
            while True:
                self._arrived.clear()
                await asyncio.wait_for(self._arrived.wait(), 0.15)
        except TimeoutError:
            return self.frames[start:]

    async def ask(
        self, name: str, payload: Any = None, *, within: float = 3.0, until: str | None = None, **fields: Any
    ) -> list[Any]:
        await self.send(name, payload, **fields)
        return await self.answer(within, until=until)

    @property
    def text(self) -> str:
        """All that was ever sent to this socket."""
        return json.dumps(self.frames, default=str)

    def _keep(self, frame: Any) -> None:
        self.frames.append(json.loads(frame) if isinstance(frame, str) else frame)
        self._arrived.set()

    def _new_token(self, token: str) -> None:
        self.tokens.append(token)

    def _close(self, *_: object) -> None:
        self.closed.set()
        self._arrived.set()


def redirects(frames: list[Any]) -> list[str]:
    """Where the server sent the page."""
    events = [event for frame in frames for event in frame.get("events") or []]
    return [event["payload"]["path"] for event in events if event["name"] == "_redirect"]


def deltas(frames: list[Any]) -> dict[str, Any]:
    """All changed vars, by state and name."""
    merged: dict[str, Any] = {}
    for frame in frames:
        for state, changes in (frame.get("delta") or {}).items():
            merged.setdefault(state, {}).update(changes)
    return merged
