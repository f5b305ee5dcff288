"""What is asked of a project, new or known."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.fields import field


def project_fields(name: object = "", due_on: object = "", description: object = "") -> list[rx.Component]:
    return [
        field(
            "Name", "name", default_value=name, auto_focus=True, auto_complete="off", placeholder="Solstice workshop"
        ),
        field(
            "Due", "due_on", kind="date", default_value=due_on, help="The day of the workshop, or when it is to be done"
        ),
        field("What it is about", "description", kind="textarea", rows="3", default_value=description),
    ]
