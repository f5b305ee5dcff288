"""Who is calling, and with which scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from omnicrm.sandbox.answers import bad_request, insufficient, unauthenticated
from omnicrm.sandbox.store import Account, Grant, Store


@dataclass(frozen=True)
class Caller:
    store: Store
    account: Account
    grant: Grant

    @classmethod
    def of(cls, request: Request, scopes: tuple[str, ...]) -> Caller:
        """Raises Problem: 401 without a living token, 403 where none of `scopes` was granted."""
        store: Store = request.app.state.store
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated()
        grant = store.grant_of(token.strip())
        caller = cls(store, store.accounts[grant.email], grant)
        if not caller.may(scopes):
            raise insufficient()
        return caller

    def may(self, scopes: tuple[str, ...]) -> bool:
        return any(scope in self.grant.scopes for scope in scopes)


async def json_body(request: Request) -> dict[str, Any]:
    """Raises Problem (400) for a body that is no JSON object."""
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request("Parse Error", reason="parseError") from error
    if not isinstance(body, dict):
        raise bad_request("Parse Error", reason="parseError")
    return body
