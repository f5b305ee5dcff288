"""News into open pages: data changed elsewhere (read it again), or a login ended (leave). Listens to PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from uuid import UUID

import psycopg
import reflex as rx
from sqlalchemy import make_url

from omnicrm.core import db as database
from omnicrm.core import postgres, signals
from omnicrm.core.errors import OmniError
from omnicrm.domain import accounts
from omnicrm.state import sockets

logger = logging.getLogger(__name__)

QUIET = 60.0  # seconds: then logins are looked at without being told, because they also expire


class Live(rx.State):
    """`version` grows when something of this practitioner changed elsewhere; a page that shows it reads again."""

    version: int = 0


async def listen(app: rx.App) -> None:
    """Runs as long as the server: one connection that listens, made anew whenever it is lost."""
    while True:
        try:
            await _listen_once(app)
        except (psycopg.Error, OSError, OmniError) as error:
            logger.warning("Not listening to the database (%s); trying again", type(error).__name__)
        await asyncio.sleep(2)
        await close_dead_logins(app)  # whatever was said meanwhile was not heard


async def close_dead_logins(app: rx.App, user_id: UUID | None = None) -> None:
    """Close the sockets whose login is signed out, revoked or expired: of one practitioner, or of all."""
    alive: dict[str, bool] = {}
    for token, sid, reference, login in sockets.open_pages(app):
        if user_id is not None and login is not None and login.user_id != user_id:
            continue
        if reference not in alive:
            alive[reference] = await asyncio.to_thread(_is_alive, reference)
        if not alive[reference]:
            await sockets.close(app, token, sid, reference)


async def tell(app: rx.App, user_id: UUID) -> None:
    """Let the open pages of one practitioner read again. Only theirs: pushes do not pass the gate."""
    for token, _sid, _reference, login in sockets.open_pages(app):
        if login is not None and login.user_id == user_id:
            async with app.modify_state(rx.BaseStateToken(ident=token, cls=Live)) as state:
                live = await state.get_state(Live)
                live.version += 1


async def _listen_once(app: rx.App) -> None:
    url = make_url(await asyncio.to_thread(postgres.url, "app")).set(drivername="postgresql")
    async with await psycopg.AsyncConnection.connect(
        url.render_as_string(hide_password=False), autocommit=True, connect_timeout=5
    ) as connection:
        await connection.execute(f"listen {signals.CHANNEL}")
        while True:
            async for news in connection.notifies(timeout=QUIET):
                await _heard(app, news.payload)
            await connection.execute("select 1")  # a connection that died silently is noticed here
            await close_dead_logins(app)


async def _heard(app: rx.App, payload: str) -> None:
    kind, _, who = payload.partition(" ")
    with contextlib.suppress(ValueError):
        user_id = UUID(who)
        try:
            await (close_dead_logins(app, user_id) if kind == "logins" else tell(app, user_id))
        except Exception as error:  # one page's trouble must not end the listening
            logger.warning("A push failed: %s", type(error).__name__)


def _is_alive(reference: str) -> bool:
    """When the database cannot say, nobody is thrown out: every event asks again anyway."""
    try:
        with database.transaction(None) as db:
            return accounts.who_is(db, reference) is not None
    except OmniError:
        return True
