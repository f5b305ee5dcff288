"""When calling off is late: the window of the service."""

from __future__ import annotations

from datetime import timedelta

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.models.services import Service
from omnicrm.models.sessions import Session


def is_late(db: Db, session: Session) -> bool:
    """Whether the service's window for cancelling has begun by now."""
    service = db.get(Service, session.service_id) if session.service_id is not None else None
    if service is None or service.cancellation_window_hours is None:
        return False
    return clock.now() > session.scheduled_at - timedelta(hours=service.cancellation_window_hours)
