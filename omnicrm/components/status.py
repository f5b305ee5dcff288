"""A status is a word, an icon and a tone, never a tone alone. The words come with the row (`domain/words.py`)."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.parts import icon, icon_of

# The icons that a table's statuses use: only these are shipped with a page that shows them.
ICONS = {
    "sessions": ("circle-dashed", "calendar", "calendar-check", "circle-check", "calendar-x", "user-x"),
    "approvals": ("circle-dashed", "alarm-clock", "loader", "circle-check", "circle-alert", "x", "undo-2", "hourglass"),
    "tasks": ("square", "circle-dot", "check", "alarm-clock", "circle-alert", "flag"),
    "connections": ("circle-check", "unplug", "circle-pause"),
    "job_runs": ("loader", "refresh-cw", "circle-check", "circle-alert", "ban"),
    "credits": ("ticket",),
}


def status(table: str, row: rx.Var) -> rx.Component:
    """The status of a row with `status_label`, `status_icon` and `status_tone`."""
    return rx.el.span(
        icon_of(row.status_icon, *ICONS[table], size="s"), row.status_label, class_name="st " + row.status_tone.to(str)
    )


def flag(words: object, name: str, tone: str = "quiet") -> rx.Component:
    """Text with its icon. Tones: ok, wait, bad, quiet, open."""
    return rx.el.span(icon(name, "s"), words, class_name=f"st {tone}")
