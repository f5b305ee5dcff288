"""A tiny ASGI application, for ending it: `python -m omnicrm.core.server tests.faults.ending:application …`."""

from __future__ import annotations

from typing import Any


def application() -> Any:
    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while scope["type"] == "lifespan":
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

    return serve
