"""Appointments and classes: booked, held, moved, cancelled, and their events in Google."""

from omnicrm.domain.sessions.booking import (
    Booking,
    book,
    cancel,
    close,
    confirm,
    get,
    hold,
    locked,
    move,
    rehold,
    unbook,
    uncancel,
)
from omnicrm.domain.sessions.calendar import CalendarRow, SessionCard, card, on_range
from omnicrm.domain.sessions.conflicts import Clash, busy, clashes, ends_at
from omnicrm.domain.sessions.free import FreeSlot, free_slots, free_times, last_service, suggested
from omnicrm.domain.sessions.google import (
    WRITE,
    calendar_changed,
    calendar_written,
    event_id,
    event_title,
    event_write,
    events_of,
)

__all__ = [
    "WRITE",
    "Booking",
    "CalendarRow",
    "Clash",
    "FreeSlot",
    "SessionCard",
    "book",
    "busy",
    "calendar_changed",
    "calendar_written",
    "cancel",
    "card",
    "clashes",
    "close",
    "confirm",
    "ends_at",
    "event_id",
    "event_title",
    "event_write",
    "events_of",
    "free_slots",
    "free_times",
    "get",
    "hold",
    "last_service",
    "locked",
    "move",
    "on_range",
    "rehold",
    "suggested",
    "unbook",
    "uncancel",
]
