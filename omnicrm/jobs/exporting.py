"""Everything as an archive, made beside the page, which asks how far it is."""

from __future__ import annotations

import logging
import threading
import time
from uuid import UUID

from omnicrm.core.db import transaction
from omnicrm.core.errors import OmniError
from omnicrm.domain import everything
from omnicrm.domain.everything.requests import place

log = logging.getLogger(__name__)


def begin(user_id: UUID, run_id: UUID, contact_id: UUID | None) -> None:
    """Make the archive of a run that was noted. Gives back at once."""
    threading.Thread(target=make, args=(user_id, run_id, contact_id), name=f"export-{run_id}", daemon=True).start()


def make(user_id: UUID, run_id: UUID, contact_id: UUID | None) -> None:
    """Never raises: what went wrong stands in the run."""
    target, said = place(user_id, run_id), time.monotonic()

    def tell(done: int, of: int, what: str) -> None:
        nonlocal said
        if time.monotonic() - said > 0.5:
            said = time.monotonic()
            with transaction(user_id, actor="system") as other:
                everything.step(other, run_id, done, of, what)

    try:
        error, size = "", 0
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with transaction(user_id, actor="system", reason="export") as db:
            size = everything.write(db, target, contact_id=contact_id, progress=tell).size
    except OmniError as refused:
        error = refused.message
    except Exception:
        log.exception("An export did not come to its end")
        error = "Something went wrong on our side, and nothing was changed. Make it again."
    try:
        with transaction(user_id, actor="system") as db:
            everything.finish(db, run_id, size=size, error=error)
    except OmniError:
        log.warning("The end of an export could not be written down: the database cannot be reached.")
