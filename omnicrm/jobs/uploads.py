"""Files handed over in the browser are rehearsed and brought in beside the page, which asks how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from omnicrm.core.db import transaction
from omnicrm.core.errors import OmniError
from omnicrm.domain import imports
from omnicrm.domain.imports import uploads
from omnicrm.domain.imports.uploads import Step
from omnicrm.jobs import contacts_import, duplicates
from omnicrm.models.imports import ImportStatus

log = logging.getLogger(__name__)


def begin_rehearsal(user_id: UUID, batch_id: UUID) -> None:
    """What would happen to every row is written into the import. Gives back at once."""
    _beside(user_id, batch_id, rehearse, "columns")


def begin_run(user_id: UUID, batch_id: UUID) -> None:
    """The import itself; the file is dropped when it is done. Gives back at once."""
    _beside(user_id, batch_id, run, "failed")


def begin_revert(user_id: UUID, batch_id: UUID) -> None:
    """The import is taken back. Gives back at once."""
    _beside(user_id, batch_id, revert, "done")


def rehearse(user_id: UUID, batch_id: UUID) -> None:
    with transaction(user_id) as db:
        batch = imports.get(db, batch_id)
        file, plan = uploads.opened(batch), uploads.plan(batch)
    report = contacts_import.rehearse(user_id, file, plan, progress=_progress(user_id, batch_id))
    rows = [
        {
            "row": verdict.person.number,
            "name": verdict.person.name,
            "detail": verdict.person.form.email or verdict.person.form.phone or "no mail, no phone",
            "like": verdict.known.words,
            "like_id": str(verdict.known.id or ""),
            "why": verdict.why,
        }
        for verdict in report.perhaps
        if verdict.known is not None
    ]
    found = {"counts": dict(report.counts), "rows": rows, "reasons": report.reasons[:200]}
    with transaction(user_id) as db:
        uploads.step(db, batch_id, "rehearsal", rehearsed=found, rows=report.counts["rows"], problem="")


def run(user_id: UUID, batch_id: UUID) -> None:
    with transaction(user_id) as db:
        batch = imports.get(db, batch_id)
        file, plan = uploads.opened(batch), uploads.plan(batch)
    contacts_import.run(user_id, file, plan, batch_id=batch_id)
    uploads.discard(batch_id)
    with transaction(user_id) as db:
        uploads.step(db, batch_id, "done", problem="")
    duplicates.look(user_id)  # so that they stand there when the page is opened


def revert(user_id: UUID, batch_id: UUID) -> None:
    done = contacts_import.revert(user_id, batch_id)
    with transaction(user_id) as db:
        uploads.step(db, batch_id, "reverted", kept=done.kept[:50], problem="")


def _progress(user_id: UUID, batch_id: UUID) -> Callable[[int], None]:
    said = time.monotonic()

    def tell(rows: int) -> None:
        nonlocal said
        if time.monotonic() - said > 1:
            said = time.monotonic()
            with transaction(user_id) as db:
                uploads.step(db, batch_id, "rehearsing", rows=rows)

    return tell


def _beside(user_id: UUID, batch_id: UUID, work: Callable[[UUID, UUID], None], on_failure: Step) -> None:
    def safely() -> None:
        more: dict[str, Any] = {}
        try:
            work(user_id, batch_id)
            return
        except OmniError as error:
            more["problem"] = error.message
        except Exception:
            log.exception("An import did not come to its end")
            more["problem"] = "Something went wrong on our side. Nothing is half done; try again."
        try:
            with transaction(user_id) as db:
                uploads.step(db, batch_id, on_failure, **more)
                if on_failure == "failed":
                    imports.finish(db, batch_id, ImportStatus.FAILED)
        except OmniError:
            log.warning("The end of an import could not be written down: the database cannot be reached.")

    threading.Thread(target=safely, name=f"import-{batch_id}", daemon=True).start()
