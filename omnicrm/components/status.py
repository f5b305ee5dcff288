"""Every status as a word, an icon and a tone: never a colour alone, and one place for the words."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.parts import icon

# table → value → (word, icon, tone); tones: ok, warn, bad, m2 (quiet), acc (open)
WORDS: dict[str, dict[str, tuple[str, str, str]]] = {
    "sessions": {
        "pending_ai_confirmation": ("Proposed", "circle-dashed", "acc"),
        "scheduled_in_crm": ("Booked", "calendar", "m2"),
        "synced_to_gcal": ("Booked, in Google", "calendar-check", "m2"),
        "completed": ("Done", "circle-check", "ok"),
        "cancelled": ("Cancelled", "calendar-x", "m2"),
        "no_show": ("No-show", "user-x", "bad"),
    },
    "attendees": {
        "registered": ("Booked", "user", "m2"),
        "present": ("Present", "check", "ok"),
        "late": ("Late", "clock", "warn"),
        "no_show": ("No-show", "user-x", "bad"),
        "cancelled": ("Cancelled", "calendar-x", "m2"),
    },
    "approvals": {
        "pending": ("Waits for your yes", "circle-dashed", "acc"),
        "snoozed": ("Later", "alarm-clock", "m2"),
        "approved": ("Being done", "loader", "m2"),
        "executed": ("Done", "circle-check", "ok"),
        "execution_failed": ("Did not work", "circle-alert", "bad"),
        "rejected": ("Rejected", "x", "m2"),
        "undone": ("Undone", "undo-2", "m2"),
        "expired": ("Too old", "hourglass", "m2"),
    },
    "tasks": {
        "pending": ("To do", "square", "m2"),
        "in_progress": ("Started", "circle-dot", "acc"),
        "completed": ("Done", "check", "m2"),
        "deferred": ("Later", "alarm-clock", "m2"),
    },
    "connections": {
        "active": ("Connected", "circle-check", "ok"),
        "needs_reconnect": ("Connect again", "unplug", "warn"),
        "paused": ("Paused", "circle-pause", "m2"),
    },
    "job_runs": {
        "running": ("Reading", "loader", "m2"),
        "succeeded": ("Read", "circle-check", "m2"),
        "failed": ("Could not read", "circle-alert", "bad"),
        "cancelled": ("Stopped", "ban", "m2"),
    },
}


def status(table: str, value: rx.Var[str]) -> rx.Component:
    """The status of a row of `table`; an unknown value is shown as it is."""
    known = [(key, flag(word, name, tone)) for key, (word, name, tone) in WORDS[table].items()]
    return rx.match(value, *known, rx.el.span(value, class_name="st m2"))


def flag(words: object, name: str, tone: str = "m2") -> rx.Component:
    """Text with its icon."""
    return rx.el.span(icon(name, "s"), words, class_name=f"st {tone}")
