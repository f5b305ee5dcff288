"""Duplicates are looked for beside the page: the whole book once, and afterwards only who changed."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from uuid import UUID

from omnicrm.core.db import transaction
from omnicrm.core.errors import OmniError
from omnicrm.domain.duplicates import finding, keeping

log = logging.getLogger(__name__)

_CHUNK = 25  # changed clients in one transaction


def begin(user_id: UUID) -> None:
    """Gives back at once."""
    threading.Thread(target=look, args=(user_id,), name=f"duplicates-{user_id}", daemon=True).start()


def look(user_id: UUID) -> None:
    """Bring the kept pairs up to date. Somebody at it already: nothing happens. Never raises."""
    try:
        with transaction(user_id, actor="system") as db:
            if keeping.look(db).looking:
                return
            since, run = keeping.last(db), keeping.begin(db)
    except OmniError:
        return
    error = ""
    try:
        _work(user_id, run, since)
    except OmniError as refused:
        error = refused.message
    except Exception:
        log.exception("Duplicates could not be looked for")
        error = "Something went wrong on our side. It is tried again when the page is opened."
    try:
        with transaction(user_id, actor="system") as db:
            keeping.finish(db, run, error=error)
    except OmniError:
        log.warning("The end of a look for duplicates could not be written down: the database cannot be reached.")


def _work(user_id: UUID, run: UUID, since: datetime | None) -> None:
    keys = None
    if since is not None:
        with transaction(user_id, actor="system") as db:
            keys = keeping.changed(db, since)
    if keys is None:
        with transaction(user_id, actor="system") as db:
            pairs = finding.everywhere(db)
        with transaction(user_id, actor="system") as db:
            keeping.tell(db, run, 80)
            keeping.replace(db, pairs)
        return
    for start in range(0, len(keys), _CHUNK):
        these = keys[start : start + _CHUNK]
        with transaction(user_id, actor="system") as db:
            keeping.replace(db, finding.of_these(db, these), of=these)
            keeping.tell(db, run, round(100 * (start + len(these)) / len(keys)))
