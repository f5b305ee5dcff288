"""When something that is put off comes back: the moments that are offered, on the practitioner's own wall."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from pydantic import BaseModel

from omnicrm.core.show import Viewer

EVENING, MORNING = time(18), time(8)
SOON = timedelta(hours=1)  # what comes back sooner need not be put off


class Moment(BaseModel):
    """`until` is a wall-clock time, as an input has it."""

    until: str
    words: str
    when: str


def moments(viewer: Viewer) -> list[Moment]:
    """This evening (while there is one), tomorrow morning, Monday (where that is another day)."""
    now = viewer.local(viewer.now).replace(tzinfo=None)
    tomorrow = now.date() + timedelta(days=1)
    monday = now.date() + timedelta(days=7 - now.weekday())
    offered = [
        ("This evening", datetime.combine(now.date(), EVENING)),
        ("Tomorrow morning", datetime.combine(tomorrow, MORNING)),
        *([("On Monday", datetime.combine(monday, MORNING))] if monday != tomorrow else []),
    ]
    return [
        Moment(until=at.isoformat(timespec="minutes"), words=words, when=viewer.moment(at.replace(tzinfo=viewer.zone)))
        for words, at in offered
        if at >= now + SOON
    ]
